"""亮证: a citizen shows licences, answers who wants to look, and looks at those of others."""

from typing import Any, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, holder_key
from backend.numbers.service import Holder, mask_name
from backend.presentation import errors
from backend.presentation.service import (
    Fact,
    Issued,
    NewCode,
    Pending,
    Verifier,
    facts_of,
    person_id,
    scans_key,
)
from backend.wallet.service import (
    Card,
    IssuersSilent,
    LicenceNotFound,
    china_day,
    china_time,
    wallet_key,
)
from gateway.channels import shown
from gateway.channels.shown import ScanOut, WaitQuery
from gateway.edge.access import Person
from gateway.edge.answers import json_answer
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.waiting import until_there

bp = Blueprint("citizen_presentations", url_prefix="/api/v1/citizen/presentations")

SHOWING = Person(Level.REAL_NAME, also_read=(wallet_key,))
SELF = Person(Level.REAL_NAME)
LOOKING = Person(Level.REAL_NAME, also_read=(holder_key, scans_key))
LICENCE_ERRORS = (LevelTooLow, LicenceNotFound, IssuersSilent)
LICENCE_ID = Field(min_length=1, max_length=40, examples=["Xu0rxnPFeh9L"])
Confirm = Literal["never", "strangers", "always"]


class FactOut(Out):
    """Something that can be shown by itself; a predicate is a yes or no in place of a fact."""

    name: str = Field(examples=["age_over_18"])
    label: str = Field(examples=["年满18周岁"])
    sensitive: bool
    predicate: bool


class OfferOut(Out):
    """What can be chosen of a licence, and what showing it asks for."""

    licence_id: str
    facts: list[FactOut]
    required_level: int
    confirm: Confirm = Field(description="of whom the holder is asked on the phone first")
    credential_days: int
    credential_alg: Literal["ed25519", "sm2"]


class OfferQuery(In):
    """Of which licence."""

    licence_id: str = LICENCE_ID


class CodeIn(In):
    """What to show. No fields at all: only that the licence is valid."""

    licence_id: str = LICENCE_ID
    fields: list[str] = Field(default_factory=list, max_length=60, examples=[["age_over_18"]])
    purpose: str = Field(
        default="当面出示", min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$"
    )
    confirm: bool = Field(default=False, description="ask me first, whoever scans")
    replaces: str | None = Field(
        None, max_length=200, description="the code that was on the screen; it is void from now on"
    )


class CodeOut(Out):
    """A code for the screen; times in seconds."""

    code: str = Field(examples=["7H3K5QZ2M4XW6TJA8NRB9CVD2E"])
    text: str = Field(description="for the QR code: the public verify page, the code in its hash")
    expires_in: int
    renew_after: int
    shows: list[FactOut] = Field(description="what the other side will see")
    confirm: Confirm


class CodeStateIn(In):
    """A code of one's own."""

    code: str = shown.CODE


class CodeStateOut(Out):
    """``live``: on the screen; ``used``: scanned; ``gone``: its minute is over."""

    state: Literal["live", "used", "gone"]


class CredentialIn(In):
    """To which key of the phone the credential is bound."""

    licence_id: str = LICENCE_ID
    holder_key: dict[str, str] = Field(
        max_length=10, description="public JWK on P-256, Ed25519 or SM2",
        examples=[{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}],
    )  # fmt: skip


class CredentialOut(Out):
    """An SD-JWT VC (RFC 9901) with all its disclosures, for the phone to keep and show parts of."""

    credential: str
    facts: list[FactOut]
    expires_at: str = Field(description="RFC 3339")
    renew_after: str


class VerifierOut(Out):
    """Who wants to look; of the public it is what they say of themselves."""

    kind: Literal["system", "person", "public"]
    name: str = Field(examples=["广东省公安厅"])


class RequestOut(Out):
    """A look that waits for the holder's word."""

    id: str
    licence_id: str
    type_name: str
    verifier: VerifierOut
    purpose: str
    fields: list[FactOut]
    expires_at: str


class RequestsOut(Out):
    """The oldest first."""

    items: list[RequestOut]


class ConfirmIn(In):
    """Which of the fields to show; all that were asked for when left out."""

    fields: list[str] | None = Field(None, max_length=60)


class VerificationIn(In):
    """A code on somebody else's screen, and why to look."""

    code: str = shown.CODE
    purpose: str = shown.PURPOSE


@endpoint(
    bp, "GET", "/offer",
    access=SHOWING, summary="What can be shown of a licence", query=OfferQuery, answer=OfferOut,
    errors=LICENCE_ERRORS,
)  # fmt: skip
async def offer(call: Call[None, OfferQuery]) -> OfferOut:
    """Facts and predicates, without their values."""
    card = await card_of(call, call.query.licence_id)
    call.require(card.kind.min_level)
    return offered(card)


@endpoint(
    bp, "POST", "/codes",
    access=SHOWING, summary="A code for one look at a licence", body=CodeIn, answer=CodeOut,
    status=201, short_way=True,
    errors=(*LICENCE_ERRORS, errors.LicenceNotValid, errors.FieldsUnknown, errors.TooOften),
)  # fmt: skip
async def make_code(call: Call[CodeIn, None]) -> HTTPResponse:
    """Lives a minute, is worth one scan, says nothing by itself."""
    card = await card_of(call, call.body.licence_id)
    return await coded(call, card, call.session.subject, call.also_read[0])


@endpoint(
    bp, "POST", "/codes/state",
    access=SELF, summary="How my code stands", body=CodeStateIn, answer=CodeStateOut,
    errors=(errors.CodeUnknown,),
)  # fmt: skip
async def code_state(call: Call[CodeStateIn, None]) -> CodeStateOut:
    """In the body, since a code is no part of an address."""
    state = await call.province.presentations.code_state(call.body.code, call.session.subject)
    return CodeStateOut(state=state)


@endpoint(
    bp, "POST", "/codes/away",
    access=SELF, summary="Take my code off the screen", body=CodeStateIn, answer=CodeStateOut,
    errors=(errors.CodeUnknown,),
)  # fmt: skip
async def put_away(call: Call[CodeStateIn, None]) -> CodeStateOut:
    """The page was left: from now on it is worth nothing. Says how it stood."""
    state = await call.province.presentations.put_away(call.body.code, call.session.subject)
    return CodeStateOut(state=state)


@endpoint(
    bp, "POST", "/credentials",
    access=SHOWING, summary="A credential to show a licence off line", body=CredentialIn,
    answer=CredentialOut, status=201,
    errors=(
        *LICENCE_ERRORS, errors.LicenceNotValid, errors.HolderKeyRefused,
        errors.TooManyCredentials, errors.OfflineForbidden,
        errors.LicenceWithdrawn, errors.AlgorithmUnavailable,
    ),
)  # fmt: skip
async def make_credential(call: Call[CredentialIn, None]) -> CredentialOut:
    """Bound to a key that never leaves the phone."""
    card = await card_of(call, call.body.licence_id)
    return await credentialed(call, card, call.session.subject)


@endpoint(
    bp, "GET", "/requests",
    access=SELF, summary="Who waits for my word", query=WaitQuery, answer=RequestsOut,
)  # fmt: skip
async def list_requests(call: Call[None, WaitQuery]) -> RequestsOut:
    """At once, or as soon as there is one within ``wait`` seconds."""
    presentations, subject = call.province.presentations, call.session.subject

    async def look() -> list[Pending]:
        return await presentations.waiting(subject)

    found = await until_there(look, call.query.wait)
    return RequestsOut(items=[_request(each) for each in found])


@endpoint(
    bp, "POST", "/requests/<request_id:str>/confirm",
    access=SELF, summary="Let them look", body=ConfirmIn,
    errors=(errors.RequestUnknown, errors.RequestAnswered, errors.FieldsUnknown),
)  # fmt: skip
async def confirm(call: Call[ConfirmIn, None], request_id: str) -> None:
    """At all that was asked for, or at less."""
    subject = call.session.subject
    await call.province.presentations.confirm(subject, request_id, call.body.fields)


@endpoint(
    bp, "POST", "/requests/<request_id:str>/decline",
    access=SELF, summary="Do not let them look",
    errors=(errors.RequestUnknown, errors.RequestAnswered),
)  # fmt: skip
async def decline(call: Call[None, None], request_id: str) -> None:
    """They are told so."""
    await call.province.presentations.decline(call.session.subject, request_id)


@endpoint(
    bp, "POST", "/verifications",
    access=LOOKING, summary="Look at somebody else's licence", body=VerificationIn, answer=ScanOut,
    short_way=True,
    errors=(*shown.SCAN_ERRORS, errors.OwnCode),
)  # fmt: skip
async def verify(call: Call[VerificationIn, None]) -> HTTPResponse:
    """By the code on their screen; they learn who looked, and why."""
    found = await call.province.presentations.scan(
        call.body.code, await _me(call), call.body.purpose, call.session.subject, call.also_read[1]
    )
    return shown.scanned(found)


@endpoint(
    bp, "GET", "/verifications/<token:str>",
    access=LOOKING, summary="What the holder said", query=WaitQuery, answer=ScanOut,
    errors=shown.RESULT_ERRORS,
)  # fmt: skip
async def verification(call: Call[None, WaitQuery], token: str) -> HTTPResponse:
    """202 while they have said nothing; the result is given once."""
    return await shown.collected(call, token, await _me(call))


async def coded(
    call: Call[CodeIn, Any], card: Card, subject: str, blob: bytes | None, grant: str = ""
) -> HTTPResponse:
    """A code for a licence of a person, or of an enterprise or relative for whom they act.

    Args:
        grant: by whose leave, where it can be taken back.
    """
    call.require(required_level(card))
    body, presentations = call.body, call.province.presentations
    if body.replaces is not None:
        await presentations.put_away(body.replaces, subject)
    made = await presentations.show(
        card, subject, call.session.subject, blob, body.fields, body.purpose, body.confirm, grant
    )
    return code_out(made, call.province.settings.origin)


async def credentialed(call: Call[CredentialIn, Any], card: Card, subject: str) -> CredentialOut:
    """A credential of a licence of a person, or of an enterprise that they represent."""
    call.require(required_level(card))
    issued = await call.province.presentations.credential(
        card, subject, call.session.subject, call.body.holder_key
    )
    return _credential(issued)


def offered(card: Card) -> OfferOut:
    """What can be chosen of a licence."""
    spec = card.kind.presentation
    return OfferOut(
        licence_id=card.licence.id,
        facts=[_fact(fact) for fact in facts_of(card, china_day(card.as_of))],
        required_level=required_level(card),
        confirm=spec.confirm,
        credential_days=spec.days,
        credential_alg=spec.alg,
    )


def required_level(card: Card) -> int:
    """The level at which a licence may be shown."""
    return max(card.kind.min_level, card.kind.presentation.min_level)


async def card_of(call: Call[Any, Any], licence_id: str) -> Card:
    """A licence of the caller."""

    wallet, subject, blob = call.province.wallet, call.session.subject, call.also_read[0]
    card = await wallet.known(subject, licence_id, blob=blob)
    if card is not None:
        return card

    async def who() -> Holder:
        return await call.province.identity.holder(call.session)

    return await wallet.licence(subject, who, licence_id, trace=call.trace, blob=blob)


async def _me(call: Call[Any, Any]) -> Verifier:
    holder = await call.province.identity.holder(call.session, call.also_read[0])
    return Verifier("person", person_id(call.session.subject), f"{mask_name(holder.name)}（个人）")


def code_out(made: NewCode, origin: str) -> HTTPResponse:
    """The answer that brings a code."""
    shows = [
        {"name": name, "label": label, "sensitive": sensitive, "predicate": isinstance(value, bool)}
        for name, label, value, sensitive in made.facts
    ]
    document = {
        "code": made.code, "text": f"{origin}/verify#c={made.code}", "shows": shows,
        "expires_in": made.expires_in, "renew_after": made.renew_after, "confirm": made.confirm,
    }  # fmt: skip
    return json_answer(document, 201)


def _credential(issued: Issued) -> CredentialOut:
    return CredentialOut(
        credential=issued.credential,
        facts=[_fact(fact) for fact in issued.facts],
        expires_at=china_time(issued.expires_at),
        renew_after=china_time(issued.renew_after),
    )


def _request(pending: Pending) -> RequestOut:
    return RequestOut(
        id=pending.id,
        licence_id=pending.shown.licence_id,
        type_name=pending.shown.type_name,
        verifier=VerifierOut(kind=pending.verifier.kind, name=pending.verifier.name),
        purpose=pending.purpose,
        fields=[
            FactOut(name=name, label=label, sensitive=False, predicate=isinstance(value, bool))
            for name, label, value in pending.shown.facts
        ],
        expires_at=china_time(pending.until // 1000),
    )


def _fact(fact: Fact) -> FactOut:
    return FactOut(
        name=fact.name, label=fact.label, sensitive=fact.sensitive,
        predicate=isinstance(fact.value, bool),
    )  # fmt: skip
