"""The inbox of the console."""

from pydantic import Field
from sanic import Blueprint

from backend.operators.errors import CursorInvalid, NoticeNotFound
from gateway.channels.operator.officers import EVERY_ROLE
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("operator_notices", url_prefix="/api/v1/operator/notices")


class NoticesIn(In):
    """Which page."""

    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")


class NoticeOut(Out):
    """A notice."""

    id: str
    kind: str = Field(examples=["onboarding.approved"])
    title: str
    text: str
    link: str = Field(description="a path of the console, or empty")
    created_at: Moment
    read: bool


class NoticeList(Out):
    """A page of them, newest first."""

    items: list[NoticeOut]
    next_cursor: str | None
    unread: int = Field(ge=0, description="of the whole inbox")


@endpoint(
    bp,
    "GET",
    "",
    access=Staff(*EVERY_ROLE),
    summary="My notices",
    query=NoticesIn,
    answer=NoticeList,
    errors=(CursorInvalid,),
)
async def list_notices(call: Call[None, NoticesIn]) -> NoticeList:
    """Newest first, twenty to a page."""
    page = await call.province.operators.notices(call.officer, call.query.cursor)
    items = [
        NoticeOut(
            id=str(one.id),
            kind=one.kind,
            title=one.title,
            text=one.text,
            link=one.link,
            created_at=one.created_at,
            read=one.read,
        )
        for one in page.notices
    ]
    return NoticeList(items=items, next_cursor=page.next_cursor, unread=page.unread)


@endpoint(
    bp,
    "POST",
    "/<notice_id:str>/read",
    access=Staff(*EVERY_ROLE),
    summary="Note that I have read a notice",
    errors=(NoticeNotFound,),
)
async def mark_read(call: Call[None, None], notice_id: str) -> None:
    """Again does nothing."""
    await call.province.operators.mark_read(call.officer, notice_id)
