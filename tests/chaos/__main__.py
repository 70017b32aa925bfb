"""The fault run: applications are submitted while everything is killed and restarted.

``python -m tests.chaos`` submits 10,000; ``--submissions 500`` is part of ``make test``. The
last line is JSON; a lost, doubled or disputed application ends the run with exit code 1.
"""

import argparse
import asyncio
import itertools
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import httpx

from backend.province import open_province
from tests.chaos.citizens import Tally, applicants
from tests.chaos.faults import DEPARTMENTS, Faults
from tests.chaos.place import Place, place
from tests.chaos.verdict import Verdict, records, settled, verdict

_REFUSALS = {"mode": "auto", "refusals": 10, "not_accepted": 5}


async def run(where: Place, submissions: int, every_s: float, people: int, seed: int) -> Verdict:
    """Submit, hurt, wait, compare."""
    timeout = httpx.Timeout(10, connect=3)
    limits = httpx.Limits(max_connections=people + 20)
    async with (
        httpx.AsyncClient(base_url=where.url, timeout=timeout, limits=limits) as phones,
        httpx.AsyncClient(timeout=30) as http,
    ):
        for code in DEPARTMENTS:
            await http.put(f"{where.systems[code]}/_control/clerk", json=_REFUSALS)
        before = frozenset((await records(where, http, marked=False)).states)
        tally = Tally()
        everybody = await applicants(phones, people, tally)
        faults = Faults(where, http, seed)
        hurting = asyncio.create_task(faults.run(every_s))
        numbers = itertools.count()

        async def work(who: int) -> None:
            while (number := next(numbers)) < submissions:
                await everybody[who].apply(number)
                if number % 500 == 499:
                    print(f"… {number + 1}", dict(faults.done), flush=True)

        began = time.monotonic()
        done = await asyncio.gather(*(work(who) for who in range(people)), return_exceptions=True)
        hurting.cancel()
        await asyncio.gather(hurting, return_exceptions=True)
        await faults.end()
        print(f"submitted in {time.monotonic() - began:.0f} s:", dict(faults.done), flush=True)
        for one in done:
            if isinstance(one, BaseException):
                print(f"gave up: {one}", flush=True)
        return await _compared(where, http, tally, before, max(120.0, submissions / 20))


async def _compared(
    where: Place, http: httpx.AsyncClient, tally: Tally, before: frozenset[str], within_s: float
) -> Verdict:
    await asyncio.to_thread(
        where.province.supervisor.wait_ready, where.child("gateway"), timeout_s=60.0
    )
    province = await open_province(where.settings())
    try:
        await settled(where, province, http, within_s)
        return await verdict(where, http, tally, before)
    finally:
        await province.close()


def main() -> int:
    """Run it; 0 when every application is where it belongs."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--submissions", type=int, default=10_000)
    asked.add_argument("--people", type=int, default=24)
    asked.add_argument("--every", type=float, default=6.0, help="seconds between two faults")
    asked.add_argument("--seed", type=int, default=44)
    asked.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    given = asked.parse_args()
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        tempfile.TemporaryDirectory(prefix="sst-chaos-") as folder,
        place(Path(folder), given.database) as where,
    ):
        found = asyncio.run(run(where, given.submissions, given.every, given.people, given.seed))
    for what in ("lost", "doubled", "disagree"):
        for one in getattr(found, what)[:20]:
            print(f"{what}: {one}", flush=True)
    print(json.dumps(found.line()), flush=True)
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
