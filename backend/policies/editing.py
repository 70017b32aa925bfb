"""How a policy comes about: an officer writes it, a sample is tried, another approves."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.operators.service import Officer, Role
from backend.policies.book import PUBLISHED, WITHDRAWN, Book, policy_of
from backend.policies.bulk import Bulk, places
from backend.policies.document import Policy, read_document
from backend.policies.errors import ActNotPossible, NotYoursToDo, PolicyUnknown, SameHand
from backend.policies.judging import Judge
from backend.policies.models import PolicyBudget, PolicySubject, PolicyVersion
from backend.policies.parts import DEPARTMENT, Parts
from backend.policies.variables import Raw

DRAFT, SUBMITTED = "draft", "submitted"
STATES = {DRAFT: "草稿", SUBMITTED: "待审批", PUBLISHED: "已发布", WITHDRAWN: "已停止"}
SAMPLE = 20_000
_READ = 2_000


@dataclass(frozen=True, slots=True)
class Fallen:
    """What one condition does to the sample, after those before it.

    Attributes:
        left: how many are left; failed: fell out; missing: of those, for want of data.
    """

    words: str
    left: int
    failed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a policy would do to a sample of those who are known; amounts in fen."""

    size: int
    matched: int
    cost: int
    fallen: Sequence[Fallen]


class Editing:
    """The use cases of officers."""

    def __init__(self, parts: Parts, book: Book) -> None:
        self._parts, self._book = parts, book

    async def list(self, officer: Officer) -> list[PolicyVersion]:
        """All versions that are an officer's business, the newest first."""
        rows = PolicyVersion.all()
        if officer.role in DEPARTMENT:
            rows = rows.filter(department_uscc=officer.department_uscc)
        elif officer.role is not Role.OPERATOR:
            return []
        return await rows.order_by("code", "-version").limit(500)

    async def get(self, officer: Officer, code: str, version: int) -> PolicyVersion:
        """One version.

        Raises:
            PolicyUnknown.
        """
        row = await PolicyVersion.get_or_none(code=code, version=version)
        if row is None or not self._parts.sees(officer, row.department_uscc):
            raise PolicyUnknown
        return row

    async def budget(self, code: str) -> tuple[int, int] | None:
        """What may be paid out under a policy and what is left, in fen; None without money."""
        row = await PolicyBudget.get_or_none(id=code)
        return None if row is None else (row.total, row.left)

    async def save(self, officer: Officer, raw: Any) -> PolicyVersion:
        """Keep a document as the draft of its policy's next version.

        Raises:
            NotYoursToDo: not an officer of a department, or the policy is another one's.
            DocumentRefused: it cannot be taken as it is.
            ActNotPossible: the next version is being approved already.
        """
        parts = self._parts
        system, document = parts.system_of(officer), read_document(raw)
        kept = document.model_dump(mode="json")
        digest = _digest(kept)
        who = system.manifest.system.department
        async with in_transaction():
            last = await PolicyVersion.filter(code=document.code).order_by("-version").first()
            if last is not None and last.department_uscc != who.uscc:
                raise NotYoursToDo
            if last is not None and last.state == SUBMITTED:
                raise ActNotPossible
            if last is not None and last.state == DRAFT:
                last.document, last.digest = kept, digest
                # What was tried is not what is kept now.
                await PolicyVersion.filter(id=last.id).update(check=None)
                last.edited_by, last.edited_at = officer.account_id, parts.now()
                await last.save(update_fields=["document", "digest", "edited_by", "edited_at"])
                row = last
            else:
                row = await PolicyVersion.create(
                    code=document.code, version=last.version + 1 if last else 1,
                    system_code=system.code, department_uscc=who.uscc, department_name=who.name,
                    document=kept, digest=digest, state=DRAFT, edited_by=officer.account_id,
                    edited_at=parts.now(),
                )  # fmt: skip
            await self._note(officer, "policies.saved", row)
        return row

    async def is_newest(self, raw: Any) -> bool:
        """Whether the newest version of a policy has this very document, and is published.

        Raises:
            DocumentRefused.
        """
        document = read_document(raw)
        last = await PolicyVersion.filter(code=document.code).order_by("-version").first()
        same = last is not None and last.digest == _digest(document.model_dump(mode="json"))
        return same and last is not None and last.state == PUBLISHED

    async def check(self, officer: Officer, code: str, version: int) -> Sampled:
        """Try a version on a sample: who would match, at what cost, who falls out where.

        Raises:
            PolicyUnknown.
        """
        row = await self.get(officer, code, version)
        found = await self.sampled(policy_of(row))
        if row.state == DRAFT:
            await PolicyVersion.filter(id=row.id, state=DRAFT, digest=row.digest).update(
                check=asdict(found)
            )
        return found

    async def try_out(self, officer: Officer, raw: Any) -> Sampled:
        """Try a document that is still being written on the sample; nothing is kept of it.

        Raises:
            NotYoursToDo: not an officer of a department.
            DocumentRefused: it cannot be taken as it is.
        """
        system = self._parts.system_of(officer)
        return await self.sampled(Policy(read_document(raw), system.code))

    async def sampled(self, policy: Policy) -> Sampled:
        """The same for a policy, whoever asks."""
        parts, today = self._parts, self._parts.today
        bulk = Bulk([policy], today)
        size = cost = 0
        left = [[0, 0, 0] for _ in policy.conditions]
        query = PolicySubject.filter(audience=policy.document.side).order_by("-as_of").limit(SAMPLE)
        rows = await query.values_list("id", "facts")
        for start in range(0, len(rows), _READ):
            some: list[dict[str, Raw]] = [
                parts.open(sealed, row_id, "facts")["facts"]
                for row_id, sealed in rows[start : start + _READ]
            ]
            columns = {name: [facts.get(name) for facts in some] for name in bulk.looks_at}
            still = int.from_bytes(b"\x01" * len(some), "little")
            for counted, (fulfilled, failed) in zip(
                left, bulk.apart(columns, len(some))[0], strict=True
            ):
                counted[1] += (still & ~fulfilled).bit_count()
                counted[2] += (still & ~fulfilled & ~failed).bit_count()
                still &= fulfilled
                counted[0] += still.bit_count()
            size += len(some)
            cost += self._cost(policy, some, still)
        fallen = [
            Fallen(condition.words, *counted)
            for condition, counted in zip(policy.conditions, left, strict=True)
        ]
        return Sampled(size, fallen[-1].left, cost, fallen)

    def _cost(self, policy: Policy, some: Sequence[dict[str, Raw]], mask: int) -> int:
        if policy.document.benefit.formula is None:
            return mask.bit_count() * (Judge({}, self._parts.today).amount(policy) or 0)
        return sum(
            Judge(some[at], self._parts.today).amount(policy) or 0 for at in places(mask, len(some))
        )

    async def submit(self, officer: Officer, code: str, version: int) -> None:
        """Hand a draft over for approval; a sample has to have been tried.

        Raises:
            PolicyUnknown, NotYoursToDo, ActNotPossible.
        """
        row = await self.get(officer, code, version)
        if officer.role not in DEPARTMENT:
            raise NotYoursToDo
        await self._move(officer, row, DRAFT, SUBMITTED, check__isnull=False)

    async def send_back(self, officer: Officer, code: str, version: int) -> None:
        """Give a submitted version back to its editor.

        Raises:
            PolicyUnknown, NotYoursToDo, ActNotPossible.
        """
        row = await self.get(officer, code, version)
        self._needs_approver(officer)
        await self._move(officer, row, SUBMITTED, DRAFT)

    async def approve(self, officer: Officer, code: str, version: int) -> None:
        """Publish a submitted version; its budget becomes that of the policy.

        Raises:
            PolicyUnknown, NotYoursToDo, ActNotPossible.
            SameHand: whoever edited it cannot approve it.
        """
        row = await self.get(officer, code, version)
        self._needs_approver(officer)
        if row.edited_by == officer.account_id:
            raise SameHand
        budget = row.document["benefit"]["budget"]
        async with in_transaction():
            await self._move(
                officer, row, SUBMITTED, PUBLISHED,
                values={"approved_by": officer.account_id, "published_at": self._parts.now()},
            )  # fmt: skip
            if budget is not None:
                total = budget * 100
                made = PolicyBudget(id=code, total=total, left=total)
                await PolicyBudget.bulk_create([made], ignore_conflicts=True)
                # What is paid out of the old budget is paid out of the new one.
                await PolicyBudget.filter(id=code).update(
                    left=F("left") + total - F("total"), total=total
                )
        await self._book.reload(now=True)

    async def withdraw(self, officer: Officer, code: str, version: int) -> None:
        """Stop a published version; what was granted under it goes on.

        Raises:
            PolicyUnknown, NotYoursToDo, ActNotPossible.
        """
        row = await self.get(officer, code, version)
        self._needs_approver(officer)
        await self._move(officer, row, PUBLISHED, WITHDRAWN)
        await self._book.reload(now=True)

    def _needs_approver(self, officer: Officer) -> None:
        if officer.role not in (Role.HEAD, Role.OPERATOR):
            raise NotYoursToDo

    async def _move(
        self, officer: Officer, row: PolicyVersion, before: str, state: str,
        values: dict[str, Any] | None = None, **only: Any,
    ) -> None:  # fmt: skip
        async with in_transaction():
            # The digest too: what was looked at is what is decided on.
            mine = PolicyVersion.filter(id=row.id, state=before, digest=row.digest, **only)
            if not await mine.update(state=state, **(values or {})):
                raise ActNotPossible
            await self._note(officer, f"policies.{state}", row)

    async def _note(self, officer: Officer, action: str, row: PolicyVersion) -> None:
        await self._parts.audit.record(
            officer.actor, action, f"policy:{row.code}",
            {"version": row.version, "digest": row.digest[:16]},
        )  # fmt: skip


def _digest(kept: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()
