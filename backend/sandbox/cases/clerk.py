"""What a clerk does with a case: take it, ask for corrections, decide, hand over the result.

One act may be several steps of the interface: who grants has examined and decided before, and an
electronic result is delivered as it is made. All of an act is one transaction with the licence
that it issues, so that neither a licence without its decision nor the opposite is ever on file.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend.exchange.manifest_licences import LicenceTypeSpec
from backend.numbers.holder import Holder
from backend.sandbox.cases.book import CaseBook, CaseRow, StepRefused
from backend.sandbox.cases.documents import decision_document
from backend.sandbox.cases.founding import ENTERPRISE_TYPE, founded_enterprise, licence_face
from backend.sandbox.cases.items import Item
from backend.sandbox.cases.newborn import special
from backend.sandbox.cases.states import STATE_NAMES, STEPS, WORKING
from backend.sandbox.departments.changes import Registrar
from backend.sandbox.departments.operations import as_of, now
from backend.sandbox.problems import Refusal

DEFAULT_OFFICER = "综合窗口 03"
REMEDIES = (
    "如不服本决定，可自收到之日起六十日内向本机关的本级人民政府申请行政复议，"
    "或者六个月内依法向人民法院提起行政诉讼。"
)
# Each working state and the step that leads out of it towards the decision.
_TOWARDS_DECISION = {"accepted": "review_started", "in_review": "decision_started"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that has to be corrected: a material, a field (JSON pointer) or neither."""

    what: str
    material: str | None = None
    field: str | None = None


class Clerk:
    """Acts on the cases of one department.

    Args:
        items: service items of the department by their code.
        wake: called after an act, so that the platform is told.
        seal: the words on the seal under which it decides.
    """

    def __init__(
        self,
        book: CaseBook,
        registrar: Registrar,
        items: Callable[[], Mapping[str, Item]],
        wake: Callable[[], None],
        seal: str = "",
    ) -> None:
        self._book, self._registrar, self._items, self._wake = book, registrar, items, wake
        self._seal = seal

    def accept(self, case_no: str, officer: str) -> CaseRow:
        """受理, with the number of the written notice (行政许可法 art. 32)."""

        def _do(case: CaseRow, at: str) -> None:
            self._step(case, "accepted", at, officer, document_no=self._document(case, "受"))

        return self._act(case_no, _do)

    def not_accept(self, case_no: str, officer: str, reason: str) -> CaseRow:
        """不予受理, with reasons and remedies in writing."""

        def _do(case: CaseRow, at: str) -> None:
            number = self._document(case, "不受")
            self._step(
                case, "not_accepted", at, officer,
                reason=reason, remedies=REMEDIES, document_no=number,
            )  # fmt: skip

        return self._act(case_no, _do)

    def ask_corrections(
        self, case_no: str, officer: str, reason: str, asked: Sequence[Asked], due_on: date
    ) -> CaseRow:
        """补正告知: everything that is missing in one notice (art. 32)."""
        items = [{"material": a.material, "field": a.field, "what": a.what} for a in asked]

        def _do(case: CaseRow, at: str) -> None:
            number = self._document(case, "补")
            self._step(
                case, "correction_requested", at, officer,
                reason=reason, items=items, due_on=due_on.isoformat(), document_no=number,
            )  # fmt: skip

        return self._act(case_no, _do)

    def simple(self, case_no: str, officer: str, event: str, reason: str | None = None) -> CaseRow:
        """A step that needs no more than a reason: review, end of a procedure, termination…"""

        def _do(case: CaseRow, at: str) -> None:
            self._step(case, event, at, officer, reason=reason)

        return self._act(case_no, _do)

    def transfer(self, case_no: str, officer: str, to: str) -> CaseRow:
        """转办: another body handles it from now on."""
        return self._act(case_no, lambda c, at: self._step(c, "transferred", at, officer, to=to))

    def start_special(self, case_no: str, officer: str, special: str, reason: str) -> CaseRow:
        """特别程序: time that does not count (art. 45)."""

        def _do(case: CaseRow, at: str) -> None:
            self._step(case, "special_started", at, officer, special=special, reason=reason)

        return self._act(case_no, _do)

    def extend(self, case_no: str, officer: str, workdays: int, reason: str) -> CaseRow:
        """延长期限, with reasons (art. 42)."""

        def _do(case: CaseRow, at: str) -> None:
            self._step(case, "extended", at, officer, workdays=workdays, reason=reason)

        return self._act(case_no, _do)

    def approve(
        self, case_no: str, officer: str, facts: Mapping[str, Any] | None = None
    ) -> CaseRow:
        """准予: the licence goes into the holder's wallet, or the decision out as a document.

        Args:
            facts: of the licence's face, where the form does not say them.
        """

        def _do(case: CaseRow, at: str) -> None:
            self._to_decision(case, at, officer)
            result = self._result(case, dict(facts or {}))
            number = self._document(case, "准")
            self._step(case, "approved", at, officer, result=result, document_no=number)
            self._hand_over(case, at, officer)

        return self._act(case_no, _do)

    def deny(self, case_no: str, officer: str, reason: str) -> CaseRow:
        """不予许可, with reasons and remedies (art. 38)."""

        def _do(case: CaseRow, at: str) -> None:
            self._to_decision(case, at, officer)
            number = self._document(case, "不准")
            self._step(
                case, "denied", at, officer, reason=reason, remedies=REMEDIES, document_no=number
            )
            self._hand_over(case, at, officer)

        return self._act(case_no, _do)

    def deliver(self, case_no: str, officer: str, delivery: Mapping[str, Any]) -> CaseRow:
        """The result is on its way: by post with its number, or waiting at a counter."""

        def _do(case: CaseRow, at: str) -> None:
            self._step(case, "delivering", at, officer, delivery=dict(delivery))

        return self._act(case_no, _do)

    def _act(self, case_no: str, do: Callable[[CaseRow, str], None]) -> CaseRow:
        with self._book.changing():
            case = self._book.case(case_no)
            if case is None:
                raise Refusal(404, "control.case_unknown", "No such case here")
            do(case, as_of())
        self._wake()
        return case

    def _step(self, case: CaseRow, event: str, at: str, officer: str, **details: Any) -> None:
        try:
            self._book.step(case, event, at, {"officer": officer, **details})
        except StepRefused:
            now_in, wanted = STATE_NAMES[case.state], STEPS[event].name
            raise Refusal(
                409, "control.step_impossible", f"{wanted}: not possible while the case is {now_in}"
            ) from None

    def _to_decision(self, case: CaseRow, at: str, officer: str) -> None:
        if case.state == "submitted":
            self._step(case, "accepted", at, officer, document_no=self._document(case, "受"))
        while case.state in WORKING and case.state in _TOWARDS_DECISION:
            self._step(case, _TOWARDS_DECISION[case.state], at, officer)

    def _hand_over(self, case: CaseRow, at: str, officer: str) -> None:
        """What needs no way is there at once; post and counter are told of by ``deliver``."""
        how = (case.submission.get("result_delivery") or {}).get("how", "electronic")
        if how == "electronic":
            self._step(case, "result_delivered", at, officer)

    def _result(self, case: CaseRow, facts: Mapping[str, Any]) -> dict[str, Any]:
        item = self._items().get(case.item_code)
        kind = self._licence_type(item)
        if kind is not None:
            return self._licence(case, kind, facts)
        if item is None or not item.result_name:
            return {"kind": "none", "name": item.name if item else "办理结果"}
        content = decision_document(case, item, self._seal)
        document = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "content": base64.b64encode(content).decode(),
        }
        return {"kind": "document", "name": item.result_name, "document": document}

    def _licence_type(self, item: Item | None) -> LicenceTypeSpec | None:
        code = item.licence_result if item else None
        return next((kind for kind in self._registrar.types if kind.code == code), None)

    def _licence(
        self, case: CaseRow, kind: LicenceTypeSpec, facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        form = case.submission["form"]
        holder, face = self._holder(case, kind)
        made = special(kind.name, case)
        holder = made.holder or holder
        if made.enters is not None:
            self._registrar.register_person(made.enters)
        known = {field.name for field in kind.fields}
        plain = {n: v for n, v in form.items() if n in known and isinstance(v, str | int | float)}
        identifier = self._registrar.grant(
            holder,
            kind.code,
            number=str(facts.get("number") or made.number or _number(holder, case)),
            valid_to=None if made.lasts or holder.code_type == ENTERPRISE_TYPE else _last_day(),
            region_code=_region(form),
            anew=made.anew,
            extra={
                **plain,
                **face,
                **(made.face or {}),
                **{n: v for n, v in facts.items() if n in known},
            },
        )
        return {
            "kind": "licence",
            "name": kind.name,
            "licence_type_code": kind.code,
            "licence_identifier": identifier,
        }

    def _holder(self, case: CaseRow, kind: LicenceTypeSpec) -> tuple[Holder, dict[str, Any]]:
        """The applicant, or the enterprise that comes into being by the decision (设立登记)."""
        who = case.submission["applicant"]
        applicant = Holder(who["code_type"], who["code"], who["name"])
        if kind.holder_code_type != ENTERPRISE_TYPE or applicant.code_type == ENTERPRISE_TYPE:
            return applicant, {}
        founded = founded_enterprise(case, applicant)
        holder = Holder(ENTERPRISE_TYPE, founded["uscc"], founded["name"])
        self._registrar.register_enterprise(holder, founded)
        return holder, licence_face(founded)

    def _document(self, case: CaseRow, word: str) -> str:
        number = case.department_case_no
        return f"{number[:2]}{word}字〔{now().year}〕{int(number[-6:])}号"


def _number(holder: Holder, case: CaseRow) -> str:
    """What is printed as the number: an enterprise's code, else that of the case."""
    return holder.code if holder.code_type == ENTERPRISE_TYPE else case.department_case_no


def _last_day() -> date:
    today = now().date()
    return today + timedelta(days=5 * 365)


def _region(form: Mapping[str, Any]) -> str:
    for value in form.values():
        if isinstance(value, str) and value.isdigit() and len(value) in (6, 9):
            return value
    return "440000"
