"""The clocks of the law for a case (行政许可法 art. 32, 42–45, 82), and who is warned of them.

受理: 5 working days from the day on which materials arrive, anew after each supplement: a notice of
correction ends the period, since the duty of those five days is to tell. 决定: what the item
promises, from acceptance; beside it runs what the statute allows. 送达: 10 working days from the
decision. Special procedures stop the clock; an extension lengthens it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from tortoise.queryset import QuerySet

from backend.calendar.service import BEIJING, WorkCalendar
from backend.cases.models import Case, CaseClock
from backend.cases.periods import Period, Unit, months_later
from backend.store.rows import new_row

ACCEPT, DECIDE, DELIVER = "accept", "decide", "deliver"
KIND_LABELS: Mapping[str, str] = {ACCEPT: "受理", DECIDE: "作出决定", DELIVER: "送达结果"}
ACCEPT_WORKDAYS, DECIDE_WORKDAYS, DELIVER_WORKDAYS = 5, 20, 10
LICENSING = "01"
AMBER_LEFT = 1
Light = Literal["green", "amber", "red"]
LIGHT_LABELS: Mapping[Light, str] = {"green": "正常", "amber": "黄牌", "red": "红牌"}


@dataclass(frozen=True, slots=True)
class Span:
    """How long something may take."""

    unit: Unit
    days: int

    @classmethod
    def of(cls, amount: int, unit: str, since: date) -> "Span":
        """A span as items give it; months become the days that they have after ``since``."""
        if unit == "month":
            return cls("day", (months_later(since, amount) - since).days)
        return cls("workday" if unit == "workday" else "day", amount)


def decision_spans(item: Mapping[str, Any], since: date) -> tuple[Span, Span]:
    """What an item promises for the decision, and what its statute allows.

    Where no statute names a time, a licence has the 20 working days of 行政许可法 art. 42, and
    anything else what is promised.
    """
    promise = Span.of(int(item["promise_day"]), str(item["promise_type"]), since)
    if item["anticipate_day"] is not None:
        legal = Span.of(int(item["anticipate_day"]), str(item["anticipate_type"]), since)
    elif item["task_type"] == LICENSING:
        legal = Span("workday", DECIDE_WORKDAYS)
    else:
        legal = promise
    return promise, legal


@dataclass(frozen=True, slots=True)
class Running:
    """A clock as it is shown.

    Attributes:
        left: working days until the end, negative once it is over; None while it is stopped.
        provisional: the calendar of a year on the way is not known yet.
    """

    case_id: UUID
    kind: str
    started_on: date
    due_on: date
    legal_due_on: date
    provisional: bool
    paused: bool
    left: int | None
    light: Light


class Clocks:
    """Starts, stops, resumes, lengthens and reads clocks; the caller has the transaction."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar

    def today(self) -> date:
        """The present day in China."""
        return self._calendar.today()

    async def start(
        self, case: Case, kind: str, since: date, span: Span, legal: Span | None = None
    ) -> None:
        """Start a clock; one of the same day whose matter is done begins anew."""
        row = self.made(case, kind, since, span, legal)
        same_day = CaseClock.filter(case_id=case.id, kind=kind, started_on=since)
        await same_day.filter(state="done").delete()
        await row.save(force_create=True)

    def made(
        self, case: Case, kind: str, since: date, span: Span, legal: Span | None = None
    ) -> CaseClock:
        """A clock that is not yet in the database.

        Args:
            since: the day that does not count.
            legal: what the statute allows, where the span is a shorter promise.
        """
        legal = legal or span
        due = Period(span.unit, since, span.days).due(self._calendar)
        legal_due = Period(legal.unit, since, legal.days).due(self._calendar)
        return new_row(
            CaseClock, case_id=case.id, kind=kind, system_code=case.system_code,
            department_uscc=case.department_uscc, unit=span.unit, days=span.days,
            started_on=since, anchor_on=since, days_left=span.days, legal_unit=legal.unit,
            legal_left=legal.days, due_on=due.day, legal_due_on=legal_due.day,
            provisional=due.provisional or legal_due.provisional, state="running",
        )  # fmt: skip

    async def stop(self, case_id: UUID, on: date, *kinds: str) -> None:
        """What the clocks of these kinds ran for is done; of any kind where none is given."""
        running = CaseClock.filter(case_id=case_id).exclude(state="done")
        if kinds:
            running = running.filter(kind__in=kinds)
        await running.update(state="done", done_on=on)

    async def drop(self, case_id: UUID, kind: str) -> None:
        """A clock that should never have run."""
        await CaseClock.filter(case_id=case_id, kind=kind).delete()

    async def last_due(self, case_id: UUID, kind: str) -> date | None:
        """The last day of the newest clock of a kind."""
        row = await CaseClock.filter(case_id=case_id, kind=kind).order_by("-started_on").first()
        return row.due_on if row is not None else None

    async def pause(self, case_id: UUID, on: date) -> None:
        """Stop the running clocks of a case for a while."""
        for row in await CaseClock.filter(case_id=case_id, state="running"):
            period, legal = _periods(row)
            period, legal = (each.stopped(on, self._calendar) for each in (period, legal))
            _write(row, period, legal)
            row.state, row.paused_on = "paused", on
            await row.save()

    async def resume(self, case_id: UUID, on: date) -> None:
        """Let them go on. One that was over when it was stopped keeps its day."""
        for row in await CaseClock.filter(case_id=case_id, state="paused"):
            period, legal = (each.resumed(on) for each in _periods(row))
            _write(row, period, legal)
            row.state, row.paused_on = "running", None
            self._settle(row)
            await row.save()

    async def extend(self, case_id: UUID, workdays: int) -> bool:
        """Lengthen the period of the decision (art. 42); False where it was before."""
        row = await CaseClock.filter(case_id=case_id, kind=DECIDE, state="running").first()
        if row is None or row.extended:
            return False
        period, legal = _periods(row)
        _write(row, period.longer(workdays), legal.longer(workdays))
        row.days += workdays
        row.extended, row.amber_at, row.red_at = True, None, None
        self._settle(row)
        await row.save()
        return True

    def _settle(self, row: CaseClock) -> None:
        """Work the last days out again."""
        period, legal = _periods(row)
        row.provisional = False
        if period.left > 0:
            due = period.due(self._calendar)
            row.due_on, row.provisional = due.day, due.provisional
        if legal.left > 0:
            due = legal.due(self._calendar)
            row.legal_due_on = due.day
            row.provisional = row.provisional or due.provisional

    async def settle_provisional(self) -> None:
        """Work out again what was uncertain: the calendar may be known by now."""
        for row in await CaseClock.filter(state="running", provisional=True):
            before = (row.due_on, row.legal_due_on, row.provisional)
            self._settle(row)
            if before != (row.due_on, row.legal_due_on, row.provisional):
                # Only from what was read: an event may have moved the clock in between.
                same = CaseClock.filter(id=row.id, state="running", anchor_on=row.anchor_on)
                await same.filter(days_left=row.days_left).update(
                    due_on=row.due_on, legal_due_on=row.legal_due_on, provisional=row.provisional
                )

    async def of(self, case_ids: Sequence[UUID]) -> dict[UUID, Running]:
        """The clock that runs for each case; at most one does at a time."""
        rows = await CaseClock.filter(case_id__in=list(case_ids)).exclude(state="done")
        return {row.case_id: self.shown(row) for row in rows}

    def overdue(self) -> QuerySet[CaseClock]:
        """Running clocks whose last day is over."""
        return CaseClock.filter(state="running", due_on__lt=self.today())

    def shown(self, row: CaseClock) -> Running:
        """A clock as it is shown."""
        paused = row.state == "paused"
        left = None if paused else self._calendar.workdays_between(self.today(), row.due_on)
        return Running(
            row.case_id, row.kind, row.started_on, row.due_on, row.legal_due_on,
            row.provisional, paused, left, self.light(row),
        )  # fmt: skip

    def light(self, row: CaseClock) -> Light:
        """红黄牌: red when it is over, amber when a working day or less is left of more."""
        if row.state != "running":
            return "green"
        if row.due_on < self.today():
            return "red"
        left = self._calendar.workdays_between(self.today(), row.due_on)
        return "amber" if left <= AMBER_LEFT < row.days else "green"


def _periods(row: CaseClock) -> tuple[Period, Period]:
    return (
        Period(_unit(row.unit), row.anchor_on, row.days_left),
        Period(_unit(row.legal_unit), row.anchor_on, row.legal_left),
    )


def _write(row: CaseClock, period: Period, legal: Period) -> None:
    row.anchor_on, row.days_left, row.legal_left = period.anchor, period.left, legal.left


def _unit(text: str) -> Unit:
    return "day" if text == "day" else "workday"


def day_of(moment: datetime) -> date:
    """The day in China at a moment."""
    return moment.astimezone(BEIJING).date()
