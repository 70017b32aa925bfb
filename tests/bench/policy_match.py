"""A million enterprises against 300 policies from the store, and one enterprise against them all.

The million lie sealed in a database of the bench's own (SQLite). Two processes read halves of it,
open what is sealed, and hold it against all policies. The answers of a few hundred are compared
with those of the single way in the same run.
"""

import multiprocessing
import os
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from backend.policies.bulk import Bulk
from backend.policies.judging import Judge
from backend.policies.variables import Raw
from backend.store.keyring import KeyRing
from tests.bench.report import Report
from tests.unit.policies.samples import TODAY, enterprise, many

ENTERPRISES, POLICIES, PROCESSES, BATCH = 1_000_000, 300, 2, 20_000
TARGET_S, TARGET_MS, MOST_MB = 60.0, 5.0, 1024
COMPARED, ROUNDS = 300, 400
KINDS = 20_000


def run() -> Report:
    """The way over everybody."""
    with tempfile.TemporaryDirectory(prefix="policy-match-") as folder:
        path = Path(folder) / "subjects.db"
        _fill(path)
        began = time.perf_counter()
        half = ENTERPRISES // PROCESSES
        parts = [(str(path), at * half, (at + 1) * half) for at in range(PROCESSES)]
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            found = pool.map(_match, parts)
        took = time.perf_counter() - began
    matched, differing = sum(one[0] for one in found), sum(one[1] for one in found)
    memory, cpu = max(one[2] for one in found), max(one[3] for one in found)
    met = took <= TARGET_S and differing == 0 and memory <= MOST_MB
    return Report(
        took, "s", met,
        details={
            "enterprises": ENTERPRISES, "policies": POLICIES, "processes": PROCESSES,
            "matched": matched, "differing": differing, "peak_mb": memory,
            "cpu_s": round(cpu, 1),
        },
    )  # fmt: skip


def run_one() -> Report:
    """One enterprise against all policies, with a result for every condition."""
    policies, r = many(POLICIES), random.Random(11)
    rows = [enterprise(r) for _ in range(ROUNDS)]
    for row in rows[:20]:
        Judge(row, TODAY).judge(policies)
    took, cpu = [], time.process_time()
    for row in rows:
        began = time.perf_counter()
        Judge(row, TODAY).judge(policies)
        took.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / ROUNDS
    value = statistics.median(took)
    p99 = sorted(took)[int(len(took) * 0.99)]
    return Report(
        value, "ms", value <= TARGET_MS, details={"p99_ms": round(p99, 2), "cpu_ms": round(cpu, 2)}
    )


def _keyring() -> KeyRing:
    return KeyRing({"bench": bytes(32)})


def _context(number: int) -> bytes:
    return f"policy:{UUID(int=number)}:facts".encode()


def _fill(path: Path) -> None:
    """A million rows, each sealed by itself; the kinds of enterprises repeat."""
    keyring, r = _keyring(), random.Random(5)
    kinds = [orjson.dumps({"facts": enterprise(r), "as_of": {}}) for _ in range(KINDS)]
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("CREATE TABLE subject (id INTEGER PRIMARY KEY, facts BLOB NOT NULL)")
        rows = (
            (number, keyring.seal(kinds[number % KINDS], _context(number)))
            for number in range(ENTERPRISES)
        )
        db.executemany("INSERT INTO subject VALUES (?, ?)", rows)


def _read(path: str, first: int, last: int) -> Iterator[list[dict[str, Raw]]]:
    keyring = _keyring()
    with sqlite3.connect(path) as db:
        for start in range(first, last, BATCH):
            rows = db.execute(
                "SELECT id, facts FROM subject WHERE id >= ? AND id < ?",
                (start, min(start + BATCH, last)),
            )
            yield [
                orjson.loads(keyring.open(sealed, _context(number)))["facts"]
                for number, sealed in rows
            ]


def _match(part: tuple[str, int, int]) -> tuple[int, int, int, float]:
    """One process's share: how many matched, how many answers differ, MB, CPU in s."""
    path, first, last = part
    os.sched_setaffinity(0, {(first > 0) % (os.cpu_count() or 1)})
    policies = many(POLICIES)
    bulk = Bulk(policies, TODAY)
    matched = differing = 0
    for rows in _read(path, first, last):
        columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in bulk.looks_at}
        batch = bulk.run(columns, len(rows))
        matched += sum(batch.count(place) for place in range(POLICIES))
    rows = next(_read(path, first, first + COMPARED))
    columns = {name: [row.get(name) for row in rows] for name in bulk.looks_at}
    batch = bulk.run(columns, len(rows))
    for at, row in enumerate(rows):
        for place, judged in enumerate(Judge(row, TODAY).judge(policies)):
            differing += bool(batch.matched[place] >> 8 * at & 1) is not (judged.matched is True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return matched, differing, peak, time.process_time()
