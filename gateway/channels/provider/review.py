"""What the platform decides: take up, send back, approve, publish, restore, suspend, retire."""

from pydantic import Field
from sanic import Blueprint

from backend.catalogue.errors import ItemsRefused
from backend.exchange.errors import AddressRefused, CodesTaken, KeyTaken
from backend.onboarding.errors import (
    AddressUnapproved,
    BreakingChanges,
    ContentDamaged,
    ElementsRefused,
    KeyEnded,
    KeyUnproven,
    ReasonMissing,
    SameHand,
)
from gateway.channels.provider.shapes import (
    DEPARTMENT,
    MOST_REVISIONS,
    MOVED,
    PREFIX,
    REVIEW,
    SECURITY,
    NoteIn,
    ReasonIn,
    RevisionOut,
    SystemOut,
    number_of,
    system_out,
)
from gateway.channels.provider.systems import shown
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("provider_review", url_prefix=PREFIX)

_DECIDED = (*MOVED, SameHand, ContentDamaged)
_ACCEPTED = (AddressUnapproved, BreakingChanges, ReasonMissing)
_OTHERS = (AddressRefused, KeyTaken, CodesTaken, ElementsRefused, ItemsRefused)


class ApprovalIn(In):
    """An approval; what breaks something is named one by one."""

    reason: str = Field(default="", max_length=1000, description="needed where something breaks")
    acknowledged: list[str] = Field(
        default_factory=list, max_length=1000, description="ids of breaking changes"
    )


class RestoreIn(In):
    """To which revision to go back, and why."""

    revision: int = Field(ge=1, le=MOST_REVISIONS)
    reason: str = Field(min_length=1, max_length=1000)


class SuspensionIn(In):
    """Why, and what people are told."""

    reason: str = Field(min_length=1, max_length=1000)
    words: str = Field(default="", max_length=200, description="for people, one sentence")


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/reviews", access=REVIEW,
    summary="Take up the review of a submitted revision", answer=RevisionOut, errors=_DECIDED,
)  # fmt: skip
async def take(call: Call[None, None], code: str, number: str) -> RevisionOut:
    """Not by whoever submitted it."""
    which = number_of(number)
    await call.province.onboarding.review.take(call.officer, code, which)
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/returns", access=REVIEW,
    summary="Return a revision to its department with reasons", body=ReasonIn, answer=RevisionOut,
    errors=(*MOVED, ReasonMissing),
)  # fmt: skip
async def send_back(call: Call[ReasonIn, None], code: str, number: str) -> RevisionOut:
    """It becomes a draft again."""
    which = number_of(number)
    await call.province.onboarding.review.send_back(call.officer, code, which, call.body.reason)
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/approvals", access=REVIEW,
    summary="Let a revision go on to its sandbox", body=ApprovalIn, answer=RevisionOut,
    errors=(*_DECIDED, *_ACCEPTED, ElementsRefused),
)  # fmt: skip
async def approve(call: Call[ApprovalIn, None], code: str, number: str) -> RevisionOut:
    """Whatever would break running applications has to be acknowledged by name."""
    given, which = call.body, number_of(number)
    await call.province.onboarding.review.approve(
        call.officer, code, which, given.reason, given.acknowledged
    )
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/publications", access=REVIEW,
    summary="Let a conformant revision serve in place of the one before", body=NoteIn,
    answer=RevisionOut,
    errors=(*_DECIDED, AddressUnapproved, BreakingChanges, KeyUnproven, KeyEnded, *_OTHERS),
)  # fmt: skip
async def publish(call: Call[NoteIn, None], code: str, number: str) -> RevisionOut:
    """Every worker serves it within two seconds."""
    which = number_of(number)
    await call.province.onboarding.review.publish(call.officer, code, which, call.body.reason)
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/rollbacks", access=Staff(*DEPARTMENT.roles, *REVIEW.roles),
    summary="Propose to go back to an earlier revision", body=RestoreIn, answer=RevisionOut,
    status=201, errors=(*MOVED, ContentDamaged, ReasonMissing),
)  # fmt: skip
async def roll_back(call: Call[RestoreIn, None], code: str) -> RevisionOut:
    """Makes a new revision of the earlier content, which waits for one other hand alone."""
    given = call.body
    made = await call.province.onboarding.review.ask_to_restore(
        call.officer, code, given.revision, given.reason
    )
    return await shown(call, code, made.number)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/restorations", access=REVIEW,
    summary="Confirm a rollback: publish a revision that repeats an earlier one", body=ApprovalIn,
    answer=RevisionOut, errors=(*_DECIDED, *_ACCEPTED, *_OTHERS),
)  # fmt: skip
async def restore(call: Call[ApprovalIn, None], code: str, number: str) -> RevisionOut:
    """Not by whoever proposed it."""
    given, which = call.body, number_of(number)
    await call.province.onboarding.review.restore(
        call.officer, code, which, given.reason, given.acknowledged
    )
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/suspensions", access=SECURITY, summary="Call a system no more",
    body=SuspensionIn, answer=SystemOut, errors=(*MOVED, ReasonMissing),
)  # fmt: skip
async def suspend(call: Call[SuspensionIn, None], code: str) -> SystemOut:
    """What it offers stays listed, marked; calls fail with these words."""
    given = call.body
    await call.province.onboarding.serving.suspend(call.officer, code, given.reason, given.words)
    return system_out(await call.province.onboarding.views.system(call.officer, code))


@endpoint(
    bp, "POST", "/<code:str>/resumptions", access=SECURITY, summary="Call a system again",
    body=ReasonIn, answer=SystemOut, errors=(*MOVED, ReasonMissing, AddressUnapproved),
)  # fmt: skip
async def resume(call: Call[ReasonIn, None], code: str) -> SystemOut:
    """After a suspension."""
    await call.province.onboarding.serving.resume(call.officer, code, call.body.reason)
    return system_out(await call.province.onboarding.views.system(call.officer, code))


@endpoint(
    bp, "POST", "/<code:str>/retirements", access=REVIEW,
    summary="Take a system out of service for good", body=ReasonIn, answer=SystemOut,
    errors=(*MOVED, ReasonMissing),
)  # fmt: skip
async def retire(call: Call[ReasonIn, None], code: str) -> SystemOut:
    """Its history stays."""
    await call.province.onboarding.serving.retire(call.officer, code, call.body.reason)
    return system_out(await call.province.onboarding.views.system(call.officer, code))
