"""Who read my data: every call of a department's system that was about me."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.identity.service import Level, holder_key
from backend.sharing.errors import CursorRefused
from backend.sharing.service import Reading
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_readings", url_prefix="/api/v1/citizen/readings")


class PageIn(In):
    """Which page."""

    cursor: str | None = Field(None, max_length=64, description="next_cursor of a page")
    system: str | None = Field(None, max_length=64, description="only by this system")


class Named(Out):
    """A code with its name."""

    code: str
    name: str


class FieldOut(Out):
    """A data item."""

    name: str = Field(examples=["balance"])
    label: str = Field(examples=["账户余额"])


class ReadingOut(Out):
    """A reading: which system, for what, by which law, in which case."""

    id: str
    at: Moment
    system: Named
    department: str = Field(examples=["广东省人力资源和社会保障厅"])
    resource: Named
    fields: list[FieldOut]
    purpose: str
    legal_basis: str
    case_no: str | None
    result: Literal["read", "none", "failed"] = Field(
        description="none: there was no record; failed: its owner gave no answer"
    )


class ReadingList(Out):
    """A page of them, newest first."""

    items: list[ReadingOut]
    next_cursor: str | None


@endpoint(
    bp, "GET", "",
    access=Person(Level.REAL_NAME, also_read=(holder_key,)),
    summary="Who read my data, and for what",
    query=PageIn, answer=ReadingList, errors=(CursorRefused,),
)  # fmt: skip
async def list_readings(call: Call[None, PageIn]) -> ReadingList:
    """Newest first, twenty to a page; a reading is here seconds after it happened."""
    holder = await call.province.identity.holder(call.session, call.also_read[0])
    page = await call.province.sharing.readings_of(holder, call.query.system, call.query.cursor)
    return ReadingList(
        items=[_reading(reading) for reading in page.readings], next_cursor=page.next_cursor
    )


def _reading(reading: Reading) -> ReadingOut:
    return ReadingOut.model_validate(
        {
            "id": str(reading.id),
            "at": reading.at,
            "system": {"code": reading.system[0], "name": reading.system[1]},
            "department": reading.department,
            "resource": {"code": reading.resource[0], "name": reading.resource[1]},
            "fields": [{"name": each.name, "label": each.label} for each in reading.fields],
            "purpose": reading.purpose,
            "legal_basis": reading.legal_basis,
            "case_no": reading.case_no,
            "result": reading.result,
        }
    )
