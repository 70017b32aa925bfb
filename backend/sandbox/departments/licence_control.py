"""What tests and demonstrations do with electronic business licences: appoint, show a code."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints

from backend.sandbox.control import PREFIX, Order, json_answer, read_order
from backend.sandbox.departments.inputs import Number
from backend.sandbox.departments.licence_codes import LIFE_S, Bearer, LicenceDesk

ItemCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}$")]


class BearerOrder(Order):
    """``POST /_control/licence-bearers``: let somebody show an enterprise's licence."""

    uscc: Number
    name: str
    id_number: Number
    role: Literal["administrator", "agent"] = "agent"
    items: list[ItemCode] = Field(default_factory=list, max_length=50)
    valid_until: AwareDatetime | None = None


class CodeOrder(Order):
    """``POST /_control/licence-codes``: what the phone of a bearer shows; null: the representative.

    ``life_s`` in seconds; 0 gives a code that is over already.
    """

    uscc: Number
    id_number: Number | None = None
    life_s: int = Field(LIFE_S, ge=0, le=LIFE_S)


def add_licence_control(app: web.Application, desk: LicenceDesk) -> None:
    """Add the two orders to a department's server."""

    async def appoint(request: web.Request) -> web.Response:
        order = await read_order(request, BearerOrder)
        bearer = Bearer(
            order.name, order.id_number, order.role, tuple(order.items), order.valid_until
        )
        desk.appoint(order.uscc, bearer)
        return json_answer(order.model_dump(mode="json"))

    async def show(request: web.Request) -> web.Response:
        order = await read_order(request, CodeOrder)
        return json_answer({"code": desk.show(order.uscc, order.id_number, order.life_s)})

    app.add_routes(
        [
            web.post(f"{PREFIX}/licence-bearers", appoint),
            web.post(f"{PREFIX}/licence-codes", show),
        ]
    )
