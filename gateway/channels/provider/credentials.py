"""Keys and addresses of systems: asked for by the department, decided by the security officer."""

from typing import Annotated, Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.exchange.errors import AddressRefused, KeyTaken, ManifestRefused
from backend.exchange.service import Key, parse_key
from backend.onboarding.errors import (
    AddressInUse,
    AddressUnknown,
    KeyDiffers,
    KeyEnded,
    KeyProofWrong,
    KeyStateConflict,
    KeyUnknown,
    LastKey,
    ReasonMissing,
    SameHand,
    StateConflict,
    SystemUnknown,
)
from backend.operators.service import Role
from gateway.channels.provider.shapes import (
    DEPARTMENT,
    PREFIX,
    READERS,
    SECURITY,
    AddressList,
    KeyList,
    ReasonIn,
    address_out,
    key_out,
    tagged,
)
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("provider_credentials", url_prefix=PREFIX)

_BOTH = Staff(Role.CLERK, Role.HEAD, Role.SECURITY_ADMIN)
_KEY = (SystemUnknown, KeyUnknown, KeyStateConflict)
Origin = Annotated[str, Field(min_length=8, max_length=300, examples=["https://a.gov.cn:443"])]


class KeyIn(In):
    """A further key, with the proof that the system holds it."""

    id: str = Field(max_length=64)
    alg: str = Field(max_length=16, examples=["ed25519", "sm2"])
    public: str = Field(max_length=100, description="base64")
    proof: str = Field(max_length=200, description="as in a submission")


class OriginIn(In):
    """An address that is approved."""

    origin: Origin
    reason: str = Field(default="", max_length=1000)


class RefusalIn(In):
    """An address that is not approved, and why."""

    origin: Origin
    reason: str = Field(min_length=1, max_length=1000)


@endpoint(
    bp, "GET", "/<code:str>/keys", access=READERS, summary="Keys of a system", answer=KeyList,
    errors=(SystemUnknown,),
)  # fmt: skip
async def list_keys(call: Call[None, None], code: str) -> HTTPResponse:
    """Every key that it ever had, the oldest first."""
    return tagged(call, await _keys(call, code))


@endpoint(
    bp, "POST", "/<code:str>/keys", access=DEPARTMENT, summary="Add a key: a rotation begins",
    body=KeyIn, answer=KeyList, status=201,
    errors=(ManifestRefused, SystemUnknown, StateConflict, KeyTaken, KeyDiffers, KeyEnded,
            KeyProofWrong, KeyStateConflict),
)  # fmt: skip
async def add_key(call: Call[KeyIn, None], code: str) -> KeyList:
    """It counts beside the present ones as soon as it is approved."""
    given = call.body
    key: Key = parse_key({"id": given.id, "alg": given.alg, "public": given.public})
    await call.province.onboarding.keys.add(call.officer, code, key, given.proof)
    return await _keys(call, code)


@endpoint(
    bp, "POST", "/<code:str>/keys/<key_id:str>/approvals", access=SECURITY,
    summary="Let a new key count", answer=KeyList, errors=(*_KEY, SameHand),
)  # fmt: skip
async def approve_key(call: Call[None, None], code: str, key_id: str) -> KeyList:
    """Both count from now on, until the old one is retired."""
    await call.province.onboarding.keys.approve(call.officer, code, key_id)
    return await _keys(call, code)


@endpoint(
    bp, "POST", "/<code:str>/keys/<key_id:str>/retirements", access=_BOTH,
    summary="Let an old key count no more", answer=KeyList, errors=(*_KEY, LastKey),
)  # fmt: skip
async def retire_key(call: Call[None, None], code: str, key_id: str) -> KeyList:
    """The end of a rotation."""
    await call.province.onboarding.keys.retire(call.officer, code, key_id)
    return await _keys(call, code)


@endpoint(
    bp, "POST", "/<code:str>/keys/<key_id:str>/revocations", access=_BOTH,
    summary="Trust a key no more, at once and on every worker", body=ReasonIn, answer=KeyList,
    errors=(*_KEY, ReasonMissing),
)  # fmt: skip
async def revoke_key(call: Call[ReasonIn, None], code: str, key_id: str) -> KeyList:
    """Be it the last."""
    await call.province.onboarding.keys.revoke(call.officer, code, key_id, call.body.reason)
    return await _keys(call, code)


@endpoint(
    bp, "GET", "/<code:str>/addresses", access=READERS, summary="Addresses of a system",
    answer=AddressList, errors=(SystemUnknown,),
)  # fmt: skip
async def list_addresses(call: Call[None, None], code: str) -> HTTPResponse:
    """Every address that it asked for, and what was decided."""
    return tagged(call, await _addresses(call, code))


@endpoint(
    bp, "POST", "/<code:str>/addresses/approvals", access=SECURITY,
    summary="Let the platform call a system at an address", body=OriginIn, answer=AddressList,
    errors=(SystemUnknown, AddressUnknown, AddressRefused, SameHand),
)  # fmt: skip
async def approve_address(call: Call[OriginIn, None], code: str) -> AddressList:
    """Private ranges are refused outside the sandbox."""
    given = call.body
    await call.province.onboarding.addresses.approve(call.officer, code, given.origin, given.reason)
    return await _addresses(call, code)


@endpoint(
    bp, "POST", "/<code:str>/addresses/refusals", access=SECURITY,
    summary="Refuse an address, or take its approval back", body=RefusalIn, answer=AddressList,
    errors=(SystemUnknown, AddressUnknown, AddressInUse, ReasonMissing),
)  # fmt: skip
async def refuse_address(call: Call[RefusalIn, None], code: str) -> AddressList:
    """Not while the system is served there."""
    given = call.body
    await call.province.onboarding.addresses.refuse(call.officer, code, given.origin, given.reason)
    return await _addresses(call, code)


async def _keys(call: Call[Any, Any], code: str) -> KeyList:
    found = await call.province.onboarding.keys.list(call.officer, code)
    return KeyList(items=[key_out(one) for one in found])


async def _addresses(call: Call[Any, Any], code: str) -> AddressList:
    found = await call.province.onboarding.addresses.list(call.officer, code)
    return AddressList(items=[address_out(one) for one in found])
