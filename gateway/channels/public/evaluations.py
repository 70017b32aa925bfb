"""Figures of 好差评, for everybody: per department, and per item of a department."""

from pydantic import Field
from sanic import Blueprint, HTTPResponse, raw

from backend.evaluation.service import LEVELS, Figures
from gateway.edge.access import PUBLIC
from gateway.edge.csv_rows import CONTENT_TYPE, MARK, csv_rows
from gateway.edge.endpoint import Call, Out, endpoint

_COLUMNS = (
    "部门", "统一社会信用代码", "事项", "事项编码", "合计", *LEVELS.values(), "满意率",
    "差评工单", "已办结", "按期反馈",
)  # fmt: skip

bp = Blueprint("public_evaluations", url_prefix="/api/v1/public/evaluations")


class FiguresOut(Out):
    """Evaluations of a department or an item.

    An anonymous one is counted from the day on which it may be shown, and only where so many
    people were served that it tells of nobody.
    """

    department_uscc: str
    department: str
    item_code: str
    item: str
    total: int = Field(ge=0)
    very_satisfied: int = Field(ge=0)
    satisfied: int = Field(ge=0)
    basically_satisfied: int = Field(ge=0)
    dissatisfied: int = Field(ge=0)
    very_dissatisfied: int = Field(ge=0)
    content: float | None = Field(description="share of the first three, 0–1; null without any")
    orders: int = Field(ge=0, description="orders that bad ones opened; 0 for an item")
    orders_closed: int = Field(ge=0)
    orders_in_time: int = Field(ge=0)


class ProvinceOut(Out):
    """The whole province and its departments, by name."""

    province: FiguresOut
    departments: list[FiguresOut]


class ItemsOut(Out):
    """Items of a department, by name."""

    items: list[FiguresOut]


@endpoint(bp, "GET", "/statistics", access=PUBLIC, summary="Figures of 好差评", answer=ProvinceOut)
async def statistics(call: Call[None, None]) -> ProvinceOut:
    """Open data; may be used without asking."""
    reading = call.province.evaluations.reading
    return ProvinceOut(
        province=_figures(await reading.province()),
        departments=[_figures(each) for each in await reading.departments()],
    )


@endpoint(
    bp, "GET", "/statistics/<department_uscc:str>/items",
    access=PUBLIC, summary="Figures of 好差评 per item", answer=ItemsOut,
)  # fmt: skip
async def items(call: Call[None, None], department_uscc: str) -> ItemsOut:
    """Empty for a department that nobody judged."""
    # PostgreSQL takes no NUL in a text; a code has eighteen letters and digits.
    known = len(department_uscc) == 18 and department_uscc.isalnum() and department_uscc.isascii()
    found = await call.province.evaluations.reading.items(department_uscc) if known else []
    return ItemsOut(items=[_figures(each) for each in found])


@endpoint(
    bp, "GET", "/statistics.csv", access=PUBLIC, summary="Figures of 好差评 as a table",
    media_type="text/csv",
)  # fmt: skip
async def table(call: Call[None, None]) -> HTTPResponse:
    """CSV for spreadsheets: the province, its departments, and the items of each."""
    reading = call.province.evaluations.reading
    found = [await reading.province()]
    for department in await reading.departments():
        found += [department, *await reading.items(department.department_uscc)]
    body = MARK.encode() + csv_rows([_COLUMNS, *(_row(one) for one in found)])
    headers = {
        "content-disposition": 'attachment; filename="evaluations.csv"',
        "x-content-type-options": "nosniff",
    }
    return raw(body, content_type=CONTENT_TYPE, headers=headers)


def _row(one: Figures) -> tuple[object, ...]:
    levels = [one.levels[level] for level in LEVELS]
    content = None if one.content is None else f"{one.content:.2%}"
    orders = ("", "", "") if one.item_code else (one.orders, one.closed, one.in_time)
    return (
        one.department, one.department_uscc, one.item, one.item_code, one.total, *levels, content,
        *orders,
    )  # fmt: skip


def _figures(figures: Figures) -> FiguresOut:
    levels = figures.levels
    return FiguresOut(
        department_uscc=figures.department_uscc, department=figures.department,
        item_code=figures.item_code, item=figures.item, total=figures.total,
        very_satisfied=levels[1], satisfied=levels[2], basically_satisfied=levels[3],
        dissatisfied=levels[4], very_dissatisfied=levels[5], content=figures.content,
        orders=figures.orders, orders_closed=figures.closed, orders_in_time=figures.in_time,
    )  # fmt: skip
