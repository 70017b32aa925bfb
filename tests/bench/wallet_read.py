"""``wallet_read``: an authenticated read of a cached wallet against a bare Sanic hello.

Both servers run on one core, wrk and Valkey on the other; they are loaded in turns.
"""

from pathlib import Path
from statistics import median

from tests.bench.filled import fill, prepare
from tests.bench.load import Load, wrk
from tests.bench.report import Report
from tests.bench.stage import Stage, stage

PEOPLE = 2000
ROUNDS, SECONDS = 5, 3.0
TARGET = 0.6
LIGHT_CONNECTIONS, LIGHT_LOAD = 128, 0.7


def run() -> Report:
    """Measure."""
    with stage() as place:
        prepare(place)
        tokens = place.folder / "tokens"
        fill(place, PEOPLE, tokens)
        with place.gateway(), place.bare():
            return _measured(place, tokens)


def _measured(place: Stage, tokens: Path) -> Report:
    ours: list[Load] = []
    bare: list[Load] = []
    for _ in range(ROUNDS):
        bare.append(wrk(place.bare_url, tokens, SECONDS))
        ours.append(wrk(wallet_url(place), tokens, SECONDS))
    rate = median(load.rate for load in ours)
    ratio = median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    light = at_light_load(place, tokens, rate)
    refused = sum(load.refused for load in [*ours, light])
    return Report(
        value=rate,
        unit="req/s",
        ratio=ratio,
        of="bare_sanic",
        met=ratio >= TARGET and not refused,
        details={
            "bare": round(median(load.rate for load in bare)),
            "refused": refused,
            "p50_ms": round(light.p50_ms, 2),
            "p99_ms": round(light.p99_ms, 2),
            "at_req_s": round(light.rate),
        },
    )


def wallet_url(place: Stage) -> str:
    """The address that is read."""
    return f"{place.url}/api/v1/citizen/wallet"


def at_light_load(place: Stage, tokens: Path, rate: float) -> Load:
    """Latencies at about 70 % of the highest rate: every connection pauses between requests."""
    pause_ms = max(1, round(1000 * LIGHT_CONNECTIONS / (LIGHT_LOAD * rate)) - 1)
    return wrk(wallet_url(place), tokens, SECONDS, pause_ms, LIGHT_CONNECTIONS)
