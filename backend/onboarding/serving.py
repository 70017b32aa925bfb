"""What happens to a system in service: suspended, resumed, retired; maintenance announced."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.exchange.service import Exchange, Window
from backend.onboarding.addresses import Addresses, origins_of
from backend.onboarding.errors import StateConflict
from backend.onboarding.keys import Keys
from backend.onboarding.models import JoiningSystem, Revision
from backend.onboarding.records import (
    Ledger,
    allow,
    link_to,
    manifest_of,
    reasoned,
    revision_of,
    served,
    system_for,
)
from backend.onboarding.states import Act
from backend.operators.service import Officer, Operators, Role

_MAY_ANNOUNCE = frozenset({Role.CLERK, Role.HEAD, Role.OPERATOR})
WORDS = "该系统已暂停服务，请稍后再试；急办请到窗口办理或拨打 12345。"
LONGEST_WORDS = 200


class Serving:
    """The life of a published system."""

    def __init__(
        self,
        exchange: Exchange,
        operators: Operators,
        ledger: Ledger,
        keys: Keys,
        addresses: Addresses,
    ) -> None:
        self._exchange, self._operators = exchange, operators
        self._ledger, self._keys, self._addresses = ledger, keys, addresses

    async def suspend(self, officer: Officer, code: str, reason: str, words: str = "") -> Revision:
        """Call a system no more for the present; what it offers stays listed, marked.

        Args:
            words: what people are told, one Chinese sentence; a usual one by default.

        Raises:
            RoleMissing, SystemUnknown, ReasonMissing, StateConflict: not by this officer, or not
                now.
        """
        system, revision = await self._serving(officer, code)
        async with in_transaction():
            await self._ledger.move(revision, Act.SUSPEND, officer, reason)
            await self._exchange.suspend(code, (words.strip() or WORDS)[:LONGEST_WORDS])
            await self._tell(system, "suspended", "已暂停服务", reason.strip())
        return revision

    async def resume(self, officer: Officer, code: str, reason: str) -> Revision:
        """Call a suspended system again.

        Raises:
            RoleMissing, SystemUnknown, ReasonMissing, StateConflict: not by this officer, or not
                now.
            AddressUnapproved: approval of its address was taken back meanwhile.
        """
        system, revision = await self._serving(officer, code)
        origins = origins_of(manifest_of(revision), "production")
        async with in_transaction():
            await self._ledger.move(revision, Act.RESUME, officer, reason)
            await self._addresses.need(code, origins)
            await self._exchange.suspend(code, None)
            await self._tell(system, "resumed", "已恢复服务", reason.strip())
        return revision

    async def retire(self, officer: Officer, code: str, reason: str) -> Revision:
        """Take a system out of service for good; its history stays.

        A revision under way is given up with it, its keys count no more.

        Raises:
            RoleMissing, SystemUnknown, ReasonMissing, StateConflict: not by this officer, or not
                now.
        """
        system, revision = await self._serving(officer, code)
        async with in_transaction():
            await self._ledger.move(revision, Act.RETIRE, officer, reason)
            if system.opened is not None:
                under_way = await revision_of(code, system.opened)
                await self._ledger.move(under_way, Act.DISCARD, None, "系统退出")
            await JoiningSystem.filter(code=code).update(opened=None)
            await self._keys.end_all(code)
            for window in await self._exchange.maintenance.list([code]):
                await self._exchange.maintenance.cancel(window.id, code)
            await self._exchange.withdraw(code)
            await self._tell(system, "retired", "已退出", reason.strip())
        return revision

    async def announce(
        self, officer: Officer, code: str, starts_at: datetime, ends_at: datetime, words: str
    ) -> Window:
        """Announce ahead that a system will not answer.

        Raises:
            RoleMissing, SystemUnknown, StateConflict: not by this officer, or nothing serves.
            WindowInvalid: the time or the words.
        """
        allow(officer, _MAY_ANNOUNCE)
        system, _ = await self._serving(officer, code)
        async with in_transaction():
            window = await self._exchange.maintenance.announce(
                officer.actor, code, starts_at, ends_at, words
            )
            await self._ledger.note(code, "maintenance_announced", officer, reason=window.words)
            await self._operators.notify(
                role=Role.OPERATOR, kind="onboarding.maintenance", title=f"{system.name}维护公告",
                text=window.words, link=f"{link_to(code)}/maintenance",
            )  # fmt: skip
        return window

    async def cancel(self, officer: Officer, code: str, window_id: UUID, reason: str) -> None:
        """Take an announcement back, or end the maintenance before its time.

        Raises:
            RoleMissing, SystemUnknown, ReasonMissing, WindowUnknown: not by this officer, or there
                is none.
        """
        allow(officer, _MAY_ANNOUNCE)
        system = await system_for(officer, code)
        words = reasoned(reason)
        async with in_transaction():
            await self._exchange.maintenance.cancel(window_id, code)
            await self._ledger.note(code, "maintenance_cancelled", officer, reason=words)
            await self._operators.notify(
                role=Role.OPERATOR, kind="onboarding.maintenance",
                title=f"{system.name}的维护公告已取消", text=words,
                link=f"{link_to(code)}/maintenance",
            )  # fmt: skip

    async def windows(self, officer: Officer, code: str) -> Sequence[Window]:
        """The system's maintenance windows that run or are to come.

        Raises:
            RoleMissing, SystemUnknown: see ``records.system_for``.
        """
        await system_for(officer, code)
        return await self._exchange.maintenance.list([code])

    async def _serving(self, officer: Officer, code: str) -> tuple[JoiningSystem, Revision]:
        system = await system_for(officer, code)
        revision = await served(system)
        if revision is None:
            raise StateConflict("系统没有已发布的版本。")
        return system, revision

    async def _tell(self, system: JoiningSystem, kind: str, what: str, text: str) -> None:
        kind, title, link = f"onboarding.{kind}", f"{system.name}{what}", link_to(system.code)
        await self._operators.notify(
            department_uscc=system.department_uscc, kind=kind, title=title, text=text, link=link
        )
        await self._operators.notify(
            role=Role.OPERATOR, kind=kind, title=title, text=text, link=link
        )
