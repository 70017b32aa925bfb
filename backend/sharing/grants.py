"""Grants after they were made: suspended on misuse, taken up again, ended (令809号 art. 27).

A change holds at once on every worker: besides the database it is marked in Redis under a key that
each call looks at in the round trip that counts its quota.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from backend.operators.service import Officer, Role
from backend.sharing import book
from backend.sharing.asking import REVOKED, SUSPENDED, revoked_key
from backend.sharing.clocks import Clocks
from backend.sharing.errors import GrantUnknown, LogUnavailable, StateChanged
from backend.sharing.ledger import RECORD_REFUSED
from backend.sharing.models import CallRecord, ShareGrant, ShareStep
from backend.sharing.parts import (
    DEPARTMENT_ROLES,
    Parts,
    needs_department,
    needs_role,
    reasoned,
    sees,
    write_step,
)
from backend.sharing.states import GRANT, GrantAct, GrantState, after
from backend.store.redis import Redis

_MOST = 500
# Refused calls of a system for a resource in a day, from which on somebody should look.
SUSPICIOUS = 50
# What is refused for no fault of the caller.
_NOT_THE_CALLERS = (RECORD_REFUSED, LogUnavailable.code)
_WORDS = {GrantAct.SUSPEND: "已暂停", GrantAct.RESUME: "已恢复", GrantAct.REVOKE: "已终止"}


class Grants:
    """The use cases of grants."""

    def __init__(self, parts: Parts, clocks: Clocks, redis: Redis) -> None:
        self._parts, self._clocks, self._redis = parts, clocks, redis

    async def all(
        self, officer: Officer, system: str | None = None, resource: str | None = None
    ) -> Sequence[ShareGrant]:
        """Grants that concern the officer, newest first."""
        found = ShareGrant.all()
        if officer.role in DEPARTMENT_ROLES:
            mine = officer.department_uscc
            found = found.filter(Q(requester_uscc=mine) | Q(provider_uscc=mine))
        elif not sees(officer):
            return []
        if system is not None:
            found = found.filter(system_code=system)
        if resource is not None:
            found = found.filter(resource_code=resource)
        return await found.order_by("-id").limit(_MOST)

    async def get(self, officer: Officer, grant_id: UUID) -> tuple[ShareGrant, list[ShareStep]]:
        """One grant with what was done to it.

        Raises:
            GrantUnknown: there is none, or it does not concern the officer.
        """
        row = await self._seen(officer, grant_id)
        return row, await ShareStep.filter(about=row.id).order_by("id")

    async def suspend(self, officer: Officer, grant_id: UUID, reason: str) -> ShareGrant:
        """Suspend a grant: the data are used beyond it, or it has to be looked into.

        Raises:
            RoleMissing: neither the provider's head nor the platform.
            ReasonMissing: a provider may not stop without cause.
        """
        return await self._act(officer, grant_id, GrantAct.SUSPEND, reasoned(reason))

    async def resume(self, officer: Officer, grant_id: UUID, reason: str) -> ShareGrant:
        """Let a suspended grant hold again; by the provider's head or the platform."""
        return await self._act(officer, grant_id, GrantAct.RESUME, reasoned(reason))

    async def revoke(self, officer: Officer, grant_id: UUID, reason: str) -> ShareGrant:
        """End a grant for good; its own department may, too, when the purpose is met."""
        return await self._act(officer, grant_id, GrantAct.REVOKE, reasoned(reason))

    async def deliver(self, officer: Officer, grant_id: UUID) -> ShareGrant:
        """Note that the provider delivers: the first answer does so by itself."""
        row = await self._seen(officer, grant_id)
        needs_role(officer, Role.HEAD, Role.CLERK)
        needs_department(officer, row.provider_uscc)
        async with in_transaction():
            await self._clocks.stop(row.application_id, "delivery")
            await write_step(officer, row.id, "deliver", row.state)
            await self._record(officer, row, "deliver")
        return row

    async def watch(self) -> None:
        """Tell of a system that is refused again and again, and of owners whose answers are.

        Asking beyond a grant, from elsewhere or for other purposes is how misuse shows first
        (令809号 art. 27); whoever is told decides whether to suspend. Once a day each.
        """
        await self._watch_owners()
        today = self._parts.calendar.today()
        rows = await (
            CallRecord.filter(at__gte=datetime.now(UTC) - timedelta(days=1))
            .filter(result__startswith="sharing.")
            .exclude(result__in=_NOT_THE_CALLERS)
            .annotate(count=Count("id"))
            .group_by("system_code", "resource_code")
            .values_list("system_code", "resource_code", "count")
        )
        for system, resource, count in rows:
            mark = f"misuse:{{{system}}}:{resource}:{today:%Y%m%d}"
            if count < SUSPICIOUS or not await self._redis.set(mark, b"", nx=True, ex=2 * 86400):
                continue
            await self._warn(str(system), str(resource), int(count))

    async def _watch_owners(self) -> None:
        """Tell owners that what their system answers does not fit what they registered."""
        today = self._parts.calendar.today()
        rows = await (
            CallRecord.filter(at__gte=datetime.now(UTC) - timedelta(days=1), result=RECORD_REFUSED)
            .annotate(count=Count("id"))
            .group_by("resource_code")
            .values_list("resource_code", "count")
        )
        for resource, count in rows:
            mark = f"unfit:{{{resource}}}:{today:%Y%m%d}"
            found = self._parts.catalogue.find(str(resource))
            if found is None or not await self._redis.set(mark, b"", nx=True, ex=2 * 86400):
                continue
            told = [(Role.OPERATOR, None)] + [
                (role, found.provider_uscc) for role in (Role.HEAD, Role.CLERK)
            ]
            for role, uscc in told:
                await self._parts.operators.notify(
                    role=role,
                    department_uscc=uscc,
                    kind="sharing.record_refused",
                    title=f"《{found.spec.name}》返回的内容与登记不符",
                    text=f"近一天有 {count} 次返回的内容与登记的信息项不符，平台已拒收。"
                    "请核对信息项的名称、类型和必填项，更正系统或接入清单。",
                    link="/console/sharing/calls?refused=1&resource=" + quote(str(resource)),
                )

    async def _warn(self, system: str, resource: str, count: int) -> None:
        name, found = self._parts.catalogue.name_of(resource), self._parts.catalogue.find(resource)
        told: list[tuple[Role, str | None]] = [(Role.OPERATOR, None)]
        if found is not None:
            told.append((Role.HEAD, found.provider_uscc))
        for role, uscc in told:
            await self._parts.operators.notify(
                role=role,
                department_uscc=uscc,
                kind="sharing.misuse",
                title=f"{system} 调用《{name}》被拒 {count} 次",
                text=f"{system} 近一天调用《{name}》有 {count} 次超出授权，请核实是否暂停授权。",
                link=f"/console/sharing/calls?refused=1&system={system}",
            )

    async def note_first_uses(self) -> None:
        """Stop the delivery clocks of grants under which something was delivered."""
        due = await self._clocks.running_of_kind("delivery")
        if not due:
            return
        used = await ShareGrant.filter(
            application_id__in=due, first_used_at__isnull=False
        ).values_list("application_id", flat=True)
        for application_id in used:
            await self._clocks.stop(UUID(str(application_id)), "delivery")

    async def _act(
        self, officer: Officer, grant_id: UUID, act: GrantAct, reason: str
    ) -> ShareGrant:
        row = await self._seen(officer, grant_id)
        _may(officer, row, act)
        state = after(GRANT, GrantState(row.state), act)
        mark = {GrantState.SUSPENDED: SUSPENDED, GrantState.REVOKED: REVOKED}.get(state)
        if mark is not None:
            # Before the database: should the rest fail, too little is open rather than too much.
            await self._redis.set(revoked_key(str(row.id)), mark)
        try:
            await self._write(officer, row, act, state, reason)
        except BaseException:
            await self._unmark(row.id)
            raise
        if mark is None:
            await self._redis.delete(revoked_key(str(row.id)))
        return await ShareGrant.get(id=row.id)

    async def _write(
        self, officer: Officer, row: ShareGrant, act: GrantAct, state: GrantState, reason: str
    ) -> None:
        async with in_transaction():
            changed = await ShareGrant.filter(id=row.id, version=row.version).update(
                state=state.value, version=row.version + 1
            )
            if not changed:
                raise StateChanged
            await book.tick()
            await write_step(officer, row.id, act, state, reason)
            if state is GrantState.REVOKED:
                await self._clocks.stop(row.application_id)
            await self._tell(row, act, reason)
            await self._record(officer, row, act, state=state.value)

    async def _record(self, officer: Officer, row: ShareGrant, act: str, **detail: str) -> None:
        await self._parts.audit.record(
            officer.actor,
            f"sharing.grant_{act}",
            f"grant:{row.id}",
            {"system": row.system_code, "resource": row.resource_code, **detail},
        )

    async def _unmark(self, grant_id: UUID) -> None:
        """Put the mark back to what the database says."""
        row = await ShareGrant.get(id=grant_id)
        mark = {"suspended": SUSPENDED, "revoked": REVOKED}.get(row.state)
        if mark is None:
            await self._redis.delete(revoked_key(str(grant_id)))
        else:
            await self._redis.set(revoked_key(str(grant_id)), mark)

    async def _tell(self, row: ShareGrant, act: GrantAct, reason: str) -> None:
        name = self._parts.catalogue.name_of(row.resource_code)
        for uscc in (row.requester_uscc, row.provider_uscc):
            for role in (Role.HEAD, Role.CLERK):
                await self._parts.operators.notify(
                    role=role,
                    department_uscc=uscc,
                    kind=f"sharing.grant_{act}",
                    title=f"《{name}》共享授权{_WORDS[act]}",
                    text=f"{row.system_code} 的《{name}》共享授权{_WORDS[act]}：{reason}",
                    link=f"/console/sharing/grants/{row.id}",
                )

    async def _seen(self, officer: Officer, grant_id: UUID) -> ShareGrant:
        row = await ShareGrant.get_or_none(id=grant_id)
        if row is None or not sees(officer, row.requester_uscc, row.provider_uscc):
            raise GrantUnknown
        return row


def _may(officer: Officer, row: ShareGrant, act: GrantAct) -> None:
    """The provider's head and the platform may all; the user's own head may end it."""
    needs_role(officer, Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN)
    if officer.role is not Role.HEAD:
        return
    if act is GrantAct.REVOKE and officer.department_uscc == row.requester_uscc:
        return
    needs_department(officer, row.provider_uscc)
