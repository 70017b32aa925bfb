"""What a department does before anybody else looks: save, check, submit, take back, give up."""

from collections.abc import Mapping

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.catalogue.errors import ItemsRefused
from backend.catalogue.service import Catalogue
from backend.exchange.service import Manifest, taken_codes
from backend.onboarding.addresses import Addresses
from backend.onboarding.errors import (
    CodeTaken,
    ContentUnchanged,
    DepartmentDiffers,
    ElementsRefused,
    StateConflict,
)
from backend.onboarding.keys import Keys
from backend.onboarding.models import JoiningSystem, Revision
from backend.onboarding.records import (
    DEPARTMENT,
    Ledger,
    allow,
    digest_of,
    link_to,
    manifest_of,
    revision_of,
    served,
    system_for,
    text_of,
)
from backend.onboarding.states import STATE_NAMES, Act, State
from backend.operators.service import Officer, Operators, Role

Failures = list[dict[str, str]]


class Drafts:
    """The department's side of a revision's life."""

    def __init__(
        self,
        catalogue: Catalogue,
        operators: Operators,
        ledger: Ledger,
        keys: Keys,
        addresses: Addresses,
    ) -> None:
        self._catalogue, self._operators = catalogue, operators
        self._ledger, self._keys, self._addresses = ledger, keys, addresses

    async def save(self, officer: Officer, manifest: Manifest) -> Revision:
        """Keep a manifest as a new revision; a draft that lay there is given up for it.

        Raises:
            RoleMissing, DepartmentDiffers, CodeTaken: not by this officer.
            ContentUnchanged: it is what is published or lies there already.
            StateConflict: another revision is under way; it has to be taken back first.
            ItemsRefused: a service item is malformed.
        """
        allow(officer, DEPARTMENT)
        told = manifest.system
        if told.department.uscc != officer.department_uscc:
            raise DepartmentDiffers
        # Whoever saves a draft learns at once of items that cannot even be read.
        try:
            await self._catalogue.elements(told, manifest.service_items)
        except ItemsRefused as refused:
            raise ItemsRefused(_within_manifest(refused.errors)) from None
        async with in_transaction():
            system, _ = await JoiningSystem.get_or_create(
                code=told.code,
                defaults={
                    "department_uscc": told.department.uscc,
                    "department_name": told.department.name,
                    "name": told.name,
                },
            )
            if system.department_uscc != officer.department_uscc:
                raise CodeTaken(told.code)
            text = text_of(manifest)
            await self._refuse_repetition(system, digest_of(text))
            await self._give_up_draft(system, officer)
            return await self._keep(system, text, officer, State.DRAFT)

    async def _refuse_repetition(self, system: JoiningSystem, digest: str) -> None:
        serving = await served(system)
        lying = await revision_of(system.code, system.opened) if system.opened else None
        for revision in (serving, lying):
            if revision is not None and revision.digest == digest:
                raise ContentUnchanged(revision.number)

    async def _give_up_draft(self, system: JoiningSystem, officer: Officer) -> None:
        if system.opened is None:
            return
        lying = await revision_of(system.code, system.opened)
        if lying.state is not State.DRAFT:
            state = STATE_NAMES[lying.state]
            raise StateConflict(
                f"第 {lying.number} 版现在是“{state}”，请先撤回它再登记新的内容。", lying.state
            )
        # An operator who restores an earlier revision does not act for the department here.
        hand = officer if officer.role in DEPARTMENT else None
        await self._ledger.move(lying, Act.DISCARD, hand, "由新的版本代替")

    async def _keep(
        self, system: JoiningSystem, text: str, officer: Officer, state: State,
        origin: int | None = None, reason: str = "",
    ) -> Revision:  # fmt: skip
        """Store a content for good, as the next revision and the one under way."""
        number = system.last_number + 1
        rows = JoiningSystem.filter(code=system.code, last_number=system.last_number)
        if not await rows.update(last_number=F("last_number") + 1, opened=number):
            raise StateConflict("同时有人在登记这个系统，请刷新后重试。")
        submitted_by = officer.account_id if state is not State.DRAFT else None
        revision = await Revision.create(
            system_code=system.code, number=number, digest=digest_of(text), content=text,
            state=state, origin=origin, made_by=officer.account_id, submitted_by=submitted_by,
        )  # fmt: skip
        await self._ledger.note(
            system.code, Act.CREATE, officer, number=number, after=state, reason=reason,
            digest=revision.digest, origin=origin,
        )  # fmt: skip
        return revision

    async def repeat(
        self, officer: Officer, system: JoiningSystem, number: int, reason: str
    ) -> Revision:
        """Keep the content of an earlier revision as a new one that waits for the second hand.

        Raises:
            RevisionUnknown, ContentDamaged, StateConflict: there is nothing to go back to.
        """
        earlier = await revision_of(system.code, number)
        manifest_of(earlier)
        if earlier.state is not State.SUPERSEDED:
            state = STATE_NAMES[earlier.state]
            raise StateConflict(
                f"第 {number} 版是“{state}”，只能恢复曾经发布、已被取代的版本。", earlier.state
            )
        async with in_transaction():
            await self._give_up_draft(system, officer)
            return await self._keep(
                system, earlier.content, officer, State.IN_REVIEW, number, reason
            )

    async def failures(self, manifest: Manifest) -> Failures:
        """Everything that keeps a manifest from being published, by element and why.

        The ten publication checks of every service item (``backend.catalogue.checks``), a region
        that there is not, and codes that belong to other systems.
        """
        found: Failures = []
        region = manifest.system.region_code
        if not self._catalogue.knows_place(region):
            message = f"没有区划代码为 {region} 的地区，请核对"
            place = {"pointer": "/system/region_code", "element": "行政区划代码"}
            found.append({**place, "message": message})
        try:
            await self._catalogue.examine(manifest.system, manifest.service_items)
        except ItemsRefused as refused:
            found += _within_manifest(refused.errors)
        return found + await taken_codes(manifest)

    async def need_publishable(self, manifest: Manifest) -> None:
        """See that nothing keeps a manifest from being published.

        Raises:
            ElementsRefused: an element cannot be published, each named with why.
        """
        if failures := await self.failures(manifest):
            raise ElementsRefused(failures)

    async def submit(
        self,
        officer: Officer,
        code: str,
        number: int,
        note: str = "",
        proofs: Mapping[str, str] | None = None,
    ) -> Revision:
        """Hand a draft in for review.

        Args:
            note: what the reviewers should know.
            proofs: key id → proof of possession, for keys that are not proven yet.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, StateConflict: not by this officer, or
                not now.
            ElementsRefused: an element cannot be published, each named with why.
            AddressRefused, KeyTaken, KeyDiffers, KeyEnded, KeyProofWrong: an address or key.
        """
        allow(officer, DEPARTMENT)
        system = await system_for(officer, code)
        revision = await revision_of(code, number)
        manifest = manifest_of(revision)
        await self.need_publishable(manifest)
        async with in_transaction():
            await self._keys.declare(officer, manifest, proofs or {})
            await self._addresses.ask(officer, system, manifest)
            await self._ledger.move(revision, Act.SUBMIT, officer, note)
            await Revision.filter(id=revision.id).update(submitted_by=officer.account_id)
            await JoiningSystem.filter(code=code).update(name=manifest.system.name)
            await self._operators.notify(
                role=Role.OPERATOR, kind="onboarding.submitted", title="有新的接入清单待审核",
                text=f"{system.department_name}提交了“{manifest.system.name}”第 {number} 版。",
                link=link_to(code, number),
            )  # fmt: skip
        revision.submitted_by = officer.account_id
        return revision

    async def withdraw(self, officer: Officer, code: str, number: int, reason: str) -> Revision:
        """Take a submitted revision back to draft.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, ReasonMissing, StateConflict: not by this
                officer, or not now.
        """
        system = await system_for(officer, code)
        revision = await revision_of(code, number)
        async with in_transaction():
            await self._ledger.move(revision, Act.WITHDRAW, officer, reason)
            await self._tell_reviewers(system, number, f"已撤回：{reason.strip()}")
        return revision

    async def discard(self, officer: Officer, code: str, number: int) -> Revision:
        """Give a revision up; its content stays in the history.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, StateConflict: not by this officer, or
                not now.
        """
        system = await system_for(officer, code)
        revision = await revision_of(code, number)
        before = revision.state
        async with in_transaction():
            await self._ledger.move(revision, Act.DISCARD, officer)
            await JoiningSystem.filter(code=code, opened=number).update(opened=None)
            if before is not State.DRAFT:
                await self._tell_reviewers(system, number, "已由部门放弃。")
        return revision

    async def _tell_reviewers(self, system: JoiningSystem, number: int, words: str) -> None:
        """Whoever has begun the review need not go on."""
        await self._operators.notify(
            role=Role.OPERATOR, kind="onboarding.withdrawn", title="接入清单不再待审核",
            text=f"{system.name}第 {number} 版{words}", link=link_to(system.code, number),
        )  # fmt: skip


def _within_manifest(errors: Failures) -> Failures:
    """Places in the list of items as places in the manifest that holds it."""
    return [{**error, "pointer": f"/service_items{error['pointer']}"} for error in errors]
