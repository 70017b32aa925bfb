"""Policies and enterprises for tests, drawn by hypothesis or by a seed."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from backend.policies.document import Policy, read_document
from backend.policies.variables import Raw, variables

TODAY = date(2026, 11, 25)
SOURCES = sorted({one.source for one in variables().values() if one.audience == "enterprise"})
REGIONS = [f"44{city:02d}{county:02d}" for city in range(1, 21) for county in range(1, 13)]


def document(**changes: Any) -> dict[str, Any]:
    """A policy for enterprises that is in order."""
    return {
        "code": "sample-policy", "title": "示例补贴", "summary": "示例。", "kind": "one_click",
        "audience": ["enterprise", "individual"], "region": "440000",
        "source": {"name": "示例办法", "sample": True, "clauses": [{"ref": "一", "text": "示例"}]},
        "valid_from": "2026-01-01",
        "benefit": {"kind": "money", "words": "一千元", "amount": 1000, "budget": 10_000},
        "conditions": [{"id": "staff", "words": "有人参保", "cel": "enterprise.staff >= 1"}],
        "evidence": [{"source": source, "basis": "示例依据"} for source in SOURCES],
        "steps": {"check": False},
        **changes,
    }  # fmt: skip


def policy(cels: list[str], code: str = "sample-policy", **changes: Any) -> Policy:
    """A policy with these conditions."""
    conditions = [{"id": f"c{at}", "words": f"条件{at}", "cel": cel} for at, cel in enumerate(cels)]
    raw = document(code=code, conditions=conditions, **changes)
    return Policy(read_document(raw), "gd-sample", 1)


_ATOMS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"enterprise.staff {r.choice(['>=', '<', '==', '!='])} {r.randint(0, 60)}",
    lambda r: f"enterprise.capital {r.choice(['<=', '>', '=='])} {r.randint(0, 2000)}.0",
    lambda r: f"enterprise.tax >= {r.randint(0, 500_000)}.5",
    lambda r: f"enterprise.credit in {r.sample(list('ABMCD'), r.randint(1, 4))}",
    lambda r: f"enterprise.credit {r.choice(['==', '!='])} '{r.choice('ABMCD')}'",
    lambda r: f"enterprise.industry.startsWith('{r.choice('ABCDEFGHIJKLMN')}')",
    lambda r: f"enterprise.region.startsWith('44{r.randint(1, 20):02d}')",
    lambda r: f"enterprise.years {r.choice(['<', '>='])} {r.randint(0, 12)}",
    lambda r: f"enterprise.months <= {r.randint(1, 60)}",
    lambda r: f"enterprise.food_days < {r.randint(-10, 400)}",
    lambda _: "enterprise.food",
    lambda _: "enterprise.status == '存续'",
    lambda r: f"enterprise.report != '{r.choice(['已报送', '逾期未报'])}'",
    lambda r: f"enterprise.staff in [{r.randint(0, 9)}, {r.randint(10, 99)}]",
)
_SUMS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"enterprise.staff * {r.randint(1, 900)} + enterprise.years > {r.randint(0, 9000)}",
    lambda r: f"enterprise.tax * 0.5 - enterprise.capital >= {r.randint(0, 9000)}.0",
    lambda _: "enterprise.years <= enterprise.staff",
)


def condition(r: random.Random, sums: bool = True) -> str:
    """A condition; one in ten has arithmetic."""
    one = r.choice(_SUMS)(r) if sums and r.random() < 0.1 else r.choice(_ATOMS)(r)
    match r.randint(0, 9):
        case 0 | 1:
            return f"{one} || {r.choice(_ATOMS)(r)}"
        case 2:
            return f"!({one} && {r.choice(_ATOMS)(r)})"
        case 3:
            return f"{one} && ({r.choice(_ATOMS)(r)} || !({r.choice(_ATOMS)(r)}))"
    return one


def many(count: int, seed: int = 7) -> list[Policy]:
    """So many policies of two to six conditions."""
    r = random.Random(seed)
    return [
        policy([condition(r) for _ in range(r.randint(2, 6))], f"policy-{at:03d}")
        for at in range(count)
    ]


def enterprise(r: random.Random, gaps: float = 0.05) -> dict[str, Raw]:
    """What is known of an invented enterprise; each fact is missing with a chance of ``gaps``."""
    founded = (TODAY - timedelta(days=r.randrange(9000))).isoformat()
    facts: dict[str, Raw] = {
        "enterprise.kind": r.choice(("enterprise", "individual", "cooperative")),
        "enterprise.status": "注销" if r.random() < 0.1 else "存续",
        "enterprise.region": r.choice(REGIONS),
        "enterprise.industry": f"{r.choice('ABCDEFGHIJKLMN')}{r.randrange(100):04d}",
        "enterprise.years": founded, "enterprise.months": founded,
        "enterprise.capital": round(r.expovariate(1 / 500), 2),
        "enterprise.staff": int(r.expovariate(1 / 20)),
        "enterprise.staff_state": "正常",
        "enterprise.credit": r.choice("ABMCD"),
        "enterprise.tax": round(r.expovariate(1 / 200_000), 2),
        "enterprise.report": r.choice(("已报送", "待报送", "逾期未报")),
        "enterprise.food": r.random() < 0.3,
        "enterprise.food_days": (TODAY + timedelta(days=r.randrange(-90, 900))).isoformat(),
    }  # fmt: skip
    return {name: raw for name, raw in facts.items() if r.random() >= gaps}
