"""The inbox inside the app; who is not verified sees no message from before their login, since the
phone may have had another owner.
"""

from pydantic import Field
from sanic import Blueprint

from backend.messages.errors import CursorInvalid, MessageNotFound, TopicUnknown
from backend.messages.service import TOPICS, Note, Sought, topic_of
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_messages", url_prefix="/api/v1/citizen/messages")


class TopicIn(In):
    """Which messages; everything without a topic."""

    topic: str | None = Field(default=None, max_length=16, description="code of a topic")


class PageIn(TopicIn):
    """Which page of which messages."""

    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")
    unread: bool = Field(default=False, description="only what I have not read")


class MessageOut(Out):
    """A message."""

    id: str
    topic: str = Field(examples=["case"])
    topic_name: str = Field(examples=["办件进展"])
    title: str = Field(examples=["新设备登录"])
    text: str
    link: str = Field(description="page of the mini-program that goes on; may be empty")
    created_at: Moment
    read: bool


class MessageList(Out):
    """A page of them, newest first."""

    items: list[MessageOut]
    next_cursor: str | None
    unread: int = Field(ge=0, description="of the whole inbox")


class TopicCount(Out):
    """A topic and how many of its messages are unread."""

    topic: str
    name: str
    unread: int = Field(ge=0)


class Unread(Out):
    """What I have not read."""

    unread: int = Field(ge=0)
    topics: list[TopicCount]


class MarkedRead(Out):
    """How many were unread before."""

    marked: int = Field(ge=0)


@endpoint(
    bp,
    "GET",
    "",
    access=Person(),
    summary="My messages",
    query=PageIn,
    answer=MessageList,
    errors=(CursorInvalid, TopicUnknown),
)
async def list_messages(call: Call[None, PageIn]) -> MessageList:
    """Newest first, twenty to a page."""
    since = await call.province.identity.own_since(call.session)
    page = await call.province.messages.list(
        call.session.person_id, call.query.cursor, since=since,
        sought=Sought(call.query.topic, call.query.unread),
    )  # fmt: skip
    items = [_message(note) for note in page.notes]
    return MessageList(items=items, next_cursor=page.next_cursor, unread=page.unread)


@endpoint(bp, "GET", "/unread", access=Person(), summary="My unread messages", answer=Unread)
async def unread(call: Call[None, None]) -> Unread:
    """By topic; every topic is named."""
    since = await call.province.identity.own_since(call.session)
    counts = await call.province.messages.unread_by_topic(call.session.person_id, since)
    topics = [
        TopicCount(topic=topic.code, name=topic.name, unread=counts.get(topic.code, 0))
        for topic in TOPICS.values()
    ]
    return Unread(unread=sum(counts.values()), topics=topics)


@endpoint(
    bp, "POST", "/read",
    access=Person(), summary="Note that I have read everything, or all of a topic",
    body=TopicIn, answer=MarkedRead, errors=(TopicUnknown,),
)  # fmt: skip
async def mark_all_read(call: Call[TopicIn, None]) -> MarkedRead:
    """Again marks nothing."""
    since = await call.province.identity.own_since(call.session)
    marked = await call.province.messages.mark_all_read(
        call.session.person_id, since, Sought(call.body.topic)
    )
    return MarkedRead(marked=marked)


@endpoint(
    bp,
    "POST",
    "/<message_id:str>/read",
    access=Person(),
    summary="Note that I have read a message",
    errors=(MessageNotFound,),
)
async def mark_read(call: Call[None, None], message_id: str) -> None:
    """Again does nothing."""
    since = await call.province.identity.own_since(call.session)
    await call.province.messages.mark_read(call.session.person_id, message_id, since)


def _message(note: Note) -> MessageOut:
    topic = topic_of(note.kind)
    return MessageOut(
        id=str(note.id), topic=topic.code, topic_name=topic.name, title=note.title,
        text=note.text, link=note.link, created_at=note.created_at, read=note.read,
    )  # fmt: skip
