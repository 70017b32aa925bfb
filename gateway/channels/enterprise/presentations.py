"""亮证 of an enterprise's licences, by somebody who represents it."""

from typing import Any

from sanic import Blueprint

from backend.enterprise.service import NotRepresentative, RegisterUnavailable
from backend.identity.service import Level
from backend.presentation import errors
from backend.wallet.service import Card, wallet_key
from gateway.channels.citizen.licence_usages import UsageList, UsageQuery, usage_list
from gateway.channels.citizen.presentations import (
    LICENCE_ERRORS,
    CodeIn,
    CodeOut,
    CredentialIn,
    CredentialOut,
    OfferOut,
    OfferQuery,
    coded,
    credentialed,
    offered,
)
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("enterprise_presentations", url_prefix="/api/v1/enterprise/enterprises")

FACE = Person(Level.FACE)
_ERRORS = (NotRepresentative, RegisterUnavailable, *LICENCE_ERRORS, errors.LicenceNotValid)


@endpoint(
    bp, "GET", "/<uscc:str>/presentations/offer",
    access=FACE, summary="What can be shown of a licence of an enterprise", query=OfferQuery,
    answer=OfferOut, errors=_ERRORS,
)  # fmt: skip
async def offer(call: Call[None, OfferQuery], uscc: str) -> OfferOut:
    """Facts and predicates, without their values."""
    _, _, card = await _card(call, uscc, call.query.licence_id)
    call.require(card.kind.min_level)
    return offered(card)


@endpoint(
    bp, "POST", "/<uscc:str>/presentations/codes",
    access=FACE, summary="A code for one look at a licence of an enterprise", body=CodeIn,
    answer=CodeOut, status=201, errors=(*_ERRORS, errors.FieldsUnknown, errors.TooOften),
)  # fmt: skip
async def make_code(call: Call[CodeIn, None], uscc: str) -> CodeOut:
    """Requests to confirm it come to the phone of whoever shows it."""
    subject, blob, card = await _card(call, uscc, call.body.licence_id)
    return await coded(call, card, subject, blob)


@endpoint(
    bp, "POST", "/<uscc:str>/presentations/credentials",
    access=FACE, summary="A credential to show a licence of an enterprise off line",
    body=CredentialIn, answer=CredentialOut, status=201,
    errors=(
        *_ERRORS, errors.HolderKeyRefused, errors.TooManyCredentials, errors.OfflineForbidden,
        errors.LicenceWithdrawn,
        errors.AlgorithmUnavailable,
    ),
)  # fmt: skip
async def make_credential(call: Call[CredentialIn, None], uscc: str) -> CredentialOut:
    """Bound to a key of this person's phone."""
    subject, _, card = await _card(call, uscc, call.body.licence_id)
    return await credentialed(call, card, subject)


@endpoint(
    bp, "GET", "/<uscc:str>/licence-usages",
    access=FACE, summary="Who looked at an enterprise's licences", query=UsageQuery,
    answer=UsageList, errors=(NotRepresentative, RegisterUnavailable, errors.CursorRefused),
)  # fmt: skip
async def list_usages(call: Call[None, UsageQuery], uscc: str) -> UsageList:
    """Newest first, twenty to a page."""
    province, session = call.province, call.session
    person = await province.identity.holder(session)
    await province.enterprises.require(session.subject, person, uscc, call.trace)
    return await usage_list(call, province.enterprises.wallet_subject(uscc))


async def _card(call: Call[Any, Any], uscc: str, licence_id: str) -> tuple[str, bytes | None, Card]:
    """A licence of an enterprise that the caller represents, and the wallet it was read from."""
    province, session = call.province, call.session
    person = await province.identity.holder(session)
    enterprise = await province.enterprises.require(session.subject, person, uscc, call.trace)
    subject = province.enterprises.wallet_subject(uscc)
    (blob,) = await province.hot.mget([wallet_key(subject)])
    card = await province.wallet.licence(
        subject, enterprise.holder, licence_id, "enterprise", trace=call.trace, blob=blob
    )
    return subject, blob, card
