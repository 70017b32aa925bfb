"""加注件: copies of a citizen's licences, stamped with what they are for."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.identity.service import Level
from backend.lending import errors
from backend.lending.service import COPY_LABELS, Copy
from backend.presentation.errors import LicenceNotValid
from backend.wallet.service import FaceUnavailable, wallet_key
from gateway.channels.citizen.loans import TEXT
from gateway.channels.citizen.presentations import LICENCE_ERRORS, card_of, required_level
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_copies", url_prefix="/api/v1/citizen")

OWN = Person(Level.REAL_NAME, also_read=(wallet_key,))
SELF = Person(Level.REAL_NAME)
_FILE_ERRORS = (
    *LICENCE_ERRORS, errors.CopyUnknown, errors.CopyOver, errors.LicenceChanged, FaceUnavailable,
)  # fmt: skip


class CopyIn(In):
    """What the copy is for; it is stamped on it."""

    purpose: str = Field(min_length=2, max_length=40, pattern=TEXT, examples=["办理租房备案"])
    user: str = Field(
        min_length=1, max_length=40, pattern=TEXT, examples=["示范房产中介有限公司"],
        description="who will receive it",
    )  # fmt: skip
    days: int = Field(default=30, ge=1, le=180)


class CopyOut(Out):
    """A copy as its maker sees it."""

    id: UUID
    code: str = Field(description="as it is stamped; anyone may check it")
    licence_id: str
    type_code: str
    type_name: str
    purpose: str
    user: str
    created_at: Moment
    expires_at: Moment
    state: Literal["valid", "expired", "withdrawn"]
    state_label: str


class CopiesOut(Out):
    """Newest first."""

    items: list[CopyOut]


class CopiesQuery(In):
    """Of which licence."""

    licence: str | None = Field(None, max_length=40)


@endpoint(
    bp, "POST", "/wallet/<licence_id:str>/copies",
    access=OWN, summary="A copy stamped with what it is for", body=CopyIn, answer=CopyOut,
    status=201, errors=(*LICENCE_ERRORS, LicenceNotValid, errors.TooManyOpen),
)  # fmt: skip
async def make_copy(call: Call[CopyIn, None], licence_id: str) -> CopyOut:
    """A new one each time; fetched as a picture or as PDF."""
    card, body = await card_of(call, licence_id), call.body
    call.require(required_level(card))
    return _copy(
        await call.province.lending.copies.make(
            call.session, card, body.purpose, body.user, body.days
        )
    )


@endpoint(
    bp, "GET", "/copies", access=SELF, summary="Copies that I made", query=CopiesQuery,
    answer=CopiesOut,
)  # fmt: skip
async def list_copies(call: Call[None, CopiesQuery]) -> CopiesOut:
    """Newest first; what is over, too."""
    found = await call.province.lending.copies.all(call.session, call.query.licence)
    return CopiesOut(items=[_copy(each) for each in found])


@endpoint(
    bp, "GET", "/copies/<copy_id:str>/copy.png",
    access=OWN, summary="A copy as a picture", media_type="image/png", errors=_FILE_ERRORS,
)  # fmt: skip
async def picture(call: Call[None, None], copy_id: str) -> HTTPResponse:
    """In full, as the licence stands now; written down."""
    return await _file(call, copy_id, pdf=False)


@endpoint(
    bp, "GET", "/copies/<copy_id:str>/copy.pdf",
    access=OWN, summary="A copy as PDF", media_type="application/pdf", errors=_FILE_ERRORS,
)  # fmt: skip
async def document(call: Call[None, None], copy_id: str) -> HTTPResponse:
    """One page; its metadata name nobody."""
    return await _file(call, copy_id, pdf=True)


@endpoint(
    bp, "DELETE", "/copies/<copy_id:str>",
    access=SELF, summary="Make a copy worthless", errors=(errors.CopyUnknown,),
)  # fmt: skip
async def withdraw(call: Call[None, None], copy_id: str) -> None:
    """Whoever checks it is told so from now on."""
    await call.province.lending.copies.withdraw(call.session, _id(copy_id))


async def _file(call: Call[Any, Any], copy_id: str, pdf: bool) -> HTTPResponse:
    copies, found = call.province.lending.copies, _id(copy_id)
    card = await card_of(call, await copies.licence_of(call.session, found))
    call.require(required_level(card))
    drawn = await copies.file(call.session, found, card, pdf)
    kind = "pdf" if pdf else "png"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{found}.{kind}"',
        "x-content-type-options": "nosniff",
    }
    content_type = "application/pdf" if pdf else "image/png"
    return HTTPResponse(drawn, headers=headers, content_type=content_type)


def _copy(copy: Copy) -> CopyOut:
    return CopyOut.model_validate(
        {
            "id": copy.id, "code": copy.code, "licence_id": copy.licence_id,
            "type_code": copy.type_code, "type_name": copy.type_name, "purpose": copy.purpose,
            "user": copy.recipient, "created_at": copy.created_at, "expires_at": copy.expires_at,
            "state": copy.state, "state_label": COPY_LABELS[copy.state],
        }
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.CopyUnknown from None
