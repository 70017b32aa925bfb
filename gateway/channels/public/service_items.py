"""Service items (事项): the list with its filters and search, the guide, the whole as a file."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Literal

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.catalogue.errors import CursorInvalid, ItemNotFound
from backend.catalogue.service import (
    Audience,
    Card,
    Catalogue,
    CatalogueQuery,
    PublishedElements,
    csv_lines,
)
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from gateway.edge.access import PUBLIC
from gateway.edge.answers import etag_answer
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.streams import StreamedAnswer

bp = Blueprint("public_service_items", url_prefix="/api/v1/public/service-items")

_PIECE = 64 * 1024
# Excel takes UTF-8 for the local code page unless the file begins with this mark.
_BOM = "\ufeff"

Code = Annotated[str, Field(min_length=1, max_length=64)]
RegionCode = Annotated[str, Field(min_length=6, max_length=12, examples=["440100"])]


class Place(Out):
    """A region."""

    code: str = Field(examples=["440100"])
    name: str = Field(examples=["广州市"])


class DepartmentRef(Out):
    """A department."""

    code: str = Field(examples=["gongan"])
    name: str = Field(examples=["广东省公安厅"])


class ItemCard(Out):
    """A service item in a list, seen from the region that was asked for."""

    id: str = Field(examples=["11440000MB9X00111Q4440709001001"])
    task_code: str
    name: str = Field(description="official name", examples=["出生登记"])
    plain_name: str = Field(description="in everyday words", examples=["给孩子上户口"])
    department: DepartmentRef
    audience: list[Audience]
    themes: list[str]
    region: Place
    available: bool
    unavailable_reason: str | None = Field(
        description="Chinese sentence naming where it is offered",
        examples=["东莞市暂未开通，可到深圳市办理"],
    )
    online: bool
    visits: int = Field(description="to the counter")
    promise: str = Field(examples=["3个工作日"])
    fee: bool
    min_level: int = Field(description="real-name level needed to apply")
    hot: bool


class ItemPage(Out):
    """A page of service items."""

    items: list[ItemCard]
    next_cursor: str | None
    total: int
    suggestion: str | None = Field(
        description="sentence for people when nothing exact was found",
        examples=["您是不是要找“身份证”"],
    )


class ItemDetail(ItemCard):
    """A service item with everything about it."""

    elements: PublishedElements


class ListQuery(In):
    """Filters of the list; ``region`` tells what is available there and hides nothing."""

    audience: Audience | None = None
    theme: Code | None = None
    department: Code | None = None
    region: RegionCode | None = None
    q: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="Chinese words, pinyin or initials"
    )
    online: bool = Field(False, description="only what can be applied for online")
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class DetailQuery(In):
    """``region``: seen from where."""

    region: RegionCode | None = None


class DownloadQuery(In):
    """``csv`` opens in a spreadsheet, ``json`` holds every element."""

    format: Literal["json", "csv"] = "json"


@endpoint(
    bp,
    "GET",
    "",
    access=PUBLIC,
    summary="Service items by audience, theme, department and words",
    query=ListQuery,
    answer=ItemPage,
    errors=(CursorInvalid, RegionCodeInvalid, RegionUnknown),
)
async def list_items(call: Call[None, ListQuery]) -> HTTPResponse:
    """A page of cards, with an entity tag."""
    query = call.query
    page = await call.province.catalogue.list(
        CatalogueQuery(
            audience=query.audience,
            theme=query.theme,
            department=query.department,
            region=query.region,
            text=query.q,
            online=query.online,
            cursor=query.cursor,
            limit=query.limit,
        )
    )
    answer = {
        "items": [_card(call, card) for card in page.cards],
        "next_cursor": page.next_cursor,
        "total": page.total,
        "suggestion": page.suggestion,
    }
    return _tagged(call, answer)


@endpoint(
    bp,
    "GET",
    "/download",
    access=PUBLIC,
    summary="The whole catalogue as a file",
    query=DownloadQuery,
    media_type="application/json, text/csv",
)
async def download(call: Call[None, DownloadQuery]) -> HTTPResponse:
    """Every item, streamed: a JSON object with ``items``, or CSV with a byte order mark."""
    kind = call.query.format
    texts = (_as_csv if kind == "csv" else _as_json)(call.province.catalogue)
    content_type = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'attachment; filename="service-items.{kind}"',
        "x-content-type-options": "nosniff",
    }
    return StreamedAnswer(_in_pieces(texts), content_type, headers)


@endpoint(
    bp,
    "GET",
    "/<item_id:str>",
    access=PUBLIC,
    summary="One service item with all its elements",
    query=DetailQuery,
    answer=ItemDetail,
    errors=(ItemNotFound, RegionCodeInvalid, RegionUnknown),
)
async def item(call: Call[None, DetailQuery], item_id: str) -> HTTPResponse:
    """The guide of one item, with an entity tag."""
    detail = await call.province.catalogue.get(item_id, call.query.region)
    return _tagged(call, {**_card(call, detail.card), "elements": detail.elements})


def _tagged(call: Call[None, ListQuery] | Call[None, DetailQuery], answer: object) -> HTTPResponse:
    body = orjson.dumps(answer)
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return etag_answer(body, etag, call.request.headers.get("if-none-match"))


def _card(call: Call[None, ListQuery] | Call[None, DetailQuery], card: Card) -> dict[str, object]:
    return card_out(card, call.province.exchange.suspended())


def card_out(card: Card, suspended: Mapping[str, str]) -> dict[str, object]:
    """A card; what a suspended system offers stays listed and says so.

    Args:
        suspended: code of a system that may not be called → the words for people.
    """
    row = card.row
    rests = suspended.get(row.system_code)
    return {
        "id": row.task_code,
        "task_code": row.task_code,
        "name": row.task_name,
        "plain_name": row.plain_name,
        "department": {"code": row.department_code, "name": row.department_name},
        "audience": row.audience,
        "themes": row.themes,
        "region": {"code": card.region_code, "name": card.region_name},
        "available": card.available and rests is None,
        "unavailable_reason": rests or card.unavailable_reason,
        "online": row.online,
        "visits": row.visits,
        "promise": row.promise,
        "fee": row.fee,
        "min_level": row.min_level,
        "hot": row.hot,
    }


async def _as_json(catalogue: Catalogue) -> AsyncIterator[bytes]:
    before = b'{"items":['
    async for elements in catalogue.download():
        yield before + orjson.dumps(elements)
        before = b","
    yield b"]}" if before == b"," else b'{"items":[]}'


async def _as_csv(catalogue: Catalogue) -> AsyncIterator[bytes]:
    yield (_BOM + csv_lines(None)).encode()
    async for elements in catalogue.download():
        yield csv_lines(elements).encode()


async def _in_pieces(texts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Fewer, larger pieces: a chunk a line would cost more in framing than in content."""
    waiting = bytearray()
    async for text in texts:
        waiting += text
        if len(waiting) >= _PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
