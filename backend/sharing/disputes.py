"""Disputes about sharing: 协商 → 主管部门 → 本级政府 (令809号 art. 28)."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.operators.service import Officer, Role
from backend.sharing.errors import ApplicationUnknown, DisputeUnknown, StateChanged
from backend.sharing.models import Dispute, ShareApplication, ShareStep
from backend.sharing.parts import (
    DEPARTMENT_ROLES,
    Parts,
    needs_role,
    reasoned,
    sees,
    write_step,
)
from backend.sharing.states import DISPUTE, DisputeAct, DisputeState, after

_MOST = 200


class Disputes:
    """The use cases of disputes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def raise_(self, officer: Officer, application_id: UUID, ground: str) -> Dispute:
        """A head of one of the two departments does not accept how an application went.

        Raises:
            ApplicationUnknown, RoleMissing, ReasonMissing.
        """
        needs_role(officer, Role.HEAD)
        row = await ShareApplication.get_or_none(id=application_id)
        if row is None or not sees(officer, row.requester_uscc, row.provider_uscc):
            raise ApplicationUnknown
        words = reasoned(ground)
        async with in_transaction():
            dispute = await Dispute.create(
                application_id=row.id,
                requester_uscc=row.requester_uscc,
                provider_uscc=row.provider_uscc,
                raised_by_uscc=officer.department_uscc,
                ground=words,
                state=DisputeState.NEGOTIATION.value,
            )
            await write_step(officer, dispute.id, "raise", dispute.state, words)
            await self._tell(dispute, words)
            await self._record(officer, dispute, "raise")
        return dispute

    async def act(self, officer: Officer, dispute_id: UUID, act: DisputeAct, words: str) -> Dispute:
        """Take it one step higher, or settle it with an outcome.

        In negotiation either head may do both. Before the authority the platform decides; either
        head may take it to the government. What the government decided, the platform writes down.

        Raises:
            DisputeUnknown, RoleMissing, ActNotPossible, ReasonMissing, StateChanged.
        """
        row = await Dispute.get_or_none(id=dispute_id)
        if row is None or not sees(officer, row.requester_uscc, row.provider_uscc):
            raise DisputeUnknown
        state = after(DISPUTE, DisputeState(row.state), act)
        needs_role(officer, *_deciders(DisputeState(row.state), act))
        reason = reasoned(words)
        async with in_transaction():
            changed = await Dispute.filter(id=row.id, version=row.version).update(
                state=state.value,
                version=row.version + 1,
                outcome=reason if state is DisputeState.SETTLED else None,
            )
            if not changed:
                raise StateChanged
            await write_step(officer, row.id, act, state, reason)
            row = await Dispute.get(id=row.id)
            await self._tell(row, reason)
            await self._record(officer, row, act)
        return row

    async def all(self, officer: Officer) -> Sequence[Dispute]:
        """Disputes that concern the officer, newest first."""
        found = Dispute.all()
        if officer.role in DEPARTMENT_ROLES:
            mine = officer.department_uscc
            found = found.filter(Q(requester_uscc=mine) | Q(provider_uscc=mine))
        elif not sees(officer):
            return []
        return await found.order_by("-id").limit(_MOST)

    async def steps(self, dispute: Dispute) -> list[ShareStep]:
        """What was done in a dispute."""
        return await ShareStep.filter(about=dispute.id).order_by("id")

    async def _tell(self, row: Dispute, words: str) -> None:
        for uscc in (row.requester_uscc, row.provider_uscc):
            await self._parts.operators.notify(
                role=Role.HEAD, department_uscc=uscc, kind="sharing.dispute",
                title="数据共享争议有新进展", text=words, link="/console/sharing/disputes",
            )  # fmt: skip
        if row.state in (DisputeState.AUTHORITY, DisputeState.GOVERNMENT):
            await self._parts.operators.notify(
                role=Role.OPERATOR, kind="sharing.dispute",
                title="数据共享争议待处理", text=words, link="/console/sharing/disputes",
            )  # fmt: skip

    async def _record(self, officer: Officer, row: Dispute, act: str) -> None:
        await self._parts.audit.record(
            officer.actor, f"sharing.dispute_{act}", f"dispute:{row.id}", {"state": row.state}
        )


def _deciders(state: DisputeState, act: DisputeAct) -> tuple[Role, ...]:
    if act is DisputeAct.ESCALATE or state is DisputeState.NEGOTIATION:
        return (Role.HEAD,)
    return (Role.OPERATOR,)
