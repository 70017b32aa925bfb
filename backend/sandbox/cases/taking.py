"""The case operations of the provider interface, answered from the department's own record.

Everything may come twice: a request is known by its id, a case by its number. What was answered
once is answered again word for word, and nothing is done a second time.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from backend.sandbox.cases.book import CaseBook, CaseRow, StepRefused
from backend.sandbox.cases.inputs import (
    MaterialInput,
    NoticeInput,
    QueryInput,
    SubmitInput,
    SupplementInput,
    WordInput,
)
from backend.sandbox.cases.states import STATE_NAMES, WORKING
from backend.sandbox.departments.inputs import Input
from backend.sandbox.departments.operations import as_of
from backend.sandbox.problems import Refusal

Answer = dict[str, Any]
KeyedT = TypeVar("KeyedT", SubmitInput, SupplementInput, WordInput, NoticeInput)
# Where materials that were promised may still come in (容缺后补).
_MAY_COME_LATER = WORKING | {"submitted", "special_procedure"}


class CaseDesk:
    """Answers ``cases.*`` for one department.

    Args:
        wake: called after something changed of which the platform has to be told.
    """

    def __init__(self, book: CaseBook, wake: Callable[[], None]) -> None:
        self.book, self._wake = book, wake

    async def submit(self, query: SubmitInput) -> Answer:
        """An application comes in; its receipt goes out."""
        return self._once("cases.submit", query, self._submit)

    async def supplement(self, query: SupplementInput) -> Answer:
        """What was missing comes in."""
        return self._once("cases.supplement", query, self._supplement)

    async def withdraw(self, query: WordInput) -> Answer:
        """The applicant takes it back."""
        return self._once("cases.withdraw", query, self._withdraw)

    async def urge(self, query: WordInput) -> Answer:
        """The applicant asks to hurry."""
        return self._once("cases.urge", query, self._urge)

    async def query(self, query: QueryInput) -> Answer:
        """What stands here of a case."""
        case = self.book.case(query.case_no)
        if case is None:
            nothing = {"department_case_no": None, "received_at": None, "state": None}
            return {
                "case_no": query.case_no, "known": False, **nothing, "last_seq": 0, "events": [],
            }  # fmt: skip
        events = self.book.events(query.case_no, query.after_seq)
        return {
            "case_no": case.case_no,
            "known": True,
            "department_case_no": case.department_case_no,
            "received_at": case.received_at,
            "state": case.state,
            "last_seq": case.last_seq,
            "events": [orjson.loads(event.body) for event in events],
        }

    async def notice(self, query: NoticeInput) -> Answer:
        """Somebody decided a case that this department supervises."""
        return self._once("supervision.notice", query, self._notice)

    def _notice(self, query: NoticeInput) -> Answer:
        return {"case_no": query.case_no, "received_at": as_of(), "taken": True}

    def _once(self, operation: str, query: KeyedT, take: Callable[[KeyedT], Answer]) -> Answer:
        with self.book.changing():
            known = self.book.answered(query.request_id)
            if known is not None:
                return _same(known, f"{operation} {query.case_no}")
            answer = take(query)
            self.book.keep_request(
                query.request_id, operation, query.case_no, _stored(query), orjson.dumps(answer)
            )
        self._wake()
        return answer

    def _submit(self, query: SubmitInput) -> Answer:
        case = self.book.case(query.case_no)
        if case is not None:
            # Another request for a case that is here gets the receipt of the first time.
            self.book.count_submission(case.case_no)
            return _receipt(case, case.received_at)
        case = self.book.open_case(query.case_no, query.item_code, as_of(), _stored(query))
        if query.handed_over is not None:
            self.book.go_on_from(case, query.handed_over.state, query.handed_over.seq)
        return _receipt(case, case.received_at)

    def _supplement(self, query: SupplementInput) -> Answer:
        case = self._known(query.case_no)
        at = as_of()
        if case.state == "correction":
            self._put(case, query)
            self.book.step(case, "supplemented", at, {})
            return _receipt(case, at)
        if case.state in _MAY_COME_LATER and _only_promised(case, query.materials):
            self._put(case, query)
            return _receipt(case, at)
        return _receipt(case, at, f"办件{STATE_NAMES[case.state]}，不在等待补正")

    def _withdraw(self, query: WordInput) -> Answer:
        case = self._known(query.case_no)
        at = as_of()
        try:
            self.book.step(case, "withdrawn", at, {"reason": query.reason or None})
        except StepRefused:
            return _receipt(case, at, f"办件{STATE_NAMES[case.state]}，不能再撤回")
        return _receipt(case, at)

    def _urge(self, query: WordInput) -> Answer:
        case = self._known(query.case_no)
        self.book.count_urge(case.case_no)
        return _receipt(case, as_of())

    def _known(self, case_no: str) -> CaseRow:
        case = self.book.case(case_no)
        if case is None:
            raise Refusal(404, "provider.case_unknown", "No such case here")
        return case

    def _put(self, case: CaseRow, query: SupplementInput) -> None:
        given = orjson.loads(_stored(query))
        materials = {each["code"]: each for each in case.submission["materials"]}
        materials |= {each["code"]: each for each in given["materials"]}
        case.submission |= {
            "form": given["form"],
            "provenance": given["provenance"],
            "materials": list(materials.values()),
        }
        self.book.put_submission(case)


def _same(known: tuple[str, bytes], asked: str) -> Answer:
    what, answer = known
    if what != asked:
        raise Refusal(409, "provider.request_id_taken", "This request id was used for another call")
    found: Answer = orjson.loads(answer)
    return found


def _only_promised(case: CaseRow, given: list[MaterialInput]) -> bool:
    promised = {m["code"] for m in case.submission["materials"] if m["how"] == "promised"}
    return bool(given) and {material.code for material in given} <= promised


def _receipt(case: CaseRow, at: str, reason: str = "") -> Answer:
    receipt = {
        "case_no": case.case_no,
        "department_case_no": case.department_case_no,
        "received_at": at,
        "taken": not reason,
    }
    return receipt | ({"reason": reason} if reason else {})


def _stored(query: Input) -> bytes:
    return query.model_dump_json(exclude_unset=True).encode()
