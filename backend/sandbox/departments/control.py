"""The control interface ``/_control/``: what tests and demonstrations do to a sandbox department.

It exists only here; a real department has nothing of the kind. It is not signed, so it listens on
loopback like everything in the sandbox and takes ``application/json`` alone, which keeps the pages
of a browser on the same machine out.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.numbers.holder import Holder
from backend.sandbox.departments.changes import Registrar
from backend.sandbox.departments.faults import FaultSpec, Switchboard
from backend.sandbox.departments.inputs import Number, mistakes
from backend.sandbox.departments.notices import NoticeSender
from backend.sandbox.departments.operations import Desk
from backend.sandbox.departments.problems import Refusal

PREFIX = "/_control"
OrderT = TypeVar("OrderT", bound=BaseModel)


class Order(BaseModel):
    """Base of what the control interface takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LatencyOrder(Order):
    """``PUT /_control/latency``."""

    median_ms: float = Field(ge=0, le=60_000)
    sigma: float = Field(0.0, ge=0, le=3)


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
    app: web.Application, desk: Desk, board: Switchboard, notices: NoticeSender
) -> None:
    """Add ``/_control/`` to a department's server."""
    _Control(desk, board, notices).register(app)


class _Control:
    def __init__(self, desk: Desk, board: Switchboard, notices: NoticeSender) -> None:
        self._desk, self._board, self._notices = desk, board, notices
        self._registrar = Registrar(desk, notices)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.get(f"{PREFIX}/state", self.state),
                web.post(f"{PREFIX}/faults", self.add_fault),
                web.delete(f"{PREFIX}/faults", self.clear_faults),
                web.put(f"{PREFIX}/latency", self.set_latency),
                web.get(f"{PREFIX}/calls", self.calls),
                web.delete(f"{PREFIX}/calls", self.reset_calls),
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
                "latency": {
                    "median_ms": self._board.latency.median_ms,
                    "sigma": self._board.latency.sigma,
                },
                "faults": self._board.state(),
                "calls": dict(self._board.calls),
                "notices": {
                    "waiting": store.count("notices"),
                    "delivered": counts.delivered,
                    "refused": counts.refused,
                    "attempts": counts.attempts,
                },
            }
        )

    async def add_fault(self, request: web.Request) -> web.Response:
        """Switch a fault on."""
        spec = await read_order(request, FaultSpec)
        known = {*self._desk.manifest.operations, "health"}
        if spec.operation is not None and spec.operation not in known:
            raise Refusal(
                404, "control.operation_unknown", f"Operations here: {', '.join(sorted(known))}"
            )
        self._board.add(spec)
        return json_answer({"faults": self._board.state()}, 201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Switch off the faults of ``?operation=``, or all."""
        cleared = self._board.clear(request.query.get("operation"))
        return json_answer({"cleared": cleared})

    async def set_latency(self, request: web.Request) -> web.Response:
        """Set the waiting time."""
        order = await read_order(request, LatencyOrder)
        self._board.latency.median_ms, self._board.latency.sigma = order.median_ms, order.sigma
        return json_answer(order.model_dump())

    async def calls(self, request: web.Request) -> web.Response:
        """Calls per operation since the start or the last reset."""
        return json_answer({"calls": dict(self._board.calls)})

    async def reset_calls(self, request: web.Request) -> web.Response:
        """Count from nought again."""
        self._board.calls.clear()
        return json_answer({"calls": {}})

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


async def read_order(request: web.Request, model: type[OrderT]) -> OrderT:
    """Read the JSON body of a control call.

    Raises:
        Refusal: another media type, no JSON, or not this order.
    """
    if request.content_type != "application/json":
        raise Refusal(415, "control.media_type_unsupported", "Send application/json")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        found = mistakes(error)
    raise Refusal(400, "control.order_invalid", "The order breaks the schema", errors=found)


def json_answer(document: Any, status: int = 200) -> web.Response:
    """A JSON answer of the control interface."""
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")
