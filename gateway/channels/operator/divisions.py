"""Who accepts, decides and supervises an item: proposed, consented to, in force."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.catalogue.errors import ItemNotFound
from backend.divisions import errors
from backend.divisions.service import DivisionView, Wish
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("operator_divisions", url_prefix="/api/v1/operator/divisions")

_SEES = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR)
_PROPOSES = Staff(Role.HEAD, Role.OPERATOR)
_CONSENTS = Staff(Role.HEAD)
_DECIDE = (
    errors.DivisionUnknown, errors.SameHand, errors.NotYoursToDo, errors.DecidedAlready,
)  # fmt: skip


class WishIn(In):
    """Codes of three systems, the legal basis, the days."""

    item_code: str = Field(pattern=r"^[0-9A-Z]{19}[0-9]{12}$")
    accepting: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")
    deciding: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")
    supervising: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")
    legal_basis: str = Field(min_length=4, max_length=500)
    valid_from: date
    valid_to: date | None = None


class DivisionReasonIn(In):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


class DivisionRecordOut(Out):
    """A record; ``waiting`` names the departments whose consent is missing."""

    id: UUID
    item_code: str
    item_name: str
    accepting: str
    deciding: str
    supervising: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    replaced_on: date | None
    state: Literal["proposed", "agreed", "refused", "withdrawn"]
    in_force: bool
    consented: list[str]
    waiting: list[str]
    may_decide: bool
    may_withdraw: bool
    proposed_at: Moment
    reason: str


class DivisionRecordsOut(Out):
    """The newest first."""

    items: list[DivisionRecordOut]


@endpoint(bp, "GET", "", access=_SEES, summary="Divisions of duties", answer=DivisionRecordsOut)
async def list_divisions(call: Call[None, None]) -> DivisionRecordsOut:
    """Those in which one's department has a part; an operator sees all."""
    found = await call.province.divisions.all(call.officer)
    return DivisionRecordsOut(items=[_record(one) for one in found])


@endpoint(
    bp, "POST", "", access=_PROPOSES, summary="Propose a division", body=WishIn,
    answer=DivisionRecordOut, status=201,
    errors=(
        ItemNotFound, errors.SystemUnfit, errors.NothingDivided, errors.PeriodInvalid,
        errors.ProposedAlready, errors.NotYoursToDo,
    ),
)  # fmt: skip
async def propose(call: Call[WishIn, None]) -> DivisionRecordOut:
    """It holds once the head of every department concerned has consented."""
    row = await call.province.divisions.propose(call.officer, Wish(**call.body.model_dump()))
    return _record(await call.province.divisions.show(call.officer, row.id))


@endpoint(
    bp, "GET", "/<division_id:str>", access=_SEES, summary="One division",
    answer=DivisionRecordOut, errors=(errors.DivisionUnknown,),
)  # fmt: skip
async def get_division(call: Call[None, None], division_id: str) -> DivisionRecordOut:
    """With who has consented."""
    found = await call.province.divisions.show(call.officer, division_uuid(division_id))
    return _record(found)


@endpoint(
    bp, "POST", "/<division_id:str>/consent", access=_CONSENTS, summary="Consent",
    answer=DivisionRecordOut, errors=_DECIDE,
)  # fmt: skip
async def consent(call: Call[None, None], division_id: str) -> DivisionRecordOut:
    """For one's department; never by whoever proposed it."""
    row = await call.province.divisions.consent(call.officer, division_uuid(division_id))
    return _record(await call.province.divisions.show(call.officer, row.id))


@endpoint(
    bp, "POST", "/<division_id:str>/refusal", access=_CONSENTS, summary="Refuse",
    body=DivisionReasonIn, answer=DivisionRecordOut, errors=_DECIDE,
)  # fmt: skip
async def refuse(call: Call[DivisionReasonIn, None], division_id: str) -> DivisionRecordOut:
    """For one's department, with a reason."""
    number = division_uuid(division_id)
    row = await call.province.divisions.refuse(call.officer, number, call.body.reason)
    return _record(await call.province.divisions.show(call.officer, row.id))


@endpoint(
    bp, "POST", "/<division_id:str>/withdrawal", access=_PROPOSES, summary="Take a proposal back",
    body=DivisionReasonIn, answer=DivisionRecordOut,
    errors=(errors.DivisionUnknown, errors.NotYoursToDo, errors.DecidedAlready),
)  # fmt: skip
async def withdraw(call: Call[DivisionReasonIn, None], division_id: str) -> DivisionRecordOut:
    """By whoever proposed it."""
    number = division_uuid(division_id)
    row = await call.province.divisions.withdraw(call.officer, number, call.body.reason)
    return _record(await call.province.divisions.show(call.officer, row.id))


def division_uuid(text: str) -> UUID:
    """The id of a division."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.DivisionUnknown from None


def _record(one: DivisionView) -> DivisionRecordOut:
    row = one.row
    return DivisionRecordOut.model_validate(
        {
            "id": row.id, "item_code": row.item_code, "item_name": row.item_name,
            "accepting": row.accepting_name, "deciding": row.deciding_name,
            "supervising": row.supervising_name, "legal_basis": row.legal_basis,
            "valid_from": row.valid_from, "valid_to": row.valid_to,
            "replaced_on": row.replaced_on, "state": row.state, "in_force": one.in_force,
            "consented": list(one.consented), "waiting": list(one.waiting),
            "may_decide": one.may_decide, "may_withdraw": one.may_withdraw,
            "proposed_at": row.proposed_at, "reason": row.reason,
        }
    )  # fmt: skip
