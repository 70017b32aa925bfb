"""我的政策: what fits me and why, on which data; I can switch it off."""

from typing import Any

from sanic import Blueprint

from backend.identity.service import Level
from backend.policies.errors import EntitlementUnknown, MatchingOff, PolicyUnknown
from backend.policies.service import Whose
from gateway.channels import policies as shared
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("citizen_policies", url_prefix="/api/v1/citizen/policies")

_MINE = Person(Level.REAL_NAME)


@endpoint(bp, "GET", "", access=_MINE, summary="My policies", answer=shared.PoliciesOut)
async def list_policies(call: Call[None, None]) -> shared.PoliciesOut:
    """Those that fit first; with matching switched off, all, held against nobody."""
    return await shared.listed(call, await _me(call))


@endpoint(
    bp, "GET", "/data-used",
    access=_MINE, summary="Which of my data are used", answer=shared.DataUsedOut,
    errors=(MatchingOff,),
)  # fmt: skip
async def data_used(call: Call[None, None]) -> shared.DataUsedOut:
    """Every fact with its source, the policies that look at it, and the legal basis."""
    return await shared.data_used(call, await _me(call))


@endpoint(
    bp, "PUT", "/matching",
    access=_MINE, summary="Switch matching on or off", body=shared.MatchingIn,
    answer=shared.MatchingOut,
)  # fmt: skip
async def choose(call: Call[shared.MatchingIn, None]) -> shared.MatchingOut:
    """Off forgets at once what was kept for it (个人信息保护法 art. 24)."""
    return await shared.choose(call, await _me(call))


@endpoint(
    bp, "GET", "/<code:str>",
    access=_MINE, summary="One policy, with reasons", answer=shared.PolicyOut,
    errors=(PolicyUnknown, MatchingOff),
)  # fmt: skip
async def read_policy(call: Call[None, None], code: str) -> shared.PolicyOut:
    """Each condition: whether, on what data, and what would change it."""
    return await shared.read(call, await _me(call), code)


@endpoint(
    bp, "POST", "/<code:str>/claim",
    access=_MINE, summary="Claim a benefit", body=shared.ClaimIn, answer=shared.ClaimedOut,
    status=201, errors=(*shared.CLAIM_ERRORS,),
)  # fmt: skip
async def claim(call: Call[shared.ClaimIn, None], code: str) -> shared.ClaimedOut:
    """One tap: judged on fresh data, then paid; what weighs heavily is looked at by a person."""
    return await shared.claim(call, await _me(call), code)


@endpoint(
    bp, "POST", "/<code:str>/review",
    access=_MINE, summary="Ask for a person to look", body=shared.WordsIn,
    answer=shared.ClaimedOut, status=201, errors=(*shared.REVIEW_ERRORS,),
)  # fmt: skip
async def review(call: Call[shared.WordsIn, None], code: str) -> shared.ClaimedOut:
    """Nobody has to take a machine's word (个人信息保护法 art. 24)."""
    return await shared.review(call, await _me(call), code)


@endpoint(
    bp, "GET", "/benefits",
    access=_MINE, summary="Benefits", answer=shared.BenefitsOut, errors=(),
)  # fmt: skip
async def benefits(call: Call[None, None]) -> shared.BenefitsOut:
    """Offered, on the way, paid."""
    return await shared.benefits(call, await _me(call))


@endpoint(
    bp, "GET", "/benefits/<benefit_id:str>",
    access=_MINE, summary="One benefit", answer=shared.OneBenefitOut,
    errors=(EntitlementUnknown,),
)  # fmt: skip
async def one_benefit(call: Call[None, None], benefit_id: str) -> shared.OneBenefitOut:
    """With everything that was done."""
    return await shared.one_benefit(call, await _me(call), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/confirmation",
    access=_MINE, summary="Confirm a benefit", body=shared.ConfirmIn,
    answer=shared.OneBenefitOut, errors=(*shared.CONFIRM_ERRORS,),
)  # fmt: skip
async def confirm(call: Call[shared.ConfirmIn, None], benefit_id: str) -> shared.OneBenefitOut:
    """One tap: yes, into this account; also another one where the first was refused."""
    return await shared.confirm(call, await _me(call), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/refusal",
    access=_MINE, summary="Do without a benefit", answer=shared.OneBenefitOut,
    errors=(*shared.ACT_ERRORS,),
)  # fmt: skip
async def decline(call: Call[None, None], benefit_id: str) -> shared.OneBenefitOut:
    """It can be asked for again later."""
    return await shared.decline(call, await _me(call), benefit_id)


@endpoint(
    bp, "POST", "/benefits/<benefit_id:str>/objection",
    access=_MINE, summary="Object to a recovery", body=shared.WordsIn,
    answer=shared.OneBenefitOut, errors=(*shared.ACT_ERRORS,),
)  # fmt: skip
async def object_to_it(call: Call[shared.WordsIn, None], benefit_id: str) -> shared.OneBenefitOut:
    """The recovery rests until the department has looked again."""
    return await shared.objected(call, await _me(call), benefit_id)


async def _me(call: Call[Any, Any]) -> Whose:
    session = call.session
    return Whose(session.person_id, await call.province.identity.holder(session))
