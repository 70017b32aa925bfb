"""``wallet_bytes``: memory in Valkey per cached wallet of eight licences, and that of a worker."""

from pathlib import Path

from tests.bench.filled import fill, prepare
from tests.bench.load import resident_mb, wrk
from tests.bench.report import Report
from tests.bench.stage import Stage, stage
from tests.bench.wallet_read import wallet_url

PEOPLE = 10_000
MOST_BYTES, MOST_MB = 1536, 150


def run() -> Report:
    """Measure; sessions are counted apart, since they are no part of a wallet."""
    with stage() as place:
        prepare(place)
        tokens = place.folder / "tokens"
        before = _used(place)
        fill(place, PEOPLE, tokens)
        sessions = _sessions(place)
        wallet = (_used(place) - before - sessions) / PEOPLE
        worker = _worker_mb(place, tokens)
    return Report(
        value=wallet,
        unit="bytes",
        met=wallet <= MOST_BYTES and worker <= MOST_MB,
        details={
            "wallets": PEOPLE,
            "session_bytes": sessions // PEOPLE,
            "worker_mb": round(worker, 1),
        },
    )


def _used(place: Stage) -> int:
    memory = place.valkey.ask("INFO", "memory")
    line = next(line for line in memory.splitlines() if line.startswith("used_memory:"))
    return int(line.partition(":")[2])


def _sessions(place: Stage) -> int:
    """What the sessions take: what is freed when they go."""
    full = _used(place)
    script = (
        "local c='0' repeat local r=redis.call('SCAN',c,'MATCH','s:*','COUNT',5000) c=r[1] "
        "for _,k in ipairs(r[2]) do redis.call('DEL',k) end until c=='0' return 1"
    )
    copy = place.valkey.ask("EVAL", "return #redis.call('KEYS','s:*')", "0")
    assert copy == str(PEOPLE), copy
    place.valkey.ask("EVAL", script, "0")
    return full - _used(place)


def _worker_mb(place: Stage, tokens: Path) -> float:
    with place.gateway() as pid:
        fill(place, PEOPLE, tokens)
        wrk(wallet_url(place), tokens, 3.0)
        return resident_mb(pid)
