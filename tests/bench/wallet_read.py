"""``wallet_read``: an authenticated read of a cached wallet against a bare Sanic hello.

Both servers run on one core, wrk and Valkey on the other; they are loaded in turns.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.filled import fill, prepare
from tests.bench.load import Load, cpu_seconds, wrk
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
        with place.gateway() as ours, place.bare() as bare:
            return _measured(place, tokens, ours, bare)


def _measured(place: Stage, tokens: Path, ours: int, bare: int) -> Report:
    rounds = [
        (turn_on(bare, place.bare_url, tokens), turn_on(ours, wallet_url(place), tokens))
        for _ in range(ROUNDS)
    ]
    # Requests per second of CPU of the worker: on a core that is the worker's own this is the rate,
    # and whoever else uses the core does not count.
    ratio = median(wallet.per_cpu_s / hello.per_cpu_s for hello, wallet in rounds)
    rate = median(wallet.load.rate for _, wallet in rounds)
    light = at_light_load(place, tokens, rate)
    refused = sum(wallet.load.refused for _, wallet in rounds) + light.refused
    return Report(
        value=median(wallet.per_cpu_s for _, wallet in rounds),
        unit="req/s of CPU",
        ratio=ratio,
        of="bare_sanic",
        met=ratio >= TARGET and not refused,
        details={
            "bare": round(median(hello.per_cpu_s for hello, _ in rounds)),
            "req_s": round(rate),
            "bare_req_s": round(median(hello.load.rate for hello, _ in rounds)),
            "refused": refused,
            "p50_ms": round(light.p50_ms, 2),
            "p99_ms": round(light.p99_ms, 2),
            "at_req_s": round(light.rate),
        },
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """One load on one server, and the requests that it answered per second of its CPU."""

    load: Load
    per_cpu_s: float


def turn_on(pid: int, url: str, tokens: Path) -> Turn:
    """Load a server for a while."""
    before = cpu_seconds(pid)
    load = wrk(url, tokens, SECONDS)
    return Turn(load, load.answers / (cpu_seconds(pid) - before))


def wallet_url(place: Stage) -> str:
    """The address that is read."""
    return f"{place.url}/api/v1/citizen/wallet"


def at_light_load(place: Stage, tokens: Path, rate: float) -> Load:
    """Latencies at about 70 % of the highest rate: every connection pauses between requests."""
    pause_ms = max(1, round(1000 * LIGHT_CONNECTIONS / (LIGHT_LOAD * rate)) - 1)
    return wrk(wallet_url(place), tokens, SECONDS, pause_ms, LIGHT_CONNECTIONS)
