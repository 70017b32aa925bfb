"""What goes wrong, one thing after the other, for as long as applications are submitted."""

import asyncio
import os
import random
import signal
from collections import Counter

import httpx

from tests.chaos.place import Place

DEPARTMENTS = ("gd-gongan", "gd-shuiwu", "gd-weijian", "gd-yibao")
# Of the interface's two directions: what is sent to departments, and what they tell.
_CALLS = (
    {"kind": "hang", "operation": "cases.submit", "calls": 10},
    {"kind": "status", "operation": "cases.submit", "status": 500, "calls": 20},
    {"kind": "status", "operation": "cases.submit", "status": 500, "calls": 20, "after": True},
    {"kind": "twice", "operation": "cases.submit", "calls": 20},
    {"kind": "cut", "operation": "cases.submit", "calls": 20},
    {"kind": "truncate", "operation": "cases.submit", "calls": 10},
    {"kind": "wrong_signature", "operation": "cases.submit", "calls": 5},
    {"kind": "cut", "operation": "cases.events", "calls": 20},
    {"kind": "twice", "operation": "cases.events", "calls": 20},
    {"kind": "status", "operation": "cases.events", "calls": 10},
)  # fmt: skip
_PROCESSES = ("gateway", "worker", "valkey")
_HANGS_S = 3.0


class Faults:
    """Hurts the province now and then.

    Attributes:
        done: what was done, and how often.
    """

    def __init__(self, place: Place, http: httpx.AsyncClient, seed: int) -> None:
        self._place, self._http, self._random = place, http, random.Random(seed)
        self.done: Counter[str] = Counter()

    async def run(self, every_s: float) -> None:
        """Until it is cancelled."""
        acts = [*_PROCESSES, *(["database"] if self._place.postgres else [])]
        while True:
            for act in self._random.sample(acts, len(acts)):
                await self._department()
                await asyncio.sleep(self._random.uniform(0.5, 1.5) * every_s / 2)
                await asyncio.to_thread(self._kill, act)
                await self._until_back()
                await asyncio.sleep(self._random.uniform(0.5, 1.5) * every_s / 2)

    def _kill(self, what: str) -> None:
        """End it at once, as a machine that loses its power does; it is started again."""
        self.done[f"killed {what}"] += 1
        if what == "database":
            assert self._place.postgres is not None
            self._place.postgres.crash_and_start()
            return
        child = self._place.child(what)
        # Whoever crashes often is started ever later; here that is not what is looked at.
        child.crashes = 0
        if child.process is not None and child.process.poll() is None:
            os.killpg(child.process.pid, signal.SIGKILL)

    async def _until_back(self) -> None:
        """On a slow machine a restart takes long: what is killed again before never serves."""
        while True:
            try:
                if (await self._http.get(f"{self._place.url}/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)

    async def _department(self) -> None:
        code, fault = self._random.choice(DEPARTMENTS), self._random.choice(_CALLS)
        self.done[f"department {fault['kind']}"] += 1
        await self._http.post(f"{self._place.systems[code]}/_control/faults", json=fault)
        if fault["kind"] == "hang":
            await asyncio.sleep(_HANGS_S)
            await self._clear(code)

    async def _clear(self, code: str) -> None:
        await self._http.delete(f"{self._place.systems[code]}/_control/faults")

    async def end(self) -> None:
        """Let every department be well."""
        for code in DEPARTMENTS:
            await self._clear(code)
