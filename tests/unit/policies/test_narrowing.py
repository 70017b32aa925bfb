"""What is asked of sources is less, and what comes of it the same, today and on later days."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.policies.bulk import Bulk
from backend.policies.document import Policy
from backend.policies.judging import Judge
from backend.policies.narrowing import GIVEN, Narrowing
from backend.policies.variables import Raw, variables
from tests.unit.policies.samples import TODAY, condition, enterprise, policy
from tests.unit.policies.test_agreement import person, sandbox_policies

Facts = Mapping[str, Raw]
STEPS = {
    "one_click": {"check": False},
    "automatic": {"check": True},
    "commitment": {"check": False, "commitment": "我承诺属实。", "later_check_days": 30},
}


def learned(facts: Facts, policies: Sequence[Policy]) -> dict[str, Raw]:
    """What is known of somebody when the sources of open policies alone were asked."""
    narrowing = Narrowing(facts, TODAY)
    asked = set(GIVEN).union(*(one.sources for one in policies if narrowing.leaves_open(one)))
    return {name: raw for name, raw in facts.items() if variables()[name].source in asked}


def same(facts: Facts, policies: Sequence[Policy]) -> int:
    """Hold both against each other; says how many facts were not asked for."""
    known = learned(facts, policies)
    full, narrow = Judge(facts, TODAY), Judge(known, TODAY)
    for one in policies:
        wanted, found = full.one(one), narrow.one(one)
        assert found.matched is wanted.matched
        if wanted.matched is not False:
            assert found.results == wanted.results
            assert narrow.amount(one) == full.amount(one)
    automatic = [one for one in policies if one.document.kind == "automatic"]
    for days in (0, 1, 40, 400, 4000):
        later = TODAY + timedelta(days=days)
        assert _found(known, automatic, later) == _found(facts, automatic, later)
    return len(facts) - len(known)


def _found(facts: Facts, policies: Sequence[Policy], day: date) -> list[int]:
    """Whom a run over everybody finds on a day."""
    bulk = Bulk(policies, day)
    return list(bulk.run({name: [facts.get(name)] for name in bulk.looks_at}, 1).matched)


@given(st.integers(0, 2**32), st.floats(0, 0.6))
@settings(max_examples=150, deadline=None)
def test_nothing_matches_more_or_less_for_it(seed: int, gaps: float) -> None:
    r = random.Random(seed)
    policies = [
        policy(
            [condition(r) for _ in range(r.randint(1, 4))], f"policy-{at}", kind=kind,
            steps=STEPS[kind], audience=r.sample(["enterprise", "individual", "cooperative"], 2),
            region=r.choice(("440000", "440300", "440106")),
            benefit={"kind": "money", "words": "按人数", "formula": "enterprise.staff * 7",
                     "cap": 9000, "budget": 9000},
        )
        for at in range(6)
        for kind in (r.choice(list(STEPS)),)
    ]  # fmt: skip
    for _ in range(10):
        same(enterprise(r, gaps), policies)


def test_the_policies_of_the_sandbox_ask_for_less() -> None:
    r, found = random.Random(4), sandbox_policies()
    people = [one for one in found if one.document.side == "citizen"]
    enterprises = [one for one in found if one.document.side == "enterprise"]
    assert sum(same(person(r), people) for _ in range(200)) > 200
    assert sum(same(enterprise(r, 0), enterprises) for _ in range(200)) > 20


def test_an_age_rules_out_what_is_claimed_and_not_what_finds_people_later() -> None:
    founded: Facts = {"enterprise.kind": "individual", "enterprise.years": TODAY.isoformat()}
    cels = ["enterprise.years >= 3", "enterprise.staff >= 1"]
    narrowing = Narrowing(founded, TODAY)
    assert not narrowing.leaves_open(policy(cels))
    assert narrowing.leaves_open(policy(cels, kind="automatic", steps=STEPS["automatic"]))
    for_others = policy(
        cels, kind="automatic", steps=STEPS["automatic"], audience=["cooperative"]
    )  # fmt: skip
    assert not narrowing.leaves_open(for_others)


def test_what_a_source_said_before_rules_nothing_out() -> None:
    narrowing = Narrowing({"enterprise.kind": "enterprise", "enterprise.staff": 0}, TODAY)
    assert narrowing.leaves_open(policy(["enterprise.staff >= 1"]))
