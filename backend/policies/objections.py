"""公示 and 异议: what is publicised, who objects to it or to a recovery, until when they hear."""

from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.numbers.service import mask_name
from backend.policies.book import Book
from backend.policies.document import Policy
from backend.policies.entitlements import LISTED, Entitlements
from backend.policies.errors import ActNotPossible, EntitlementUnknown
from backend.policies.matching import Whose
from backend.policies.models import PolicyEntitlement, PolicyStep
from backend.policies.parts import CONSOLE, Parts, yuan
from backend.policies.shapes import Publicised, found_row
from backend.policies.states import Act, State

# No law sets one term for objections to all benefits; the platform promises this one.
ANSWER_WORKDAYS = 10
_PERSON = "person:"
_ANSWERS = {
    Act.DISMISS: "经核实，异议不成立", Act.REFUSE: "经核实，异议成立，已停止发放",
    Act.ACCEPT: "经核实，异议成立",
}  # fmt: skip


class Objections:
    """The use cases of whoever looks at what is publicised, and objects."""

    def __init__(self, parts: Parts, book: Book, entitlements: Entitlements) -> None:
        self._parts, self._book, self._entitlements = parts, book, entitlements

    async def publicised(self) -> list[Publicised]:
        """What is publicised at present: a person's name masked, no number, no account."""
        await self._book.reload()
        rows = PolicyEntitlement.filter(state=State.PUBLICISED).order_by("due_on", "id")
        return [self._public(row) for row in await rows.limit(LISTED)]

    async def object_publicly(self, person_id: UUID, entitlement_id: str, words: str) -> Publicised:
        """Object to what is publicised: anybody with a real name may, by the reason alone.

        Raises:
            EntitlementUnknown: it is not publicised, or no longer.
        """
        await self._book.reload()
        row = await found_row(entitlement_id)
        if row is None or row.state != State.PUBLICISED:
            raise EntitlementUnknown
        await self._object(row, person_id, words)
        return self._public(row)

    async def object(self, whose: Whose, entitlement_id: str, words: str) -> None:
        """Object to a recovery; it rests until the department has looked again.

        Raises:
            EntitlementUnknown, ActNotPossible.
        """
        row = await found_row(entitlement_id)
        if row is None or row.holder_index != self._parts.index_of(whose.holder):
            raise EntitlementUnknown
        if row.state != State.RECOVERING:
            raise ActNotPossible
        await self._object(row, whose.person_id, words)

    async def answered(self, row: PolicyEntitlement, policy: Policy, act: Act, words: str) -> None:
        """Tell whoever objected what came of it; in the transaction of the decision."""
        last = PolicyStep.filter(entitlement_id=row.id, act=Act.OBJECT).order_by("-id")
        step = await last.first()
        # The beneficiary is told of their own benefit anyway.
        if step is None or step.actor == f"{_PERSON}{row.person_id}":
            return
        text = f"您对“{policy.document.title}”公示的异议，{_ANSWERS[act]}。{words}"
        await self._parts.messages.tell(
            UUID(step.actor.removeprefix(_PERSON)), "policy.objection", "异议处理结果", text,
            dedupe_key=f"policy:{step.id}:answered",
        )  # fmt: skip

    async def _object(self, row: PolicyEntitlement, person_id: UUID, words: str) -> None:
        due = self._parts.calendar.due(self._parts.today, ANSWER_WORKDAYS)
        async with in_transaction():
            await self._entitlements.move(
                row, Act.OBJECT, person(person_id), words, answer_by=due.day
            )
        text = f"请在 {due.day.isoformat()} 前处理：{words}"
        await self._parts.notify(
            row.department_uscc, "收到对待遇的异议", text, CONSOLE.format(row.id)
        )

    def _public(self, row: PolicyEntitlement) -> Publicised:
        document = self._book.version(row.policy_code, row.policy_version).document
        name = self._parts.holder(row.holder, row.id).name
        return Publicised(
            id=row.id, code=row.policy_code, title=document.title,
            department=self._book.department(row.policy_code),
            holder=mask_name(name) if row.audience == "citizen" else name,
            amount=yuan(row.amount), until=row.due_on, contact=document.contact,
            answer_by=row.answer_by,
        )  # fmt: skip
