"""What tests and demonstrations do to a sandbox department: change its files and its answers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from backend.numbers.holder import Holder
from backend.sandbox.control import PREFIX, BoardControl, Order, json_answer, read_order
from backend.sandbox.departments.changes import Registrar
from backend.sandbox.departments.inputs import Number
from backend.sandbox.departments.notices import NoticeSender
from backend.sandbox.departments.operations import Desk
from backend.sandbox.faults import Switchboard
from backend.sandbox.problems import Refusal

FAULTS = (
    "slow", "hang", "status", "truncate", "wrong_signature", "malformed", "cut", "twice"
)  # fmt: skip


class FaceOrder(Order):
    """``PUT /_control/face``: the verdict on every real picture; ``passed`` null lifts it."""

    passed: bool | None
    reason: str | None = None


class HolderOrder(Order):
    """A holder by all that identifies one."""

    code_type: str
    code: Number
    name: str


class LicenceOrder(Order):
    """``POST /_control/licences``: change one licence.

    ``type`` is the name or the code of the type; ``number`` says which one where the holder has
    several. ``notify`` false makes the change without telling the platform.
    """

    action: Literal["set_status", "reissue", "withdraw", "issue"]
    holder: HolderOrder
    type: str
    number: str | None = None
    status: Literal[
        "VALID", "SUSPENDED", "LOST", "EXPIRED", "REVOKED", "CANCELLED", "FORFEITED", "SUPERSEDED",
        "TRANSFERRED",
    ] = "VALID"  # fmt: skip
    valid_to: date | None = None
    region_code: Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9})$")] = "440000"
    extend_info: dict[str, Any] = Field(default_factory=dict)
    notify: bool = True


class PersonOrder(Order):
    """``POST /_control/people``: what happens to a person."""

    action: Literal["died", "replace_number", "set_face"]
    id_number: Number
    new_number: Number | None = None
    face_ok: bool = True
    notify: bool = True


class Representative(Order):
    """A legal representative."""

    name: str
    id_number: Number


class EnterpriseOrder(Order):
    """``POST /_control/enterprises``: change the register of enterprises."""

    uscc: Number
    legal_representative: Representative | None = None
    status: Literal["存续", "吊销", "注销"] | None = None
    notify: bool = True


class SectionOrder(Order):
    """``POST /_control/sections``: replace what a section answers; null: no record."""

    code: Number
    section: str
    data: dict[str, Any] | None


def add_control_routes(
    app: web.Application,
    desk: Desk,
    board: Switchboard,
    notices: NoticeSender,
    more: Sequence[str] = (),
) -> None:
    """Add ``/_control/`` to a department's server; ``more`` are further names for faults."""
    operations = (*desk.manifest.operations, "health", *more)
    _Control(desk, BoardControl(board, operations, FAULTS), notices).register(app)


class _Control:
    def __init__(self, desk: Desk, board: BoardControl, notices: NoticeSender) -> None:
        self._desk, self._board, self._notices = desk, board, notices
        self._registrar = Registrar(desk, notices)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        self._board.register(app)
        app.add_routes(
            [
                web.get(f"{PREFIX}/state", self.state),
                web.put(f"{PREFIX}/face", self.set_face),
                web.post(f"{PREFIX}/licences", self.change_licence),
                web.post(f"{PREFIX}/people", self.change_person),
                web.post(f"{PREFIX}/enterprises", self.change_enterprise),
                web.post(f"{PREFIX}/sections", self.change_section),
            ]
        )

    async def state(self, request: web.Request) -> web.Response:
        """Everything about the server at a glance."""
        store, counts = self._desk.store, self._notices.counts
        return json_answer(
            {
                "system": self._desk.manifest.system.code,
                "name": self._desk.manifest.system.short_name,
                "holders": store.count("holders"),
                "licences": store.count("licences"),
                **self._board.state(),
                "notices": {
                    "waiting": store.count("notices"),
                    "delivered": counts.delivered,
                    "refused": counts.refused,
                    "attempts": counts.attempts,
                },
            }
        )

    async def set_face(self, request: web.Request) -> web.Response:
        """Order the result of every face comparison."""
        order = await read_order(request, FaceOrder)
        self._desk.faces.forced = order.passed
        if order.reason is not None:
            self._desk.faces.forced_reason = order.reason
        return json_answer(order.model_dump())

    async def change_licence(self, request: web.Request) -> web.Response:
        """Change a licence of a holder."""
        order = await read_order(request, LicenceOrder)
        registrar, code = self._registrar, order.holder.code
        which = (code, order.type, order.number)
        match order.action:
            case "set_status":
                registrar.set_status(*which, order.status, order.notify)
            case "reissue":
                registrar.reissue(*which, order.valid_to, order.extend_info, order.notify)
            case "withdraw":
                registrar.withdraw(*which, order.notify)
            case "issue":
                registrar.issue(
                    Holder(order.holder.code_type, code, order.holder.name),
                    order.type,
                    order.number or code,
                    order.valid_to,
                    order.region_code,
                    order.extend_info,
                    order.notify,
                )
        return self._after(code)

    async def change_person(self, request: web.Request) -> web.Response:
        """Let something happen to a person."""
        order = await read_order(request, PersonOrder)
        match order.action:
            case "died":
                self._registrar.person_died(order.id_number, order.notify)
            case "set_face":
                self._registrar.set_face(order.id_number, order.face_ok)
            case "replace_number":
                if order.new_number is None:
                    raise Refusal(400, "control.new_number_missing", "Give new_number")
                self._registrar.replace_number(order.id_number, order.new_number, order.notify)
                return self._after(order.new_number)
        return self._after(order.id_number)

    async def change_enterprise(self, request: web.Request) -> web.Response:
        """Change the register of enterprises."""
        order = await read_order(request, EnterpriseOrder)
        who = order.legal_representative
        self._registrar.change_enterprise(
            order.uscc, who.model_dump() if who else None, order.status, order.notify
        )
        return self._after(order.uscc)

    async def change_section(self, request: web.Request) -> web.Response:
        """Replace a section's data."""
        order = await read_order(request, SectionOrder)
        self._registrar.set_fact(order.code, order.section, order.data)
        return self._after(order.code)

    def _after(self, code: str) -> web.Response:
        stored = self._desk.store.holder(code)
        changes = stored.changes if stored else 0
        return json_answer({"revision": self._desk.store.base_revision + changes})
