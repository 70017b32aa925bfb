"""Applications that people have to look at: clocks, deliveries, contradictions."""

from datetime import date
from typing import Literal
from uuid import UUID

from sanic import Blueprint

from backend.cases import errors
from backend.cases.service import KIND_LABELS, LIGHT_LABELS, STATE_LABELS
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("operator_cases", url_prefix="/api/v1/operator/cases")

_SEES = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR)
_ACTS = Staff(Role.OPERATOR)


class LightQuery(In):
    """Which."""

    light: Literal["amber", "red"] | None = None


class LightOut(Out):
    """A case whose period is nearly over (黄牌) or over (红牌)."""

    case_no: str
    item_name: str
    department_name: str
    state: str
    state_label: str
    kind: str
    kind_label: str
    light: Literal["amber", "red"]
    light_label: str
    due_on: date
    legal_due_on: date
    over_by_law: bool
    provisional: bool
    left: int


class LightsOut(Out):
    """The longest overdue first."""

    items: list[LightOut]


class DeliveryOut(Out):
    """What could not be sent; a 4xx of the department, or two days without an answer."""

    id: UUID
    case_no: str
    item_name: str
    department_name: str
    operation: str
    failures: int
    error: str
    created_at: Moment


class DeliveriesOut(Out):
    """The oldest first."""

    items: list[DeliveryOut]


class ContradictionOut(Out):
    """An event that was not applied, or a case of which the department says another state."""

    id: UUID
    case_no: str
    item_name: str
    department_name: str
    state: str
    event: str
    reason: str
    theirs: str
    at: Moment


class ContradictionsOut(Out):
    """The newest first."""

    items: list[ContradictionOut]


@endpoint(
    bp, "GET", "/lights", access=_SEES, summary="Amber and red cases", query=LightQuery,
    answer=LightsOut,
)  # fmt: skip
async def lights(call: Call[None, LightQuery]) -> LightsOut:
    """Of one's department; an operator sees all."""
    found = await call.province.cases.watching.lights(call.officer, call.query.light)
    return LightsOut(
        items=[
            LightOut.model_validate(
                {
                    "case_no": one.case_no, "item_name": one.item_name,
                    "department_name": one.department_name, "state": one.state,
                    "state_label": STATE_LABELS[one.state], "kind": one.kind,
                    "kind_label": KIND_LABELS[one.kind], "light": one.light,
                    "light_label": LIGHT_LABELS[one.light], "due_on": one.due_on,
                    "legal_due_on": one.legal_due_on, "over_by_law": one.over_by_law,
                    "provisional": one.provisional, "left": one.left,
                }
            )
            for one in found
        ]
    )  # fmt: skip


@endpoint(
    bp, "GET", "/deliveries", access=_SEES, summary="Deliveries that wait for a person",
    answer=DeliveriesOut,
)  # fmt: skip
async def deliveries(call: Call[None, None]) -> DeliveriesOut:
    """Dead letters."""
    found = await call.province.cases.trouble.dead_letters(call.officer)
    return DeliveriesOut(
        items=[
            DeliveryOut(
                id=one.id, case_no=one.case_no, item_name=one.item_name,
                department_name=one.department_name, operation=one.operation,
                failures=one.failures, error=one.error, created_at=one.created_at,
            )
            for one in found
        ]
    )  # fmt: skip


@endpoint(
    bp, "POST", "/deliveries/<delivery_id:str>/resend", access=_ACTS, summary="Send it again",
    errors=(errors.DeliveryUnknown, errors.DeliveryNotDead),
)  # fmt: skip
async def resend(call: Call[None, None], delivery_id: str) -> None:
    """Under the same request id: the department takes it once."""
    await call.province.cases.trouble.resend(call.officer, delivery_uuid(delivery_id))


@endpoint(
    bp, "GET", "/contradictions", access=_SEES, summary="Events and records that do not fit",
    answer=ContradictionsOut,
)  # fmt: skip
async def contradictions(call: Call[None, None]) -> ContradictionsOut:
    """What was kept and not applied."""
    found = await call.province.cases.trouble.contradictions(call.officer)
    return ContradictionsOut(
        items=[
            ContradictionOut(
                id=one.id, case_no=one.case_no, item_name=one.item_name,
                department_name=one.department_name, state=one.state, event=one.event,
                reason=one.reason, theirs=one.theirs, at=one.at,
            )
            for one in found
        ]
    )  # fmt: skip


@endpoint(
    bp, "POST", "/contradictions/<event_id:str>/seen", access=_ACTS,
    summary="A contradiction was looked at", errors=(errors.DeliveryUnknown,),
)  # fmt: skip
async def seen(call: Call[None, None], event_id: str) -> None:
    """It is not shown any more; it stays on record."""
    await call.province.cases.trouble.note_seen(call.officer, delivery_uuid(event_id))


def delivery_uuid(text: str) -> UUID:
    """The id of a delivery or an event."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.DeliveryUnknown from None
