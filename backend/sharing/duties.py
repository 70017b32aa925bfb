"""Keeping the catalogue up to date: ten working days after a change of duties (令809号 art. 17)."""

import hashlib
from datetime import date
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from backend.exchange.service import Exchange, ProviderSystem
from backend.operators.service import Officer, Role
from backend.sharing.clocks import Clocks
from backend.sharing.errors import DutyUnknown, ResourceUnknown
from backend.sharing.models import CatalogueDuty, Deadline
from backend.sharing.parts import Parts, needs_role, reasoned, write_step


class Duties:
    """Catalogue updates that are owed; a new publication of the system's resources pays them."""

    def __init__(self, parts: Parts, clocks: Clocks, exchange: Exchange) -> None:
        self._parts, self._clocks, self._exchange = parts, clocks, exchange

    async def ask(
        self, officer: Officer, system_code: str, changed_on: date, reason: str
    ) -> CatalogueDuty:
        """The platform asks a department to update its catalogue.

        Args:
            changed_on: the day of the change, which does not count.

        Raises:
            RoleMissing, ReasonMissing; ResourceUnknown: no such system.
        """
        needs_role(officer, Role.OPERATOR)
        system = self._exchange.system(system_code)
        if system is None:
            raise ResourceUnknown("没有登记这个系统。")
        uscc, words = system.manifest.system.department.uscc, reasoned(reason)
        async with in_transaction():
            row = await CatalogueDuty.create(
                system_code=system.code,
                provider_uscc=uscc,
                reason=words,
                digest=_digest(system),
                changed_on=changed_on,
            )
            await write_step(officer, row.id, "ask_update", "open", words)
            await self._record(officer, row.id, "ask", system.code)
            await self._clocks.start("catalogue_update", row.id, uscc, changed_on)
            await self._parts.operators.notify(
                role=Role.CLERK, department_uscc=uscc, kind="sharing.catalogue_update",
                title="请更新数据目录", text=words, link="/console/sharing/overdue",
            )  # fmt: skip
        return row

    async def close(self, officer: Officer, duty_id: UUID, reason: str) -> None:
        """The platform finds that nothing has to be updated.

        Raises:
            RoleMissing, ReasonMissing, DutyUnknown.
        """
        needs_role(officer, Role.OPERATOR)
        words = reasoned(reason)
        row = await CatalogueDuty.get_or_none(id=duty_id)
        if row is None:
            raise DutyUnknown
        async with in_transaction():
            await self._clocks.stop(duty_id)
            await write_step(officer, duty_id, "close_update", "closed", words)
            await self._record(officer, duty_id, "close", row.system_code)

    async def _record(self, officer: Officer, duty_id: UUID, act: str, system: str) -> None:
        await self._parts.audit.record(
            officer.actor, f"sharing.update_{act}", f"duty:{duty_id}", {"system": system}
        )

    async def settle(self) -> None:
        """Stop the clocks of systems whose resources were published anew."""
        owed = await Deadline.filter(kind="catalogue_update", done_at__isnull=True).values_list(
            "about", flat=True
        )
        for row in await CatalogueDuty.filter(id__in=list(owed)):
            system = self._exchange.system(row.system_code)
            if system is not None and _digest(system) != row.digest:
                await self._clocks.stop(row.id)


def _digest(system: ProviderSystem) -> str:
    resources = [spec.model_dump() for spec in system.manifest.data_resources]
    return hashlib.sha256(orjson.dumps(resources)).hexdigest()
