"""Clocks that run out: 红黄牌 for departments and operators, and what the law says then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog
from tortoise.expressions import Q, Subquery
from tortoise.transactions import in_transaction

from backend.cases.clocks import ACCEPT, KIND_LABELS, LIGHT_LABELS, Light
from backend.cases.effects import Effects
from backend.cases.models import Case, CaseClock
from backend.cases.parts import PLATFORM, Parts
from backend.cases.receiving import case_link
from backend.cases.states import State
from backend.operators.errors import RoleMissing
from backend.operators.service import DEPARTMENT_ROLES, Officer, Role

log = structlog.get_logger("cases")

_LOOK_AHEAD_WORKDAYS = 2
_MOST = 500
_SEES = frozenset({Role.CLERK, Role.HEAD, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class Warned:
    """A case whose clock is amber or red.

    Attributes:
        left: working days, negative when overdue.
        over_by_law: the period of the statute is over, too.
    """

    case_id: UUID
    case_no: str
    item_name: str
    department_name: str
    state: State
    kind: str
    light: Light
    due_on: date
    legal_due_on: date
    over_by_law: bool
    provisional: bool
    left: int


def needs_sight(officer: Officer) -> str | None:
    """Whose cases an officer sees: of their department, or (None) of all.

    Raises:
        RoleMissing: none.
    """
    if officer.role not in _SEES:
        raise RoleMissing(sorted(_SEES))
    return officer.department_uscc if officer.role in DEPARTMENT_ROLES else None


class Watching:
    """Watches the clocks."""

    def __init__(self, parts: Parts, effects: Effects) -> None:
        self._parts, self._effects = parts, effects

    async def lights(self, officer: Officer, light: Light | None = None) -> list[Warned]:
        """Amber and red cases that concern an officer, the longest overdue first.

        Raises:
            RoleMissing.
        """
        uscc, calendar = needs_sight(officer), self._parts.services.calendar
        horizon = calendar.due(calendar.today(), _LOOK_AHEAD_WORKDAYS).day
        rows = CaseClock.filter(state="running", due_on__lte=horizon)
        if uscc is not None:
            watched = Case.filter(supervisor_uscc=uscc, ended_at=None)
            supervised = Subquery(watched.values("id"))
            rows = rows.filter(Q(department_uscc=uscc) | Q(case_id__in=supervised))
        clocks = await rows.order_by("due_on", "id").limit(_MOST)
        found = await self._warned(clocks)
        return [one for one in found if one.light != "green" and light in (None, one.light)]

    async def _warned(self, clocks: Sequence[CaseClock]) -> list[Warned]:
        ids = [clock.case_id for clock in clocks]
        cases = {case.id: case for case in await Case.filter(id__in=ids)}
        today, found = self._parts.today(), []
        for clock in clocks:
            case, shown = cases[clock.case_id], self._parts.clocks.shown(clock)
            found.append(
                Warned(
                    case.id, case.case_no, case.item_name, case.department_name,
                    State(case.state), clock.kind, shown.light, clock.due_on,
                    clock.legal_due_on, clock.legal_due_on < today, clock.provisional,
                    shown.left or 0,
                )
            )  # fmt: skip
        return found

    # The worker

    async def run(self) -> int | None:
        """Warn of what is due and overdue, each once, and do what the law says; says how many."""
        await self._parts.services.calendar.reload()
        await self._parts.clocks.settle_provisional()
        told = await self._deem()
        calendar = self._parts.services.calendar
        horizon = calendar.due(calendar.today(), _LOOK_AHEAD_WORKDAYS).day
        near = CaseClock.filter(state="running", due_on__lte=horizon, red_at=None)
        for clock in await near.limit(_MOST):
            light = self._parts.clocks.light(clock)
            if light == "red" or (light == "amber" and clock.amber_at is None):
                told += await self._warn(clock, light)
        return told or None

    async def _warn(self, clock: CaseClock, light: Light) -> int:
        """Mark first, so that two workers do not tell twice."""
        column = f"{light}_at"
        case = await Case.get(id=clock.case_id)
        async with in_transaction():
            mine = CaseClock.filter(id=clock.id, state="running", **{column: None})
            if not await mine.update(**{column: self._parts.now()}):
                return 0
            word = "已超期" if light == "red" else "即将到期"
            title = f"{LIGHT_LABELS[light]}：办件{KIND_LABELS[clock.kind]}{word}"
            text = (
                f"“{case.item_name}”办件 {case.case_no} 应于 {clock.due_on.isoformat()} 前"
                f"{KIND_LABELS[clock.kind]}，{word}，请尽快办理。"
            )
            await self._notify(case, light, title, text)
        return 1

    async def _notify(self, case: Case, light: str, title: str, text: str) -> None:
        operators, link = self._parts.services.operators, "/console/cases"
        kind = f"cases.{light}"
        await operators.notify(
            role=Role.HEAD, department_uscc=case.department_uscc,
            kind=kind, title=title, text=text, link=link,
        )  # fmt: skip
        if light != "amber":
            await operators.notify(role=Role.OPERATOR, kind=kind, title=title, text=text, link=link)

    async def _deem(self) -> int:
        """逾期不告知的，自收到申请材料之日起即为受理 (行政许可法 art. 32)."""
        count = 0
        for clock in await self._parts.clocks.overdue().filter(kind=ACCEPT).limit(_MOST):
            case = await Case.get(id=clock.case_id)
            if case.delivered_at is None:
                # The department cannot know of it; that it does not is the platform's to mend.
                continue
            count += await self._deem_one(case, clock)
        return count

    async def _deem_one(self, case: Case, clock: CaseClock) -> int:
        now: datetime = self._parts.now()
        async with in_transaction():
            same = Case.filter(id=case.id, state=State.SUBMITTED, deemed_on=None, seq=case.seq)
            if not await same.update(deemed_on=clock.started_on, updated_at=now):
                return 0
            case.deemed_on = clock.started_on
            await self._parts.clocks.stop(case.id, self._parts.today(), ACCEPT)
            await self._effects.start_decision(case, clock.started_on)
            await self._parts.step(case, "deemed_accepted", case.state, PLATFORM, now)
            await self._parts.services.audit.record(
                PLATFORM, "cases.deemed_accepted", f"case:{case.id}", {"case": case.case_no}
            )
            text = (
                f"{case.department_name}未在 5 个工作日内告知“{case.item_name}”是否受理，依照"
                "《行政许可法》第三十二条，自收到申请材料之日起即为受理，办理期限已开始计算。"
            )
            await self._parts.services.messages.tell(
                case.person_id, "case.deemed_accepted", "您的申请依法视为受理", text,
                case_link(case.case_no), dedupe_key=f"case:{case.id}:deemed:{clock.started_on}",
            )  # fmt: skip
            title = "红牌：逾期未告知，依法视为受理"
            words = f"“{case.item_name}”办件 {case.case_no} 逾期未受理，已依法视为受理。"
            await self._notify(case, "red", title, words)
        return 1
