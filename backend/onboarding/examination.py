"""The step from the sandbox to conformance: the platform runs the kit itself, and keeps the report.

A report that somebody brings along counts for nothing. The run happens beside the request that
asked for it; whoever asked looks again. A run that its process did not live to finish is over after
a while, and another can be started.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from tortoise.transactions import in_transaction

from backend.exchange.service import Manifest
from backend.onboarding.addresses import Addresses, origins_of
from backend.onboarding.errors import RunUnderWay, RunUnknown, StateConflict
from backend.onboarding.keys import Keys
from backend.onboarding.models import ConformanceRun, JoiningSystem, Revision
from backend.onboarding.records import (
    Ledger,
    allow,
    link_to,
    manifest_of,
    revision_of,
    system_for,
)
from backend.onboarding.states import STATE_NAMES, Act, State
from backend.operators.service import Officer, Operators, Role

log = structlog.get_logger("onboarding")

RUNNING, PASSED, FAILED, BROKEN = "running", "passed", "failed", "broken"
RUN_STATE_NAMES = {RUNNING: "进行中", PASSED: "通过", FAILED: "未通过", BROKEN: "中断"}
LOST_AFTER = timedelta(minutes=10)
_MAY_RUN = frozenset({Role.CLERK, Role.HEAD, Role.OPERATOR})


class Report(Protocol):
    """What the kit found."""

    @property
    def passed(self) -> bool: ...
    def as_dict(self) -> dict[str, Any]: ...


# Examines a manifest's sandbox address, every operation that it offers.
Examine = Callable[[Manifest], Awaitable[Report]]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run of the kit and its report (empty while it runs)."""

    id: UUID
    number: int
    state: str
    state_name: str
    started_at: datetime
    ended_at: datetime | None
    report: dict[str, Any]


class Examination:
    """Runs the conformance kit for revisions that reached their sandbox.

    Args:
        examine: the kit.
    """

    def __init__(
        self, examine: Examine, operators: Operators, ledger: Ledger, keys: Keys,
        addresses: Addresses,
    ) -> None:  # fmt: skip
        self._examine, self._operators = examine, operators
        self._ledger, self._keys, self._addresses = ledger, keys, addresses
        self._tasks: set[asyncio.Task[RunView]] = set()

    async def start(self, officer: Officer, code: str, number: int) -> RunView:
        """Begin a run; it goes on after this returns.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, StateConflict: not by this officer, or
                not now.
            AddressUnapproved: approval of the sandbox address was taken back.
            RunUnderWay: one is under way already.
        """
        system, revision, run = await self._begin(officer, code, number)
        task = asyncio.create_task(self._run(system, revision, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _view(run)

    async def run(self, officer: Officer, code: str, number: int) -> RunView:
        """The same, waiting for the end.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, StateConflict, AddressUnapproved,
            RunUnderWay: as by ``start``.
        """
        system, revision, run = await self._begin(officer, code, number)
        return await self._run(system, revision, run)

    async def _begin(
        self, officer: Officer, code: str, number: int
    ) -> tuple[JoiningSystem, Revision, ConformanceRun]:
        allow(officer, _MAY_RUN)
        system, revision = await system_for(officer, code), await revision_of(code, number)
        if revision.state is not State.SANDBOX:
            state = STATE_NAMES[revision.state]
            raise StateConflict(
                f"第 {number} 版现在是“{state}”，不在沙箱测试阶段。", revision.state
            )
        await self._addresses.need(code, origins_of(manifest_of(revision), "sandbox"))
        async with in_transaction():
            await self._give_up_lost(code)
            if await ConformanceRun.exists(system_code=code, state=RUNNING):
                raise RunUnderWay
            run = await ConformanceRun.create(
                system_code=code, number=number, digest=revision.digest,
                started_by=officer.account_id,
            )  # fmt: skip
            await self._ledger.note(code, "conformance_started", officer, number=number)
        return system, revision, run

    async def _give_up_lost(self, code: str) -> None:
        lost = ConformanceRun.filter(
            system_code=code, state=RUNNING, started_at__lt=datetime.now(UTC) - LOST_AFTER
        )
        await lost.update(state=BROKEN, ended_at=datetime.now(UTC))

    async def _run(self, system: JoiningSystem, revision: Revision, run: ConformanceRun) -> RunView:
        manifest = manifest_of(revision)
        try:
            report = await self._examine(manifest)
        except Exception as error:  # noqa: BLE001 (whatever it was, the run must not stay open)
            log.warning("conformance.broken", system=system.code, error=type(error).__name__)
            await self._end(run, BROKEN, {})
            await self._tell_broken(system, revision.number)
            return _view(run)
        except asyncio.CancelledError:
            await self._end(run, BROKEN, {})
            raise
        async with in_transaction():
            await self._end(run, PASSED if report.passed else FAILED, report.as_dict())
            await self._conclude(system, revision, manifest, report.passed)
        return _view(run)

    async def _tell_broken(self, system: JoiningSystem, number: int) -> None:
        async with in_transaction():
            await self._ledger.note(system.code, "conformance_broken", None, number=number)
            await self._operators.notify(
                department_uscc=system.department_uscc, kind="onboarding.conformance_broken",
                title=f"{system.name}第 {number} 版符合性测试中断",
                text="测试没有完成，不是系统的问题，请重新开始一次。",
                link=link_to(system.code, number),
            )  # fmt: skip

    async def _end(self, run: ConformanceRun, state: str, report: dict[str, Any]) -> None:
        run.state, run.report, run.ended_at = state, report, datetime.now(UTC)
        await run.save(update_fields=["state", "report", "ended_at"])

    async def _conclude(
        self, system: JoiningSystem, revision: Revision, manifest: Manifest, passed: bool
    ) -> None:
        code, number = system.code, revision.number
        kind = "conformance_passed" if passed else "conformance_failed"
        current = await revision_of(code, number)
        if passed and current.state is State.SANDBOX:
            await self._keys.prove_by_conformance(manifest)
            await self._ledger.move(current, Act.CONFORM, None)
        else:
            await self._ledger.note(code, kind, None, number=number)
        title = f"{system.name}第 {number} 版符合性测试{'通过' if passed else '未通过'}"
        text = "可以发布。" if passed else "请查看报告中的整改说明，改好后重新测试。"
        link = link_to(code, number)
        await self._operators.notify(
            department_uscc=system.department_uscc, kind=f"onboarding.{kind}", title=title,
            text=text, link=link,
        )  # fmt: skip
        if passed:
            await self._operators.notify(
                role=Role.OPERATOR, kind=f"onboarding.{kind}", title=title, text=text, link=link
            )

    async def list(self, officer: Officer, code: str, number: int) -> list[RunView]:
        """The runs of a revision, the latest first.

        Raises:
            RoleMissing, SystemUnknown: see ``records.system_for``.
        """
        await system_for(officer, code)
        rows = ConformanceRun.filter(system_code=code, number=number)
        return [_view(row) for row in await rows.order_by("-id").limit(20)]

    async def get(self, officer: Officer, code: str, run_id: UUID) -> RunView:
        """One run with its report.

        Raises:
            RoleMissing, SystemUnknown, RunUnknown: there is none for this officer.
        """
        await system_for(officer, code)
        row = await ConformanceRun.get_or_none(id=run_id, system_code=code)
        if row is None:
            raise RunUnknown
        return _view(row)

    async def close(self) -> None:
        """End what still runs; it counts as broken off."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _view(row: ConformanceRun) -> RunView:
    return RunView(
        row.id, row.number, row.state, RUN_STATE_NAMES[row.state], row.started_at, row.ended_at,
        row.report,
    )  # fmt: skip
