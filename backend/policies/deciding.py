"""What a department's officers do: check candidates, decide on objections, verify, take back."""

from datetime import timedelta
from typing import Any

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.operators.service import Officer, Role
from backend.policies.book import Book
from backend.policies.document import Policy
from backend.policies.entitlements import LISTED, PLATFORM, Entitlements
from backend.policies.errors import ActNotPossible, EntitlementUnknown, NotYoursToDo
from backend.policies.models import PolicyBudget, PolicyEntitlement
from backend.policies.objections import Objections
from backend.policies.parts import DEPARTMENT, Parts, yuan
from backend.policies.shapes import Entitled, found_row
from backend.policies.states import Act, State

# What waits for somebody at the department.
WAITING = (State.CANDIDATE, State.OBJECTED, State.CONTESTED, State.RECOVERING)
# An objection is decided; whoever objected is told.
_ON_OBJECTION = (Act.DISMISS, Act.ACCEPT, Act.REFUSE)


class Deciding:
    """The use cases of officers."""

    def __init__(
        self, parts: Parts, book: Book, entitlements: Entitlements, objections: Objections
    ) -> None:
        self._parts, self._book = parts, book
        self._entitlements, self._objections = entitlements, objections

    async def waiting(self, officer: Officer, state: State | None = None) -> list[Entitled]:
        """What is an officer's business, in one state or in those that wait for somebody."""
        await self._book.reload()
        rows = PolicyEntitlement.all()
        if officer.role in DEPARTMENT:
            rows = rows.filter(department_uscc=officer.department_uscc)
        elif officer.role is not Role.OPERATOR:
            return []
        wanted = [state] if state else WAITING
        found = await rows.filter(state__in=wanted).order_by("id").limit(LISTED)
        return [await self._entitlements.shown(row, steps=False) for row in found]

    async def seen(self, officer: Officer, entitlement_id: str) -> Entitled:
        """One of them; that an officer read it stands in the audit.

        Raises:
            EntitlementUnknown.
        """
        await self._book.reload()
        row = await self._officers(officer, entitlement_id)
        await self._parts.audit.record(
            officer.actor, "policies.entitlement_read", f"policy-entitlement:{row.id}"
        )
        return await self._entitlements.shown(row)

    async def decide(self, officer: Officer, entitlement_id: str, act: Act, words: str) -> None:
        """Check, refuse, decide on an objection, verify, recover.

        Raises:
            EntitlementUnknown, NotYoursToDo, ActNotPossible.
        """
        row = await self._officers(officer, entitlement_id)
        # To take back what was paid is for whoever answers for the department.
        if officer.role not in DEPARTMENT or (act is Act.RECOVER and officer.role is not Role.HEAD):
            raise NotYoursToDo
        policy = self._book.version(row.policy_code, row.policy_version)
        values: dict[str, Any] = {}
        if act is Act.APPROVE and (days := policy.document.steps.publicity_days):
            act = Act.PUBLICISE
            values["due_on"] = self._parts.today + timedelta(days=days)
        if act is Act.VERIFY:
            if row.verified_at is not None:
                raise ActNotPossible
            values["verified_at"] = self._parts.now()
        objected = act in _ON_OBJECTION and row.state in (State.OBJECTED, State.CONTESTED)
        if objected:
            values["answer_by"] = None
        async with in_transaction():
            await self._entitlements.move(row, act, officer.actor, words, **values)
            if act is Act.RECOVERED:
                await PolicyBudget.filter(id=row.policy_code).update(left=F("left") + row.amount)
            await self._parts.audit.record(
                officer.actor, f"policies.{act.value}", f"policy-entitlement:{row.id}"
            )
            await self._told(row, act, policy, words)
            if objected:
                await self._objections.answered(row, policy, act, words)

    async def uphold(self) -> int:
        """What was publicised long enough is offered; the worker calls it."""
        await self._book.reload()
        due = PolicyEntitlement.filter(state=State.PUBLICISED, due_on__lt=self._parts.today)
        done = 0
        for row in await due.limit(500):
            try:
                async with in_transaction():
                    await self._entitlements.move(row, Act.UPHOLD, PLATFORM, "")
                    policy = self._book.version(row.policy_code, row.policy_version)
                    await self._told(row, Act.UPHOLD, policy, "")
                done += 1
            except ActNotPossible:
                continue
        return done

    async def _officers(self, officer: Officer, entitlement_id: str) -> PolicyEntitlement:
        row = await found_row(entitlement_id)
        if row is None or not self._parts.sees(officer, row.department_uscc):
            raise EntitlementUnknown
        return row

    async def _told(self, row: PolicyEntitlement, act: Act, policy: Policy, words: str) -> None:
        title, tell = policy.document.title, self._entitlements.tell
        if row.state == State.OFFERED:
            text = f"您符合“{title}”的条件，可以领取 {yuan(row.amount)}。请确认收款账户。"
            await tell(row, "offered", "有一笔待遇等您确认", text)
        elif act is Act.REFUSE:
            await tell(row, "refused", f"“{title}”核验没有通过", f"原因：{words}")
        elif act is Act.RECOVER:
            text = f"原因：{words}。不同意的，可以在页面上提出异议。"
            await tell(row, "recovering", f"“{title}”需要退回", text)
        elif act is Act.ACCEPT:
            text = "您的异议成立，这笔待遇不用退回。"
            await tell(row, "accepted", f"“{title}”不用退回", text)
        elif row.state == State.RECOVERING:
            text = f"您的异议没有成立，仍需退回。原因：{words}"
            await tell(row, "dismissed", f"“{title}”异议处理结果", text)
