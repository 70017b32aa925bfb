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
from backend.policies.book import Book
from backend.policies.document import KINDS, Policy
from backend.policies.errors import (
    AccountMissing,
    ActNotPossible,
    BudgetSpent,
    CommitmentMissing,
    EntitlementUnknown,
    NotMatched,
)
from backend.policies.explaining import period_of
from backend.policies.matching import Matched, Matching, Whose
from backend.policies.models import PolicyBudget, PolicyEntitlement, PolicyPayment, PolicyStep
from backend.policies.parts import CONSOLE, PAGE_LINK, Parts, masked_account, yuan
from backend.policies.shapes import Entitled, Step, found_row
from backend.policies.states import ACT_NAMES, STATE_NAMES, Act, State, after
from backend.store.ids import uuid7

PLATFORM = "platform"
QUEUED = "queued"
LISTED = 200


class Entitlements:
    """The use cases of beneficiaries, and what the other parts of the package do with a row."""

    def __init__(self, parts: Parts, book: Book, matching: Matching) -> None:
        self._parts, self._book, self._matching = parts, book, matching

    # The beneficiary

    async def mine(self, whose: Whose) -> list[Entitled]:
        """All benefits of somebody, the newest first."""
        await self._book.reload()
        index = self._parts.index_of(whose.holder)
        rows = await PolicyEntitlement.filter(holder_index=index).order_by("-id").limit(LISTED)
        return [await self.shown(row, steps=False) for row in rows]

    async def one(self, whose: Whose, entitlement_id: str) -> Entitled:
        """One of them, with everything that was done.

        Raises:
            EntitlementUnknown.
        """
        await self._book.reload()
        return await self.shown(await self._own(whose, entitlement_id))

    async def known_account(self, whose: Whose) -> str:
        """The account into which the last benefit was paid, masked; empty where there is none."""
        found = await self._last_account(self._parts.index_of(whose.holder))
        return masked_account(found) if found else ""

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
        # Whoever is to look sees every condition, and the amount, also where one rules it out.
        found = await self._matching.one(whose, code, trace, whole=True)
        if found.policy.document.benefit.kind != "money" or not found.amount:
            raise ActNotPossible
        actor = person(whose.person_id)
        async with in_transaction():
            before = await PolicyEntitlement.get_or_none(
                policy_code=code, holder_index=self._parts.index_of(whose.holder),
                period=period_of(found.policy, self._parts.today),
            )  # fmt: skip
            if before is not None and before.state == State.CANDIDATE:
                # A person is to look already.
                return before.id
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

    async def confirm(
        self, whose: Whose, entitlement_id: str, account: Mapping[str, str] | None
    ) -> None:
        """免申即享: one tap says yes, and where to.

        Args:
            account: None for the one into which the last benefit was paid.

        Raises:
            EntitlementUnknown, ActNotPossible, BudgetSpent.
            AccountMissing: nothing was ever paid.
        """
        row = await self._own(whose, entitlement_id)
        act = Act.CHANGE_ACCOUNT if row.state == State.FAILED else Act.CONFIRM
        policy = self._book.version(row.policy_code, row.policy_version)
        account = account or await self._last_account(row.holder_index)
        if account is None:
            raise AccountMissing
        async with in_transaction():
            me = whose.person_id
            await self.move(row, act, person(me), "", person_id=me)
            await self._pay(row, policy, account, again=act is Act.CHANGE_ACCOUNT)

    async def decline(self, whose: Whose, entitlement_id: str) -> None:
        """Say no; a person may be asked to look again later. Raises as ``confirm`` does."""
        row = await self._own(whose, entitlement_id)
        async with in_transaction():
            await self.move(row, Act.DECLINE, person(whose.person_id), "")

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
            link = PAGE_LINK.format(row.id)
            if row.audience == "enterprise":
                link += f"&uscc={self._parts.holder(row.holder, row.id).code}"
            await self._parts.messages.tell(
                row.person_id, f"policy.{what}", title, text, link,
                dedupe_key=f"policy:{row.id}:{what}:{row.attempt}:{row.updated_at.timestamp()}",
            )  # fmt: skip

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

    async def _last_account(self, index: str) -> dict[str, str] | None:
        paid = PolicyEntitlement.filter(holder_index=index, state=State.PAID)
        row = await paid.order_by("-updated_at").first()
        if row is None or row.account is None:
            return None
        found: dict[str, str] = self._parts.open(row.account, row.id, "account")
        return found

    async def shown(self, row: PolicyEntitlement, steps: bool = True) -> Entitled:
        """A benefit as it is shown."""
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
            answer_by=row.answer_by,
            created_at=row.created_at, reasons=parts.open(row.reasons, row.id, "reasons"),
            steps=[
                Step(
                    one.at, ACT_NAMES[Act(one.act)],
                    str(parts.open(one.words, one.id, "words")) if one.words else "",
                )
                for one in done
            ],
        )  # fmt: skip
