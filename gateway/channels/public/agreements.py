"""The texts that people agree to."""

from datetime import date
from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.identity.errors import AgreementNotFound
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("public_agreements", url_prefix="/api/v1/public/agreements")


class SectionOut(Out):
    """A heading and its paragraphs."""

    heading: str
    paragraphs: list[str]


class AgreementOut(Out):
    """An agreement in the version that is in force."""

    kind: Literal["privacy", "face"]
    version: str = Field(examples=["2026-11-01"])
    title: str = Field(examples=["省事通隐私政策"])
    effective_from: date
    sections: list[SectionOut]


@endpoint(
    bp,
    "GET",
    "/<kind:str>",
    access=PUBLIC,
    summary="The privacy policy or the notice on faces",
    answer=AgreementOut,
    errors=(AgreementNotFound,),
)
async def agreement(call: Call[None, None], kind: str) -> AgreementOut:
    """The text in force of one kind."""
    found = call.province.identity.agreement(kind)
    return AgreementOut.model_validate(found, from_attributes=True)
