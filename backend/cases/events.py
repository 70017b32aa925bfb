"""What departments tell of cases: each event is kept, and applied in the order of its number.

Everything about one case happens one after the other: whoever takes an event in locks the case by
writing to its row first. The state is written only from the very state and number that were read
(compare and set), and only where ``states.TABLE`` has the transition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import structlog
from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from backend.audit.service import system as system_actor
from backend.calendar.service import BEIJING
from backend.cases.duties import Duties, entitled
from backend.cases.effects import Effects
from backend.cases.errors import CaseUnknown, EventInvalid, StepNotTheirs
from backend.cases.models import Case, CaseEvent
from backend.cases.numbering import is_case_no
from backend.cases.parts import Parts
from backend.cases.states import ENDED, Event, State, Taken, after
from backend.store.ids import uuid7

log = structlog.get_logger("cases")

_NEEDS: Mapping[Event, tuple[str, ...]] = {
    Event.NOT_ACCEPTED: ("reason", "remedies"),
    Event.DENIED: ("reason", "remedies"),
    Event.CORRECTION_REQUESTED: ("items", "due_on"),
    Event.TRANSFERRED: ("to",),
    Event.SPECIAL_STARTED: ("special", "reason"),
    Event.EXTENDED: ("workdays", "reason"),
    Event.APPROVED: ("result",),
    Event.DELIVERING: ("delivery",),
    Event.TERMINATED: ("reason",),
    Event.CORRECTION_TIMEOUT: ("reason",),
}
MOST_EXTENSION = 10
_UNUSABLE_AHEAD_S = 300
# Before the law that the clocks follow (2004-07-01) nothing of this happened.
_FIRST = datetime(2004, 7, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it was told.

    Attributes:
        detail: whatever goes with it, by the names of the interface.
    """

    event_id: UUID
    seq: int
    event: Event
    at: datetime
    detail: Mapping[str, Any]

    @property
    def on(self) -> date:
        """The day of it in China."""
        return self.at.astimezone(BEIJING).date()

    def as_json(self) -> dict[str, Any]:
        """To be sealed."""
        return {"at": self.at.isoformat(), "detail": dict(self.detail)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an event was taken, and where the case stands afterwards."""

    taken: Taken
    state: State
    seq: int


def told(raw: Mapping[str, Any], now: datetime) -> Told:
    """An event from the body of a callback or an answer to ``cases.query``; of the schema already.

    Raises:
        EventInvalid: it lacks what its kind needs, or lies in the future.
    """
    event = Event(raw["event"])
    at = raw["at"] if isinstance(raw["at"], datetime) else datetime.fromisoformat(raw["at"])
    head = ("event_id", "seq", "event", "at")
    detail = {name: value for name, value in raw.items() if name not in head and value is not None}
    places = [
        {"pointer": f"/{name}", "message": "这类环节必须写明"}
        for name in _NEEDS.get(event, ())
        if not detail.get(name)
    ]
    if not at >= _FIRST or (at - now).total_seconds() > _UNUSABLE_AHEAD_S:
        places.append({"pointer": "/at", "message": "时间不对，或晚于当前时间"})
    if event is Event.EXTENDED and int(detail.get("workdays") or 0) > MOST_EXTENSION:
        places.append({"pointer": "/workdays", "message": f"至多延长 {MOST_EXTENSION} 个工作日"})
    if places:
        raise EventInvalid(places)
    return Told(UUID(str(raw["event_id"])), int(raw["seq"]), event, at, detail)


class Events:
    """Takes events in."""

    def __init__(self, parts: Parts, effects: Effects, duties: Duties) -> None:
        self._parts, self._effects, self._duties = parts, effects, duties

    async def take(self, system: str, case_no: str, what: Told) -> Outcome:
        """Take an event of a department in.

        Raises:
            CaseUnknown: the system has no such case.
            StepNotTheirs: the division of duties gives this step to another; that it came is kept.
        """
        if not is_case_no(case_no):
            raise CaseUnknown
        async with in_transaction():
            mine = Case.filter(Q(system_code=system) | ~Q(division_id=None), case_no=case_no)
            # A write first: it waits for whoever is at this case now.
            if not await mine.update(touched=F("touched") + 1):
                raise CaseUnknown
            case = await mine.get()
            whose = await self._whose_step(case, system, what)
            if whose in ("", system):
                return await self._taken(case, what)
            if not await CaseEvent.exists(case_id=case.id, event_id=what.event_id):
                await self._keep(case, what, Taken.CONTRADICTORY, "not_their_step", system)
                detail: dict[str, str | int | bool | None] = {
                    "case": case.case_no, "event": what.event, "seq": what.seq, "whose": whose,
                }  # fmt: skip
                await self._parts.services.audit.record(
                    system_actor(system), "cases.step_refused", f"case:{case.id}", detail
                )
        raise StepNotTheirs

    async def _whose_step(self, case: Case, system: str, what: Told) -> str:
        """The system to which the division gives a step; empty where nothing is divided.

        Raises:
            CaseUnknown: the system has no part in the division.
        """
        division = await self._duties.of_case(case)
        if division is None:
            return ""
        if not division.part_of(system):
            raise CaseUnknown
        return entitled(division, what.event).system

    async def _taken(self, case: Case, what: Told) -> Outcome:
        if await CaseEvent.exists(case_id=case.id, event_id=what.event_id):
            return _outcome(Taken.DUPLICATE, case)
        if what.seq <= case.seq:
            await self._keep(case, what, Taken.CONTRADICTORY, "number_used")
            return _outcome(Taken.CONTRADICTORY, case)
        if what.seq > case.seq + 1:
            await self._keep(case, what, Taken.HELD)
            return _outcome(Taken.HELD, case)
        later = CaseEvent.filter(case_id=case.id, taken=Taken.HELD)
        overtaken = await later.exists()
        refused = await self._apply(case, what)
        if refused:
            await self._keep(case, what, Taken.CONTRADICTORY, refused)
            return _outcome(Taken.CONTRADICTORY, case)
        taken = Taken.LATE if overtaken else Taken.APPLIED
        await self._keep(case, what, taken)
        if overtaken:
            await self._apply_held(case)
        return _outcome(taken, case)

    async def _apply_held(self, case: Case) -> None:
        """What waited for the events before it."""
        while True:
            waiting = CaseEvent.filter(case_id=case.id, taken=Taken.HELD, seq__lte=case.seq + 1)
            row = await waiting.order_by("seq", "id").first()
            if row is None:
                return
            refused = (
                "number_used" if row.seq <= case.seq else await self._apply(case, self._opened(row))
            )
            row.taken = Taken.CONTRADICTORY if refused else Taken.APPLIED
            row.reason = refused
            await row.save(update_fields=["taken", "reason"])
            if refused:
                log.warning("case.event_contradictory", reason=refused)

    async def _apply(self, case: Case, what: Told) -> str:
        """Carry an event out; says why not where it does not fit."""
        before = State(case.state)
        following = after(before, what.event)
        if following is None:
            return "state"
        refused = await self._effects.refusal(case, what)
        if refused:
            return refused
        now = self._parts.now()
        changes: dict[str, Any] = {"state": following, "seq": what.seq, "updated_at": now}
        if following in ENDED:
            changes["ended_at"] = now
        same = Case.filter(id=case.id, state=before, seq=case.seq)
        if not await same.update(**changes):
            return "state"
        case.state, case.seq, case.updated_at = following, what.seq, now
        case.ended_at = changes.get("ended_at")
        actor = system_actor(case.system_code)
        await self._parts.step(
            case, what.event, following, actor, what.at, what.detail, seq=what.seq
        )
        detail: dict[str, str | int | bool | None] = {
            "case": case.case_no, "event": what.event, "state": following, "seq": what.seq,
        }  # fmt: skip
        await self._parts.services.audit.record(actor, "cases.event", f"case:{case.id}", detail)
        await self._effects.follow(case, what, following)
        return ""

    async def _keep(
        self, case: Case, what: Told, taken: Taken, reason: str = "", system: str = ""
    ) -> None:
        row_id = uuid7()
        await CaseEvent.create(
            id=row_id, case_id=case.id, event_id=what.event_id, seq=what.seq, event=what.event,
            body=self._parts.seal(what.as_json(), row_id, "body"), taken=taken, reason=reason,
            system_code=system, received_at=self._parts.now(),
        )  # fmt: skip
        if taken is Taken.CONTRADICTORY:
            log.warning(
                "case.event_contradictory", system=system or case.system_code, reason=reason
            )

    def _opened(self, row: CaseEvent) -> Told:
        raw = self._parts.open(row.body, row.id, "body")
        at = datetime.fromisoformat(raw["at"]).astimezone(UTC)
        return Told(row.event_id, row.seq, Event(row.event), at, raw["detail"])


def _outcome(taken: Taken, case: Case) -> Outcome:
    return Outcome(taken, State(case.state), case.seq)
