"""Benefits from candidate to payment and, where it was wrong, back (免申即享, 即申即享, 承诺即享).

Nobody is paid twice: there is one row for a policy, a beneficiary and a period, each step is a
conditional change of its state, and a payment instruction is written in the transaction of that
step under a unique number. No budget is overspent: what is promised is taken from it in the same
transaction, by a change that does nothing where too little is left.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.numbers.service import mask_name, mask_number
from backend.operators.service import Officer, Role
from backend.policies.book import Book
from backend.policies.document import KINDS, Policy
from backend.policies.errors import (
    ActNotPossible,
    BudgetSpent,
    CommitmentMissing,
    EntitlementUnknown,
    NotMatched,
    NotYoursToDo,
)
from backend.policies.explaining import period_of
from backend.policies.matching import Matched, Matching, Whose
from backend.policies.models import PolicyBudget, PolicyEntitlement, PolicyPayment, PolicyStep
from backend.policies.parts import CONSOLE, DEPARTMENT, PAGE_LINK, Parts, masked_account, yuan
from backend.policies.shapes import Entitled, Step, found_row
from backend.policies.states import ACT_NAMES, STATE_NAMES, Act, State, after
from backend.store.ids import uuid7

PLATFORM = "platform"
QUEUED = "queued"
_LISTED = 200


class Entitlements:
    """The use cases of beneficiaries and officers."""

    def __init__(self, parts: Parts, book: Book, matching: Matching) -> None:
        self._parts, self._book, self._matching = parts, book, matching

    # The beneficiary

    async def mine(self, whose: Whose) -> list[Entitled]:
        """All benefits of somebody, the newest first."""
        await self._book.reload()
        index = self._parts.index_of(whose.holder)
        rows = await PolicyEntitlement.filter(holder_index=index).order_by("-id").limit(_LISTED)
        return [await self._shown(row, steps=False) for row in rows]

    async def one(self, whose: Whose, entitlement_id: str) -> Entitled:
        """One of them, with everything that was done.

        Raises:
            EntitlementUnknown.
        """
        await self._book.reload()
        return await self._shown(await self._own(whose, entitlement_id))

    async def claim(
        self, whose: Whose, code: str, account: Mapping[str, str], promised: bool, trace: str
    ) -> UUID:
        """即申即享 and 承诺即享: one tap, judged on fresh data, paid at once.

        What weighs heavily goes to a person at the department first.

        Raises:
            PolicyUnknown, MatchingOff, NotMatched, CommitmentMissing, BudgetSpent.
            ActNotPossible: it is no policy to claim, or was claimed before.
        """
        found = await self._matching.one(whose, code, trace)
        document = found.policy.document
        if document.kind == "automatic" or document.benefit.kind != "money":
            raise ActNotPossible
        if found.outcome != "matched" or not found.amount:
            raise NotMatched
        if document.kind == "commitment" and not promised:
            raise CommitmentMissing
        by_hand = document.steps.check or document.major
        act = Act.REVIEW if by_hand else Act.CLAIM
        words = document.steps.commitment if promised else ""
        async with in_transaction():
            row = await self._begin(found, whose, act, person(whose.person_id), words)
            if not by_hand:
                await self._pay(row, found.policy, account)
        return row.id

    async def review(self, whose: Whose, code: str, words: str, trace: str) -> UUID:
        """Ask for a person to look, whatever the machine said (个人信息保护法 art. 24).

        Raises:
            PolicyUnknown, MatchingOff, ActNotPossible.
        """
        found = await self._matching.one(whose, code, trace)
        if found.policy.document.benefit.kind != "money" or not found.amount:
            raise ActNotPossible
        actor = person(whose.person_id)
        async with in_transaction():
            before = await PolicyEntitlement.get_or_none(
                policy_code=code, holder_index=self._parts.index_of(whose.holder),
                period=period_of(found.policy, self._parts.today),
            )  # fmt: skip
            if before is not None:
                await self.move(before, Act.REVIEW, actor, words)
                row = before
            else:
                row = await self._begin(found, whose, Act.REVIEW, actor, words)
        await self._parts.notify(
            row.department_uscc, "有人申请人工复核", found.policy.document.title,
            CONSOLE.format(row.id),
        )  # fmt: skip
        return row.id

    async def confirm(self, whose: Whose, entitlement_id: str, account: Mapping[str, str]) -> None:
        """免申即享: one tap says yes, and where to. (EntitlementUnknown, BudgetSpent…)"""
        row = await self._own(whose, entitlement_id)
        act = Act.CHANGE_ACCOUNT if row.state == State.FAILED else Act.CONFIRM
        policy = self._book.version(row.policy_code, row.policy_version)
        async with in_transaction():
            me = whose.person_id
            await self.move(row, act, person(me), "", person_id=me)
            await self._pay(row, policy, account, again=act is Act.CHANGE_ACCOUNT)

    async def decline(self, whose: Whose, entitlement_id: str) -> None:
        """Say no; a person may be asked to look again later. Raises as ``confirm`` does."""
        row = await self._own(whose, entitlement_id)
        async with in_transaction():
            await self.move(row, Act.DECLINE, person(whose.person_id), "")

    async def object(self, whose: Whose, entitlement_id: str, words: str) -> None:
        """Object to a recovery; it rests until the department has looked again.

        Raises:
            EntitlementUnknown, ActNotPossible.
        """
        row = await self._own(whose, entitlement_id)
        if row.state != State.RECOVERING:
            raise ActNotPossible
        await self._objected(row, whose.person_id, words)

    async def publicised(self) -> list[Entitled]:
        """What is publicised at present (公示): names and numbers masked."""
        await self._book.reload()
        rows = await PolicyEntitlement.filter(state=State.PUBLICISED).order_by("due_on", "id")
        return [await self._shown(row, steps=False) for row in rows[:_LISTED]]

    async def object_publicly(self, person_id: UUID, entitlement_id: str, words: str) -> None:
        """Object to what is publicised: anybody with a real name may.

        Raises:
            EntitlementUnknown, ActNotPossible.
        """
        row = await found_row(entitlement_id)
        if row is None or row.state != State.PUBLICISED:
            raise EntitlementUnknown
        await self._objected(row, person_id, words)

    async def _objected(self, row: PolicyEntitlement, person_id: UUID, words: str) -> None:
        async with in_transaction():
            await self.move(row, Act.OBJECT, person(person_id), words)
        where = CONSOLE.format(row.id)
        await self._parts.notify(row.department_uscc, "收到对待遇的异议", words, where)

    # The department

    async def waiting(self, officer: Officer, state: State | None = None) -> list[Entitled]:
        """What is an officer's business, in one state or in those that wait for somebody."""
        await self._book.reload()
        rows = PolicyEntitlement.all()
        if officer.role in DEPARTMENT:
            rows = rows.filter(department_uscc=officer.department_uscc)
        elif officer.role is not Role.OPERATOR:
            return []
        wanted = [state] if state else [State.CANDIDATE, State.OBJECTED, State.RECOVERING]
        found = await rows.filter(state__in=wanted).order_by("id").limit(_LISTED)
        return [await self._shown(row, steps=False) for row in found]

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
        return await self._shown(row)

    async def decide(self, officer: Officer, entitlement_id: str, act: Act, words: str) -> None:
        """Check, refuse, dismiss an objection, verify, recover.

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
        async with in_transaction():
            await self.move(row, act, officer.actor, words, **values)
            if act is Act.RECOVERED:
                await PolicyBudget.filter(id=row.policy_code).update(left=F("left") + row.amount)
            await self._parts.audit.record(
                officer.actor, f"policies.{act.value}", f"policy-entitlement:{row.id}"
            )
            await self._told(row, act, policy, words)

    async def uphold(self) -> int:
        """What was publicised long enough is offered; the worker calls it."""
        await self._book.reload()
        due = PolicyEntitlement.filter(state=State.PUBLICISED, due_on__lt=self._parts.today)
        done = 0
        for row in await due.limit(500):
            try:
                async with in_transaction():
                    await self.move(row, Act.UPHOLD, PLATFORM, "")
                    policy = self._book.version(row.policy_code, row.policy_version)
                    await self._told(row, Act.UPHOLD, policy, "")
                done += 1
            except ActNotPossible:
                continue
        return done

    # What the other parts of the package use

    async def move(
        self, row: PolicyEntitlement, act: Act, actor: str, words: str, **values: Any
    ) -> None:
        """Do a step unless somebody was faster; inside the transaction of what follows from it.

        Raises:
            ActNotPossible.
        """
        before = State(row.state)
        state, now = after(before, act), self._parts.now()
        changed = {"state": state, "updated_at": now, **values}
        mine = PolicyEntitlement.filter(id=row.id, state=before)
        if act is Act.VERIFY:
            mine = mine.filter(verified_at__isnull=True)
        if not await mine.update(**changed):
            raise ActNotPossible
        for name, value in changed.items():
            setattr(row, name, value)
        await self.step(row, act, actor, words)

    async def step(self, row: PolicyEntitlement, act: Act, actor: str, words: str) -> None:
        """Write down what was done."""
        step_id = uuid7()
        await PolicyStep.create(
            id=step_id, entitlement_id=row.id, act=act, state=row.state, actor=actor,
            at=self._parts.now(),
            words=self._parts.seal(words, step_id, "words") if words else None,
        )  # fmt: skip

    async def tell(self, row: PolicyEntitlement, what: str, title: str, text: str) -> None:
        """Tell the beneficiary, once for each step."""
        if row.person_id is not None:
            await self._parts.messages.tell(
                row.person_id, f"policy.{what}", title, text, PAGE_LINK.format(row.id),
                dedupe_key=f"policy:{row.id}:{what}:{row.attempt}:{row.updated_at.timestamp()}",
            )  # fmt: skip

    async def _told(self, row: PolicyEntitlement, act: Act, policy: Policy, words: str) -> None:
        title = policy.document.title
        if row.state == State.OFFERED:
            text = f"您符合“{title}”的条件，可以领取 {yuan(row.amount)}。请确认收款账户。"
            await self.tell(row, "offered", "有一笔待遇等您确认", text)
        elif act is Act.REFUSE:
            await self.tell(row, "refused", f"“{title}”核验没有通过", f"原因：{words}")
        elif act is Act.RECOVER:
            text = f"原因：{words}。不同意的，可以在页面上提出异议。"
            await self.tell(row, "recovering", f"“{title}”需要退回", text)

    async def _begin(
        self, found: Matched, whose: Whose, act: Act, actor: str, words: str
    ) -> PolicyEntitlement:
        """The one row of a policy, a beneficiary and a period.

        Raises:
            ActNotPossible: there is one already.
        """
        reasons = [
            {"words": one.words, "result": one.result, "looked": [list(two) for two in one.looked]}
            for one in found.reasons
        ]
        row = self.made(
            found.policy, whose.side, found.amount, reasons, act,
            index=self._parts.index_of(whose.holder), holder=whose.holder.as_payload(),
            person_id=whose.person_id,
        )  # fmt: skip
        await PolicyEntitlement.bulk_create([row], ignore_conflicts=True)
        if not await PolicyEntitlement.exists(id=row.id):
            raise ActNotPossible
        await self.step(row, act, actor, words)
        return row

    def made(
        self, policy: Policy, audience: str, amount: int | None, reasons: Sequence[Any], act: Act,
        *, index: str, holder: Mapping[str, str], person_id: UUID | None,
    ) -> PolicyEntitlement:  # fmt: skip
        """A row that is not yet in the database."""
        parts, row_id, system = self._parts, uuid7(), self._parts.exchange.system(policy.system)
        later = policy.document.steps.later_check_days
        return PolicyEntitlement(
            id=row_id, policy_code=policy.code, policy_version=policy.version,
            system_code=policy.system,
            department_uscc=system.manifest.system.department.uscc if system else "",
            audience=audience, holder_index=index, person_id=person_id,
            holder=parts.seal(dict(holder), row_id, "holder"),
            period=period_of(policy, parts.today), state=after(None, act), amount=amount,
            reasons=parts.seal(reasons, row_id, "reasons"),
            due_on=parts.today + timedelta(days=later) if later else None,
            created_at=parts.now(), updated_at=parts.now(),
        )  # fmt: skip

    async def _pay(
        self, row: PolicyEntitlement, policy: Policy, account: Mapping[str, str],
        again: bool = False,
    ) -> None:  # fmt: skip
        """Take from the budget, and instruct the department; in the transaction of the step.

        Raises:
            BudgetSpent.
        """
        parts, amount = self._parts, row.amount or 0
        if not again:
            enough = PolicyBudget.filter(id=row.policy_code, left__gte=amount)
            if not await enough.update(left=F("left") - amount):
                raise BudgetSpent
        row.attempt += 1
        row.account = parts.seal(dict(account), row.id, "account")
        await PolicyEntitlement.filter(id=row.id).update(attempt=row.attempt, account=row.account)
        payment_id, now = uuid7(), parts.now()
        payload = {
            "entitlement_no": str(row.id), "policy_code": row.policy_code,
            "policy_title": policy.document.title, "period": row.period,
            "amount_fen": amount, "beneficiary": parts.open(row.holder, row.id, "holder"),
            "account": dict(account),
        }  # fmt: skip
        await PolicyPayment.create(
            id=payment_id, entitlement_id=row.id, attempt=row.attempt, system_code=row.system_code,
            payload=parts.seal(payload, payment_id, "payload"), state=QUEUED, not_before=now,
            created_at=now,
        )  # fmt: skip

    async def _own(self, whose: Whose, entitlement_id: str) -> PolicyEntitlement:
        row = await found_row(entitlement_id)
        if row is None or row.holder_index != self._parts.index_of(whose.holder):
            raise EntitlementUnknown
        return row

    async def _officers(self, officer: Officer, entitlement_id: str) -> PolicyEntitlement:
        row = await found_row(entitlement_id)
        if row is None or not self._parts.sees(officer, row.department_uscc):
            raise EntitlementUnknown
        return row

    async def _shown(self, row: PolicyEntitlement, steps: bool = True) -> Entitled:
        parts = self._parts
        document = self._book.version(row.policy_code, row.policy_version).document
        holder = parts.holder(row.holder, row.id)
        done = await PolicyStep.filter(entitlement_id=row.id).order_by("id") if steps else []
        account = parts.open(row.account, row.id, "account") if row.account else None
        return Entitled(
            id=row.id, code=row.policy_code, title=document.title,
            kind_name=KINDS[document.kind], department=self._book.department(row.policy_code),
            holder=mask_name(holder.name) if row.audience == "citizen" else holder.name,
            number=mask_number(holder.code), period=row.period, state=State(row.state),
            state_name=STATE_NAMES[State(row.state)], amount=yuan(row.amount),
            account=masked_account(account) if account else "", due_on=row.due_on,
            created_at=row.created_at, reasons=parts.open(row.reasons, row.id, "reasons"),
            steps=[
                Step(
                    one.at, ACT_NAMES[Act(one.act)],
                    str(parts.open(one.words, one.id, "words")) if one.words else "",
                )
                for one in done
            ],
        )  # fmt: skip
