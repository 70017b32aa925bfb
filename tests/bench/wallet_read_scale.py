"""``wallet_read_scale``: the rate of cached reads with 1,000,000 people against 1,000."""

from statistics import median

from tests.bench.filled import fill, prepare
from tests.bench.load import cpu_seconds, wrk
from tests.bench.report import Report
from tests.bench.stage import Stage, stage
from tests.bench.wallet_read import wallet_url

FEW, MANY = 1_000, 1_000_000
ROUNDS, SECONDS = 5, 3.0
TARGET = 0.9


def run() -> Report:
    """Measure both in turns, each with a Valkey of its own."""
    with stage() as small, stage() as large:
        rates = _rates(small, large)
    few, many = (median(found) for found in rates)
    ratio = median(b / a for a, b in zip(*rates, strict=True))
    return Report(
        value=many,
        unit="req/s of CPU",
        ratio=ratio,
        of=f"with_{FEW}_people",
        met=ratio >= TARGET,
        details={"people": MANY, f"with_{FEW}": round(few)},
    )


def _rates(small: Stage, large: Stage) -> tuple[list[float], list[float]]:
    for place, people in ((small, FEW), (large, MANY)):
        prepare(place)
        fill(place, people, place.folder / "tokens")
    found: tuple[list[float], list[float]] = ([], [])
    with small.gateway() as first, large.gateway() as second:
        for _ in range(ROUNDS):
            for pid, place, rates in zip((first, second), (small, large), found, strict=True):
                before = cpu_seconds(pid)
                load = wrk(wallet_url(place), place.folder / "tokens", SECONDS)
                assert load.refused == 0
                # Of the worker's CPU, as in ``wallet_read``: whoever else computes does not count.
                rates.append(load.answers / (cpu_seconds(pid) - before))
    return found
