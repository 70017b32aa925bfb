"""The way over everybody: who fits a policy without having asked (政策找人).

Read in the order of their ids, so many at a time, so that memory stays that of one batch however
many there are. Who switched matching off is not on file and is not found.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.policies.book import Book
from backend.policies.bulk import Batch, Bulk, places
from backend.policies.document import Policy
from backend.policies.entitlements import PLATFORM, Entitlements
from backend.policies.explaining import period_of
from backend.policies.facts import Facts
from backend.policies.judging import Judge
from backend.policies.models import PolicyEntitlement, PolicySubject
from backend.policies.parts import Parts
from backend.policies.states import Act
from backend.policies.variables import Audience, Raw

BATCH = 5_000
_AT_ONCE = 200


class Runs:
    """Goes over everybody who is on file."""

    def __init__(self, parts: Parts, book: Book, facts: Facts, entitlements: Entitlements) -> None:
        self._parts, self._book = parts, book
        self._facts, self._entitlements = facts, entitlements

    async def find_candidates(self) -> int | None:
        """Make everybody a candidate who fits a policy that asks for no application."""
        await self._book.reload(now=True)
        made = 0
        for side in ("citizen", "enterprise"):
            policies = [
                one for one in self._book.in_force(side, self._parts.today)
                if one.document.kind == "automatic"
            ]  # fmt: skip
            if policies:
                made += await self._find(side, policies)
        return made or None

    async def match(
        self, side: Audience, policies: Sequence[Policy]
    ) -> AsyncIterator[tuple[list[tuple[UUID, dict[str, Raw]]], Batch]]:
        """Hold everybody of an audience against policies, batch by batch."""
        today = self._parts.today
        wanted = frozenset[str]().union(*(one.looks_at for one in policies))
        barred = [self._facts.barred(one.system, one.looks_at) for one in policies]
        groups = [
            (group, Bulk([one for one, of in zip(policies, barred, strict=True) if of == group],
                         today))
            for group in dict.fromkeys(barred)
        ]  # fmt: skip
        async for rows in self._read(side):
            columns = {name: [facts.get(name) for _, facts in rows] for name in wanted}
            masks: dict[str, int] = {}
            nothing: Sequence[Raw] = [None] * len(rows)
            for group, bulk in groups:
                seen: Mapping[str, Sequence[Raw]] = columns
                if group:
                    seen = {**columns, **dict.fromkeys(group, nothing)}
                found = bulk.run(seen, len(rows))
                for policy, mask in zip(bulk.policies, found.matched, strict=True):
                    masks[policy.code] = mask
            yield rows, Batch(len(rows), [masks[one.code] for one in policies])

    async def _read(self, side: Audience) -> AsyncIterator[list[tuple[UUID, dict[str, Raw]]]]:
        last: UUID | None = None
        while True:
            found = PolicySubject.filter(audience=side).order_by("id").limit(BATCH)
            if last is not None:
                found = found.filter(id__gt=last)
            rows = await found.values_list("id", "facts")
            if rows:
                yield [
                    (row_id, self._parts.open(sealed, row_id, "facts")["facts"])
                    for row_id, sealed in rows
                ]
            if len(rows) < BATCH:
                return
            last = rows[-1][0]

    async def _find(self, side: Audience, policies: Sequence[Policy]) -> int:
        made = 0
        async for rows, batch in self.match(side, policies):
            for policy, mask in zip(policies, batch.matched, strict=True):
                chosen = [rows[at] for at in places(mask, batch.size)]
                for start in range(0, len(chosen), _AT_ONCE):
                    made += await self._note(policy, side, chosen[start : start + _AT_ONCE])
        return made

    async def _note(
        self, policy: Policy, side: Audience, chosen: Sequence[tuple[UUID, dict[str, Raw]]]
    ) -> int:
        """Candidates of one policy; who is one already stays what they are."""
        parts, period = self._parts, period_of(policy, self._parts.today)
        subjects = {
            row.id: row for row in await PolicySubject.filter(id__in=[i for i, _ in chosen])
        }
        had = PolicyEntitlement.filter(
            policy_code=policy.code, period=period,
            holder_index__in=[row.holder_index for row in subjects.values()],
        )  # fmt: skip
        known = {row.holder_index for row in await had.only("id", "holder_index")}
        barred = self._facts.barred(policy.system, policy.looks_at)
        rows = []
        for row_id, facts in chosen:
            subject = subjects.get(row_id)
            # Gone in between: matching was switched off.
            if subject is None or subject.holder_index in known:
                continue
            judge = Judge(
                {name: raw for name, raw in facts.items() if name not in barred}, parts.today
            )
            judged = judge.one(policy)
            amount = judge.amount(policy)
            if not judged.matched or not amount:
                continue
            reasons = [
                {"words": condition.words, "result": True, "looked": []}
                for condition in policy.conditions
            ]
            rows.append(
                self._entitlements.made(
                    policy,
                    side,
                    amount,
                    reasons,
                    Act.FIND,
                    index=subject.holder_index,
                    holder=parts.open(subject.holder, subject.id, "holder"),
                    person_id=subject.person_id,
                )
            )
        if not rows:
            return 0
        async with in_transaction():
            await PolicyEntitlement.bulk_create(rows, ignore_conflicts=True)
            new = set(
                await PolicyEntitlement.filter(id__in=[row.id for row in rows]).values_list(
                    "id", flat=True
                )
            )
            for row in rows:
                if row.id in new:
                    await self._entitlements.step(row, Act.FIND, PLATFORM, "")
        if new:
            await parts.notify(
                rows[0].department_uscc, "有新的免申即享候选对象",
                f"“{policy.document.title}”新增 {len(new)} 个候选对象，请核验。",
                "/console/benefits",
            )  # fmt: skip
        return len(new)
