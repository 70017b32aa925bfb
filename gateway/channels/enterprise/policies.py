"""专属政策: what fits an enterprise and why, for whoever represents it."""

from typing import Any

from sanic import Blueprint

from backend.enterprise.service import NotRepresentative, RegisterUnavailable
from backend.identity.service import Level
from backend.policies.errors import EntitlementUnknown, MatchingOff, PolicyUnknown
from backend.policies.service import Whose
from gateway.channels import policies as shared
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint(
    "enterprise_policies", url_prefix="/api/v1/enterprise/enterprises/<uscc:str>/policies"
)

_FACE = Person(Level.FACE)
_REGISTER = (NotRepresentative, RegisterUnavailable)


@endpoint(
    bp, "GET", "",
    access=_FACE, summary="Its policies", answer=shared.PoliciesOut, errors=_REGISTER,
)  # fmt: skip
async def list_policies(call: Call[None, None], uscc: str) -> shared.PoliciesOut:
    """Those that fit first; with matching switched off, all, held against nobody."""
    return await shared.listed(call, await _its(call, uscc))


@endpoint(
    bp, "GET", "/data-used",
    access=_FACE, summary="Which of its data are used", answer=shared.DataUsedOut,
    errors=(*_REGISTER, MatchingOff),
)  # fmt: skip
async def data_used(call: Call[None, None], uscc: str) -> shared.DataUsedOut:
    """Every fact with its source, the policies that look at it, and the legal basis."""
    return await shared.data_used(call, await _its(call, uscc))


@endpoint(
    bp, "PUT", "/matching",
    access=_FACE, summary="Switch matching on or off", body=shared.MatchingIn,
    answer=shared.MatchingOut, errors=_REGISTER,
)  # fmt: skip
async def choose(call: Call[shared.MatchingIn, None], uscc: str) -> shared.MatchingOut:
    """Off forgets at once what was kept for it."""
    return await shared.choose(call, await _its(call, uscc))


@endpoint(
    bp, "GET", "/<code:str>",
    access=_FACE, summary="One policy, with reasons", answer=shared.PolicyOut,
    errors=(*_REGISTER, PolicyUnknown, MatchingOff),
)  # fmt: skip
async def read_policy(call: Call[None, None], uscc: str, code: str) -> shared.PolicyOut:
    """Each condition: whether, on what data, and what would change it."""
    return await shared.read(call, await _its(call, uscc), code)


@endpoint(
    bp, "POST", "/<code:str>/claim",
    access=_FACE, summary="Claim a benefit", body=shared.ClaimIn, answer=shared.ClaimedOut,
    status=201, errors=(*_REGISTER, *shared.CLAIM_ERRORS,),
)  # fmt: skip
async def claim(call: Call[shared.ClaimIn, None], uscc: str, code: str) -> shared.ClaimedOut:
    """One tap: judged on fresh data, then paid; what weighs heavily is looked at by a person."""
    return await shared.claim(call, await _its(call, uscc), code)


@endpoint(
    bp, "POST", "/<code:str>/review",
    access=_FACE, summary="Ask for a person to look", body=shared.WordsIn,
    answer=shared.ClaimedOut, status=201, errors=(*_REGISTER, *shared.REVIEW_ERRORS,),
)  # fmt: skip
async def review(call: Call[shared.WordsIn, None], uscc: str, code: str) -> shared.ClaimedOut:
    """Nobody has to take a machine's word (个人信息保护法 art. 24)."""
    return await shared.review(call, await _its(call, uscc), code)


@endpoint(
    bp, "GET", "/benefits",
    access=_FACE, summary="Benefits", answer=shared.BenefitsOut, errors=_REGISTER,
)  # fmt: skip
async def benefits(call: Call[None, None], uscc: str) -> shared.BenefitsOut:
    """Offered, on the way, paid."""
    return await shared.benefits(call, await _its(call, uscc))


@endpoint(
    bp, "GET", "/benefits/<benefit_id:str>",
    access=_FACE, summary="One benefit", answer=shared.OneBenefitOut,
    errors=(*_REGISTER, EntitlementUnknown,),
)  # fmt: skip
async def one_benefit(call: Call[None, None], uscc: str, benefit_id: str) -> shared.OneBenefitOut:
    """With everything that was done."""
    return await shared.one_benefit(call, await _its(call, uscc), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/confirmation",
    access=_FACE, summary="Confirm a benefit", body=shared.ConfirmIn,
    answer=shared.OneBenefitOut, errors=(*_REGISTER, *shared.CONFIRM_ERRORS,),
)  # fmt: skip
async def confirm(
    call: Call[shared.ConfirmIn, None], uscc: str, benefit_id: str
) -> shared.OneBenefitOut:
    """One tap: yes, into this account; also another one where the first was refused."""
    return await shared.confirm(call, await _its(call, uscc), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/refusal",
    access=_FACE, summary="Do without a benefit", answer=shared.OneBenefitOut,
    errors=(*_REGISTER, *shared.ACT_ERRORS,),
)  # fmt: skip
async def decline(call: Call[None, None], uscc: str, benefit_id: str) -> shared.OneBenefitOut:
    """It can be asked for again later."""
    return await shared.decline(call, await _its(call, uscc), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/objection",
    access=_FACE, summary="Object to a recovery", body=shared.WordsIn,
    answer=shared.OneBenefitOut, errors=(*_REGISTER, *shared.ACT_ERRORS,),
)  # fmt: skip
async def object_to_it(
    call: Call[shared.WordsIn, None], uscc: str, benefit_id: str
) -> shared.OneBenefitOut:
    """The recovery rests until the department has looked again."""
    return await shared.objected(call, await _its(call, uscc), benefit_id)


async def _its(call: Call[Any, Any], uscc: str) -> Whose:
    session = call.session
    person = await call.province.identity.holder(session)
    enterprise = await call.province.enterprises.require(session.subject, person, uscc, call.trace)
    return Whose(session.person_id, enterprise.holder, enterprise)
