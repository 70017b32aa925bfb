"""我的政策 and 专属政策: what fits a person or an enterprise and why, and the benefits of it."""

from typing import Any

from backend.policies.errors import (
    AccountMissing,
    ActNotPossible,
    BudgetSpent,
    CommitmentMissing,
    EntitlementUnknown,
    MatchingOff,
    NotMatched,
    PolicyUnknown,
)
from backend.policies.service import Whose
from gateway.channels.doors import Shared, entered
from gateway.channels.policies.shapes import (
    AccountIn,
    BenefitOut,
    BenefitsOut,
    ClaimedOut,
    ClaimIn,
    ConfirmIn,
    DataUsedOut,
    MatchingIn,
    MatchingOut,
    OneBenefitOut,
    PoliciesOut,
    PolicyCard,
    PolicyOut,
    WordsIn,
    benefit,
    card,
    one_benefit_out,
    policy_out,
    used_out,
)
from gateway.edge.endpoint import Call

POLICIES = Shared()
_ACT = (EntitlementUnknown, ActNotPossible)


@POLICIES.endpoint("GET", "", summary="Policies that may fit", answer=PoliciesOut)
async def list_policies(call: Call[None, None], uscc: str = "") -> PoliciesOut:
    """Those that fit first; with matching switched off, all, held against nobody."""
    whose, policies = await _whose(call, uscc), call.province.policies
    matching = await policies.facts.matching(whose.holder)
    if matching:
        found = await policies.matching.mine(whose, call.trace)
    else:
        found = await policies.matching.published(whose.side)
    return PoliciesOut(matching=matching, items=[PolicyCard(**card(one)) for one in found])


@POLICIES.endpoint(
    "GET", "/data-used", summary="Which data are used", answer=DataUsedOut, errors=(MatchingOff,)
)
async def data_used(call: Call[None, None], uscc: str = "") -> DataUsedOut:
    """Every fact with its source, the policies that look at it, and the legal basis."""
    whose = await _whose(call, uscc)
    used = await call.province.policies.matching.data_used(whose, call.trace)
    return DataUsedOut(items=[used_out(one) for one in used])


@POLICIES.endpoint(
    "PUT", "/matching", summary="Switch matching on or off", body=MatchingIn, answer=MatchingOut
)
async def choose(call: Call[MatchingIn, None], uscc: str = "") -> MatchingOut:
    """Off forgets at once what was kept for it (个人信息保护法 art. 24)."""
    whose, wanted = await _whose(call, uscc), call.body.matching
    await call.province.policies.facts.choose(whose.holder, wanted, whose.person_id)
    return MatchingOut(matching=wanted)


@POLICIES.endpoint(
    "GET", "/<code:str>", summary="One policy, with reasons", answer=PolicyOut,
    errors=(PolicyUnknown, MatchingOff),
)  # fmt: skip
async def read_policy(call: Call[None, None], code: str, uscc: str = "") -> PolicyOut:
    """Each condition: whether, on what data, and what would change it."""
    whose = await _whose(call, uscc)
    return policy_out(await call.province.policies.matching.one(whose, code, call.trace))


@POLICIES.endpoint(
    "POST", "/<code:str>/claim", summary="Claim a benefit", body=ClaimIn, answer=ClaimedOut,
    status=201,
    errors=(
        PolicyUnknown, MatchingOff, NotMatched, CommitmentMissing, BudgetSpent, ActNotPossible,
    ),
)  # fmt: skip
async def claim(call: Call[ClaimIn, None], code: str, uscc: str = "") -> ClaimedOut:
    """One tap: judged on fresh data, then paid; what weighs heavily is looked at by a person."""
    whose = await _whose(call, uscc)
    made = await call.province.policies.entitlements.claim(
        whose, code, _account(call.body.account, whose), call.body.promised, call.trace
    )
    return ClaimedOut(id=str(made))


@POLICIES.endpoint(
    "POST", "/<code:str>/review", summary="Ask for a person to look", body=WordsIn,
    answer=ClaimedOut, status=201, errors=(PolicyUnknown, MatchingOff, ActNotPossible),
)  # fmt: skip
async def review(call: Call[WordsIn, None], code: str, uscc: str = "") -> ClaimedOut:
    """Nobody has to take a machine's word (个人信息保护法 art. 24)."""
    whose = await _whose(call, uscc)
    made = await call.province.policies.entitlements.review(
        whose, code, call.body.words, call.trace
    )
    return ClaimedOut(id=str(made))


@POLICIES.endpoint("GET", "/benefits", summary="Benefits", answer=BenefitsOut)
async def list_benefits(call: Call[None, None], uscc: str = "") -> BenefitsOut:
    """Offered, on the way, paid."""
    found = await call.province.policies.entitlements.mine(await _whose(call, uscc))
    return BenefitsOut(items=[BenefitOut(**benefit(one)) for one in found])


@POLICIES.endpoint(
    "GET", "/benefits/<benefit_id:str>", summary="One benefit", answer=OneBenefitOut,
    errors=(EntitlementUnknown,),
)  # fmt: skip
async def read_benefit(call: Call[None, None], benefit_id: str, uscc: str = "") -> OneBenefitOut:
    """With everything that was done."""
    return await _benefit(call, await _whose(call, uscc), benefit_id)


@POLICIES.endpoint(
    "POST", "/benefits/<benefit_id:str>/confirmation", summary="Confirm a benefit",
    body=ConfirmIn, answer=OneBenefitOut, errors=(*_ACT, AccountMissing, BudgetSpent),
)  # fmt: skip
async def confirm(call: Call[ConfirmIn, None], benefit_id: str, uscc: str = "") -> OneBenefitOut:
    """One tap: yes, into this account; also another one where the first was refused."""
    whose = await _whose(call, uscc)
    account = _account(call.body.account, whose) if call.body.account else None
    await call.province.policies.entitlements.confirm(whose, benefit_id, account)
    return await _benefit(call, whose, benefit_id)


@POLICIES.endpoint(
    "POST", "/benefits/<benefit_id:str>/refusal", summary="Do without a benefit",
    answer=OneBenefitOut, errors=_ACT,
)  # fmt: skip
async def decline(call: Call[None, None], benefit_id: str, uscc: str = "") -> OneBenefitOut:
    """It can be asked for again later."""
    whose = await _whose(call, uscc)
    await call.province.policies.entitlements.decline(whose, benefit_id)
    return await _benefit(call, whose, benefit_id)


@POLICIES.endpoint(
    "POST", "/benefits/<benefit_id:str>/objection", summary="Object to a recovery", body=WordsIn,
    answer=OneBenefitOut, errors=_ACT,
)  # fmt: skip
async def object_to_it(call: Call[WordsIn, None], benefit_id: str, uscc: str = "") -> OneBenefitOut:
    """The recovery rests until the department has looked again."""
    whose = await _whose(call, uscc)
    await call.province.policies.objections.object(whose, benefit_id, call.body.words)
    return await _benefit(call, whose, benefit_id)


async def _whose(call: Call[Any, Any], uscc: str) -> Whose:
    enterprise = await entered(call, uscc)
    me = call.session.person_id
    if enterprise is not None:
        return Whose(me, enterprise.holder, enterprise)
    return Whose(me, await call.province.identity.holder(call.session))


async def _benefit(call: Call[Any, Any], whose: Whose, benefit_id: str) -> OneBenefitOut:
    benefits = call.province.policies.entitlements
    found = await benefits.one(whose, benefit_id)
    return one_benefit_out(found, await benefits.known_account(whose))


def _account(given: AccountIn, whose: Whose) -> dict[str, str]:
    """An account of the beneficiary's own, and nobody else's."""
    return {"bank": given.bank, "number": given.number, "name": whose.holder.name}
