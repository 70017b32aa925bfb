"""What is said of policies and benefits, alike to citizens and enterprises."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import Field

from backend.policies.service import AUDIENCES, Entitled, Matched, Reason, Used
from gateway.edge.endpoint import In, Out
from gateway.edge.moments import Moment


class ReasonOut(Out):
    """One condition: whether it is fulfilled, on what data, and what would change it."""

    words: str = Field(examples=["年满八十周岁"])
    clause: str
    result: bool | None = Field(description="null: cannot be judged, data are missing")
    looked: list[list[str]] = Field(description="label and value of what was looked at")
    change: str = Field(description="what would change it; empty where it is fulfilled")


class PolicyCard(Out):
    """A policy in a list."""

    code: str
    title: str
    summary: str
    department: str
    kind: Literal["automatic", "one_click", "commitment"]
    kind_name: str = Field(examples=["免申即享"])
    benefit: str = Field(examples=["每月 100 元"])
    benefit_kind: Literal["money", "service", "reminder"]
    outcome: Literal["matched", "unknown", "unmatched"]
    amount: str = Field(examples=["100 元"], description="what it comes to, empty if no money")
    why: str = Field(description="in one sentence: why it fits, or what is in the way")
    link: str = Field(description="page where it goes on; empty for what is claimed or paid here")


class PoliciesOut(Out):
    """Those that fit come first; with ``matching`` false nothing was held against the person."""

    matching: bool
    items: list[PolicyCard]


class ClauseOut(Out):
    """A place of the source document."""

    ref: str
    text: str


class PolicyOut(PolicyCard):
    """One policy in full."""

    audience: list[str]
    valid_from: date
    valid_to: date | None
    source: str = Field(description="name and number of the source document")
    sample: bool = Field(description="an invented example (示例)")
    clauses: list[ClauseOut]
    reasons: list[ReasonOut]
    commitment: str
    publicity_days: int
    major: bool
    contact: str
    version: int


class UsedOut(Out):
    """A fact that was looked at."""

    label: str
    value: str
    source: str
    as_of: str
    policies: list[str]
    bases: list[str]


class DataUsedOut(Out):
    """Everything that is looked at to match policies."""

    items: list[UsedOut]


class MatchingIn(In):
    """Whether policies may be matched."""

    matching: bool


class MatchingOut(Out):
    """Whether policies are matched."""

    matching: bool


class AccountIn(In):
    """Where it is paid to."""

    bank: str = Field(min_length=1, max_length=60, examples=["示范银行"])
    number: str = Field(pattern=r"^[0-9]{8,30}$", examples=["6222000000000000001"])


class ConfirmIn(In):
    """One tap: yes, and where to."""

    account: AccountIn | None = Field(
        default=None, description="without it, the one into which the last benefit was paid"
    )
    consent: Literal[True] = Field(description="the account may be given to the department")


class ClaimIn(In):
    """What one claims oneself."""

    account: AccountIn
    consent: Literal[True] = Field(description="the account may be given to the department")
    promised: bool = Field(default=False, description="the commitment was read and agreed to")


class WordsIn(In):
    """Why."""

    words: str = Field(min_length=2, max_length=500)


class BenefitOut(Out):
    """A benefit of mine."""

    id: str
    code: str
    title: str
    kind_name: str
    department: str
    holder: str = Field(examples=["李*"])
    number: str
    period: str
    state: str
    state_name: str = Field(examples=["待您确认"])
    amount: str
    account: str
    due_on: date | None
    answer_by: date | None = Field(description="until when an objection is answered")
    created_at: Moment


class BenefitStepOut(Out):
    """What was done."""

    at: Moment
    name: str
    words: str


class OneBenefitOut(BenefitOut):
    """With everything that was done."""

    known_account: str = Field(description="where the last one was paid to; empty if none was")
    reasons: list[str] = Field(description="the conditions that are fulfilled")
    steps: list[BenefitStepOut]


class BenefitsOut(Out):
    """The newest first."""

    items: list[BenefitOut]


class PublicisedOut(Out):
    """A benefit that is publicised (公示): a person's name masked, no number, no account."""

    id: str
    code: str
    title: str
    department: str
    holder: str = Field(examples=["李*"])
    amount: str
    until: date | None = Field(description="last day of the publicity")
    contact: str


class ObjectedOut(Out):
    """That an objection was taken."""

    title: str
    answer_by: date | None


class PublicityOut(Out):
    """Those that end first."""

    items: list[PublicisedOut]


class ClaimedOut(Out):
    """What was claimed."""

    id: str


def policy_out(found: Matched) -> PolicyOut:
    """One policy with its reasons."""
    document = found.document
    source = document.source
    return PolicyOut(
        **card(found),
        audience=[AUDIENCES[one] for one in document.audience],
        valid_from=document.valid_from, valid_to=document.valid_to,
        source=" ".join(filter(None, (source.issuer, f"《{source.name}》", source.number))),
        sample=source.sample,
        clauses=[ClauseOut(ref=one.ref, text=one.text) for one in source.clauses],
        reasons=[_reason(one) for one in found.reasons],
        commitment=document.steps.commitment, publicity_days=document.steps.publicity_days,
        major=document.major, contact=document.contact, version=found.policy.version,
    )  # fmt: skip


def benefit(one: Entitled) -> dict[str, Any]:
    """A benefit as it is listed."""
    names = set(BenefitOut.model_fields) - {"id", "state"}
    same = {name: getattr(one, name) for name in names}
    return {**same, "id": str(one.id), "state": one.state.value}


def one_benefit_out(found: Entitled, known_account: str) -> OneBenefitOut:
    """A benefit with everything that was done."""
    steps = [BenefitStepOut(at=one.at, name=one.name, words=one.words) for one in found.steps]
    reasons = [str(one["words"]) for one in found.reasons if one["result"]]
    return OneBenefitOut(
        **benefit(found), known_account=known_account, reasons=reasons, steps=steps
    )


def card(found: Matched) -> dict[str, Any]:
    """A policy as a card."""
    document = found.document
    return {
        "code": found.policy.code, "title": document.title, "summary": document.summary,
        "department": found.department, "kind": document.kind, "kind_name": found.kind_name,
        "benefit": document.benefit.words, "benefit_kind": document.benefit.kind,
        "outcome": found.outcome, "amount": found.amount_words, "why": _why(found.reasons),
        "link": document.benefit.link,
    }  # fmt: skip


def _why(reasons: Sequence[Reason]) -> str:
    """What fails, before what is not known; where all is fulfilled, the conditions."""
    in_the_way = sorted((one for one in reasons if one.change), key=lambda one: one.result is None)
    return in_the_way[0].change if in_the_way else "、".join(one.words for one in reasons)


def _reason(one: Reason) -> ReasonOut:
    return ReasonOut(
        words=one.words, clause=one.clause, result=one.result,
        looked=[list(pair) for pair in one.looked], change=one.change,
    )  # fmt: skip


def used_out(one: Used) -> UsedOut:
    return UsedOut(
        label=one.label, value=one.value, source=one.source, as_of=one.as_of,
        policies=list(one.policies), bases=list(one.bases),
    )  # fmt: skip
