"""Themes and departments: the two ways to browse the catalogue."""

from pydantic import Field
from sanic import Blueprint

from backend.catalogue.service import Audience
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("public_themes", url_prefix="/api/v1/public")


class ThemeOut(Out):
    """A theme and how many items it has."""

    code: str = Field(examples=["marriage-birth"])
    name: str = Field(examples=["婚育收养"])
    audience: Audience
    icon: str = Field(description="name in the Lucide set", examples=["baby"])
    count: int


class Themes(Out):
    """All themes of an audience."""

    items: list[ThemeOut]


class DepartmentOut(Out):
    """A department and how many items it offers."""

    code: str = Field(examples=["gongan"])
    name: str = Field(examples=["广东省公安厅"])
    short_name: str = Field(examples=["公安厅"])
    count: int


class Departments(Out):
    """All departments with items."""

    items: list[DepartmentOut]


class ThemesQuery(In):
    """Without an audience, the themes of both."""

    audience: Audience | None = None


@endpoint(bp, "GET", "/themes", access=PUBLIC, summary="Themes", query=ThemesQuery, answer=Themes)
async def themes(call: Call[None, ThemesQuery]) -> Themes:
    """The themes in the order in which they are shown."""
    found = await call.province.catalogue.themes(call.query.audience)
    return Themes(
        items=[
            ThemeOut(
                code=theme.code,
                name=theme.name,
                audience=theme.audience,
                icon=theme.icon,
                count=count,
            )
            for theme, count in found
        ]
    )


@endpoint(bp, "GET", "/departments", access=PUBLIC, summary="Departments", answer=Departments)
async def departments(call: Call[None, None]) -> Departments:
    """The departments that offer items."""
    found = await call.province.catalogue.departments()
    return Departments(
        items=[
            DepartmentOut(code=code, name=name, short_name=short_name, count=count)
            for code, name, short_name, count in found
        ]
    )
