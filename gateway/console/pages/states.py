"""How things run just now: breakers, calls under way, maintenance, and the worker's jobs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sanic import Blueprint, HTTPResponse

from backend.exchange.service import OPERATION_NAMES, LineState, ProviderSystem
from backend.operators.service import DEPARTMENT_ROLES, Role
from gateway.console.behind_words import JOBS, QUEUES
from gateway.console.charts import Point
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_states", url_prefix="/console/states")

ROLES = (Role.CLERK, Role.HEAD, Role.OPERATOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
# Worst first: of several workers, the one that is worst off decides what is shown.
_BREAKERS = ("open", "half_open", "closed")
# A refusal by the system's own rules is an answer too.
_ANSWERED = ("ok", "refused")
# Who looks after the platform itself, and not after one department's system.
PLATFORM_ROLES = (Role.OPERATOR, Role.SYSTEM_ADMIN)
WORDS = {"open": "已熔断", "half_open": "试探中", "closed": "正常"}
TONES = {"open": "danger", "half_open": "warning", "closed": "success"}


@dataclass(frozen=True, slots=True)
class Line:
    """One operation of a system, over all workers.

    Attributes:
        breaker: of the worker that is worst off; workers: how many have called it.
        good, bad: ended calls since the workers started.
        mean_ms: mean of the workers' means; None before the first answer.
    """

    system: str
    operation: str
    breaker: str
    opened: int
    wait_s: float
    waiting: int
    places: int
    good: int
    bad: int
    mean_ms: float | None
    workers: int


@page(bp, "GET", "", roles=ROLES, title="运行状态", menu="运行状态", order=12)
async def states(call: PageCall) -> HTTPResponse:
    """Every operation that was called lately; departments see their own systems."""
    systems = {one.code: one for one in _visible(call)}
    lines = [one for one in summed(await call.province.exchange.states()) if one.system in systems]
    now = datetime.now(UTC)
    behind = await _behind(call) if call.officer.role in PLATFORM_ROLES else {}
    windows = [
        (systems[one.system].name, one, one.covers(now))
        for system in systems.values()
        for one in system.windows
        if one.ends_at > now
    ]
    return call.render(
        "states/states.html", lines=lines, systems=systems, words=WORDS, tones=TONES,
        windows=sorted(windows, key=lambda found: found[1].starts_at),
        slowest=slowest(lines, systems), operations=OPERATION_NAMES,
        now=now.timestamp(), **behind,
    )  # fmt: skip


@waits(*ROLES)
async def broken(call: PageCall) -> list[Waiting]:
    """Systems that are not called just now."""
    codes = {one.code for one in _visible(call)}
    lines = summed(await call.province.exchange.states())
    open_ones = {one.system for one in lines if one.breaker == "open" and one.system in codes}
    return [Waiting("已熔断的系统", len(open_ones), "/console/states", "暂停调用，等待恢复", True)]


@waits(*PLATFORM_ROLES)
async def troubled(call: PageCall) -> list[Waiting]:
    """Jobs of the worker that fail, or that nobody does any more."""
    runs, now = await call.province.jobs.runs(), time.time()
    late = [run for run in runs if run.is_late(now)]
    failing = [run for run in runs if run.failures and run not in late]
    return [
        Waiting("停下的后台任务", len(late), "/console/states", "请检查 worker 进程", True),
        Waiting("出错的后台任务", len(failing), "/console/states", "会自动重试，请查看日志", True),
    ]


async def _behind(call: PageCall) -> dict[str, Any]:
    """The worker's jobs, what is wrong first, and its queues, as the page is given them."""
    now = time.time()
    runs = await call.province.jobs.runs()
    runs.sort(key=lambda run: (not run.is_late(now), not run.failures))
    measured_at, queues = await call.province.jobs.queues()
    return {
        "runs": runs, "job_words": JOBS,
        "queues": queues, "queue_words": QUEUES, "measured_at": measured_at,
    }  # fmt: skip


def summed(states: Sequence[LineState]) -> list[Line]:
    """Workers put together, what is broken first."""
    groups: dict[tuple[str, str], list[LineState]] = {}
    for one in states:
        groups.setdefault((one.system, one.operation), []).append(one)
    lines = [_line(group) for group in groups.values()]
    return sorted(lines, key=lambda one: (_BREAKERS.index(one.breaker), one.system, one.operation))


def _line(group: Sequence[LineState]) -> Line:
    worst = min(group, key=lambda one: _BREAKERS.index(one.breaker))
    means = [one.mean_ms for one in group if one.mean_ms is not None]
    counts = [pair for one in group for pair in one.outcomes.items() if pair[0] != "retried"]
    good = sum(count for name, count in counts if name in _ANSWERED)
    return Line(
        worst.system, worst.operation, worst.breaker,
        sum(one.opened for one in group), max(worst.opens_again_s, worst.rest_s),
        sum(one.waiting for one in group), sum(one.places for one in group),
        good, sum(count for _, count in counts) - good,
        sum(means) / len(means) if means else None, len(group),
    )  # fmt: skip


def slowest(lines: Sequence[Line], systems: dict[str, ProviderSystem]) -> list[Point]:
    """The slowest operations, for a chart."""
    names = {one.operation: OPERATION_NAMES.get(one.operation, one.operation) for one in lines}
    timed = [
        (f"{systems[one.system].short_name}　{names[one.operation]}", one.mean_ms)
        for one in lines
        if one.mean_ms is not None
    ]
    return sorted(timed, key=lambda one: -one[1])[:6]


def _visible(call: PageCall) -> list[ProviderSystem]:
    found = call.province.exchange.systems()
    if call.officer.role not in DEPARTMENT_ROLES:
        return found
    own = call.officer.department_uscc
    return [one for one in found if one.manifest.system.department.uscc == own]
