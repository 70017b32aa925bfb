"""Where an item's duties are divided (一枚印章): whose step it is, handing over, who is told.

Until acceptance a case is in the hands of the body that accepts, from then on of the one that
decides. ``Case.system_code`` names whoever has it now: what the applicant sends goes there. The
events of both are one history: the second body goes on from the number at which it got the case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.cases.content import Content
from backend.cases.models import Case, CaseOutbox
from backend.cases.outbox import SUBMIT, SUPPLEMENT, Outbox
from backend.cases.parts import Parts, china_time
from backend.cases.states import Event
from backend.divisions.service import NOTICE, Party, Shared

# Steps of the body that accepts; all others are of the one that decides.
_OF_ACCEPTANCE = frozenset(
    {
        Event.ACCEPTED, Event.NOT_ACCEPTED, Event.TRANSFERRED, Event.CORRECTION_REQUESTED,
        Event.SUPPLEMENTED, Event.CORRECTION_TIMEOUT, Event.WITHDRAWN,
    }
)  # fmt: skip
_DECISIONS = frozenset({Event.APPROVED, Event.DENIED, Event.NOT_ACCEPTED, Event.TERMINATED})


class Duties:
    """What follows from a division; inside the transaction of the event."""

    def __init__(self, parts: Parts, outbox: Outbox) -> None:
        self._parts, self._outbox = parts, outbox

    async def of_case(self, case: Case) -> Shared | None:
        """The division on which a case stands."""
        if case.division_id is None:
            return None
        return await self._parts.services.divisions.get(case.division_id)

    async def follow(
        self, case: Case, event: Event, at: datetime, detail: Mapping[str, Any]
    ) -> None:
        """Hand the case over, tell who supervises; nothing where nothing is divided."""
        division = await self.of_case(case)
        if division is None:
            return
        if event is Event.ACCEPTED and division.deciding.system != case.system_code:
            await self._hand_over(case, division, at, detail)
        if event in _DECISIONS:
            await self._notify(case, division, event, at, detail)

    async def _hand_over(
        self, case: Case, division: Shared, at: datetime, detail: Mapping[str, Any]
    ) -> None:
        """The body that decides gets what the other one got, and where the history stands."""
        payload = await self._as_sent(case)
        payload["division"] = division.as_payload()
        payload["handed_over"] = {
            "state": "accepted", "seq": case.seq, "accepted_at": china_time(at),
            "officer": detail.get("officer"), "document_no": detail.get("document_no"),
        }  # fmt: skip
        deciding = division.deciding
        case.system_code, case.department_uscc = deciding.system, deciding.uscc
        case.department_name = deciding.name
        await Case.filter(id=case.id).update(
            system_code=deciding.system, department_uscc=deciding.uscc,
            department_name=deciding.name,
        )  # fmt: skip
        await self._outbox.queue(case, SUBMIT, payload)

    async def _as_sent(self, case: Case) -> dict[str, Any]:
        """The submission as it was sent, with what was supplemented since."""
        rows = CaseOutbox.filter(case_id=case.id, operation__in=(SUBMIT, SUPPLEMENT)).order_by("id")
        first, *later = [self._parts.open(row.payload, row.id, "payload") for row in await rows]
        for one in later:
            materials = {each["code"]: each for each in (*first["materials"], *one["materials"])}
            first |= {"form": one["form"], "provenance": one["provenance"]}
            first["materials"] = list(materials.values())
        found: dict[str, Any] = first
        return found

    async def _notify(
        self, case: Case, division: Shared, event: Event, at: datetime, detail: Mapping[str, Any]
    ) -> None:
        content = Content.of_json(self._parts.open(case.content, case.id, "content"))
        result = {
            name: value
            for name, value in (detail.get("result") or {}).items()
            if name != "document"
        }
        payload = {
            "case_no": case.case_no, "item_code": case.item_code, "item_name": case.item_name,
            "decision": str(event), "decided_at": china_time(at),
            "decided_by": entitled(division, event).as_payload(),
            "applicant": content.applicant.as_payload(),
            "document_no": detail.get("document_no"), "reason": detail.get("reason"),
            "result": result or None, "division": division.as_payload(),
        }  # fmt: skip
        await self._outbox.queue(case, NOTICE, payload, division.supervising.system)


def entitled(division: Shared, event: Event) -> Party:
    """The body whose step this is."""
    return division.accepting if event in _OF_ACCEPTANCE else division.deciding
