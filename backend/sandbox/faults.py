"""Faults that can be switched on at a sandbox server: what real systems do on bad days.

Each fault may be limited to one operation and to a number of calls; without, it lasts until it is
cleared. The newest one that fits a call applies.
"""

import asyncio
import contextlib
import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal[
    "slow", "hang", "status", "truncate", "wrong_signature", "malformed", "busy", "cut", "twice"
]
MALFORMED_BODY = b'{"as_of": "2026-'


class FaultSpec(BaseModel):
    """A fault as the control interface takes it.

    ``slow`` waits ``ms`` more before a good answer; ``hang`` answers nothing until it is cleared;
    ``status`` answers ``status`` (500–599); ``truncate`` breaks the connection in the middle of the
    body; ``wrong_signature`` signs with a key that nobody knows; ``malformed`` sends, well signed,
    what is no JSON; ``busy`` is WeChat's error −1; ``cut`` carries the call out and hangs up
    without an answer; ``twice`` sends the answer two times. With ``after`` a ``status`` comes when
    the call has been carried out, not in its place.
    """

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    operation: str | None = Field(None, description="only this operation; null: all, health too")
    calls: int | None = Field(None, ge=1, description="for so many calls; null: until cleared")
    ms: int = Field(3000, ge=0, le=600_000)
    status: int = Field(503, ge=500, le=599)
    after: bool = False


@dataclass(slots=True)
class Fault:
    """A fault that is switched on; ``released`` is set when it is cleared.

    One that has been used up stays until then, since calls may still hang in it.
    """

    spec: FaultSpec
    left: int | None
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Latency:
    """Log-normal waiting time; ``median_ms`` 0 answers at once."""

    median_ms: float = 0.0
    sigma: float = 0.0

    async def wait(self) -> None:
        """Wait as long as an ordinary call takes."""
        if self.median_ms > 0:
            seconds = random.lognormvariate(math.log(self.median_ms / 1000), self.sigma)
            await asyncio.sleep(seconds)


class Switchboard:
    """Faults, waiting time and call counts of one server."""

    def __init__(self, latency: Latency) -> None:
        self.latency = latency
        self.calls: Counter[str] = Counter()
        self._faults: list[Fault] = []

    def add(self, spec: FaultSpec) -> None:
        """Switch a fault on."""
        self._faults.append(Fault(spec, spec.calls))

    def clear(self, operation: str | None = None) -> int:
        """Switch off the faults of one operation, or all; calls that hang go on.

        Returns:
            how many were on.
        """
        gone = [f for f in self._faults if operation in (None, f.spec.operation)]
        self._faults = [fault for fault in self._faults if fault not in gone]
        for fault in gone:
            fault.released.set()
        return len(gone)

    def state(self) -> list[dict[str, Any]]:
        """The faults that are on."""
        return [{**f.spec.model_dump(), "calls": f.left} for f in self._faults if f.left != 0]

    def arrives(self, operation: str) -> Fault | None:
        """Count a call, and take the fault that applies to it."""
        self.calls[operation] += 1
        for fault in reversed(self._faults):
            if fault.left != 0 and fault.spec.operation in (None, operation):
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None


async def hold(fault: Fault | None) -> None:
    """Wait as ``hang`` and ``slow`` do; nothing for other faults."""
    if fault is None:
        return
    if fault.spec.kind == "hang":
        await fault.released.wait()
    elif fault.spec.kind == "slow":
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(fault.released.wait(), fault.spec.ms / 1000)


async def send(
    request: web.Request, status: int, body: bytes, headers: Mapping[str, str], fault: Fault | None
) -> web.StreamResponse:
    """Send an answer; under ``truncate`` announce all of it, send half, and hang up."""
    kind = fault.spec.kind if fault else ""
    if kind == "cut" and request.transport is not None:
        request.transport.abort()
    if kind == "twice":
        return await _send_twice(request, status, body, headers)
    if kind != "truncate":
        return web.Response(status=status, body=body, headers=headers)
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _send_twice(
    request: web.Request, status: int, body: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    """The whole answer, and the same bytes once more on the same connection."""
    response = web.Response(status=status, body=body, headers=headers)
    await response.prepare(request)
    await response.write_eof()
    lines = [f"HTTP/1.1 {status} {response.reason}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if request.transport is not None:
        request.transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    return response
