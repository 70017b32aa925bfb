"""Signed receipts of departments: what is delivered, and what came too late to be taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.audit.service import system
from backend.cases.models import Case, CaseOutbox, CaseStep
from backend.cases.parts import Parts
from backend.store.rows import insert_all, update_all

SUBMIT = "cases.submit"
_WORDS = {"cases.supplement": "补正材料", "cases.withdraw": "撤回申请", "cases.urge": "催办"}
Receipt = tuple[CaseOutbox, Mapping[str, Any]]


class Receipts:
    """Takes them in; the connector has checked the signature."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def take(self, receipts: Sequence[Receipt], now: datetime) -> None:
        """Note receipts on their cases; inside the caller's transaction, each once."""
        ids = {row.case_id for row, _ in receipts}
        cases = {case.id: case for case in await Case.filter(id__in=ids)}
        delivered = [each for each in receipts if each[0].operation == SUBMIT]
        await self._delivered(delivered, cases, now)
        for row, answer in receipts:
            if row.operation != SUBMIT:
                await self._followed(row, answer, cases[row.case_id])

    async def _delivered(
        self, receipts: Sequence[Receipt], cases: Mapping[UUID, Case], now: datetime
    ) -> None:
        """Submissions are the many: a statement for all of them, not for each."""
        fresh: list[Case] = []
        steps: list[CaseStep] = []
        for row, answer in receipts:
            case = cases[row.case_id]
            if case.delivered_at is not None:
                await self._handed_over(row, answer, case)
                continue
            case.delivered_at = datetime.fromisoformat(answer["received_at"])
            case.department_case_no = answer["department_case_no"]
            fresh.append(case)
            words = {"department_case_no": case.department_case_no}
            steps.append(
                self._parts.made_step(
                    case, "delivered", case.state, system(case.system_code), case.delivered_at,
                    words,
                )
            )  # fmt: skip
        if fresh:
            await update_all(fresh, "delivered_at", "department_case_no")
            await insert_all(steps)

    async def _handed_over(self, row: CaseOutbox, answer: Mapping[str, Any], case: Case) -> None:
        """The body that decides has the case; said once, however often it was sent."""
        known = CaseStep.filter(case_id=case.id, event="handed_over")
        if case.division_id is None or row.system_code != case.system_code or await known.exists():
            return
        case.department_case_no = answer["department_case_no"]
        await Case.filter(id=case.id).update(department_case_no=case.department_case_no)
        at = datetime.fromisoformat(answer["received_at"])
        words = {"department_case_no": case.department_case_no}
        await self._parts.step(case, "handed_over", case.state, system(row.system_code), at, words)

    async def _followed(self, row: CaseOutbox, answer: Mapping[str, Any], case: Case) -> None:
        at = datetime.fromisoformat(answer["received_at"])
        taken = bool(answer["taken"])
        event = f"{row.operation.partition('.')[2]}_{'delivered' if taken else 'refused'}"
        words = {} if taken else {"reason": answer.get("reason", "")}
        await self._parts.step(case, event, case.state, system(row.system_code), at, words)
        if not taken and row.operation in _WORDS:
            await self._tell_refused(row, case, words["reason"])

    async def _tell_refused(self, row: CaseOutbox, case: Case, reason: str) -> None:
        what = _WORDS[row.operation]
        because = f"：{reason}" if reason else ""
        text = (
            f"您就“{case.item_name}”提交的{what}，{case.department_name}没有采纳{because}。"
            "请查看办件进度。"
        )
        await self._parts.services.messages.tell(
            case.person_id, "case.progress", f"{what}未被采纳", text, case_link(case.case_no),
            dedupe_key=f"case:{row.id}:refused",
        )  # fmt: skip


def case_link(case_no: str) -> str:
    """Where the mini-program shows a case."""
    return f"/apply/case?case_no={case_no}"
