"""One by one through the CEL library, or all at once by columns: the same answer."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.policies.bulk import Bulk
from backend.policies.document import Policy, read_document
from backend.policies.judging import Judge
from backend.policies.variables import Raw, variables
from backend.sandbox.departments.registry import departments
from tests.unit.policies.samples import TODAY, condition, enterprise, many, policy


def agree(policies: Sequence[Policy], rows: Sequence[dict[str, Raw]], today: date) -> int:
    """Hold the two ways against each other; says how many matched in all."""
    bulk = Bulk(policies, today)
    columns = {name: [row.get(name) for row in rows] for name in bulk.looks_at}
    batch = bulk.run(columns, len(rows))
    apart = bulk.apart(columns, len(rows))
    for at, row in enumerate(rows):
        for place, judged in enumerate(Judge(row, today).judge(policies)):
            assert bool(batch.matched[place] >> 8 * at & 1) is (judged.matched is True)
            for (yes, no), result in zip(apart[place], judged.results, strict=True):
                assert (yes >> 8 * at & 1, no >> 8 * at & 1) == (result is True, result is False)
    return sum(batch.count(place) for place in range(len(policies)))


@given(st.integers(0, 2**32), st.floats(0, 0.6))
@settings(max_examples=120, deadline=None)
def test_any_conditions_on_any_enterprises(seed: int, gaps: float) -> None:
    r = random.Random(seed)
    policies = [policy([condition(r) for _ in range(r.randint(1, 5))]) for _ in range(6)]
    agree(policies, [enterprise(r, gaps) for _ in range(20)], TODAY)


def test_three_hundred_policies_on_generated_enterprises() -> None:
    r = random.Random(3)
    assert agree(many(300), [enterprise(r) for _ in range(150)], TODAY) > 1000


def test_values_at_the_bounds_themselves() -> None:
    cels = [f"enterprise.staff {relation} 5" for relation in ("<", "<=", "==", "!=", ">=", ">")]
    cels += [f"enterprise.capital {relation} 5.5" for relation in ("<", "<=", "==", ">=", ">")]
    rows: list[dict[str, Raw]] = [
        {"enterprise.kind": "enterprise", "enterprise.staff": staff, "enterprise.capital": capital}
        for staff in (4, 5, 6)
        for capital in (5.4999, 5.5, 5.5001)
    ]
    agree([policy([cel]) for cel in cels], rows, TODAY)


def test_more_statements_on_a_text_than_a_byte_has_classes() -> None:
    r = random.Random(5)
    cels = [f"enterprise.industry.startsWith('{r.choice('ABCDEFG')}{n:03d}')" for n in range(40)]
    cels += [f"enterprise.industry in ['A{n:04d}', 'B{n + 1:04d}']" for n in range(300)]
    rows: list[dict[str, Raw]] = [
        {"enterprise.kind": "enterprise", "enterprise.industry": f"{r.choice('ABCDEFG')}{n:04d}"}
        for n in range(320)
    ]
    agree([policy([cel]) for cel in cels], rows, TODAY)


def test_more_bounds_on_a_number_than_a_byte_has_classes() -> None:
    r = random.Random(6)
    cels = [f"enterprise.staff >= {bound}" for bound in range(0, 1000, 3)]
    bounds = ", ".join(str(bound) for bound in range(0, 900, 4))
    cels.append(f"enterprise.staff in [{bounds}]")
    rows: list[dict[str, Raw]] = [
        {"enterprise.kind": "enterprise", "enterprise.staff": r.randrange(1100)} for _ in range(60)
    ]
    agree([policy([cel]) for cel in cels], rows, TODAY)


def sandbox_policies() -> list[Policy]:
    return [
        Policy(read_document(raw), one.system_code, 1)
        for one in departments()
        for raw in one.policies
    ]


def test_all_policies_of_the_sandbox() -> None:
    found = sandbox_policies()
    people = [one for one in found if one.document.side == "citizen"]
    enterprises = [one for one in found if one.document.side == "enterprise"]
    assert len(people) >= 12
    assert len(enterprises) >= 18
    r = random.Random(9)
    assert agree(enterprises, [enterprise(r, 0.1) for _ in range(200)], TODAY) > 200
    assert agree(people, [person(r) for _ in range(200)], TODAY) > 100


def person(r: random.Random) -> dict[str, Raw]:
    facts: dict[str, Raw] = {}
    for name, one in variables().items():
        if one.audience != "citizen" or r.random() < 0.1:
            continue
        if one.dated:
            days = r.randrange(-800, 800) if one.derive == "days_left" else -r.randrange(40_000)
            facts[name] = (TODAY + timedelta(days=days)).isoformat()
        elif one.type == "bool":
            facts[name] = r.random() < 0.5
        elif one.type == "int":
            facts[name] = r.randrange(40)
        elif one.type == "double":
            facts[name] = r.random() * 5000
        else:
            facts[name] = r.choice(("待遇领取", "城乡居民参保", "正常", "待办理", "其他"))
    return facts
