"""What officers read of evaluations, and the figures that everybody may have."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from backend.evaluation.errors import EvaluationUnknown
from backend.evaluation.models import EvaluationOrder, ServiceEvaluation
from backend.evaluation.parts import Parts
from backend.evaluation.showing import DEPARTMENT, ITEM, WAITING
from backend.evaluation.states import Stage
from backend.evaluation.tags import BAD, LEVELS, words_of
from backend.operators.service import Officer, Role

PAGE = 50
HIDDEN_ITEM = "（为保护评价人，不显示事项）"


@dataclass(frozen=True, slots=True)
class Read:
    """An evaluation as an officer reads it.

    Attributes:
        item: its name, unless it is not to be told.
        about: which service it was, of one that bears a name; otherwise empty.
        month: in which it was shown; an anonymous one has no day.
    """

    id: UUID
    department: str
    item: str
    level: int
    tags: Sequence[str]
    text: str
    added_text: str
    anonymous: bool
    about: str
    month: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Evaluations of a department, of one of its items, or of the whole province.

    Attributes:
        levels: level → how many; orders: of bad ones, how many closed, how many answered in time.
    """

    department_uscc: str
    department: str
    item_code: str
    item: str
    levels: dict[int, int]
    orders: int
    closed: int
    in_time: int

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.levels.values())

    @property
    def content(self) -> float | None:
        """Share of those who were satisfied at least basically, 0–1; None without any."""
        good = sum(count for level, count in self.levels.items() if level not in BAD)
        return round(good / self.total, 4) if self.total else None


class Reading:
    """Reads; nothing here opens who gave an evaluation."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, officer: Officer, bad_only: bool, number: int) -> tuple[list[Read], bool]:
        """A page of what the officer may read, the latest day first; whether there is more."""
        found = _visible(officer)
        if bad_only:
            found = found.filter(level__in=sorted(BAD))
        rows = await found.order_by("-shown_on", "id").offset(number * PAGE).limit(PAGE + 1)
        return [self._read(row, officer) for row in rows[:PAGE]], len(rows) > PAGE

    async def one(self, officer: Officer, evaluation_id: UUID) -> Read:
        """One of them.

        Raises:
            EvaluationUnknown: or it is none of the officer's business yet.
        """
        row = await _visible(officer, waiting=True).get_or_none(id=evaluation_id)
        if row is None:
            raise EvaluationUnknown
        return self._read(row, officer)

    async def province(self) -> Figures:
        """Figures of the whole province; evaluations that nobody else counts are counted here."""
        shown = ServiceEvaluation.exclude(shown_as=WAITING)
        orders = EvaluationOrder.exclude(state=Stage.WAITING)
        return await self._figures("", "全省", "", "", shown, orders)

    async def departments(self) -> list[Figures]:
        """Figures per department, by name; all their items together."""
        shown = ServiceEvaluation.filter(shown_as__in=(ITEM, DEPARTMENT))
        names = await shown.distinct().values_list("department_uscc", "department_name")
        return [
            await self._figures(
                uscc, name, "", "", shown.filter(department_uscc=uscc),
                EvaluationOrder.filter(department_uscc=uscc, for_department=True),
            )
            for uscc, name in sorted(dict(names).items(), key=lambda pair: pair[1])
        ]  # fmt: skip

    async def items(self, department_uscc: str) -> list[Figures]:
        """Figures per item of a department; only evaluations that are shown with their item."""
        shown = ServiceEvaluation.filter(shown_as=ITEM, department_uscc=department_uscc)
        rows = (
            await shown.annotate(many=Count("id"))
            .group_by("department_name", "item_code", "item_name", "level")
            .values_list("department_name", "item_code", "item_name", "level", "many")
        )
        levels: dict[tuple[str, str], dict[int, int]] = {}
        names: set[str] = set()
        for department, code, name, level, many in rows:
            names.add(department)
            counts = levels.setdefault((code, name), dict.fromkeys(LEVELS, 0))
            counts[level] += many
        return [
            Figures(department_uscc, min(names), code, name, counts, 0, 0, 0)
            for (code, name), counts in sorted(levels.items(), key=lambda pair: pair[0][1])
        ]

    async def _figures(
        self, uscc: str, department: str, item_code: str, item: str,
        shown: QuerySet[ServiceEvaluation], orders: QuerySet[EvaluationOrder],
    ) -> Figures:  # fmt: skip
        levels = dict.fromkeys(LEVELS, 0)
        for level, many in (
            await shown.annotate(many=Count("id")).group_by("level").values_list("level", "many")
        ):
            levels[int(level)] = int(many)
        return Figures(
            uscc, department, item_code, item, levels, await orders.count(),
            await orders.filter(state=Stage.CLOSED).count(),
            await orders.filter(in_time=True).count(),
        )  # fmt: skip

    def _read(self, row: ServiceEvaluation, officer: Officer) -> Read:
        parts = self._parts
        with_item = row.shown_as == ITEM or officer.role is Role.OPERATOR
        added = parts.open(row.added_text, row.id, "added") if row.added_shown else ""
        about = "" if row.anonymous else parts.event_of(row)[1]
        return Read(
            id=row.id, department=row.department_name,
            item=row.item_name if with_item else HIDDEN_ITEM,
            level=row.level, tags=words_of(row.tags), text=parts.open(row.text, row.id, "text"),
            added_text=added, anonymous=row.anonymous, about=about,
            month=row.shown_on.strftime("%Y-%m") if row.shown_on else "",
        )  # fmt: skip


def _visible(officer: Officer, waiting: bool = False) -> QuerySet[ServiceEvaluation]:
    """The evaluations that an officer may read.

    Args:
        waiting: the platform also those that are not shown yet, whose orders it can see.
    """
    if officer.role is Role.OPERATOR:
        return ServiceEvaluation.all() if waiting else ServiceEvaluation.exclude(shown_as=WAITING)
    if officer.role not in (Role.CLERK, Role.HEAD):
        return ServiceEvaluation.filter(shown_as="")
    return ServiceEvaluation.filter(
        department_uscc=officer.department_uscc, shown_as__in=(ITEM, DEPARTMENT)
    )
