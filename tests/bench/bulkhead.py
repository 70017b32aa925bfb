"""``bulkhead``: what nine systems feel of a tenth that hangs.

Five hundred sections a second of nine systems are asked for at the gateway, and a tenth as many of
a tenth system, at fixed moments whether or not the answers come (an open load: a slow server cannot
slow its callers down). In turns the tenth answers, and its process is stopped: the kernel still
takes its connections, and nothing ever comes back. The ratio is the 99th percentile of the nine
with it hung against the one without; the memory of the gateway must not grow by that.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from statistics import median, quantiles

from backend.exchange.service import Manifest
from tests.bench.home_cold import _fast_manifest, _log_in
from tests.bench.load import CLIENT_CORE, on_core, process, resident_mb
from tests.bench.report import Report
from tests.bench.stage import Stage, stage

NINE, RATE = 9, 500
ROUNDS, SECONDS = 5, 6.0
WARM_S = 3.0
MOST_RATIO, MOST_MB = 1.2, 4.0
PEOPLE, CONNECTIONS = 2000, 128


def run() -> Report:
    """Measure."""
    first = random.randrange(20_000, 30_000, 20)
    hosts = [f"http://127.0.0.1:{first + number}" for number in range(NINE + 1)]
    fast = "tests.bench.fast_systems"
    nine = ["-m", fast, str(first), str(NINE)]
    tenth = ["-m", fast, str(first + NINE), "1", str(NINE)]
    with (
        stage() as place,
        process(nine, {}, hosts[0], CLIENT_CORE),
        process(tenth, {}, hosts[NINE], CLIENT_CORE) as hanging,
    ):
        place.prepare([_always_asked(number, host) for number, host in enumerate(hosts)])
        tokens = _log_in(place, PEOPLE)
        with place.gateway() as pid, on_core(CLIENT_CORE):
            return _measured(Load(place, tokens), pid, hanging)


def _measured(load: "Load", gateway: int, hanging: int) -> Report:
    asyncio.run(load.run(WARM_S))
    with _stopped(hanging):
        asyncio.run(load.run(WARM_S))  # memory is what it will be once a system has hung
    before = resident_mb(gateway)
    pairs = []
    for _ in range(ROUNDS):
        without = asyncio.run(load.run(SECONDS))
        with _stopped(hanging):
            pairs.append((asyncio.run(load.run(SECONDS)), without))
    grown = resident_mb(gateway) - before
    ratio = median(_p99(with_hung) / _p99(without) for with_hung, without in pairs)
    return Report(
        value=ratio,
        unit="p99 with one hung / p99 without",
        met=ratio <= MOST_RATIO and grown <= MOST_MB and not load.refused,
        details={
            "p99_with_ms": round(median(_p99(with_hung) for with_hung, _ in pairs), 2),
            "p99_without_ms": round(median(_p99(without) for _, without in pairs), 2),
            "p50_with_ms": round(median(median(with_hung) for with_hung, _ in pairs), 2),
            "p50_without_ms": round(median(median(without) for _, without in pairs), 2),
            "calls_s": RATE,
            "hung_calls": load.to_the_tenth,
            "refused": load.refused,
            "memory_grew_mb": round(grown, 1),
        },
    )


def _p99(milliseconds: Sequence[float]) -> float:
    return quantiles(milliseconds, n=100)[98]


def _always_asked(number: int, host: str) -> Manifest:
    """A system whose section is never fresh, so that each request becomes a call."""
    manifest = _fast_manifest(number, host)
    sections = [section.model_copy(update={"fresh_s": 0}) for section in manifest.sections]
    return manifest.model_copy(update={"sections": sections})


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        # Its breaker is half open when its wait is over, and closed by the calls that follow.
        time.sleep(0.1)


class Load:
    """An open load: requests leave at fixed moments, and wait for a free connection if need be.

    Attributes:
        refused: sections of the nine that came without data; to_the_tenth: requests for the tenth.
    """

    def __init__(self, place: Stage, tokens: Sequence[str]) -> None:
        self._port = place.port
        self._tokens = tokens
        self._number = count()
        self.refused = self.to_the_tenth = 0

    async def run(self, seconds: float) -> list[float]:
        """Run for so long; gives the milliseconds of each answer of the nine."""
        lines = asyncio.Queue[_Line]()
        for _ in range(CONNECTIONS):
            lines.put_nowait(await _Line.open(self._port))
        found: list[float] = []
        loop, tasks = asyncio.get_running_loop(), set()
        start = loop.time() + 0.05
        for number in range(int(seconds * RATE)):
            due = start + number / RATE
            await asyncio.sleep(due - loop.time())
            systems = [number % NINE, *([NINE] if number % NINE == 0 else [])]
            for system in systems:
                task = asyncio.create_task(self._one(lines, system, due, found))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        while not lines.empty():
            lines.get_nowait().close()
        return found

    async def _one(
        self, lines: "asyncio.Queue[_Line]", system: int, due: float, found: list[float]
    ) -> None:
        token = self._tokens[next(self._number) % len(self._tokens)]
        line = await lines.get()
        answer = await line.ask(f"/api/v1/citizen/home/sections/fast_{system}", token)
        lines.put_nowait(line)
        if system == NINE:
            self.to_the_tenth += 1
            return
        found.append((asyncio.get_running_loop().time() - due) * 1000)
        self.refused += b'"status":"fresh"' not in answer


class _Line:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "_Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, path: str, token: str) -> bytes:
        request = f"GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n"
        self._writer.write(request.encode("ascii"))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()
