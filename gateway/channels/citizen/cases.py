"""Applications of a citizen, and who may apply in a citizen's name."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.cases import errors
from backend.identity.service import Level
from gateway.channels.applications.cases import CASES
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("citizen_cases", url_prefix="/api/v1/citizen/cases")

SELF = Person(Level.REAL_NAME)


class MandateIn(In):
    """Who may apply in one's name: whoever carries one's licences under a family link."""

    link_id: UUID
    item_code: str = Field(default="", pattern=r"^([0-9A-Z]{19}[0-9]{12})?$")
    ends_on: date


class MandateOut(Out):
    """办事授权."""

    id: UUID
    link_id: UUID
    item_code: str = Field(description="of the only item; empty for any")
    ends_on: date


class MandatesOut(Out):
    """Those that hold."""

    items: list[MandateOut]


class WaitingOut(Out):
    """A case in which the next step is the person's."""

    case_no: str
    item_name: str
    text: str
    due_on: date | None


class WaitingsOut(Out):
    """The soonest first; ``open`` counts all that are under way."""

    items: list[WaitingOut]
    open: int


@endpoint(bp, "GET", "/waiting", access=SELF, summary="What waits for me", answer=WaitingsOut)
async def waiting(call: Call[None, None]) -> WaitingsOut:
    """Notices to be answered, promised materials that are due; for home page and badge."""
    found = await call.province.cases.waits.of(call.session)
    return WaitingsOut(
        items=[WaitingOut.model_validate(asdict(one)) for one in found.items], open=found.open
    )


@endpoint(
    bp, "GET", "/mandates", access=SELF, summary="Who may apply in my name", answer=MandatesOut
)
async def list_mandates(call: Call[None, None]) -> MandatesOut:
    """Those that hold."""
    found = await call.province.cases.actors.mandates(call.session)
    return MandatesOut(items=[_mandate(one) for one in found])


@endpoint(
    bp, "GET", "/mandates/received", access=SELF, summary="For whom I may apply",
    answer=MandatesOut,
)  # fmt: skip
async def list_received(call: Call[None, None]) -> MandatesOut:
    """Of relatives whose licences I carry; those that hold."""
    found = await call.province.cases.actors.received(call.session)
    return MandatesOut(items=[_mandate(one) for one in found])


@endpoint(
    bp, "POST", "/mandates", access=SELF, summary="Let a relative apply in my name",
    body=MandateIn, answer=MandateOut, status=201, errors=(errors.MandateUnknown,),
)  # fmt: skip
async def give_mandate(call: Call[MandateIn, None]) -> MandateOut:
    """At most a year; ends with the family link, or when it is taken back."""
    body = call.body
    return _mandate(
        await call.province.cases.actors.grant(
            call.session, body.link_id, body.item_code, body.ends_on
        )
    )


@endpoint(
    bp, "DELETE", "/mandates/<mandate_id:str>", access=SELF, summary="Take a mandate back",
    errors=(errors.MandateUnknown,),
)  # fmt: skip
async def revoke_mandate(call: Call[None, None], mandate_id: str) -> None:
    """At once."""
    try:
        found = UUID(mandate_id)
    except ValueError:
        raise errors.MandateUnknown from None
    await call.province.cases.actors.revoke(call.session, found)


def _mandate(one: Any) -> MandateOut:
    return MandateOut(id=one.id, link_id=one.link_id, item_code=one.item_code, ends_on=one.ends_on)


CASES.declare(bp)
