"""What verifying needs and nobody has to log in for: keys, status lists, and looks by a code."""

import hashlib

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.presentation.errors import StatusListUnknown
from backend.presentation.service import VCT, Verifier, labels_of
from gateway.channels import shown
from gateway.channels.shown import ScanOut, WaitQuery
from gateway.edge.access import PUBLIC
from gateway.edge.address import client_address
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("public_verification", url_prefix="/api/v1/public/verification")

# A withdrawal is to be seen everywhere within two seconds, in caches between us, too.
LIST_AGE_S, KEYS_AGE_S = 1, 300
LIST_TYPE, KEYS_TYPE = "application/statuslist+jwt", "application/jwk-set+json"


class PublicScanIn(In):
    """The code, who looks (as the holder will be told), and why."""

    code: str = shown.CODE
    verifier: str = Field(
        min_length=2, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["示范酒店前台"]
    )
    purpose: str = shown.PURPOSE


@endpoint(
    bp, "GET", "/keys",
    access=PUBLIC, summary="Keys that credentials are signed with", media_type=KEYS_TYPE,
)  # fmt: skip
async def keys(call: Call[None, None]) -> HTTPResponse:
    """A JWK set (RFC 7517) with the ``issuer``; keys of the generation before are in it, too."""
    return _cached(call, call.province.presentations.keys.body, KEYS_TYPE, KEYS_AGE_S)


class TypeOut(Out):
    """A licence type in words."""

    vct: str = Field(examples=["urn:shengshitong:licence:11100000000013127D001"])
    name: str = Field(examples=["居民身份证"])
    labels: dict[str, str] = Field(examples=[{"age_over_18": "年满18周岁"}])


class TypesOut(Out):
    """All types whose licences are shown."""

    items: list[TypeOut]


@endpoint(
    bp, "GET", "/types", access=PUBLIC, summary="What the facts are called", answer=TypesOut,
)  # fmt: skip
async def types(call: Call[None, None]) -> TypesOut:
    """A credential carries names of facts; people read labels."""
    kinds = [
        kind
        for system in call.province.exchange.systems()
        for kind in system.manifest.licence_types
    ]
    return TypesOut(
        items=[
            TypeOut(vct=VCT + kind.code, name=kind.name, labels=labels_of(kind)) for kind in kinds
        ]
    )


class ListsOut(Out):
    """Names of the status lists."""

    items: list[str] = Field(examples=[["0-ed25519", "0-sm2"]])


@endpoint(
    bp, "GET", "/status-lists",
    access=PUBLIC, summary="The status lists there are", answer=ListsOut,
)  # fmt: skip
async def status_lists(call: Call[None, None]) -> ListsOut:
    """Whoever verifies without a network fetches all of them once a day."""
    return ListsOut(items=await call.province.presentations.credentials.list_names())


@endpoint(
    bp, "GET", "/status-lists/<name:str>",
    access=PUBLIC, summary="Which credentials were withdrawn", media_type=LIST_TYPE,
    errors=(StatusListUnknown,),
)  # fmt: skip
async def status_list(call: Call[None, None], name: str) -> HTTPResponse:
    """A Token Status List of the IETF, signed; usable for a day without a network."""
    token = await call.province.presentations.credentials.status_list(name)
    return _cached(call, token.encode(), LIST_TYPE, LIST_AGE_S)


@endpoint(
    bp, "POST", "/scans",
    access=PUBLIC, summary="Look at a licence by its code", body=PublicScanIn, answer=ScanOut,
    errors=shown.SCAN_ERRORS,
)  # fmt: skip
async def scan(call: Call[PublicScanIn, None]) -> HTTPResponse:
    """Anyone may; the holder is told who they say they are."""
    presentations = call.province.presentations
    counted = presentations.address_tag(client_address(call.request))
    verifier = Verifier("public", "", f"{call.body.verifier}（自称）")
    found = await presentations.scan(call.body.code, verifier, call.body.purpose, counted)
    return shown.scanned(found)


@endpoint(
    bp, "GET", "/scans/<token:str>",
    access=PUBLIC, summary="What the holder said", query=WaitQuery, answer=ScanOut,
    errors=shown.RESULT_ERRORS,
)  # fmt: skip
async def result(call: Call[None, WaitQuery], token: str) -> HTTPResponse:
    """202 while they have said nothing; the result is given once."""
    return await shown.collected(call, token, Verifier("public", "", ""))


def _cached(call: Call[None, None], body: bytes, kind: str, age_s: int) -> HTTPResponse:
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {
        "etag": etag,
        "cache-control": f"public, max-age={age_s}",
        "x-content-type-options": "nosniff",
        # Pages and counters of others read it, too; there is nothing personal in it.
        "access-control-allow-origin": "*",
    }
    if etag in call.request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers=headers)
    return HTTPResponse(body, headers=headers, content_type=kind)
