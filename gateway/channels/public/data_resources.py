"""The catalogue of government data (亮家底): what each department holds and how it is shared."""

from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Literal

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.sharing.errors import CursorRefused, ResourceUnknown
from backend.sharing.service import Filters, Resource, csv_lines, resource_document
from gateway.edge.access import PUBLIC
from gateway.edge.answers import etag_answer
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.streams import StreamedAnswer

bp = Blueprint("public_data_resources", url_prefix="/api/v1/public/data-resources")

# Excel takes UTF-8 for the local code page unless the file begins with this mark.
_BOM = "\ufeff"
_LINES = 200

Category = Literal["base", "theme", "department"]
Mode = Literal["interface", "batch", "file"]


class Provider(Out):
    """The department that provides a resource, and its system."""

    system: str = Field(examples=["gd-gongan"])
    name: str = Field(examples=["广东省公安厅"])
    uscc: str = Field(examples=["11440000MB9X00111Q"])


class Conditions(Out):
    """有条件共享: with whom, for what, on what terms."""

    scope: str
    use: str
    terms: str


class Item(Out):
    """信息项; ``level`` is its 敏感级别, 1 to 4."""

    name: str = Field(examples=["birth_date"])
    label: str = Field(examples=["出生日期"])
    type: str = Field(examples=["date"])
    level: int
    required: bool


class ResourceOut(Out):
    """A data resource by the metadata of 政务信息资源目录编制指南."""

    code: str = Field(examples=["101001/0001"])
    address_code: str = Field(description="the code in addresses", examples=["101001-0001"])
    name: str = Field(examples=["人口基本信息"])
    summary: str
    provider: Provider
    category: Category
    format: str
    share_type: int = Field(description="1 无条件共享, 2 有条件共享, 3 不予共享")
    share_conditions: Conditions | None
    share_ground: str | None = Field(description="the law by which it is not shared")
    share_modes: list[Mode]
    update_cycle: str
    open_type: str
    classification: str
    level: int
    subject_code_types: list[str] = Field(examples=[["111"]])
    items: list[Item]
    related: list[str]


class ResourcePageOut(Out):
    """A page of resources."""

    items: list[ResourceOut]
    next_cursor: str | None
    total: int


class ListQuery(In):
    """Filters of the list."""

    q: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="Chinese words, pinyin or initials"
    )
    provider: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="code of a system or of its department"
    )
    share_type: Annotated[int, Field(ge=1, le=3)] | None = None
    category: Category | None = None
    mode: Mode | None = None
    cursor: Annotated[str, Field(max_length=40)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class DownloadQuery(In):
    """``csv`` opens in a spreadsheet, ``json`` holds everything."""

    format: Literal["json", "csv"] = "json"


@endpoint(
    bp, "GET", "",
    access=PUBLIC, summary="Data resources by words, provider and share type",
    query=ListQuery, answer=ResourcePageOut, errors=(CursorRefused,),
)  # fmt: skip
async def list_resources(call: Call[None, ListQuery]) -> HTTPResponse:
    """A page of resources, the best first, with an entity tag."""
    asked = call.query
    filters = Filters(asked.q, asked.provider, asked.share_type, asked.category, asked.mode)
    catalogue = call.province.sharing.catalogue
    page = catalogue.page(filters, asked.cursor, asked.limit)
    body = {
        "items": [resource_document(resource) for resource in page.resources],
        "next_cursor": page.next_cursor,
        "total": page.total,
    }
    tag = f'"{catalogue.tag}"'
    return etag_answer(orjson.dumps(body), tag, call.request.headers.get("if-none-match"))


@endpoint(
    bp, "GET", "/download",
    access=PUBLIC, summary="The whole data catalogue as a file",
    query=DownloadQuery, media_type="application/json, text/csv",
)  # fmt: skip
async def download(call: Call[None, DownloadQuery]) -> HTTPResponse:
    """Every resource, streamed: a JSON object with ``items``, or CSV with a byte order mark."""
    kind, resources = call.query.format, call.province.sharing.catalogue.all()
    lines = _csv(resources) if kind == "csv" else _json(resources)
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'attachment; filename="data-resources.{kind}"',
        "x-content-type-options": "nosniff",
    }
    content_type = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    return StreamedAnswer(_in_pieces(lines), content_type, headers)


@endpoint(
    bp, "GET", "/<code:str>",
    access=PUBLIC, summary="One data resource", answer=ResourceOut, errors=(ResourceUnknown,),
)  # fmt: skip
async def resource(call: Call[None, None], code: str) -> HTTPResponse:
    """All its metadata; ``code`` is written with a hyphen for the slash."""
    catalogue = call.province.sharing.catalogue
    body = orjson.dumps(resource_document(catalogue.get(code)))
    return etag_answer(body, f'"{catalogue.tag}"', call.request.headers.get("if-none-match"))


def _csv(resources: list[Resource]) -> Iterable[bytes]:
    yield _BOM.encode()
    for line in csv_lines(resources):
        yield line.encode()


def _json(resources: list[Resource]) -> Iterable[bytes]:
    before = b'{"items":['
    for each in resources:
        yield before + orjson.dumps(resource_document(each))
        before = b","
    yield b"]}" if resources else b'{"items":[]}'


async def _in_pieces(lines: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Fewer, larger pieces: a chunk a line would cost more in framing than in content."""
    waiting: list[bytes] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= _LINES:
            yield b"".join(waiting)
            waiting.clear()
    if waiting:
        yield b"".join(waiting)
