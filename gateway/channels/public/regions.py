"""Administrative divisions, for the place switch: what lies below, and the way down to one."""

from typing import Annotated, Any

from pydantic import Field
from sanic import Blueprint

from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from backend.regions.service import Region, Regions
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("public_regions", url_prefix="/api/v1/public/regions")


class RegionOut(Out):
    """A region; level 1 province, 2 city, 3 county, 4 street."""

    code: str = Field(examples=["440100"])
    name: str = Field(examples=["广州市"])
    level: int = Field(ge=1, le=5)
    parent_code: str | None = Field(examples=["440000"])
    has_children: bool


class RegionList(Out):
    """Regions below one; never so many that they need pages."""

    items: list[RegionOut]
    next_cursor: None = None


class PathStep(Out):
    """A region on the way down."""

    code: str
    name: str


class RegionDetail(RegionOut):
    """A region with the way from its province down to itself."""

    path: list[PathStep]


class ChildrenQuery(In):
    """Without a parent, the provinces."""

    parent: Annotated[str, Field(min_length=6, max_length=12, examples=["440000"])] | None = None


@endpoint(
    bp,
    "GET",
    "",
    access=PUBLIC,
    summary="Regions below one",
    query=ChildrenQuery,
    answer=RegionList,
    errors=(RegionCodeInvalid, RegionUnknown),
)
async def children(call: Call[None, ChildrenQuery]) -> RegionList:
    """What lies directly below, in order of code."""
    regions = call.province.regions
    found = regions.children(call.query.parent)
    return RegionList(items=[RegionOut(**_facts(regions, region)) for region in found])


@endpoint(
    bp,
    "GET",
    "/<code:str>",
    access=PUBLIC,
    summary="One region and the way to it",
    answer=RegionDetail,
    errors=(RegionCodeInvalid, RegionUnknown),
)
async def region(call: Call[None, None], code: str) -> RegionDetail:
    """A region, abolished ones too."""
    regions = call.province.regions
    path = [PathStep(code=step.code, name=step.name) for step in regions.path(code)]
    return RegionDetail(**_facts(regions, regions.get(code)), path=path)


def _facts(regions: Regions, region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "parent_code": region.parent_code,
        "has_children": regions.has_children(region.code),
    }
