"""What departments tell unasked for the matching of policies: facts of their own data."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.numbers.service import Holder
from backend.policies.errors import FactsRefused
from gateway.channels.provider.notices import HolderIn
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("provider_policy_facts", url_prefix="/api/v1/provider")

# Two hundred subjects with twenty facts each.
FACTS_LIMIT = 256 * 1024


class SubjectIn(In):
    """What is known of one subject, by variable (docs/policies.md)."""

    holder: HolderIn
    facts: dict[str, str | int | float | bool] = Field(min_length=1, max_length=30)


class FactsIn(In):
    """Subjects of one audience."""

    audience: Literal["citizen", "enterprise"]
    items: list[SubjectIn] = Field(min_length=1, max_length=200)


class TakenOut(Out):
    """How many were kept: nothing of those who switched matching off."""

    taken: int


@endpoint(
    bp, "POST", "/policy-facts",
    access=SYSTEM, summary="Facts for the matching of policies", body=FactsIn, answer=TakenOut,
    errors=(FactsRefused,), body_limit=FACTS_LIMIT,
)  # fmt: skip
async def take_facts(call: Call[FactsIn, None]) -> TakenOut:
    """Of the sender's own data alone; so that somebody is found who never opened the page."""
    rows = [
        (Holder(one.holder.code_type, one.holder.code, one.holder.name), one.facts)
        for one in call.body.items
    ]
    taken = await call.province.policies.facts.take(call.system.code, call.body.audience, rows)
    return TakenOut(taken=taken)
