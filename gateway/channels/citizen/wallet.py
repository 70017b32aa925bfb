"""A citizen's wallet."""

from typing import Any

from sanic import Blueprint, HTTPResponse

from backend.audit.service import person
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level
from backend.numbers.service import Holder
from backend.wallet.service import (
    OPEN_S,
    Card,
    FieldUnknown,
    IssuersSilent,
    LicenceNotFound,
    Who,
    wallet_key,
)
from gateway.channels import licences
from gateway.channels.licences import (
    ArrangementIn,
    ArrangementOut,
    FaceQuery,
    LicenceOut,
    ObtainablesOut,
    RevealIn,
    RevealOut,
    WalletOut,
)
from gateway.edge.access import Person
from gateway.edge.answers import JsonAnswer
from gateway.edge.endpoint import Call, endpoint
from gateway.edge.ready import Asked

bp = Blueprint("citizen_wallet", url_prefix="/api/v1/citizen/wallet")

WALLET = Person(Level.REAL_NAME, also_read=(wallet_key,))
_ONE = (LevelTooLow, LicenceNotFound, IssuersSilent)


async def _ready(asked: Asked) -> JsonAnswer | None:
    wallet, subject = asked.province.wallet, asked.session.subject
    return licences.prepared(wallet, subject, asked.read[0], asked.if_none_match)


@endpoint(
    bp, "GET", "", access=WALLET, summary="My licences", answer=WalletOut, ready=_ready,
)  # fmt: skip
async def read_wallet(call: Call[None, None]) -> JsonAnswer:
    """From the cache while every part is fresh; else issuers are asked, each on its own."""
    known = call.request.headers.get("if-none-match")
    ready = await _ready(Asked(call.province, call.session, call.also_read, "", known))
    if ready is not None:
        return ready
    view = await call.province.wallet.open(
        call.session.subject, _who(call), deadline=call.deadline(OPEN_S), trace=call.trace,
        blob=call.also_read[0],
    )  # fmt: skip
    return licences.listed(call, view.as_json())


@endpoint(
    bp, "GET", "/arrangement",
    access=Person(Level.REAL_NAME), summary="How my wallet is laid out", answer=ArrangementOut,
)  # fmt: skip
async def read_arrangement(call: Call[None, None]) -> ArrangementOut:
    """Order and favourites, the same on all devices."""
    return await licences.layout(call, call.session.subject)


@endpoint(
    bp, "PUT", "/arrangement",
    access=Person(Level.REAL_NAME), summary="Lay my wallet out", body=ArrangementIn,
    answer=ArrangementOut,
)  # fmt: skip
async def set_arrangement(call: Call[ArrangementIn, None]) -> ArrangementOut:
    """Of two devices the later one counts."""
    return await licences.laid_out(call, call.session.subject)


@endpoint(
    bp, "GET", "/obtainable",
    access=Person(Level.REAL_NAME), summary="Licences that I could have", answer=ObtainablesOut,
)  # fmt: skip
async def read_obtainable(call: Call[None, None]) -> ObtainablesOut:
    """With words on how to get each, and the service item by which it is applied for."""
    found = await call.province.wallet.obtainable(
        call.session.subject, _who(call), trace=call.trace
    )
    return await licences.obtainables(call, found)


@endpoint(
    bp, "GET", "/<licence_id:str>",
    access=WALLET, summary="One licence", answer=LicenceOut, errors=_ONE,
)  # fmt: skip
async def read_licence(call: Call[None, None], licence_id: str) -> JsonAnswer:
    """All that is on it, sensitive values masked."""
    return licences.licence_answer(call, await _card(call, licence_id))


@endpoint(
    bp, "POST", "/<licence_id:str>/reveal",
    access=WALLET, summary="One value in full", body=RevealIn, answer=RevealOut,
    errors=(*_ONE, FieldUnknown),
)  # fmt: skip
async def reveal(call: Call[RevealIn, None], licence_id: str) -> RevealOut:
    """Every look is written to the audit."""
    who = person(call.session.person_id)
    return await licences.revealed(call, await _card(call, licence_id), who, who)


@endpoint(
    bp, "GET", "/<licence_id:str>/face.png",
    access=WALLET, summary="The face as a picture", query=FaceQuery, media_type="image/png",
    errors=(*_ONE, *licences.FACE_ERRORS),
)  # fmt: skip
async def face(call: Call[None, FaceQuery], licence_id: str) -> HTTPResponse:
    """With a watermark of purpose, time and viewer."""
    who = person(call.session.person_id)
    card = await _card(call, licence_id)
    return await licences.pictured(call, card, _who(call), who, who)


async def _card(call: Call[Any, Any], licence_id: str) -> Card:
    return await call.province.wallet.licence(
        call.session.subject, _who(call), licence_id, trace=call.trace, blob=call.also_read[0]
    )


def _who(call: Call[Any, Any]) -> Who:
    async def who() -> Holder:
        return await call.province.identity.holder(call.session)

    return who
