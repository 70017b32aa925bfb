"""好差评: what I may judge, what I judged, what became of it."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.evaluation import errors
from backend.evaluation.service import LEVELS, Judgement, Own, ServiceEvent, tags_for
from backend.identity.service import Level
from gateway.edge.access import PUBLIC, Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_evaluations", url_prefix="/api/v1/citizen/evaluations")

_MINE = Person(Level.REAL_NAME)


class EventOut(Out):
    """Something that was done for me."""

    kind: str = Field(examples=["case"])
    id: str
    title: str
    department: str
    item: str
    at: Moment


class EventsOut(Out):
    """The latest first."""

    items: list[EventOut]


class TagOut(Out):
    """A tag."""

    code: str
    words: str


class LevelOut(Out):
    """A level and what goes with it."""

    level: int = Field(ge=1, le=5, description="1 is best")
    words: str = Field(examples=["非常满意"])
    tags: list[TagOut]


class LevelsOut(Out):
    """Best first."""

    items: list[LevelOut]


class JudgementIn(In):
    """What I say."""

    event_kind: str = Field(min_length=1, max_length=16)
    event_id: str = Field(min_length=1, max_length=64)
    level: int = Field(ge=1, le=5, description="1 very satisfied … 5 very dissatisfied")
    tags: list[str] = Field(default=[], max_length=10)
    text: str = Field(default="", max_length=500)
    anonymous: bool = False
    channel: Literal["mini_program", "web"] = "mini_program"


class AddIn(In):
    """What I add."""

    text: str = Field(min_length=1, max_length=500)


class CallBackIn(In):
    """What I think of the answer."""

    satisfied: bool
    text: str = Field(default="", max_length=500)


class EvaluationOut(Out):
    """An evaluation of mine."""

    id: UUID
    event_kind: str
    title: str
    department: str
    level: int
    tags: list[str]
    text: str
    anonymous: bool
    given_on: date
    added_text: str
    can_add: bool
    order: str | None = Field(description="stage of the order that a bad one opened")
    due_on: date | None
    answer: str
    to_call_back: bool


class EvaluationsOut(Out):
    """The latest first."""

    items: list[EvaluationOut]


@endpoint(bp, "GET", "/levels", access=PUBLIC, summary="Levels and their tags", answer=LevelsOut)
async def levels(call: Call[None, None]) -> LevelsOut:
    """Five; tags are data and may change."""
    return LevelsOut(
        items=[
            LevelOut(
                level=level, words=words,
                tags=[TagOut(code=tag.code, words=tag.words) for tag in tags_for(level)],
            )
            for level, words in LEVELS.items()
        ]
    )  # fmt: skip


@endpoint(bp, "GET", "/waiting", access=_MINE, summary="What I may judge", answer=EventsOut)
async def waiting(call: Call[None, None]) -> EventsOut:
    """Of the last ninety days, at most fifty."""
    found = await call.province.evaluations.giving.waiting(call.session)
    return EventsOut(items=[_event(event) for event in found])


@endpoint(bp, "GET", "", access=_MINE, summary="What I judged", answer=EvaluationsOut)
async def mine(call: Call[None, None]) -> EvaluationsOut:
    """At most fifty."""
    found = await call.province.evaluations.giving.mine(call.session)
    return EvaluationsOut(items=[_own(each) for each in found])


@endpoint(
    bp, "POST", "",
    access=_MINE, summary="Judge what was done for me", body=JudgementIn, answer=EvaluationOut,
    status=201,
    errors=(
        errors.EventUnknown, errors.EventTooOld, errors.AlreadyJudged, errors.TagUnknown,
        errors.ReasonNeeded,
    ),
)  # fmt: skip
async def judge(call: Call[JudgementIn, None]) -> EvaluationOut:
    """Once per event. An anonymous one reaches the department on a later day, without a trace."""
    body, giving = call.body, call.province.evaluations.giving
    given = Judgement(body.level, body.tags, body.text, body.anonymous, body.channel)
    made = await giving.judge(call.session, body.event_kind, body.event_id, given)
    return _own(await giving.one(call.session, made))


@endpoint(
    bp, "GET", "/<evaluation_id:str>",
    access=_MINE, summary="One evaluation of mine", answer=EvaluationOut,
    errors=(errors.EvaluationUnknown,),
)  # fmt: skip
async def one(call: Call[None, None], evaluation_id: str) -> EvaluationOut:
    """With what became of it."""
    return _own(await call.province.evaluations.giving.one(call.session, _id(evaluation_id)))


@endpoint(
    bp, "POST", "/<evaluation_id:str>/addition",
    access=_MINE, summary="Add to an evaluation of mine", body=AddIn, answer=EvaluationOut,
    status=201,
    errors=(errors.EvaluationUnknown, errors.AlreadyAdded, errors.AddTooLate),
)  # fmt: skip
async def add(call: Call[AddIn, None], evaluation_id: str) -> EvaluationOut:
    """Once, within ninety days."""
    giving, which = call.province.evaluations.giving, _id(evaluation_id)
    await giving.add(call.session, which, call.body.text)
    return _own(await giving.one(call.session, which))


@endpoint(
    bp, "POST", "/<evaluation_id:str>/call-back",
    access=_MINE, summary="Say whether the answer helped", body=CallBackIn, answer=EvaluationOut,
    errors=(errors.EvaluationUnknown, errors.ActNotPossible),
)  # fmt: skip
async def call_back(call: Call[CallBackIn, None], evaluation_id: str) -> EvaluationOut:
    """Then the platform looks again."""
    giving, which = call.province.evaluations.giving, _id(evaluation_id)
    await giving.call_back(call.session, which, call.body.satisfied, call.body.text)
    return _own(await giving.one(call.session, which))


def _event(event: ServiceEvent) -> EventOut:
    return EventOut(
        kind=event.kind, id=event.id, title=event.title, department=event.department_name,
        item=event.item_name, at=event.at,
    )  # fmt: skip


def _own(own: Own) -> EvaluationOut:
    return EvaluationOut.model_validate(own, from_attributes=True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.EvaluationUnknown from None
