"""用证记录: who looked at my licences, what they saw, and what for."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from sanic import Blueprint, HTTPResponse

from backend.identity.service import Level
from backend.presentation.errors import CursorRefused
from backend.presentation.service import Usage, UsageFilter
from gateway.edge.access import Person
from gateway.edge.csv_rows import CONTENT_TYPE, MARK, csv_rows
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment, in_beijing
from gateway.edge.streams import StreamedAnswer

bp = Blueprint("citizen_licence_usages", url_prefix="/api/v1/citizen/licence-usages")

HOW = {"code": "亮证出示", "confirmed": "亮证出示（经本人确认）", "grant": "用证授权"}
_COLUMNS = ("时间", "证照", "核验方", "用途", "看到的内容", "方式", "授权编号", "回执编号")


class UsageQuery(In):
    """Which page, of which licence."""

    cursor: str | None = Field(None, max_length=64, description="next_cursor of a page")
    licence: str | None = Field(None, max_length=40, description="only of this licence")
    licence_type: str | None = Field(None, max_length=21, description="only of this type")
    how: Literal["code", "confirmed", "grant"] | None = None
    verifier_kind: Literal["system", "person", "public"] | None = None
    grant_id: UUID | None = Field(None, description="only under this loan")
    since: AwareDatetime | None = Field(None, description="from then on")
    until: AwareDatetime | None = Field(None, description="before then")
    words: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="in the purpose or the name of whoever looked; among the newest thousand",
    )


class Named(Out):
    """A code with its name."""

    code: str
    name: str


class FieldName(Out):
    """A fact that was seen; its value is written down nowhere."""

    name: str = Field(examples=["age_over_18"])
    label: str = Field(examples=["年满18周岁"])


class UsageOut(Out):
    """One look at a licence."""

    id: str = Field(description="number of the receipt")
    at: Moment
    licence_id: str
    licence_type: Named
    verifier_kind: Literal["system", "person", "public"]
    verifier: str = Field(examples=["广东省公安厅"])
    purpose: str
    fields: list[FieldName]
    how: Literal["code", "confirmed", "grant"]
    how_label: str
    grant_id: str | None


class UsageList(Out):
    """A page of them, newest first."""

    items: list[UsageOut]
    next_cursor: str | None


@endpoint(
    bp, "GET", "",
    access=Person(Level.REAL_NAME), summary="Who looked at my licences",
    query=UsageQuery, answer=UsageList, errors=(CursorRefused,),
)  # fmt: skip
async def list_usages(call: Call[None, UsageQuery]) -> UsageList:
    """Newest first, twenty to a page; a look is here seconds after it happened."""
    return await usage_list(call, call.session.subject)


@endpoint(
    bp, "GET", "/download",
    access=Person(Level.REAL_NAME), summary="All looks at my licences as a file",
    media_type="text/csv",
)  # fmt: skip
async def download(call: Call[None, None]) -> HTTPResponse:
    """CSV for spreadsheets, newest first."""
    headers = {
        "cache-control": "no-store",
        "content-disposition": 'attachment; filename="licence-usages.csv"',
        "x-content-type-options": "nosniff",
    }
    pages = call.province.presentations.all_usages(call.session.subject)
    return StreamedAnswer(_lines(pages), CONTENT_TYPE, headers)


async def usage_list(call: Call[None, UsageQuery], subject: str) -> UsageList:
    """A page of the looks at somebody's licences."""
    asked = call.query
    wanted = UsageFilter(
        type_code=asked.licence_type, how=asked.how, verifier_kind=asked.verifier_kind,
        grant_id=asked.grant_id, since=asked.since, until=asked.until, words=asked.words,
    )  # fmt: skip
    page = await call.province.presentations.usages(subject, asked.licence, asked.cursor, wanted)
    return UsageList(items=[_usage(usage) for usage in page.usages], next_cursor=page.next_cursor)


async def _lines(pages: AsyncIterator[Sequence[Usage]]) -> AsyncIterator[bytes]:
    yield MARK.encode() + csv_rows([_COLUMNS])
    async for page in pages:
        if page:
            yield csv_rows(map(_row, page))


def _row(usage: Usage) -> tuple[object, ...]:
    seen = "、".join(label for _, label in usage.fields)
    return (
        in_beijing(usage.at).isoformat(), usage.type_name, usage.verifier, usage.purpose, seen,
        HOW[usage.how], usage.grant_id, usage.id,
    )  # fmt: skip


def _usage(usage: Usage) -> UsageOut:
    return UsageOut.model_validate(
        {
            "id": str(usage.id),
            "at": usage.at,
            "licence_id": usage.licence_id,
            "licence_type": {"code": usage.type_code, "name": usage.type_name},
            "verifier_kind": usage.verifier_kind,
            "verifier": usage.verifier,
            "purpose": usage.purpose,
            "fields": [{"name": name, "label": label} for name, label in usage.fields],
            "how": usage.how,
            "how_label": HOW[usage.how],
            "grant_id": str(usage.grant_id) if usage.grant_id else None,
        }
    )
