"""What follows from an event: clocks, the result, a word to the person."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from backend.cases.clocks import (
    ACCEPT,
    ACCEPT_WORKDAYS,
    DECIDE,
    DELIVER,
    DELIVER_WORKDAYS,
    Span,
    decision_spans,
)
from backend.cases.duties import Duties
from backend.cases.files import Files
from backend.cases.models import Case, CaseStep
from backend.cases.parts import Parts
from backend.cases.receiving import case_link
from backend.cases.states import ENDED, Event, State
from backend.cases.versions import Versions
from backend.cases.words import words_for

# Only before a case is accepted, or counts as accepted.
_BEFORE_ACCEPTANCE = (Event.CORRECTION_REQUESTED, Event.NOT_ACCEPTED)
_DECISIVE = (State.APPROVED, State.DENIED)
_UNTIL_ACCEPTANCE = (Event.ACCEPTED, Event.CORRECTION_REQUESTED, Event.SUPPLEMENTED)


class Told(Protocol):
    """An event, as ``events.Told``."""

    @property
    def event(self) -> Event: ...
    @property
    def at(self) -> datetime: ...
    @property
    def on(self) -> date: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


class Follower(Protocol):
    """Hears that a case was decided or ended; inside the transaction of the event."""

    async def __call__(self, draft_id: UUID) -> None: ...


class Effects:
    """Carries them out; inside the transaction of the event."""

    def __init__(self, parts: Parts, versions: Versions, files: Files, duties: Duties) -> None:
        self._parts, self._versions, self._files = parts, versions, files
        self.followers: list[Follower] = []
        self._duties = duties

    async def refusal(self, case: Case, what: Told) -> str:
        """Why the law does not let this event happen now, where the states alone would."""
        if what.event in _BEFORE_ACCEPTANCE and await self._deemed_before(case, what):
            return "deemed_accepted"
        if what.event is Event.CORRECTION_REQUESTED and await self._asks_for_more(case, what):
            return "not_in_one_notice"
        if what.event is Event.EXTENDED and await self._extended_before(case):
            return "extended_before"
        if what.event is Event.APPROVED and not _document_fits(what.detail["result"]):
            return "document_digest"
        return ""

    async def _deemed_before(self, case: Case, what: Told) -> bool:
        """Whether the case counts as accepted by then (art. 32); told late is not done late."""
        if case.deemed_on is None:
            return False
        last = await self._parts.clocks.last_due(case.id, ACCEPT)
        return last is None or what.on > last

    async def _asks_for_more(self, case: Case, what: Told) -> bool:
        """Whether a second notice names what the first one did not (一次告知, art. 32)."""
        first = await CaseStep.filter(
            case_id=case.id, event=Event.CORRECTION_REQUESTED
        ).order_by("seq").first()  # fmt: skip
        if first is None or first.words is None:
            return False
        before = self._parts.open(first.words, first.id, "words")["items"]
        known = {(one["material"], one["field"]) for one in before}
        return any((one["material"], one["field"]) not in known for one in what.detail["items"])

    async def _extended_before(self, case: Case) -> bool:
        return await CaseStep.exists(case_id=case.id, event=Event.EXTENDED)

    async def follow(self, case: Case, what: Told, state: State) -> None:
        """Duties that pass on, clocks, result and message."""
        words = words_for(case, what.event, what.detail)
        # First: the clock of the decision is of whoever decides.
        await self._duties.follow(case, what.event, what.at, what.detail)
        await self._clocks(case, what, state)
        if what.event in (Event.APPROVED, Event.DENIED, Event.NOT_ACCEPTED, Event.DELIVERING):
            await self._keep_result(case, what)
        if words is not None:
            await self._parts.services.messages.tell(
                case.person_id, f"case.{what.event}", *words, case_link(case.case_no),
                dedupe_key=f"case:{case.id}:{case.seq}",
            )  # fmt: skip
        if state in _DECISIVE or state in ENDED:
            for follower in self.followers:
                await follower(case.draft_id)

    async def _clocks(self, case: Case, what: Told, state: State) -> None:
        clocks, on, event = self._parts.clocks, what.on, what.event
        if event in _BEFORE_ACCEPTANCE and case.deemed_on is not None:
            await self._take_back_deemed(case)
        if state in ENDED:
            await clocks.stop(case.id, on)
        elif event in _UNTIL_ACCEPTANCE:
            await self._acceptance(case, event, on)
        elif event is Event.SPECIAL_STARTED:
            await clocks.pause(case.id, on)
        elif event is Event.SPECIAL_ENDED:
            await clocks.resume(case.id, on)
        elif event is Event.EXTENDED:
            await clocks.extend(case.id, int(what.detail["workdays"]))
        elif event in (Event.APPROVED, Event.DENIED):
            await clocks.stop(case.id, on)
            await clocks.start(case, DELIVER, on, Span("workday", DELIVER_WORKDAYS))

    async def _acceptance(self, case: Case, event: Event, on: date) -> None:
        clocks = self._parts.clocks
        if event is Event.SUPPLEMENTED:
            await clocks.start(case, ACCEPT, on, Span("workday", ACCEPT_WORKDAYS))
            return
        await clocks.stop(case.id, on, ACCEPT)
        if event is Event.ACCEPTED and case.deemed_on is None:
            await self.start_decision(case, on)

    async def start_decision(self, case: Case, since: date) -> None:
        """The period of the decision runs from a day on."""
        item = (await self._versions.of_case(case)).elements
        promise, legal = decision_spans(item, since)
        await self._parts.clocks.start(case, DECIDE, since, promise, legal)

    async def _take_back_deemed(self, case: Case) -> None:
        """The department had told in time, only its word came late."""
        await Case.filter(id=case.id).update(deemed_on=None)
        case.deemed_on = None
        await self._parts.clocks.drop(case.id, DECIDE)

    async def _keep_result(self, case: Case, what: Told) -> None:
        kept = self._parts.open(case.result, case.id, "result") if case.result else {}
        names = ("reason", "remedies", "document_no", "delivery")
        kept |= {name: what.detail[name] for name in names if what.detail.get(name)}
        if what.event is not Event.DELIVERING:
            kept["decision"], kept["decided_at"] = what.event, what.at.isoformat()
        result = dict(what.detail.get("result") or {})
        document = result.pop("document", None)
        if result:
            kept["result"] = result
        if document is not None:
            content = base64.b64decode(document["content"])
            kept["file"] = str(await self._files.keep_result(case, result["name"], content))
        case.result = self._parts.seal(kept, case.id, "result")
        await Case.filter(id=case.id).update(result=case.result)


def _document_fits(result: Mapping[str, Any]) -> bool:
    document = result.get("document")
    if document is None:
        return bool(result["kind"] != "document")
    try:
        content = base64.b64decode(document["content"], validate=True)
    except ValueError:
        return False
    fits = hashlib.sha256(content).hexdigest() == document["sha256"]
    return fits and content.startswith(b"%PDF-")
