"""Whether a system conforms to the provider interface: every operation that it offers, looked at.

    report = await run_conformance(manifest, "sandbox", key)
    report.passed, report.as_dict()

The kit is an outsider: it knows the manifest, the published interface and a key that the system
trusts, so that a department runs it on its own machine. What a system does wrong is never an error
here: each check has a deadline of its own, the whole has one, and a system that falls silent in the
middle is told that it did.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from backend.conformance.asking import BY_IDENTIFIER, can_ask
from backend.conformance.calling import Caller, Lag
from backend.conformance.case import FAILURES, Bench, Case
from backend.conformance.checks import (
    answers,
    cases,
    endurance,
    identified,
    inputs,
    licences,
    payments,
    people,
    refusals,
    resources,
    sections,
    signatures,
    supervision,
)
from backend.conformance.checks.first_look import HEALTH, look_at, look_at_health
from backend.conformance.errors import (
    AddressUnusable,
    OperationUnknown,
    Sm2Missing,
    SubjectsUnusable,
)
from backend.conformance.html import html
from backend.conformance.interface import interface
from backend.conformance.junit import junit
from backend.conformance.keys import new_key, read_key
from backend.conformance.report import WORDS, Check, Outcome, Report
from backend.conformance.rules import Advice, Group, Mend, NotChecked, Rule
from backend.exchange.documents import read_yaml
from backend.exchange.errors import ManifestRefused
from backend.exchange.manifest import Endpoint, Manifest, load_manifest
from backend.exchange.manifest_conformance import Subjects, parse_subjects
from backend.mistakes import readable
from backend.upstream.keys import SigningKey, Sm2Unavailable, public_key
from backend.upstream.raw import RawClient, RawFailure, Resolve

__all__ = [
    "WORDS",
    "Check",
    "Options",
    "Outcome",
    "Report",
    "html",
    "junit",
    "load_manifest",
    "load_subjects",
    "new_key",
    "read_key",
    "run_conformance",
]

Address = Literal["sandbox", "production"]
CHINA = timezone(timedelta(hours=8))
# Side by side, then one after the other what disturbs, then what looks back at all refusals.
BESIDE: tuple[Group, ...] = (
    signatures.group,
    inputs.group,
    answers.group,
    licences.group,
    identified.group,
    sections.group,
    people.group,
    resources.group,
    cases.group,
    payments.group,
    supervision.group,
)
# Some checks make that many calls one after the other, each with a deadline of its own.
CALLS_A_CHECK = 8
IN_TURN: tuple[Group, ...] = (endurance.group, refusals.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run.

    Attributes:
        base_url: instead of the manifest's address.
        subjects: instead of the manifest's test subjects.
        only: look at this operation alone.
        max_seconds: the whole ends after so long; what was not reached is told as not checked.
        grace_s: how long to wait beyond an operation's time-out, to tell late from never.
        at_once: calls at the same time, at most the manifest's ``limits.concurrency``.
        resolve: chooses and approves the address to connect to; a platform that is reachable from
            outside passes its rules here. None takes any, as a department on its own machine does.
    """

    base_url: str | None = None
    subjects: Subjects | None = None
    only: str = ""
    max_seconds: float = 120.0
    grace_s: float = 4.0
    at_once: int = 8
    resolve: Resolve | None = None


async def run_conformance(
    manifest: Manifest, address: Address, key: SigningKey, options: Options | None = None
) -> Report:
    """Look at every operation that a system offers.

    Args:
        address: which of the manifest's addresses to call. The manifest's test subjects are those
            of the sandbox; production has none unless ``options.subjects`` gives them.
        key: signs the calls; the system has to trust it there.

    Raises:
        AddressUnusable: ``options.base_url`` is no address.
        OperationUnknown: ``options.only`` is not in the manifest.
        Sm2Missing: the system signs with SM2, which this machine cannot verify.
    """
    options = options or Options()
    offered = [str(name) for name in manifest.operations]
    if options.only and options.only not in offered:
        raise OperationUnknown(options.only, offered)
    base_url = manifest.endpoints.of(address)
    if options.base_url is not None:
        base_url = _address_of(options.base_url)
    began, clock = datetime.now(CHINA), time.perf_counter()
    run = _Run(_bench(manifest, address, base_url, key, options))
    await run.everything([options.only] if options.only else offered, options.max_seconds)
    return Report(
        system=manifest.system.code,
        name=manifest.system.name,
        address=address,
        base_url=base_url,
        key_id=key.key_id,
        interface=interface().version,
        began_at=began.isoformat(timespec="seconds"),
        seconds=time.perf_counter() - clock,
        checks=tuple(run.checks),
        only=options.only,
    )


def _address_of(base_url: str) -> str:
    try:
        return Endpoint.model_validate({"base_url": base_url}).base_url
    except ValidationError as error:
        raise AddressUnusable(readable(error)[0]["message"]) from None


def load_subjects(path: Path) -> Subjects:
    """Read a file of test subjects: what stands below ``conformance`` in a manifest.

    Raises:
        SubjectsUnusable: it cannot be read, or is none.
    """
    try:
        return parse_subjects(read_yaml(path), path.name)
    except ManifestRefused as refused:
        raise SubjectsUnusable(path.name, refused.errors) from None


def _bench(
    manifest: Manifest, address: Address, base_url: str, key: SigningKey, options: Options
) -> Bench:
    try:
        keys = {one.id: public_key(one.alg, one.public) for one in manifest.keys}
    except Sm2Unavailable:
        raise Sm2Missing from None
    given = options.subjects
    own = manifest.conformance if address == "sandbox" else Subjects()
    return Bench(
        manifest=manifest,
        subjects=own if given is None else given,
        subjects_expected=address == "sandbox" or given is not None,
        key=key,
        keys=keys,
        caller=Caller(
            # Connecting late is told as such, so that there has to be time to see it.
            RawClient(
                base_url, manifest.time_outs.connect_ms / 1000 + options.grace_s, options.resolve
            ),
            asyncio.Semaphore(max(1, min(options.at_once, manifest.limits.concurrency))),
            Lag(),
        ),
        grace_s=options.grace_s,
    )


class _Run:
    """One run; ``checks`` grows by operation, in the order of the manifest."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.checks: list[Check] = []

    async def everything(self, operations: Sequence[str], max_seconds: float) -> None:
        """Look at the system and at its operations."""
        began = time.perf_counter()
        found: dict[str, list[Check]] = {name: [] for name in (HEALTH, *operations)}
        finished = True
        try:
            async with self._bench.caller.lag.watched(), asyncio.timeout(max_seconds):
                await self._health(found[HEALTH])
                if not _unreachable(found[HEALTH]):
                    await asyncio.gather(*(self._operation(n, found[n]) for n in operations))
        except TimeoutError:
            finished = False
        seconds = time.perf_counter() - began
        self.checks = [check for name in found for check in found[name]]
        if _unreachable(found[HEALTH]):
            self.checks += [_not_reached(name) for name in operations]
        self.checks.append(_in_time(finished, max_seconds, seconds))

    async def _health(self, found: list[Check]) -> None:
        found += await look_at_health(Case(self._bench, HEALTH))

    async def _operation(self, name: str, found: list[Check]) -> None:
        if not (can_ask(name) and name in interface().operations):
            found.append(_left_alone(name))
            return
        case = Case(self._bench, name)
        if name == BY_IDENTIFIER:
            with contextlib.suppress(RawFailure, NotChecked):
                await identified.learn(case)
        if name not in cases.OPERATIONS:
            if case.questions or case.nobody:
                await self._looked_at(case, found)
            else:
                found.append(_nothing_to_ask(name))
        elif not self._bench.subjects.cases:
            found.append(_nobody_named(name, self._bench.subjects_expected))
        else:
            await self._about_an_application(case, found)

    async def _about_an_application(self, case: Case, found: list[Check]) -> None:
        """With a case of its own, which is taken back at the end."""
        # What goes wrong here is told by the operation that it goes wrong with.
        with contextlib.suppress(RawFailure, NotChecked):
            await cases.hand_in(case)
        try:
            await self._looked_at(case, found)
        finally:
            with contextlib.suppress(RawFailure, NotChecked, asyncio.CancelledError):
                await cases.take_back(case)

    async def _looked_at(self, case: Case, found: list[Check]) -> None:
        name = case.operation
        first, goes_on = await look_at(case)
        found += first
        if not goes_on:
            return
        beside = [rule for group in BESIDE for rule in group.rules if rule.concerns(name)]
        checks = [asyncio.create_task(self._check(case, rule)) for rule in beside]
        try:
            await asyncio.gather(*checks)
        finally:
            # When the time is over, what was found until then is kept.
            found += [check.result() for check in checks if _has_result(check)]
        for group in IN_TURN:
            for rule in group.rules:
                if rule.concerns(name):
                    found.append(await self._check(case, rule))

    async def _check(self, case: Case, rule: Rule) -> Check:
        began = time.perf_counter()
        outcome, mend = await _verdict(rule.run, case)
        seconds = time.perf_counter() - began
        return Check(rule.id, case.operation, rule.title, outcome, mend, seconds)


def _has_result(task: asyncio.Task[Check]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _left_alone(operation: str) -> Check:
    mend = "本版核验工具还不会核验这个接口"
    return Check("run.known", operation, "核验工具认识这个接口", Outcome.SKIPPED, mend, 0.0)


def _nothing_to_ask(operation: str) -> Check:
    mend = (
        f"清单 operations 写了 {operation}，却没有登记由它回答的内容（证照类型、首页板块或"
        "共享的数据资源）：请登记，或从 operations 中删去它"
    )
    title = "清单登记了由这个接口回答的内容"
    return Check("manifest.content", operation, title, Outcome.FAILED, mend, 0.0)


def _nobody_named(operation: str, expected: bool) -> Check:
    outcome = Outcome.FAILED if expected else Outcome.SKIPPED
    title = "清单有这个接口的测试对象"
    return Check("subjects.given", operation, title, outcome, answers.lacking(operation), 0.0)


async def _verdict(run: Callable[[Case], Awaitable[None]], case: Case) -> tuple[Outcome, str]:
    limit = CALLS_A_CHECK * (case.timeout_s + case.bench.grace_s)
    try:
        async with asyncio.timeout(limit):
            await run(case)
    except Mend as found:
        return Outcome.FAILED, found.text
    except Advice as found:
        return Outcome.ADVISED, found.text
    except NotChecked as found:
        return Outcome.SKIPPED, found.text
    except RawFailure as failure:
        return Outcome.FAILED, f"这项检查的呼叫没有得到完整的应答：{FAILURES[failure.kind]}"
    except (TypeError, AttributeError, LookupError, ValueError):
        # Checks read answers that break the schema too; whatever they trip over lies in there.
        return Outcome.FAILED, "应答的结构不符合接口文档，这项检查无法进行"
    except TimeoutError:
        return Outcome.FAILED, f"这项检查在 {limit:.0f} 秒内没有完成：系统应答太慢"
    return Outcome.PASSED, ""


def _unreachable(health: Sequence[Check]) -> bool:
    return any(c.id == "transport.connect" and c.outcome is Outcome.FAILED for c in health)


def _not_reached(operation: str) -> Check:
    title = "能够建立连接"
    return Check("transport.connect", operation, title, Outcome.SKIPPED, "系统连接不上", 0.0)


def _in_time(finished: bool, max_seconds: float, seconds: float) -> Check:
    title = "核验在限定的时间内完成"
    if finished:
        return Check("run.complete", "", title, Outcome.PASSED, "", seconds)
    text = (
        f"{max_seconds:.0f} 秒内没有全部完成，其余没有检查：请先更正已列出的问题，"
        "或用 --max-seconds 放宽"
    )
    return Check("run.complete", "", title, Outcome.FAILED, text, seconds)
