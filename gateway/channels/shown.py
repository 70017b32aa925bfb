"""Shapes and steps that all who verify share: systems, people, and anyone at the public page."""

from typing import Any, Literal

from pydantic import Field
from sanic import HTTPResponse

from backend.presentation import errors
from backend.presentation.service import Seen, Verifier, Waiting
from backend.wallet.service import china_time
from gateway.edge.answers import json_answer
from gateway.edge.endpoint import Call, In, Out
from gateway.edge.moments import Moment, in_beijing
from gateway.edge.waiting import until_there

SCAN_ERRORS = (
    errors.CodeUnknown, errors.CodeUsed, errors.LicenceWithdrawn, errors.TooOften,
)  # fmt: skip
RESULT_ERRORS = (errors.RequestUnknown, errors.RequestDeclined, errors.LicenceWithdrawn)
PURPOSE = Field(
    min_length=2, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["住宿登记"],
    description="why; the holder reads it",
)  # fmt: skip
CODE = Field(
    min_length=26, max_length=200, examples=["7H3K5QZ2M4XW6TJA8NRB9CVD2E"],
    description="what was scanned or typed: the code, or the address that ends in #c=<code>",
)  # fmt: skip


class FieldSeen(Out):
    """A fact, or yes or no."""

    name: str = Field(examples=["age_over_18"])
    label: str = Field(examples=["年满18周岁"])
    value: str | bool


class LicenceSeen(Out):
    """What is known of the licence without its facts."""

    type_code: str
    type_name: str = Field(examples=["居民身份证"])
    authority: str = Field(examples=["广东省公安厅"])
    status: Literal["VALID"]
    status_label: str = Field(examples=["有效"])
    as_of: str = Field(description="RFC 3339; when its issuer last confirmed it")


class ReceiptOut(Out):
    """By which the holder, the verifier and the log know this look."""

    id: str
    at: Moment
    signed: str = Field(description="JWS of type receipt+jwt; keep it as evidence")


class ScanOut(Out):
    """``shown`` with all that was agreed, or ``waiting`` for the holder's word."""

    state: Literal["shown", "waiting"]
    licence: LicenceSeen | None = None
    fields: list[FieldSeen] | None = None
    receipt: ReceiptOut | None = None
    token: str | None = Field(None, description="ask …/requests/<token> for the result")
    expires_in: int | None = Field(None, description="seconds")


class WaitQuery(In):
    """How long the answer may wait for something to happen."""

    wait: int = Field(default=0, ge=0, le=25, description="seconds")


def scanned(found: Seen | Waiting) -> HTTPResponse:
    """The answer to a scan: 200 with what is shown, 202 while the holder is asked."""
    if isinstance(found, Waiting):
        waiting = {"state": "waiting", "token": found.token, "expires_in": found.expires_in}
        return json_answer(waiting, 202)
    return json_answer(seen_document(found))


async def collected(call: Call[Any, WaitQuery], token: str, verifier: Verifier) -> HTTPResponse:
    """What became of a request; waits for the holder's word as long as the caller wants."""
    presentations = call.province.presentations

    async def look() -> Seen | None:
        return await presentations.result(token, verifier)

    found = await until_there(look, call.query.wait)
    return json_answer({"state": "waiting"}, 202) if found is None else scanned(found)


def seen_document(seen: Seen) -> dict[str, Any]:
    """As the verifier gets it."""
    shown = seen.shown
    return {
        "state": "shown",
        "licence": {
            "type_code": shown.type_code,
            "type_name": shown.type_name,
            "authority": shown.authority,
            "status": "VALID",
            "status_label": "有效",
            "as_of": china_time(shown.as_of),
        },
        "fields": [
            {"name": name, "label": label, "value": value} for name, label, value in shown.facts
        ],
        "receipt": {
            "id": seen.receipt_id,
            "at": in_beijing(seen.at).isoformat(),
            "signed": seen.receipt,
        },
    }
