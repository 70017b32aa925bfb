"""What the platform does with a submitted revision: look, send back, approve, publish, restore."""

from collections.abc import Collection

from tortoise.transactions import in_transaction

from backend.catalogue.service import Catalogue
from backend.exchange.service import Exchange, Manifest
from backend.onboarding.addresses import Addresses, origins_of
from backend.onboarding.breaking import Breaking, breaking_changes, keys_ended
from backend.onboarding.diff import Change, compare
from backend.onboarding.drafts import Drafts
from backend.onboarding.errors import BreakingChanges, ReasonMissing, StateConflict
from backend.onboarding.keys import Keys
from backend.onboarding.models import JoiningSystem, Revision
from backend.onboarding.records import (
    Ledger,
    allow,
    content_of,
    link_to,
    manifest_of,
    reasoned,
    revision_of,
    served,
    system_for,
)
from backend.onboarding.states import Act, State
from backend.operators.service import Officer, Operators, Role

_MAY_RESTORE = frozenset({Role.CLERK, Role.HEAD, Role.OPERATOR})


class Review:
    """The platform's side of a revision's life, up to its publication."""

    def __init__(
        self,
        exchange: Exchange,
        catalogue: Catalogue,
        operators: Operators,
        ledger: Ledger,
        keys: Keys,
        addresses: Addresses,
        drafts: Drafts,
    ) -> None:
        self._exchange, self._catalogue, self._operators = exchange, catalogue, operators
        self._ledger, self._keys, self._addresses = ledger, keys, addresses
        self._drafts = drafts

    async def diff(
        self, officer: Officer, code: str, number: int, against: int | None = None
    ) -> list[Change]:
        """What a revision changes, against another or against what is published.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, ContentDamaged: there is nothing to show.
        """
        system = await system_for(officer, code)
        new = await content_of(self._catalogue, await revision_of(code, number))
        base = await revision_of(code, against) if against is not None else await served(system)
        if new is None or (base is not None and base.number == number):
            return []
        return compare(await content_of(self._catalogue, base), new)

    async def breaking(self, officer: Officer, code: str, number: int) -> list[Breaking]:
        """What the publication of a revision would break, against what is published.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, ContentDamaged: there is nothing to show.
        """
        system = await system_for(officer, code)
        return await self._breaking(system, await revision_of(code, number))

    async def _breaking(self, system: JoiningSystem, revision: Revision) -> list[Breaking]:
        base = await served(system)
        new = await content_of(self._catalogue, revision)
        if new is None or base is None or base.number == revision.number:
            return []
        found = breaking_changes(await content_of(self._catalogue, base), new)
        if revision.origin is None:  # What is restored takes the keys of now.
            found += keys_ended(await self._keys.in_service(system.code), new)
        return found

    async def take(self, officer: Officer, code: str, number: int) -> Revision:
        """Begin the review.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, SameHand: not by this
                officer, or not now.
        """
        system, revision = await system_for(officer, code), await revision_of(code, number)
        async with in_transaction():
            await self._ledger.move(revision, Act.TAKE, officer)
            await self._tell(system, revision, "taken", "已开始审核", "您提交的版本已开始审核。")
        return revision

    async def send_back(self, officer: Officer, code: str, number: int, reason: str) -> Revision:
        """Return a revision to its department as a draft, with reasons.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, ReasonMissing: not by this
                officer, or not now.
        """
        system, revision = await system_for(officer, code), await revision_of(code, number)
        async with in_transaction():
            await self._ledger.move(revision, Act.RETURN, officer, reason)
            await self._tell(system, revision, "returned", "已退回", reason.strip())
        return revision

    async def approve(
        self,
        officer: Officer,
        code: str,
        number: int,
        reason: str = "",
        acknowledged: Collection[str] = (),
    ) -> Revision:
        """Let a revision go on to its sandbox.

        Args:
            reason: needed where something breaks.
            acknowledged: ids of the breaking changes that the approver has seen.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, SameHand: not by this
                officer, or not now.
            ElementsRefused: what could be submitted became another system's since.
            AddressUnapproved: its sandbox address is not approved yet.
            BreakingChanges: it breaks something that was not acknowledged.
            ReasonMissing: it breaks something and no reason is given.
        """
        system, revision = await system_for(officer, code), await revision_of(code, number)
        if revision.origin is not None:
            raise StateConflict(
                "这一版恢复早先发布过的内容，请直接确认恢复或退回。", revision.state
            )
        manifest = manifest_of(revision)
        async with in_transaction():
            await self._ledger.move(revision, Act.APPROVE, officer, reason)
            await self._drafts.need_publishable(manifest)
            await self._addresses.need(code, origins_of(manifest, "sandbox"))
            accepted = await self._accepted(system, revision, acknowledged, reason)
            await Revision.filter(id=revision.id).update(
                approved_by=officer.account_id, acknowledged=accepted
            )
            await self._tell(
                system, revision, "approved", "已通过审核",
                "请进行符合性测试，测试由平台对沙箱地址进行，通过后即可发布。",
            )  # fmt: skip
        revision.approved_by, revision.acknowledged = officer.account_id, accepted
        return revision

    async def _accepted(
        self,
        system: JoiningSystem,
        revision: Revision,
        acknowledged: Collection[str],
        reason: str,
    ) -> list[str]:
        breaks = await self._breaking(system, revision)
        if missing := [one.as_dict() for one in breaks if one.id not in set(acknowledged)]:
            raise BreakingChanges(missing)
        if breaks and not reason.strip():
            raise ReasonMissing
        return [one.id for one in breaks]

    async def publish(self, officer: Officer, code: str, number: int, reason: str = "") -> Revision:
        """Let a conformant revision serve in place of the one before.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, SameHand: not by this
                officer, or not now.
            AddressUnapproved, KeyUnproven, KeyEnded: an address or a key.
            BreakingChanges: what is published changed since it was approved, and it breaks that.
            ElementsRefused: meanwhile an item or a code became another system's.
            ItemsRefused, CodesTaken: in this very moment.
        """
        system, revision = await system_for(officer, code), await revision_of(code, number)
        manifest = manifest_of(revision)
        async with in_transaction():
            await self._ledger.move(revision, Act.PUBLISH, officer, reason)
            breaks = await self._breaking(system, revision)
            seen = set(revision.acknowledged)
            if missing := [one.as_dict() for one in breaks if one.id not in seen]:
                raise BreakingChanges(missing)
            await self._keys.activate(manifest)
            await self._serve(system, revision, manifest)
        return revision

    async def ask_to_restore(
        self, officer: Officer, code: str, number: int, reason: str
    ) -> Revision:
        """Propose to go back to an earlier revision's content, as a new revision.

        The content was reviewed and conformant before; it waits for one other hand alone.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, ReasonMissing: not by this
                officer, or not now.
        """
        allow(officer, _MAY_RESTORE)
        system = await system_for(officer, code)
        words = reasoned(reason)
        revision = await self._drafts.repeat(officer, system, number, words)
        await self._operators.notify(
            role=Role.OPERATOR, kind="onboarding.restore_asked", title="有版本恢复待确认",
            text=f"{system.name}申请恢复第 {number} 版的内容：{words}",
            link=link_to(code, revision.number),
        )  # fmt: skip
        return revision

    async def restore(
        self,
        officer: Officer,
        code: str,
        number: int,
        reason: str,
        acknowledged: Collection[str] = (),
    ) -> Revision:
        """Publish a revision that repeats an earlier one, as the second hand.

        The keys stay as they are: what was retired or revoked since does not come back.

        Raises:
            RoleMissing, RevisionUnknown, SystemUnknown, StateConflict, SameHand, ReasonMissing:
                not by this officer, or not now.
            AddressUnapproved, BreakingChanges, ElementsRefused, ItemsRefused, CodesTaken: as by
                ``publish``.
        """
        system, revision = await system_for(officer, code), await revision_of(code, number)
        if revision.origin is None:
            raise StateConflict("这一版不是对早先版本的恢复，请按审核步骤办理。", revision.state)
        manifest = manifest_of(revision)
        async with in_transaction():
            await self._ledger.move(revision, Act.RESTORE, officer, reason)
            accepted = await self._accepted(system, revision, acknowledged, reason)
            await Revision.filter(id=revision.id).update(
                approved_by=officer.account_id, acknowledged=accepted
            )
            keys = await self._keys.in_service(code)
            if keys:
                manifest = manifest.model_copy(update={"keys": keys})
            await self._serve(system, revision, manifest)
        return revision

    async def _serve(self, system: JoiningSystem, revision: Revision, manifest: Manifest) -> None:
        """Within the transaction: the one before gives way, and the gateway serves this one."""
        await self._drafts.need_publishable(manifest)
        await self._addresses.need(system.code, origins_of(manifest, "production"))
        before = await served(system)
        if before is not None:
            if before.state is State.SUSPENDED:
                raise StateConflict("系统已暂停，请先恢复服务再发布新的版本。", before.state)
            await self._ledger.move(before, Act.SUPERSEDE, None, f"第 {revision.number} 版发布")
        await JoiningSystem.filter(code=system.code).update(
            published=revision.number, opened=None, name=manifest.system.name
        )
        await self._exchange.register(manifest)
        await self._tell(
            system, revision, "published", "已发布", "新版本已开始对外服务，各节点数秒内生效。"
        )

    async def _tell(
        self, system: JoiningSystem, revision: Revision, kind: str, what: str, text: str
    ) -> None:
        await self._operators.notify(
            department_uscc=system.department_uscc, kind=f"onboarding.{kind}",
            title=f"{system.name}第 {revision.number} 版{what}", text=text,
            link=link_to(system.code, revision.number),
        )  # fmt: skip
