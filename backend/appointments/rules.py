"""爽约规则: who did not come too often waits before booking again. The numbers are data."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backend.appointments.models import Appointment as Row
from backend.appointments.models import NoShowRule as RuleRow
from backend.appointments.parts import Parts
from backend.appointments.states import State
from backend.operators.service import Officer

_NAME = "province"


@dataclass(frozen=True, slots=True)
class NoShowRule:
    """So often not come within so many days, and nothing is booked for so many days after."""

    times: int = 3
    period_days: int = 90
    blocked_days: int = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands under the rule.

    Attributes:
        missed: times not come within the last period.
        blocked_until: the first day on which can be booked again; None when it can be today.
    """

    rule: NoShowRule
    missed: int
    blocked_until: date | None


def standing(rule: NoShowRule, missed: list[date], today: date) -> Standing:
    """Judge the days on which somebody did not come.

    A block begins with the day that filled a period and lasts whole days after it.
    """
    period = timedelta(days=rule.period_days)
    days = sorted(missed)
    until = None
    for place, last in enumerate(days):
        first = place - rule.times + 1
        if first >= 0 and last - days[first] < period:
            until = last + timedelta(days=rule.blocked_days + 1)
    recent = sum(today - day < period for day in days)
    return Standing(rule, recent, until if until is not None and today < until else None)


class Rules:
    """Reads and changes the rule, and applies it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def current(self) -> NoShowRule:
        """The rule in force."""
        row = await RuleRow.get_or_none(name=_NAME)
        if row is None:
            return NoShowRule()
        return NoShowRule(row.times, row.period_days, row.blocked_days)

    async def change(self, officer: Officer, rule: NoShowRule) -> None:
        """Put another rule in force; it judges earlier days, too."""
        values: dict[str, int | str] = {
            "times": rule.times, "period_days": rule.period_days,
            "blocked_days": rule.blocked_days, "updated_by": officer.actor,
        }  # fmt: skip
        await RuleRow.update_or_create(name=_NAME, defaults=values)
        await self._parts.audit.record(
            officer.actor, "appointments.rule_changed", officer.actor, values
        )

    async def of(self, person_id: UUID) -> Standing:
        """How somebody stands today."""
        rule, today = await self.current(), self._parts.today()
        since = today - timedelta(days=rule.period_days + rule.blocked_days + 1)
        rows = await Row.filter(
            person_id=person_id, state=State.NO_SHOW.value, day__gte=since
        ).only("id", "day")
        return standing(rule, [row.day for row in rows], today)
