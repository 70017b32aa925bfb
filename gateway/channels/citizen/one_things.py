"""一件事一次办: one form, one submission, one progress page for several departments."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from sanic import Blueprint

from backend.cases import errors as cases
from backend.enterprise.service import RegisterUnavailable
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, holder_key
from backend.one_thing import errors
from backend.one_thing.service import RunCard, RunView, StepView
from backend.wallet.service import IssuersSilent
from gateway.channels.applications.case_shapes import CaseOut, case_out
from gateway.channels.applications.draft_shapes import (
    DraftOut,
    ForIn,
    SubmitIn,
    draft_out,
)
from gateway.channels.applications.ids import draft_uuid
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_one_things", url_prefix="/api/v1/citizen/one-things")

SELF = Person(Level.REAL_NAME)
KNOWN = Person(Level.REAL_NAME, also_read=(holder_key,))
Code = Annotated[str, StringConstraints(max_length=20)]
_BEGIN = (
    errors.OneThingUnknown, errors.OneThingPaused, errors.ChoiceInvalid, cases.NotOnline,
    cases.WrongApplicant, LevelTooLow, cases.ForWhomUnknown, cases.MandateMissing,
    RegisterUnavailable,
)  # fmt: skip


class BeginIn(In):
    """For whom, and which steps."""

    for_: ForIn = Field(default=ForIn(), alias="for")
    steps: list[Code] | None = Field(
        default=None, max_length=20, description="codes; null for those that are usual"
    )


class StepsIn(In):
    """Other steps, from the version that was read."""

    version: int = Field(ge=1)
    steps: list[Code] = Field(min_length=1, max_length=20)


class HandedOut(Out):
    """It is kept; ``again`` where it was before."""

    run_id: UUID
    name: str
    submitted_at: Moment
    case_nos: list[str] = Field(description="办件编号 of the steps that went out at once")
    waiting: list[str] = Field(description="names of the steps that wait for those")
    again: bool


class RunCardOut(Out):
    """A submitted 一件事 in a list."""

    id: UUID
    code: str
    name: str
    for_kind: Literal["self", "child", "relative", "enterprise"]
    submitted_at: Moment
    updated_at: Moment
    ended: bool


class RunsOut(Out):
    """Newest first."""

    items: list[RunCardOut]


class RunStepOut(Out):
    """A step: a case, or what waits to become one."""

    code: str
    title: str
    item_code: str
    item_name: str
    department_name: str
    state: Literal["waiting", "handed_in", "draft", "ended"]
    words: str = Field(description="where it stands, a sentence")
    waits_for: list[str] = Field(description="names of the steps that are not granted yet")
    case: CaseOut | None
    draft_id: UUID | None = Field(description="of what the person has to finish")


class RunOut(RunCardOut):
    """A submitted 一件事 with its steps."""

    steps: list[RunStepOut]
    done: int = Field(description="how many steps came to their end")


@endpoint(
    bp, "POST", "/<code:str>/drafts", access=SELF, summary="Begin a 一件事", body=BeginIn,
    answer=DraftOut, status=201,
    errors=(*_BEGIN, errors.ForWhomNotServed, cases.TooManyDrafts),
)  # fmt: skip
async def begin(call: Call[BeginIn, None], code: str) -> DraftOut:
    """A draft like any other, of one form for all chosen steps; goes on under ``cases/drafts``."""
    body = call.body
    return draft_out(
        await call.province.one_things.opening.open(
            call.session, code, body.for_.kind, body.for_.id, body.steps, call.trace
        )
    )


@endpoint(
    bp, "PUT", "/drafts/<draft_id:str>/steps", access=SELF, summary="Choose other steps",
    body=StepsIn, answer=DraftOut, errors=(*_BEGIN, cases.DraftUnknown, cases.DraftChanged),
)  # fmt: skip
async def choose(call: Call[StepsIn, None], draft_id: str) -> DraftOut:
    """What was filled in stays, as far as it is still asked for."""
    body = call.body
    return draft_out(
        await call.province.one_things.opening.choose(
            call.session, draft_uuid(draft_id), body.version, body.steps, call.trace
        )
    )


@endpoint(
    bp, "POST", "/drafts/<draft_id:str>/submission", access=KNOWN, summary="Submit a 一件事",
    body=SubmitIn, answer=HandedOut, status=201,
    errors=(
        *_BEGIN, cases.DraftUnknown, cases.DraftChanged, cases.DraftIncomplete,
        cases.ItemChanged, cases.LicenceUnfit, cases.CommitmentChanged, cases.FileUnknown,
        IssuersSilent,
    ),
)  # fmt: skip
async def submit(call: Call[SubmitIn, None], draft_id: str) -> HandedOut:
    """Steps that wait for nothing are cases at once, the others when they have what they need."""
    done = await call.province.one_things.submission.submit(
        call.session, draft_uuid(draft_id), call.body.version, call.trace, call.also_read[0]
    )
    return HandedOut(
        run_id=done.run_id, name=done.name, submitted_at=done.submitted_at,
        case_nos=list(done.case_nos), waiting=list(done.waiting), again=done.again,
    )  # fmt: skip


@endpoint(bp, "GET", "/runs", access=SELF, summary="My submitted 一件事", answer=RunsOut)
async def list_runs(call: Call[None, None]) -> RunsOut:
    """Newest first."""
    found = await call.province.one_things.progress.list(call.session)
    return RunsOut(items=[RunCardOut.model_validate(_card(one)) for one in found])


@endpoint(
    bp, "GET", "/runs/<run_id:str>", access=SELF, summary="How a 一件事 stands", answer=RunOut,
    errors=(errors.RunUnknown,),
)  # fmt: skip
async def get_run(call: Call[None, None], run_id: str) -> RunOut:
    """Every step: at which department, what is done, what waits for what, until when."""
    return _run(await call.province.one_things.progress.get(call.session, _uuid(run_id)))


@endpoint(
    bp, "POST", "/runs/<run_id:str>/steps/<code:str>/cancellation", access=SELF,
    summary="Take a waiting step back", answer=RunOut,
    errors=(errors.RunUnknown, errors.StepUnknown, errors.StepStarted),
)  # fmt: skip
async def cancel_step(call: Call[None, None], run_id: str, code: str) -> RunOut:
    """What waits for it ends with it."""
    progress = call.province.one_things.progress
    return _run(await progress.cancel(call.session, _uuid(run_id), code))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.RunUnknown from None


def _card(card: RunCard) -> dict[str, object]:
    return {
        "id": card.id, "code": card.code, "name": card.name, "for_kind": card.for_kind,
        "submitted_at": card.submitted_at, "updated_at": card.updated_at, "ended": card.ended,
    }  # fmt: skip


def _run(view: RunView) -> RunOut:
    steps = [_step(one) for one in view.steps]
    return RunOut.model_validate({**_card(view.card), "steps": steps, "done": view.done})


def _step(step: StepView) -> RunStepOut:
    return RunStepOut(
        code=step.code, title=step.title, item_code=step.item_code, item_name=step.item_name,
        department_name=step.department_name, state=step.state,  # type: ignore[arg-type]
        words=step.words, waits_for=list(step.waits_for),
        case=case_out(step.case) if step.case else None, draft_id=step.draft_id,
    )  # fmt: skip
