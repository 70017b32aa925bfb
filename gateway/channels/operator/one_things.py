"""一件事, registered by operators: a definition speaks for several departments at once."""

from typing import Any, Literal

from pydantic import Field
from sanic import Blueprint

from backend.one_thing import errors
from backend.one_thing.service import Registered
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("operator_one_things", url_prefix="/api/v1/operator/one-things")

OPERATORS = Staff(Role.OPERATOR)


class PublishIn(In):
    """The definition, as ``docs/one-thing.md`` describes it."""

    definition: dict[str, Any]


class FaultOut(Out):
    """A place (RFC 6901) that does not hold, and why."""

    pointer: str
    message: str


class RegisteredOut(Out):
    """A registered definition."""

    code: str
    name: str
    lead: str
    version: int
    state: Literal["published", "withdrawn"]
    published_by: str
    published_at: Moment
    faults: list[FaultOut] = Field(description="why it cannot be begun at present")
    definition: dict[str, Any]


class RegisteredListOut(Out):
    """All of them."""

    items: list[RegisteredOut]


@endpoint(
    bp, "GET", "", access=OPERATORS, summary="Registered 一件事", answer=RegisteredListOut
)  # fmt: skip
async def list_registered(call: Call[None, None]) -> RegisteredListOut:
    """With what no longer fits since a department published an item anew."""
    found = await call.province.one_things.register.registered()
    return RegisteredListOut(items=[_out(one) for one in found])


@endpoint(
    bp, "POST", "", access=OPERATORS, summary="Register a 一件事", body=PublishIn,
    answer=RegisteredOut, status=201, errors=(errors.DefinitionRefused,),
)  # fmt: skip
async def publish(call: Call[PublishIn, None]) -> RegisteredOut:
    """Checked against the items as they are published now; every refusal names its place."""
    return _out(await call.province.one_things.register.publish(call.officer, call.body.definition))


@endpoint(
    bp, "DELETE", "/<code:str>", access=OPERATORS, summary="Offer a 一件事 no more",
    errors=(errors.OneThingUnknown,),
)  # fmt: skip
async def withdraw(call: Call[None, None], code: str) -> None:
    """What was submitted goes on."""
    await call.province.one_things.register.withdraw(call.officer, code)


def _out(one: Registered) -> RegisteredOut:
    return RegisteredOut(
        code=one.thing.code, name=one.thing.name, lead=one.thing.lead, version=one.version,
        state=one.state,  # type: ignore[arg-type]
        published_by=one.published_by, published_at=one.published_at,
        faults=[
            FaultOut(pointer=each["pointer"], message=each["message"]) for each in one.faults
        ],
        definition=one.thing.as_json(),
    )  # fmt: skip
