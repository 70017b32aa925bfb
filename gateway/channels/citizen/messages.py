"""The inbox inside the app; who is not verified sees no message from before their login, since the
phone may have had another owner.
"""

from pydantic import Field
from sanic import Blueprint

from backend.messages.errors import CursorInvalid, MessageNotFound
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_messages", url_prefix="/api/v1/citizen/messages")


class PageIn(In):
    """Which page."""

    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")


class MessageOut(Out):
    """A message."""

    id: str
    title: str = Field(examples=["新设备登录"])
    text: str
    created_at: Moment
    read: bool


class MessageList(Out):
    """A page of them, newest first."""

    items: list[MessageOut]
    next_cursor: str | None
    unread: int = Field(ge=0, description="of the whole inbox")


@endpoint(
    bp,
    "GET",
    "",
    access=Person(),
    summary="My messages",
    query=PageIn,
    answer=MessageList,
    errors=(CursorInvalid,),
)
async def list_messages(call: Call[None, PageIn]) -> MessageList:
    """Newest first, twenty to a page."""
    since = await call.province.identity.own_since(call.session)
    page = await call.province.messages.list(call.session.person_id, call.query.cursor, since=since)
    items = [
        MessageOut(
            id=str(note.id),
            title=note.title,
            text=note.text,
            created_at=note.created_at,
            read=note.read,
        )
        for note in page.notes
    ]
    return MessageList(items=items, next_cursor=page.next_cursor, unread=page.unread)


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
