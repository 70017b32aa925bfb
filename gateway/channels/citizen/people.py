"""The shapes of a person and of tokens, shared by the resources of this channel."""

from pydantic import Field

from backend.identity.service import ACCESS_SECONDS, REFRESH_SECONDS, Me, Tokens
from gateway.edge.endpoint import Out
from gateway.edge.moments import Moment


class ConsentOut(Out):
    """A consent that stands."""

    kind: str = Field(examples=["privacy"])
    version: str = Field(examples=["2026-11-01"])
    given_at: Moment


class MeOut(Out):
    """The logged-in person, masked."""

    id: str
    level: int = Field(ge=0, le=5, description="assurance level of this session")
    name: str | None = Field(examples=["张*"])
    phone: str | None = Field(examples=["138****8000"])
    id_number: str | None = Field(examples=["440***********0032"])
    wechat: bool
    elder: bool
    region_code: str = Field(examples=["440000"])
    consents: list[ConsentOut]


class TokensOut(Out):
    """What a login gives."""

    access_token: str
    access_expires_in: int = Field(description="seconds", examples=[ACCESS_SECONDS])
    refresh_token: str
    refresh_expires_in: int = Field(description="seconds", examples=[REFRESH_SECONDS])
    level: int = Field(ge=0, le=5)
    person: MeOut


def me_out(me: Me) -> MeOut:
    """A person for an answer."""
    return MeOut.model_validate(me, from_attributes=True)


def tokens_out(tokens: Tokens) -> TokensOut:
    """Tokens for an answer."""
    return TokensOut(
        access_token=tokens.access_token,
        access_expires_in=ACCESS_SECONDS,
        refresh_token=tokens.refresh_token,
        refresh_expires_in=REFRESH_SECONDS,
        level=int(tokens.level),
        person=me_out(tokens.person),
    )
