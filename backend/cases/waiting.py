"""What waits for the person: a notice of correction to be answered, a promised material to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.cases.models import Case, CaseOutbox, CasePromise, CaseStep
from backend.cases.outbox import QUEUED, SUPPLEMENT
from backend.cases.parts import Parts
from backend.cases.promises import BROKEN, OPEN, REMIND_DAYS, may_come
from backend.cases.states import Event, State
from backend.identity.service import Session

_MOST = 200


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case in which the next step is the person's."""

    case_no: str
    item_name: str
    text: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class WaitingCases:
    """Those that wait for the person, the soonest first, and how many are under way."""

    items: Sequence[WaitingCase]
    open: int


class Waits:
    """Finds them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def of(self, session: Session) -> WaitingCases:
        """Of what this person submitted."""
        mine = Case.filter(person_id=session.person_id, ended_at=None)
        cases = {one.id: one for one in await mine.order_by("-id").limit(_MOST)}
        if any(one.for_kind == "enterprise" for one in cases.values()):
            lost = await self._parts.services.members.lost(session)
            cases = {key: one for key, one in cases.items() if one.for_id not in lost}
        ids = list(cases)
        sent = CaseOutbox.filter(case_id__in=ids, operation=SUPPLEMENT, state=QUEUED)
        on_its_way = {UUID(str(one)) for one in await sent.values_list("case_id", flat=True)}
        here = [one for one in cases.values() if one.id not in on_its_way]
        corrections = [await self._correction(one) for one in here if one.state == State.CORRECTION]
        found = [*corrections, *await self._promised(here)]
        return WaitingCases(
            sorted(found, key=lambda one: (one.due_on or date.max, one.case_no)), len(cases)
        )

    async def _correction(self, case: Case) -> WaitingCase:
        notices = CaseStep.filter(case_id=case.id, event=Event.CORRECTION_REQUESTED)
        notice = await notices.order_by("-seq").first()
        words: dict[str, Any] = (
            self._parts.open(notice.words, notice.id, "words") if notice and notice.words else {}
        )
        due_on = date.fromisoformat(words["due_on"]) if words.get("due_on") else None
        until = f"，{due_on.month}月{due_on.day}日前" if due_on else ""
        return WaitingCase(case.case_no, case.item_name, f"请补正材料{until}", due_on)

    async def _promised(self, here: Sequence[Case]) -> list[WaitingCase]:
        """Of each case the material that is due first, once its day is near."""
        cases = {
            one.id: one for one in here if may_come(one.state) and one.state != State.CORRECTION
        }
        near = self._parts.today() + timedelta(days=REMIND_DAYS)
        rows = CasePromise.filter(
            case_id__in=list(cases), state__in=(OPEN, BROKEN), due_on__lte=near
        )
        first: dict[UUID, CasePromise] = {}
        for row in await rows.order_by("due_on", "id"):
            first.setdefault(row.case_id, row)
        return [
            WaitingCase(
                cases[row.case_id].case_no, cases[row.case_id].item_name,
                f"请补交{row.name}，{row.due_on.month}月{row.due_on.day}日前", row.due_on,
            )
            for row in first.values()
        ]  # fmt: skip
