"""亮证 of an enterprise's licences, by somebody who acts for it."""

from typing import Any

from sanic import Blueprint, HTTPResponse

from backend.members.service import Scope
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
from gateway.edge.access import Member
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("enterprise_presentations", url_prefix="/api/v1/enterprise/enterprises")

LICENCES = Member(scope=Scope.LICENCES)
# What lies on a phone for days cannot be taken back at once, as whatever was given can be.
REPRESENTATIVE = Member(scope=Scope.ADMINISTRATORS)
_ERRORS = (*LICENCE_ERRORS, errors.LicenceNotValid)


@endpoint(
    bp, "GET", "/<uscc:str>/presentations/offer",
    access=LICENCES, summary="What can be shown of a licence of an enterprise", query=OfferQuery,
    answer=OfferOut, errors=_ERRORS,
)  # fmt: skip
async def offer(call: Call[None, OfferQuery], uscc: str) -> OfferOut:
    """Facts and predicates, without their values."""
    _, _, card = await _card(call, uscc, call.query.licence_id)
    call.require(card.kind.min_level)
    return offered(card)


@endpoint(
    bp, "POST", "/<uscc:str>/presentations/codes",
    access=LICENCES, summary="A code for one look at a licence of an enterprise", body=CodeIn,
    answer=CodeOut, status=201, errors=(*_ERRORS, errors.FieldsUnknown, errors.TooOften),
)  # fmt: skip
async def make_code(call: Call[CodeIn, None], uscc: str) -> HTTPResponse:
    """Requests to confirm it come to the phone of whoever shows it."""
    subject, blob, card = await _card(call, uscc, call.body.licence_id)
    return await coded(call, card, subject, blob)


@endpoint(
    bp, "POST", "/<uscc:str>/presentations/credentials",
    access=REPRESENTATIVE, summary="A credential to show a licence of an enterprise off line",
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
    access=LICENCES, summary="Who looked at an enterprise's licences", query=UsageQuery,
    answer=UsageList, errors=(errors.CursorRefused,),
)  # fmt: skip
async def list_usages(call: Call[None, UsageQuery], uscc: str) -> UsageList:
    """Newest first, twenty to a page."""
    return await usage_list(call, call.province.enterprises.wallet_subject(uscc))


async def _card(call: Call[Any, Any], uscc: str, licence_id: str) -> tuple[str, bytes | None, Card]:
    """A licence of an enterprise that the caller acts for, and the wallet it was read from."""
    province, enterprise = call.province, call.acting.enterprise
    subject = province.enterprises.wallet_subject(uscc)
    (blob,) = await province.hot.mget([wallet_key(subject)])
    card = await province.wallet.licence(
        subject, enterprise.holder, licence_id, "enterprise", trace=call.trace, blob=blob
    )
    return subject, blob, card
