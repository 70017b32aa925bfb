"""``/_control/cases``: what tests and fault runs do at a department's desk, and read there."""

from collections.abc import Callable

import orjson
from aiohttp import web

from backend.sandbox.cases.acts import ActOrder, perform
from backend.sandbox.cases.automatic import AutomaticClerk, ClerkOrder
from backend.sandbox.cases.book import CaseBook, CaseRow
from backend.sandbox.cases.clerk import Clerk
from backend.sandbox.control import PREFIX, Order, json_answer, read_order
from backend.sandbox.problems import Refusal


class AgainOrder(Order):
    """``POST /_control/case-events``: send events once more; null: those of every case."""

    case_no: str | None = None


class CaseControl:
    """The JSON side of a department's desk."""

    def __init__(
        self, book: CaseBook, clerk: Clerk, automatic: AutomaticClerk, wake: Callable[[], None]
    ) -> None:
        self._book, self._clerk, self._automatic = book, clerk, automatic
        self._wake = wake

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.get(f"{PREFIX}/cases", self.list_cases),
                web.get(f"{PREFIX}/cases/{{case_no}}", self.show),
                web.post(f"{PREFIX}/cases/{{case_no}}", self.act),
                web.post(f"{PREFIX}/case-events", self.send_again),
                web.get(f"{PREFIX}/clerk", self.show_clerk),
                web.put(f"{PREFIX}/clerk", self.set_clerk),
            ]
        )

    async def list_cases(self, request: web.Request) -> web.Response:
        """Every case in short, counts by state, and how many events wait."""
        return json_answer(
            {
                "cases": list(self._book.records()),
                "counts": self._book.counts(),
                "events_waiting": self._book.count_waiting(),
                "notices": self._book.notices(),
            }
        )

    async def show(self, request: web.Request) -> web.Response:
        """One case with all that came in and all that was told."""
        return json_answer(self._described(self._known(request.match_info["case_no"])))

    async def act(self, request: web.Request) -> web.Response:
        """What the clerk does."""
        order = await read_order(request, ActOrder)
        return json_answer(
            self._described(perform(self._clerk, request.match_info["case_no"], order))
        )

    async def send_again(self, request: web.Request) -> web.Response:
        """Send what was sent before."""
        order = await read_order(request, AgainOrder)
        count = self._book.send_again(order.case_no)
        self._wake()
        return json_answer({"events": count})

    async def show_clerk(self, request: web.Request) -> web.Response:
        """Who decides."""
        return json_answer(self._automatic.order.model_dump())

    async def set_clerk(self, request: web.Request) -> web.Response:
        """Let the machine decide, or people."""
        order = await read_order(request, ClerkOrder)
        self._automatic.set(order)
        return json_answer(order.model_dump())

    def _known(self, case_no: str) -> CaseRow:
        case = self._book.case(case_no)
        if case is None:
            raise Refusal(404, "control.case_unknown", "No such case here")
        return case

    def _described(self, case: CaseRow) -> dict[str, object]:
        events = self._book.events(case.case_no)
        return {
            "case_no": case.case_no,
            "department_case_no": case.department_case_no,
            "item_code": case.item_code,
            "state": case.state,
            "last_seq": case.last_seq,
            "received_at": case.received_at,
            "submissions": case.submissions,
            "urged": case.urged,
            "submission": case.submission,
            "events": [{**orjson.loads(e.body), "taken": e.taken} for e in events],
        }
