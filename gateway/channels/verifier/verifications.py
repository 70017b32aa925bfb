"""A registered system's counter looks at a licence by the code on its holder's screen."""

from typing import Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.presentation.service import Verifier
from gateway.channels import shown
from gateway.channels.shown import ScanOut, WaitQuery
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("verifier_verifications", url_prefix="/api/v1/verifier/verifications")


class ScanIn(In):
    """The code, and what it is looked at for: the 五要素 as far as a counter has them."""

    code: str = shown.CODE
    purpose: str = shown.PURPOSE
    counter: str = Field(
        default="", max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["车管所3号窗口"],
        description="用证单位下的窗口或人员; the holder reads it",
    )  # fmt: skip


@endpoint(
    bp, "POST", "",
    access=SYSTEM, summary="Look at a licence by its code", body=ScanIn, answer=ScanOut,
    errors=shown.SCAN_ERRORS,
)  # fmt: skip
async def scan(call: Call[ScanIn, None]) -> HTTPResponse:
    """What the holder chose, with a receipt; 202 while the holder is asked."""
    found = await call.province.presentations.scan(
        call.body.code, _me(call, call.body.counter), call.body.purpose, call.system.code
    )
    return shown.scanned(found)


@endpoint(
    bp, "GET", "/<token:str>",
    access=SYSTEM, summary="What the holder said", query=WaitQuery, answer=ScanOut,
    errors=shown.RESULT_ERRORS,
)  # fmt: skip
async def result(call: Call[None, WaitQuery], token: str) -> HTTPResponse:
    """202 while they have said nothing; the result is given once."""
    return await shown.collected(call, token, _me(call))


def _me(call: Call[Any, Any], counter: str = "") -> Verifier:
    system = call.system.manifest.system
    name = f"{system.department.name}（{counter or system.short_name}）"
    return Verifier("system", call.system.code, name)
