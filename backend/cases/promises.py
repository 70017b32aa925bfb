"""容缺后补: materials that were promised, who is reminded of them, what happens when none come.

A promise is kept when the material is handed in; the day that passes changes no state: whether to
decide without the material is the department's to say (国办发〔2018〕45号, 容缺受理). Until it has
decided the material may still come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.cases.content import Wanted
from backend.cases.models import Case, CasePromise
from backend.cases.parts import PLATFORM, Parts
from backend.cases.receiving import case_link
from backend.cases.states import ENDED, State
from backend.cases.watching import needs_sight
from backend.operators.service import Officer, Role

OPEN, KEPT, BROKEN, MOOT = "open", "kept", "broken", "moot"
PROMISED = "promised"
REMIND_DAYS = 3
BROKEN_EVENT = "promise_broken"
_MOST = 500
_DECIDED = ENDED | {State.APPROVED, State.DENIED, State.DELIVERING}


@dataclass(frozen=True, slots=True)
class Missing:
    """A promised material that did not come in time, for the department."""

    case_no: str
    item_name: str
    department_name: str
    state: State
    material: str
    due_on: date


def may_come(state: str) -> bool:
    """Whether a promised material may still be handed in: until the decision."""
    return State(state) not in _DECIDED


def still_promised(case: Case, materials: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Code → day of what was promised and has not come."""
    if not may_come(case.state):
        return {}
    return {
        code: one["due_on"] for code, one in materials.items() if one.get("how") == PROMISED
    }  # fmt: skip


class Promises:
    """Keeps account of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(
        self, case: Case, wanted: Sequence[Wanted], materials: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Note what a submission promises; inside its transaction."""
        names = {one.code: one.name for one in wanted}
        rows = [
            CasePromise(
                case_id=case.id, material_code=code, name=names[code],
                due_on=date.fromisoformat(one["due_on"]), state=OPEN,
            )
            for code, one in materials.items()
            if one.get("how") == PROMISED and code in names
        ]  # fmt: skip
        if rows:
            await CasePromise.bulk_create(rows)

    async def keep(self, case: Case, materials: Mapping[str, Mapping[str, Any]]) -> None:
        """Note what a supplement hands in; inside its transaction."""
        codes = [code for code, one in materials.items() if one.get("how") != PROMISED]
        if codes:
            mine = CasePromise.filter(case_id=case.id, material_code__in=codes)
            await mine.filter(state__in=(OPEN, BROKEN)).update(state=KEPT)

    async def missing(self, officer: Officer) -> list[Missing]:
        """What did not come in time and is still waited for, the longest overdue first.

        Raises:
            RoleMissing.
        """
        uscc = needs_sight(officer)
        rows = await CasePromise.filter(state=BROKEN).order_by("due_on", "id").limit(_MOST)
        cases = {one.id: one for one in await Case.filter(id__in={row.case_id for row in rows})}
        return [
            Missing(
                case.case_no, case.item_name, case.department_name, State(case.state),
                row.name, row.due_on,
            )
            for row in rows
            if (case := cases[row.case_id]) and uscc in (None, case.department_uscc)
        ]  # fmt: skip

    # The worker

    async def run(self) -> int | None:
        """Remind of what is due soon and record what did not come; says how many were told."""
        today, told = self._parts.today(), 0
        near = CasePromise.filter(due_on__lte=today + timedelta(days=REMIND_DAYS))
        # What was reminded of waits for its last day; it is left out, or it would fill the batch.
        soon = await near.filter(state=OPEN, reminded_at=None, due_on__gte=today).limit(_MOST)
        over = await CasePromise.filter(state=OPEN, due_on__lt=today).limit(_MOST)
        late = await CasePromise.filter(state=BROKEN).limit(_MOST)
        cases = await self._cases_of((*soon, *over, *late))
        for row in (*soon, *over, *late):
            case = cases[row.case_id]
            if not may_come(case.state):
                await CasePromise.filter(id=row.id, state=row.state).update(state=MOOT)
            elif row.state == OPEN:
                told += await (self._break if row.due_on < today else self._remind)(case, row)
        return told or None

    async def _cases_of(self, rows: Sequence[CasePromise]) -> dict[UUID, Case]:
        return {one.id: one for one in await Case.filter(id__in={row.case_id for row in rows})}

    async def _remind(self, case: Case, row: CasePromise) -> int:
        """Mark first, so that two workers do not tell twice."""
        async with in_transaction():
            mine = CasePromise.filter(id=row.id, state=OPEN, reminded_at=None)
            if not await mine.update(reminded_at=self._parts.now()):
                return 0
            text = (
                f"“{case.item_name}”您承诺在 {row.due_on.isoformat()} 前补交{row.name}，"
                "现在还没有收到。在“我的办件”里拍照上传即可。"
            )
            await self._tell(case, row, "remind", "别忘了补交材料", text)
        return 1

    async def _break(self, case: Case, row: CasePromise) -> int:
        now = self._parts.now()
        async with in_transaction():
            mine = CasePromise.filter(id=row.id, state=OPEN)
            if not await mine.update(state=BROKEN, broken_at=now):
                return 0
            words = {"reason": f"{row.name}应于 {row.due_on.isoformat()} 前补交，没有收到"}
            await self._parts.step(case, BROKEN_EVENT, case.state, PLATFORM, now, words)
            await self._parts.services.audit.record(
                PLATFORM, f"cases.{BROKEN_EVENT}", f"case:{case.id}",
                {"case": case.case_no, "material": row.material_code},
            )  # fmt: skip
            text = (
                f"“{case.item_name}”承诺补交的{row.name}已过期限（{row.due_on.isoformat()}）。"
                f"{case.department_name}作出决定前还可以补交，请尽快；不补交的，申请可能不被批准。"
            )
            await self._tell(case, row, BROKEN, "补交材料的期限已过", text)
            await self._tell_department(case, row)
        return 1

    async def _tell(self, case: Case, row: CasePromise, what: str, title: str, text: str) -> None:
        await self._parts.services.messages.tell(
            case.person_id, f"case.promise_{what}", title, text, case_link(case.case_no),
            dedupe_key=f"case:{row.id}:promise:{what}",
        )  # fmt: skip

    async def _tell_department(self, case: Case, row: CasePromise) -> None:
        text = (
            f"“{case.item_name}”办件 {case.case_no} 的申请人承诺于 {row.due_on.isoformat()} 前"
            f"补交{row.name}，没有收到。"
        )
        for role in (Role.CLERK, Role.HEAD):
            await self._parts.services.operators.notify(
                role=role, department_uscc=case.department_uscc, kind=f"cases.{BROKEN_EVENT}",
                title="容缺材料逾期未补", text=text, link="/console/cases",
            )  # fmt: skip
