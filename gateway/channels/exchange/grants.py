"""Grants by staff: looked at, suspended, resumed, revoked."""

from datetime import date

from pydantic import Field

from backend.operators.service import Role
from backend.sharing.errors import ActNotPossible, GrantUnknown, ReasonMissing, StateChanged
from backend.sharing.service import ShareGrant
from gateway.channels.exchange.applications import WATCH, ReasonIn, StepOut, step_out
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = make_blueprint("exchange_grants", "/grants")

_ACTING = Staff(Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN)
_MOVED = (GrantUnknown, ActNotPossible, StateChanged, ReasonMissing)


class ListIn(In):
    """Which grants."""

    system: str | None = Field(None, max_length=64)
    resource: str | None = Field(None, max_length=32)


class GrantOut(Out):
    """A grant; ``used_today`` of ``daily_quota`` subjects."""

    id: str
    application: str
    system: str
    resource: str
    provider_system: str
    fields: list[str]
    purpose: str
    legal_basis: str
    mode: str
    case_bound: bool
    daily_quota: int
    used_today: int
    addresses: list[str]
    valid_until: date
    state: str
    first_used_at: Moment | None
    created_at: Moment


class GrantList(Out):
    """Grants, newest first."""

    items: list[GrantOut]


class GrantHistory(GrantOut):
    """A grant with what was done to it."""

    steps: list[StepOut]


@endpoint(
    bp, "GET", "",
    access=WATCH, summary="Grants that concern my department", query=ListIn, answer=GrantList,
)  # fmt: skip
async def list_grants(call: Call[None, ListIn]) -> GrantList:
    """Newest first, with what was used of today's quota."""
    sharing = call.province.sharing
    rows = await sharing.grants.all(call.officer, call.query.system, call.query.resource)
    uses = await sharing.statistics.quotas(rows)
    return GrantList(items=[GrantOut.model_validate(_plain(use.grant, use.used)) for use in uses])


@endpoint(
    bp, "GET", "/<grant_id:str>",
    access=WATCH, summary="One grant with its history",
    answer=GrantHistory, errors=(GrantUnknown,),
)  # fmt: skip
async def get(call: Call[None, None], grant_id: str) -> GrantHistory:
    """With every suspension and its reason."""
    sharing = call.province.sharing
    row, steps = await sharing.grants.get(call.officer, identifier(grant_id, GrantUnknown))
    (use,) = await sharing.statistics.quotas([row])
    shown = [step_out(step).model_dump() for step in steps]
    return GrantHistory.model_validate({**_plain(row, use.used), "steps": shown})


@endpoint(
    bp, "POST", "/<grant_id:str>/suspend",
    access=_ACTING, summary="Suspend a grant, at once on every worker",
    body=ReasonIn, answer=GrantOut, errors=_MOVED,
)  # fmt: skip
async def suspend(call: Call[ReasonIn, None], grant_id: str) -> GrantOut:
    """On misuse (令809号 art. 27); by the provider's head or the platform."""
    grants = call.province.sharing.grants
    found = identifier(grant_id, GrantUnknown)
    return await _out(call, await grants.suspend(call.officer, found, call.body.reason))


@endpoint(
    bp, "POST", "/<grant_id:str>/resume",
    access=_ACTING, summary="Let a suspended grant hold again",
    body=ReasonIn, answer=GrantOut, errors=_MOVED,
)  # fmt: skip
async def resume(call: Call[ReasonIn, None], grant_id: str) -> GrantOut:
    """By the provider's head or the platform."""
    grants = call.province.sharing.grants
    found = identifier(grant_id, GrantUnknown)
    return await _out(call, await grants.resume(call.officer, found, call.body.reason))


@endpoint(
    bp, "POST", "/<grant_id:str>/revoke",
    access=_ACTING, summary="End a grant for good, at once on every worker",
    body=ReasonIn, answer=GrantOut, errors=_MOVED,
)  # fmt: skip
async def revoke(call: Call[ReasonIn, None], grant_id: str) -> GrantOut:
    """By either department's head or the platform."""
    grants = call.province.sharing.grants
    found = identifier(grant_id, GrantUnknown)
    return await _out(call, await grants.revoke(call.officer, found, call.body.reason))


@endpoint(
    bp, "POST", "/<grant_id:str>/deliver",
    access=Staff(Role.CLERK, Role.HEAD), summary="Note that the provider delivers",
    answer=GrantOut, errors=(GrantUnknown,),
)  # fmt: skip
async def deliver(call: Call[None, None], grant_id: str) -> GrantOut:
    """The first answered call does so by itself."""
    found = identifier(grant_id, GrantUnknown)
    return await _out(call, await call.province.sharing.grants.deliver(call.officer, found))


async def _out(call: Call[ReasonIn, None] | Call[None, None], row: ShareGrant) -> GrantOut:
    (use,) = await call.province.sharing.statistics.quotas([row])
    return GrantOut.model_validate(_plain(row, use.used))


def _plain(row: ShareGrant, used: int) -> dict[str, object]:
    return {
        "id": str(row.id),
        "application": str(row.application_id),
        "system": row.system_code,
        "resource": row.resource_code,
        "provider_system": row.provider_system,
        "fields": row.fields_granted,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "mode": row.share_mode,
        "case_bound": row.case_bound,
        "daily_quota": row.daily_quota,
        "used_today": used,
        "addresses": row.addresses,
        "valid_until": row.valid_until,
        "state": row.state,
        "first_used_at": row.first_used_at,
        "created_at": row.created_at,
    }
