"""Statutory clocks in working days (政务数据共享条例, 国务院令第809号), reminders, what is overdue.

The day on which a period begins does not count. A deadline that crosses a year whose calendar is
not known yet is provisional, and is worked out again until it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

import structlog

from backend.operators.service import Officer, Role
from backend.sharing.models import CatalogueDuty, CorrectionRequest, Deadline, ShareApplication
from backend.sharing.parts import DEPARTMENT_ROLES, Parts

log = structlog.get_logger("sharing")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of deadline: its working days, its words, where the console shows what it is about."""

    workdays: int
    words: str
    link: str


KINDS: Mapping[str, Kind] = {
    # One county's rule gives the review two days; the state leaves it open.
    "review": Kind(2, "共享申请的符合性审查", "/console/sharing/applications/{}"),
    "answer_unconditional": Kind(1, "无条件共享申请的答复", "/console/sharing/applications/{}"),
    "answer_conditional": Kind(10, "有条件共享申请的答复", "/console/sharing/applications/{}"),
    "delivery": Kind(20, "已同意共享的数据的提供", "/console/sharing/applications/{}"),
    "correction": Kind(10, "数据校核申请的答复", "/console/sharing/corrections"),
    "catalogue_update": Kind(10, "数据目录的更新", "/console/sharing/overdue"),
}
EXTENSION = 10
ANSWERS = ("answer_unconditional", "answer_conditional")
REMIND_WORKDAYS = 1
_MOST = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as it is shown.

    Attributes:
        left: working days that are left, negative when overdue.
        provisional: the calendar of a year on the way is not known yet.
        subject: the resource and who asks for it, or why a catalogue has to be updated; told in
            lists alone.
    """

    kind: str
    words: str
    about: UUID
    department_uscc: str | None
    started_on: date
    due_on: date
    provisional: bool
    left: int
    link: str
    subject: str = ""


class Clocks:
    """Starts, stops and watches deadlines."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def start(
        self, kind: str, about: UUID, department_uscc: str | None, since: date | None = None
    ) -> None:
        """Start a clock.

        Args:
            department_uscc: whose duty it is; None for the platform.
            since: the day that does not count; today by default.
        """
        started = since or self._parts.calendar.today()
        workdays = KINDS[kind].workdays
        due = self._parts.calendar.due(started, workdays)
        await Deadline.create(
            kind=kind,
            about=about,
            department_uscc=department_uscc,
            started_on=started,
            workdays=workdays,
            due_on=due.day,
            provisional=due.provisional,
        )

    async def stop(self, about: UUID, *kinds: str) -> None:
        """Stop the running clocks of these kinds, of any kind where none is given."""
        running = Deadline.filter(about=about, done_at__isnull=True)
        if kinds:
            running = running.filter(kind__in=kinds)
        await running.update(done_at=datetime.now(UTC))

    async def extend(self, about: UUID, workdays: int) -> None:
        """Give the running answer of an application so many working days more."""
        for deadline in await Deadline.filter(about=about, kind__in=ANSWERS, done_at__isnull=True):
            deadline.workdays += workdays
            due = self._parts.calendar.due(deadline.started_on, deadline.workdays)
            deadline.due_on, deadline.provisional = due.day, due.provisional
            deadline.reminded_at = deadline.overdue_at = None
            await deadline.save()

    async def running(self, about: Sequence[UUID]) -> dict[UUID, Due]:
        """The running deadline of each, the earliest where there are several."""
        rows = await Deadline.filter(about__in=list(about), done_at__isnull=True).order_by(
            "-due_on"
        )
        return {row.about: self._due(row) for row in rows}

    async def running_of_kind(self, kind: str) -> list[UUID]:
        """What clocks of a kind run for."""
        found = await Deadline.filter(kind=kind, done_at__isnull=True).values_list(
            "about", flat=True
        )
        return [UUID(str(each)) for each in found]

    async def overdue(self, officer: Officer) -> list[Due]:
        """What is overdue and concerns the officer, the longest overdue first."""
        rows = Deadline.filter(done_at__isnull=True, due_on__lt=self._parts.calendar.today())
        if officer.role in DEPARTMENT_ROLES:
            rows = rows.filter(department_uscc=officer.department_uscc)
        return await self._named(await rows.order_by("due_on", "id").limit(_MOST))

    async def upcoming(self, officer: Officer) -> list[Due]:
        """What still runs and concerns the officer, the next first."""
        rows = Deadline.filter(done_at__isnull=True, due_on__gte=self._parts.calendar.today())
        if officer.role in DEPARTMENT_ROLES:
            rows = rows.filter(department_uscc=officer.department_uscc)
        return await self._named(await rows.order_by("due_on", "id").limit(_MOST))

    async def _named(self, rows: Sequence[Deadline]) -> list[Due]:
        """Deadlines with what they are about: a list of them says the same words many times."""
        about = [row.about for row in rows]
        subjects: dict[UUID, str] = {}
        for model in (ShareApplication, CorrectionRequest):
            asked = model.filter(id__in=about).values_list("id", "resource_code", "system_code")
            for each, resource, system in await asked:
                subjects[each] = f"《{self._parts.catalogue.name_of(resource)}》，申请系统 {system}"
        subjects |= {duty.id: duty.reason for duty in await CatalogueDuty.filter(id__in=about)}
        return [replace(self._due(row), subject=subjects.get(row.about, "")) for row in rows]

    def _due(self, row: Deadline) -> Due:
        kind = KINDS[row.kind]
        left = self._parts.calendar.workdays_between(self._parts.calendar.today(), row.due_on)
        return Due(
            row.kind, kind.words, row.about, row.department_uscc, row.started_on, row.due_on,
            row.provisional, left, kind.link.format(row.about),
        )  # fmt: skip

    async def remind(self) -> int | None:
        """Tell whoever is concerned of what is due and of what is overdue, each once."""
        await self._settle_provisional()
        today, told = self._parts.calendar.today(), 0
        for row in await Deadline.filter(done_at__isnull=True, overdue_at__isnull=True):
            left = self._parts.calendar.workdays_between(today, row.due_on)
            if row.due_on < today:
                told += await self._tell(row, "overdue_at", "已超期")
            elif left <= REMIND_WORKDAYS and row.reminded_at is None:
                told += await self._tell(row, "reminded_at", "即将到期")
        return told or None

    async def _tell(self, row: Deadline, column: str, words: str) -> int:
        """Mark first, so that two workers do not tell twice."""
        mark = {column: datetime.now(UTC)}
        if not await Deadline.filter(id=row.id, **{f"{column}__isnull": True}).update(**mark):
            return 0
        kind = KINDS[row.kind]
        title = f"{kind.words}{words}"
        text = f"{kind.words}应于 {row.due_on.isoformat()} 前完成，{words}，请尽快办理。"
        link = kind.link.format(row.about)
        if row.department_uscc is not None:
            await self._parts.operators.notify(
                role=Role.HEAD, department_uscc=row.department_uscc,
                kind=f"sharing.{row.kind}", title=title, text=text, link=link,
            )  # fmt: skip
        if row.department_uscc is None or column == "overdue_at":
            await self._parts.operators.notify(
                role=Role.OPERATOR, kind=f"sharing.{row.kind}", title=title, text=text, link=link
            )
        return 1

    async def _settle_provisional(self) -> None:
        for row in await Deadline.filter(done_at__isnull=True, provisional=True):
            due = self._parts.calendar.due(row.started_on, row.workdays)
            if (due.day, due.provisional) != (row.due_on, row.provisional):
                await Deadline.filter(id=row.id).update(due_on=due.day, provisional=due.provisional)
