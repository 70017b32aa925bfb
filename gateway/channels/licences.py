"""Shapes and steps that the wallets of citizens and of enterprises share."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field
from sanic import HTTPResponse

from backend.numbers.service import mask_name
from backend.wallet.service import (
    MOST_PLACES,
    Arrangement,
    Card,
    FaceUnavailable,
    Obtainable,
    Wallet,
    Who,
    arrange,
    arrangement_of,
)
from gateway.edge.answers import JsonAnswer, etag_answer, json_answer
from gateway.edge.endpoint import Call, In, Out

Status = Literal[
    "VALID", "SUSPENDED", "LOST", "EXPIRED", "REVOKED", "CANCELLED", "FORFEITED", "SUPERSEDED",
    "TRANSFERRED",
]  # fmt: skip
Hue = Literal["blue", "green", "red", "gold", "teal", "purple", "slate"]
FACE_ERRORS = (FaceUnavailable,)


class CardOut(Out):
    """A licence in the list; number and holder are masked."""

    id: str = Field(description="opaque; the same for all versions", examples=["Xu0rxnPFeh9L"])
    type_code: str = Field(examples=["11100000000013127D001"])
    name: str = Field(examples=["居民身份证"])
    number: str = Field(examples=["440***********0032"])
    holder: str = Field(examples=["张*"])
    issuer: str = Field(examples=["广东省公安厅"])
    status: Status
    status_label: str = Field(examples=["有效"])
    valid_to: str | None = Field(description="YYYY-MM-DD; null stands for 长期")
    hue: Hue
    freshness: Literal["fresh", "stale"]
    as_of: str = Field(description="RFC 3339; when its issuer last confirmed it")
    source: str = Field(examples=["gd-gongan"])


class LicenceSource(Out):
    """What is known of one issuer."""

    code: str
    name: str = Field(examples=["公安厅"])
    status: Literal["fresh", "stale", "unavailable", "none"]
    as_of: str | None
    note: str | None = Field(None, description="what was announced of it, for the person")


class WalletOut(Out):
    """A wallet; as old as its oldest part."""

    as_of: str
    items: list[CardOut]
    sources: list[LicenceSource]


class FieldOut(Out):
    """A fact on the face of a licence; masked when it is sensitive."""

    name: str = Field(examples=["address"])
    label: str = Field(examples=["住址"])
    value: str
    sensitive: bool


class LicenceOut(CardOut):
    """All that is on a licence."""

    valid_from: str
    issue_date: str
    version: str = Field(examples=["001"])
    identifier: str = Field(description="电子证照标识, GB/T 36904")
    keep_until: str | None = Field(
        description="how long a phone without a network may show it; null: its type forbids it"
    )
    fields: list[FieldOut]


LicenceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{12}$", examples=["Xu0rxnPFeh9L"])]


class ArrangementOut(Out):
    """How a wallet is laid out; licences that are not named follow in the wallet's own order."""

    order: list[str]
    favourites: list[str]


class ArrangementIn(In):
    """Ids of licences, and of those that stand on top."""

    order: list[LicenceId] = Field(max_length=MOST_PLACES)
    favourites: list[LicenceId] = Field(max_length=MOST_PLACES)


class ItemRef(Out):
    """A service item by which a licence is applied for."""

    id: str
    name: str


class ObtainableOut(Out):
    """A licence that one could have, and how one gets it."""

    type_code: str
    name: str = Field(examples=["居住证"])
    issuer: str = Field(examples=["公安厅"])
    hotline: str
    hue: Hue
    words: str
    item: ItemRef | None
    unsure: bool = Field(description="its issuer does not answer; perhaps one has it")


class ObtainablesOut(Out):
    """All of them."""

    items: list[ObtainableOut]


async def laid_out(call: Call[ArrangementIn, None], subject: str) -> ArrangementOut:
    """Lay a wallet out anew."""
    wanted = Arrangement(call.body.order, call.body.favourites)
    return _arrangement(await arrange(call.session.person_id, subject, wanted))


async def layout(call: Call[None, None], subject: str) -> ArrangementOut:
    """How the person has laid out a wallet."""
    return _arrangement(await arrangement_of(call.session.person_id, subject))


def _arrangement(found: Arrangement) -> ArrangementOut:
    return ArrangementOut(order=list(found.order), favourites=list(found.favourites))


async def obtainables(call: Call[None, None], found: Sequence[Obtainable]) -> ObtainablesOut:
    """What one could have, with the names of the items by which one gets it."""
    items = {kind.obtaining.item for kind in (each.kind for each in found) if kind.obtaining}
    names = await call.province.catalogue.names([item for item in items if item])
    return ObtainablesOut(items=[_obtainable(each, names) for each in found])


def _obtainable(each: Obtainable, names: Mapping[str, str]) -> ObtainableOut:
    kind, system = each.kind, each.system
    way = kind.obtaining
    ask = f"由{system.short_name}签发。怎样申领，请拨打 {system.manifest.system.hotline} 咨询。"
    item = way.item if way is not None else None
    return ObtainableOut(
        type_code=kind.code, name=kind.name, issuer=system.short_name,
        hotline=system.manifest.system.hotline, hue=kind.hue,
        words=way.words if way is not None else ask,
        item=ItemRef(id=item, name=names[item]) if item is not None and item in names else None,
        unsure=each.unsure,
    )  # fmt: skip


class RevealIn(In):
    """Which value to see in full."""

    field: str = Field(min_length=1, max_length=64, examples=["number"])


class RevealOut(Out):
    """A value in full; the look at it is written down."""

    field: str
    value: str


class FaceQuery(In):
    """What the picture is for; it is written all over it."""

    purpose: str = Field(
        default="仅供本人查看", min_length=1, max_length=20, pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["住宿登记"],
    )  # fmt: skip
    thumbnail: bool = False
    full: bool = Field(default=False, description="sensitive values in full; written down")


def prepared(
    wallet: Wallet, subject: str, blob: bytes | None, known: str | None
) -> JsonAnswer | None:
    """A person's list from the cache, ready to be sent: the hot path; None when it is not.

    Args:
        known: the caller's ``If-None-Match``.
    """
    if known is not None:
        etag = wallet.prepared_etag(blob)
        if etag is not None and etag in known:
            return etag_answer(b"", etag, known)
    ready = wallet.prepared(subject, blob)
    return None if ready is None else etag_answer(ready.body, ready.etag, known)


def listed(call: Call[Any, Any], body: bytes) -> JsonAnswer:
    """A list that was made for this request."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return etag_answer(body, etag, call.request.headers.get("if-none-match"))


def licence_answer(call: Call[Any, Any], card: Card) -> JsonAnswer:
    """One licence, to a session of the level that its type needs."""
    call.require(card.kind.min_level)
    return json_answer(card.with_details())


async def revealed(call: Call[RevealIn, Any], card: Card, actor: str, about: str) -> RevealOut:
    """One value in full."""
    call.require(card.kind.min_level)
    value = await call.province.wallet.reveal(card, call.body.field, actor, about)
    return RevealOut(field=call.body.field, value=value)


async def pictured(
    call: Call[Any, FaceQuery], card: Card, who: Who, actor: str, about: str
) -> HTTPResponse:
    """The face as a picture that no cache keeps."""
    call.require(card.kind.min_level)
    picture = await call.province.wallet.face(
        card,
        actor,
        about,
        purpose=call.query.purpose,
        viewer=mask_name((await who()).name),
        thumbnail=call.query.thumbnail,
        full=call.query.full,
    )
    return HTTPResponse(picture, headers={"cache-control": "no-store"}, content_type="image/png")
