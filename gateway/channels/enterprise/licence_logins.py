"""Log-in by 电子营业执照: a code that its holder shows lets them act in this session."""

from pydantic import Field
from sanic import Blueprint

from backend.enterprise import errors as enterprise
from backend.enterprise.service import ASK_S
from backend.identity.service import Level
from backend.members import errors
from gateway.channels.enterprise.enterprises import EnterpriseCard, held_card
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("enterprise_licence_logins", url_prefix="/api/v1/enterprise/licence-logins")


class LicenceCodeIn(In):
    """What the holder's phone shows, scanned or typed."""

    code: str = Field(min_length=1, max_length=200, examples=["7F3K-9Q2M-XT5A"])


@endpoint(
    bp, "POST", "",
    access=Person(Level.REAL_NAME), summary="Act by an electronic business licence",
    body=LicenceCodeIn, answer=EnterpriseCard, status=201,
    errors=(
        enterprise.LicenceCodeUnknown, enterprise.LicenceCodeUsed, enterprise.LicenceCodeExpired,
        enterprise.LicenceSystemSilent, enterprise.RegisterUnavailable, errors.LicenceNotYours,
        errors.LicenceClosed, errors.LicenceOutdated, errors.LicenceBarred, errors.TooManyCodes,
    ),
)  # fmt: skip
async def enter(call: Call[LicenceCodeIn, None]) -> EnterpriseCard:
    """Its representative enters as such, whoever was appointed there as an agent.

    It holds in this session alone, for at most twelve hours. The licence must be in the hand of
    the very person who is logged in, and a code opens one door, once.
    """
    person = await call.province.identity.holder(call.session)
    held = await call.province.members.licensing.enter(
        call.session, person, call.body.code, call.trace, call.deadline(ASK_S)
    )
    return held_card(held)


@endpoint(
    bp, "DELETE", "",
    access=Person(Level.REAL_NAME), summary="Act by no electronic business licence any more",
)  # fmt: skip
async def leave(call: Call[None, None]) -> None:
    """Ends all that was shown in this session; again does nothing."""
    await call.province.members.licensing.leave(call.session)
