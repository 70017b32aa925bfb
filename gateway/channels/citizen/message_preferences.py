"""What I want to be told about outside of the app, through which channel and when."""

from pydantic import Field
from sanic import Blueprint

from backend.identity.service import Session
from backend.messages.errors import (
    NotInWeChat,
    QuietHoursEmpty,
    TemplateUnknown,
    TooManyTemplates,
    TopicUnknown,
)
from backend.messages.service import (
    TOPICS,
    Channel,
    Choice,
    Preferences,
    QuietHours,
    choose,
    keep_quiet,
    preferences_of,
)
from backend.province import Province
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("citizen_message_preferences", url_prefix="/api/v1/citizen/message-preferences")

_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"


class ChoiceIn(In):
    """One switch."""

    topic: str = Field(max_length=16, examples=["case"])
    channel: Channel
    wanted: bool


class QuietIn(In):
    """Quiet hours, in the time of day in China."""

    on: bool
    start: str = Field(pattern=_TIME, examples=["22:00"])
    end: str = Field(pattern=_TIME, examples=["08:00"])


class PreferencesIn(In):
    """What changes; what is not given stays."""

    choices: list[ChoiceIn] = Field(default=[], max_length=20)
    quiet: QuietIn | None = None


class SubscribedIn(In):
    """What WeChat's question was answered with 允许."""

    template_ids: list[str] = Field(min_length=1, max_length=10)


class ChannelOut(Out):
    """A channel of a topic."""

    channel: Channel
    wanted: bool


class TemplateOut(Out):
    """What WeChat is to ask."""

    template_id: str
    long_term: bool
    remaining: int = Field(ge=0, description="messages that may still be sent; long-term: 1 or 0")


class TopicOut(Out):
    """A topic with its switches."""

    topic: str
    name: str
    about: str
    urgent: bool = Field(description="is pushed in quiet hours too")
    channels: list[ChannelOut]
    template: TemplateOut | None


class QuietOut(Out):
    """Quiet hours, in the time of day in China."""

    on: bool
    start: str
    end: str


class PreferencesOut(Out):
    """Everything that may be chosen.

    ``wechat`` says whether this session can receive WeChat messages, ``sms`` whether there are any.
    """

    topics: list[TopicOut]
    quiet: QuietOut
    wechat: bool
    sms: bool


@endpoint(
    bp, "GET", "",
    access=Person(), summary="What I want to be told about", answer=PreferencesOut,
)  # fmt: skip
async def read(call: Call[None, None]) -> PreferencesOut:
    """Every topic, its switches and what WeChat has been allowed."""
    return await _answer(call.province, call.session)


@endpoint(
    bp, "PATCH", "",
    access=Person(), summary="Change what I want to be told about", body=PreferencesIn,
    answer=PreferencesOut, errors=(TopicUnknown, QuietHoursEmpty),
)  # fmt: skip
async def change(call: Call[PreferencesIn, None]) -> PreferencesOut:
    """The switches and hours that are given; the others stay."""
    person_id, body = call.session.person_id, call.body
    choices = [Choice(each.topic, each.channel, each.wanted) for each in body.choices]
    await choose(person_id, choices)
    if body.quiet is not None:
        quiet = QuietHours(body.quiet.on, _minutes(body.quiet.start), _minutes(body.quiet.end))
        await keep_quiet(person_id, quiet)
    return await _answer(call.province, call.session)


@endpoint(
    bp, "POST", "/subscriptions",
    access=Person(), summary="I allowed WeChat messages", body=SubscribedIn, answer=PreferencesOut,
    errors=(NotInWeChat, TemplateUnknown, TooManyTemplates),
)  # fmt: skip
async def subscribed(call: Call[SubscribedIn, None]) -> PreferencesOut:
    """One consent of a one-time template is one message."""
    openid = await call.province.identity.wechat_account(call.session)
    if openid is None:
        raise NotInWeChat
    await call.province.subscriptions.accepted(openid, call.body.template_ids)
    return await _answer(call.province, call.session)


async def _answer(province: Province, session: Session) -> PreferencesOut:
    openid = await province.identity.wechat_account(session)
    chosen = await preferences_of(session.person_id)
    offers = {
        offer.template.topic: TemplateOut(
            template_id=offer.template.template_id, long_term=offer.template.long_term,
            remaining=offer.remaining,
        )
        for offer in await province.subscriptions.offers(openid)
    }  # fmt: skip
    return PreferencesOut(
        topics=_topics(chosen, offers), quiet=_quiet(chosen.quiet),
        wechat=openid is not None and province.wechat.enabled, sms=province.sms.enabled,
    )  # fmt: skip


def _topics(chosen: Preferences, offers: dict[str, TemplateOut]) -> list[TopicOut]:
    return [
        TopicOut(
            topic=topic.code, name=topic.name, about=topic.about, urgent=topic.urgent,
            channels=[
                ChannelOut(channel=channel, wanted=chosen.wants(topic, channel))
                for channel in Channel
            ],
            template=offers.get(topic.code),
        )
        for topic in TOPICS.values()
    ]  # fmt: skip


def _quiet(quiet: QuietHours) -> QuietOut:
    return QuietOut(on=quiet.on, start=_clock(quiet.start), end=_clock(quiet.end))


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
