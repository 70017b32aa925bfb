"""兑付指令 on their way to departments: sent until answered, carried out once by their number.

A lease moves ``not_before`` on: whoever was killed leaves its instructions to be taken when that
has passed. An instruction that is answered with ``pending`` is asked about by sending it again.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from tortoise.transactions import in_transaction

from backend.jobs.service import Queue, queue_of_rows
from backend.operators.service import Officer, Role
from backend.policies.entitlements import LISTED, PLATFORM, QUEUED, Entitlements
from backend.policies.errors import ActNotPossible, NotYoursToDo
from backend.policies.models import PolicyEntitlement, PolicyPayment
from backend.policies.parts import DEPARTMENT, Parts, yuan
from backend.policies.states import Act
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

log = structlog.get_logger("policies")

OPERATION = "payments.submit"
PENDING, DONE, REFUSED = "pending", "done", "refused"
_OPEN = (QUEUED, PENDING)
BATCH = 32
LEASE = timedelta(seconds=60)
CALL_S = 15.0
LONGEST_WAIT_S = 600
_ASK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class StuckPayment:
    """An instruction that the department has not answered yet; nobody is named.

    Attributes:
        error: of the last try, empty while the department says that it is at it.
    """

    id: UUID
    entitlement_id: UUID
    system: str
    failures: int
    error: str
    created_at: datetime
    not_before: datetime


class Payments:
    """Sends what waits, and takes the receipts."""

    def __init__(self, parts: Parts, entitlements: Entitlements) -> None:
        self._parts, self._entitlements = parts, entitlements

    async def drain(self) -> int | None:
        """Send what is due; says how many were settled."""
        rows = await self._take()
        if not rows:
            return None
        return sum(await asyncio.gather(*(self._send(row) for row in rows))) or None

    async def backlog(self) -> Queue:
        """What is not settled yet; a machine gives none up."""
        unsettled = PolicyPayment.filter(state__in=_OPEN)
        return await queue_of_rows("policies.payments", unsettled, "created_at", self._parts.now())

    async def _take(self) -> Sequence[PolicyPayment]:
        """Instructions that are this worker's until the lease ends."""
        now = self._parts.now()
        mine = PolicyPayment.filter(state__in=_OPEN, not_before__lte=now)
        first = await mine.order_by("not_before").first()
        if first is None:
            return []
        async with in_transaction() as connection:
            due = mine.order_by("not_before", "id").limit(BATCH)
            if connection.capabilities.support_for_update:
                due = due.select_for_update(skip_locked=True)
            elif not await mine.filter(id=first.id).update(failures=first.failures):
                # On SQLite the write comes first: it waits for whoever takes instructions now.
                return []
            rows = await due
            ids = [row.id for row in rows]
            await PolicyPayment.filter(id__in=ids).update(not_before=now + LEASE)
        return rows

    async def _send(self, row: PolicyPayment) -> int:
        exchange = self._parts.exchange
        system = exchange.system(row.system_code)
        payload = self._parts.open(row.payload, row.id, "payload")
        try:
            if system is None or not system.offers(OPERATION):
                raise UpstreamError(row.system_code, "not_registered")
            answer = await exchange.call(
                system, OPERATION, {"request_id": str(row.id), **payload}, Deadline.after(CALL_S)
            )
            if answer["entitlement_no"] != payload["entitlement_no"]:
                raise UpstreamError(row.system_code, "other_entitlement")
        except UpstreamError as error:
            await self._put_off(row, error)
            return 0
        return await self._answered(row, answer)

    async def _answered(self, row: PolicyPayment, answer: dict[str, Any]) -> int:
        """Note a receipt and what follows from it in one transaction, once."""
        parts, now = self._parts, self._parts.now()
        sealed = parts.seal(answer, row.id, "answer")
        open_ones = PolicyPayment.filter(id=row.id, state__in=_OPEN)
        if answer["state"] == PENDING:
            await open_ones.update(state=PENDING, not_before=now + _ASK_AGAIN, answer=sealed)
            return 0
        paid = answer["state"] == "paid"
        async with in_transaction():
            settled = {"state": DONE if paid else REFUSED, "done_at": now, "answer": sealed}
            if not await open_ones.update(**settled):
                return 0
            benefit = await PolicyEntitlement.get(id=row.entitlement_id)
            reason = answer.get("reason") or ""
            act = Act.PAY if paid else Act.FAIL
            await self._entitlements.move(benefit, act, PLATFORM, reason)
            if paid:
                text = f"{yuan(benefit.amount)} 已发放到您确认的账户。"
                await self._entitlements.tell(benefit, "paid", "待遇已到账", text)
            else:
                text = f"{reason or '收款账户有误'}。请更换收款账户后重试。"
                await self._entitlements.tell(benefit, "failed", "待遇发放没有成功", text)
        return 1

    async def _put_off(self, row: PolicyPayment, error: UpstreamError) -> None:
        """Try again later, ever later: an instruction is never given up by a machine."""
        failures = row.failures + 1
        wait = min(2 ** min(failures - 1, 10), LONGEST_WAIT_S) * random.uniform(0.8, 1.2)
        reason = f"{error.code.rpartition('.')[2]}.{error.reason}"[:64]
        log.warning("policy.payment_put_off", system=row.system_code, reason=reason)
        await PolicyPayment.filter(id=row.id, state__in=_OPEN).update(
            failures=failures, error=reason,
            not_before=self._parts.now() + timedelta(seconds=wait),
        )  # fmt: skip

    # What officers do about it

    async def stuck(self, officer: Officer) -> list[StuckPayment]:
        """Instructions that failed at least once, or that the department has not carried out."""
        rows = PolicyPayment.filter(state__in=_OPEN)
        if officer.role in DEPARTMENT:
            rows = rows.filter(system_code=self._parts.system_of(officer).code)
        elif officer.role is not Role.OPERATOR:
            return []
        found = await rows.order_by("created_at").limit(LISTED)
        return [
            StuckPayment(
                row.id, row.entitlement_id, row.system_code, row.failures, row.error,
                row.created_at, row.not_before,
            )
            for row in found
            if row.failures or row.state == PENDING
        ]  # fmt: skip

    async def resend(self, officer: Officer, payment_id: UUID) -> None:
        """Send one at once; it keeps its number, so that the department pays once.

        Raises:
            NotYoursToDo, ActNotPossible: it was answered in the meantime.
        """
        if officer.role not in (*DEPARTMENT, Role.OPERATOR):
            raise NotYoursToDo
        rows = PolicyPayment.filter(id=payment_id, state__in=_OPEN)
        if officer.role in DEPARTMENT:
            rows = rows.filter(system_code=self._parts.system_of(officer).code)
        if not await rows.update(not_before=self._parts.now()):
            raise ActNotPossible
        await self._parts.audit.record(
            officer.actor, "policies.payment_resent", f"policy-payment:{payment_id}"
        )
