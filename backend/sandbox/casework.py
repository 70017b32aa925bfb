"""All of a department's casework put together: operations, callbacks, clerk, desk, control."""

from functools import cache

from aiohttp import web

from backend.sandbox.cases.automatic import AutomaticClerk
from backend.sandbox.cases.book import CaseBook
from backend.sandbox.cases.callbacks import EVENTS, EventSender
from backend.sandbox.cases.clerk import Clerk
from backend.sandbox.cases.control import CaseControl
from backend.sandbox.cases.files import FileFetcher
from backend.sandbox.cases.items import Item, items_of
from backend.sandbox.cases.taking import CaseDesk
from backend.sandbox.departments.changes import Registrar
from backend.sandbox.departments.operations import Desk
from backend.sandbox.departments.registry import department
from backend.sandbox.desk.pages import DeskPages
from backend.sandbox.faults import Switchboard
from backend.upstream.signing import SigningKey

__all__ = ["EVENTS", "Casework"]


class Casework:
    """The cases of one department's server."""

    def __init__(
        self,
        desk: Desk,
        registrar: Registrar,
        key: SigningKey,
        gateway_url: str | None,
        board: Switchboard,
    ) -> None:
        code = desk.manifest.system.department.code
        self._registrar = registrar
        self.book = CaseBook(desk.store, f"{code.upper()}-")
        self._events = EventSender(self.book, key, gateway_url, board)
        seal = str(
            department(code).described.get(
                "seal", f"{desk.manifest.system.department.name} 审批专用章"
            )
        )
        self._clerk = Clerk(self.book, registrar, lambda: _items(code), self._tell, seal)
        self._automatic = AutomaticClerk(self.book, self._clerk)
        taking = CaseDesk(self.book, self._came_in)
        desk.also_answers(
            {
                "cases.submit": taking.submit,
                "cases.supplement": taking.supplement,
                "cases.withdraw": taking.withdraw,
                "cases.urge": taking.urge,
                "cases.query": taking.query,
                "supervision.notice": taking.notice,
            }
        )
        name = desk.manifest.system.department.name
        files = FileFetcher(key, gateway_url)
        self._pages = DeskPages(name, self.book, self._clerk, lambda: _items(code), files)
        self._control = CaseControl(self.book, self._clerk, self._automatic, self._events.wake)

    def register(self, app: web.Application) -> None:
        """Add the desk's pages and its control interface."""
        self._pages.register(app)
        self._control.register(app)

    def start(self) -> None:
        """Begin to send what waits, and to act where a machine acts."""
        self._events.start()
        self._automatic.start()

    async def stop(self) -> None:
        """Stop; everything stays on file."""
        await self._automatic.stop()
        await self._events.stop()

    def _tell(self) -> None:
        self._events.wake()
        self._registrar.tell()

    def _came_in(self) -> None:
        self._events.wake()
        self._automatic.wake()


@cache
def _items(code: str) -> dict[str, Item]:
    """Read when somebody first looks: a server that only answers does not need them."""
    return items_of(department(code))
