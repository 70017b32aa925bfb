"""When an anonymous evaluation may be shown, and with how much beside it.

A department knows whom it served and when. If an evaluation appeared the moment it was given, or
beside an item in which one person was served that week, the department would know who wrote it. So:

* an anonymous one is shown on a later day than it was given, with all others of that day, and says
  only the month;
* it is shown with its item only where at least ``CROWD`` different people were served in that item
  in the seven days before, counting nobody whose evaluation of that service bears their name; where
  too few were, with the department alone by the same count; where too few there too, the platform
  alone reads it and answers its order;
* statistics count it in just the same way, and only from that day on, so that a figure that moves
  says no more than the list does.

Sensitive: a change here has to keep ``test_a_department_cannot_tell_who`` true.
"""

from datetime import date

from tortoise.transactions import in_transaction

from backend.evaluation.models import EvaluationOrder, ServiceEvaluation
from backend.evaluation.orders import Orders
from backend.evaluation.parts import Parts, days_before, midnight
from backend.evaluation.states import Stage

CROWD = 5
WINDOW_DAYS = 7
WAITING, ITEM, DEPARTMENT, NOBODY = "waiting", "item", "department", "nobody"


class Showing:
    """The worker's part of evaluations."""

    def __init__(self, parts: Parts, orders: Orders) -> None:
        self._parts, self._orders = parts, orders
        self._crowds: dict[tuple[str, str, str | None], int] = {}

    async def run(self) -> int | None:
        """Show what was given on days before this one; how many."""
        today, shown = self._parts.today, 0
        self._crowds.clear()
        for row in await ServiceEvaluation.filter(shown_as=WAITING, given_on__lt=today).order_by(
            "id"
        ):
            shown += await self._show(row, await self._width(row, today), today)
        await (
            ServiceEvaluation.filter(added_on__lt=today, added_shown=False)
            .exclude(shown_as=WAITING)
            .update(added_shown=True)
        )
        return shown or None

    async def _show(self, row: ServiceEvaluation, width: str, today: date) -> int:
        async with in_transaction():
            changed = await ServiceEvaluation.filter(id=row.id, shown_as=WAITING).update(
                shown_as=width, shown_on=today
            )
            if not changed:
                return 0
            order = await EvaluationOrder.get_or_none(evaluation_id=row.id, state=Stage.WAITING)
            if order is not None:
                await self._orders.dispatch(order, for_department=width != NOBODY)
        return 1

    async def _width(self, row: ServiceEvaluation, today: date) -> str:
        if row.item_code and await self._crowd(row, row.item_code, today) >= CROWD:
            return ITEM
        if await self._crowd(row, None, today) >= CROWD:
            return DEPARTMENT
        return NOBODY

    async def _crowd(self, row: ServiceEvaluation, item_code: str | None, today: date) -> int:
        """Among how many people the evaluator hides; counted once in a run."""
        key = row.event_kind, row.department_uscc, item_code
        if key not in self._crowds:
            self._crowds[key] = await self._counted(row, item_code, today)
        return self._crowds[key]

    async def _counted(self, row: ServiceEvaluation, item_code: str | None, today: date) -> int:
        """Different people who were served and have not judged that service by name.

        Only people of the same kind of event count: that it is about a case or an appointment may
        be read from the tags and the words.
        """
        source = self._parts.sources.get(row.event_kind)
        if source is None:
            return 0
        since, until = days_before(today, WINDOW_DAYS), midnight(today)
        served = await source.served(row.department_uscc, item_code, since, until)
        indexes = {
            self._parts.event_index(row.event_kind, each.event_id): each.subject for each in served
        }
        rows = ServiceEvaluation.filter(event_index__in=list(indexes), anonymous=False)
        named = {row.event_index for row in await rows.only("event_index")}
        return len({subject for index, subject in indexes.items() if index not in named})
