"""A phone or WeChat account that goes from one account to another, and who is told.

Two accounts never become one behind anybody's back: a verified account keeps its data and loses at
most what now belongs to somebody else; an account in which nobody was verified holds nothing but
the phone and is closed.
"""

from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.identity.accounts import CLOSED, MERGED
from backend.identity.levels import Level
from backend.identity.models import Person as Account
from backend.identity.models import SessionFamily
from backend.identity.parts import Parts
from backend.numbers.service import IdNumber, mask_phone


class Moving:
    """Moves what logs in, in one transaction each, and ends the sessions that lose their ground."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def into(self, source: Account, target: Account) -> None:
        """Bring a WeChat account to the account of the phone that it was just seen with.

        Args:
            source: an account in which nobody was verified; it is closed.
        """
        parts = self._parts
        async with in_transaction():
            await parts.accounts.hold(source.id, target.id)
            await parts.accounts.move_wechat(source.id, target.id)
            await parts.consents.hand_over(source.id, target.id, None)
            await self._leave(source, target.id)
        await parts.families.end_all(source.id, "moved")

    async def phone_off(self, source: Account, target: Account, phone: str) -> None:
        """Bring a phone to a verified person who has shown to own it now.

        Raises:
            IntegrityError: the phone moved at the same moment; decide again.
        """
        parts = self._parts
        async with in_transaction():
            await parts.accounts.hold(source.id, target.id)
            await parts.accounts.move_phone(source.id, target.id)
            await self._leave(source, target.id)
            await self.tell_phone_changed(target.id, phone)
        await parts.families.end_all(source.id, "moved")

    async def to_new(
        self, source: Account, family: SessionFamily, name: str, number: IdNumber
    ) -> UUID:
        """Give what the session proved to own to a new account: the phone has a new owner.

        Args:
            source: the account of the former owner; it keeps everything else.
            family: of the session in which the new owner was verified.

        Returns:
            The id of the new account.

        Raises:
            IntegrityError: this person got an account at the same moment; decide again.
        """
        parts = self._parts
        async with in_transaction():
            await parts.accounts.hold(source.id)
            made = await parts.accounts.make_empty()
            await self._take(source, made.id, family)
            await parts.accounts.claim(made.id, name, number)
            await parts.accounts.raise_level(made.id, Level.REAL_NAME)
            await self._leave(source, made.id)
        await parts.families.end_all(source.id, "moved")
        return made.id

    async def to_owner(
        self, source: Account, target: Account, family: SessionFamily, name: str, number: IdNumber
    ) -> None:
        """Give what the session proved to own to the account of the person whose face passed.

        Raises:
            IntegrityError: the accounts changed at the same moment; decide again.
        """
        parts = self._parts
        async with in_transaction():
            await parts.accounts.hold(source.id, target.id)
            if target.status == CLOSED:
                await parts.accounts.reopen(target.id)
            await self._take(source, target.id, family)
            await parts.accounts.claim(target.id, name, number)
            await parts.accounts.raise_level(target.id, Level.FACE)
            await self._leave(source, target.id)
            phone = await parts.accounts.phone_of(target.id)
            if phone is not None:
                await self.tell_phone_changed(target.id, phone)
        await parts.holders.forget(target.id)
        await parts.families.end_all(source.id, "moved")

    async def _take(self, source: Account, target: UUID, family: SessionFamily) -> None:
        """Move the bindings: all of an unverified account, of a verified one what was proved."""
        accounts, unverified = self._parts.accounts, source.id_index is None
        proof = self._parts.families.proof_of(family)
        since = None if unverified else family.created_at
        await self._parts.consents.hand_over(source.id, target, since)
        if unverified or proof.phone:
            await accounts.move_phone(source.id, target)
        if unverified or proof.openid is not None:
            await accounts.move_wechat(source.id, target, None if unverified else proof.openid)

    async def _leave(self, source: Account, target: UUID) -> None:
        """Settle the account that lost its phone."""
        if source.id_index is None:
            await self._parts.accounts.close(source.id, MERGED)
            await self._record("identity.account_merged", source.id, target)
            return
        await self._parts.messages.post(
            source.id,
            "phone_moved",
            "手机号已与您的账号解除绑定",
            "您原来绑定的手机号已由现在的机主实名使用，已与您的账号解除绑定，所有设备已退出登录。"
            "您的资料完整保留，请用新的手机号登录并重新认证；如有疑问请拨打 12345。",
        )
        await self._record("identity.phone_moved_off", source.id, target)

    async def tell_phone_changed(self, person_id: UUID, phone: str) -> None:
        """Tell every session of an account that it has a new phone."""
        await self._parts.messages.post(
            person_id,
            "phone_changed",
            "手机号已换绑",
            f"您的账号现在用手机号 {mask_phone(phone)} 登录，原手机号不再有效。"
            "如非本人操作，请拨打 12345。",
        )
        await self._record("identity.phone_changed", person_id, person_id)

    async def _record(self, action: str, source: UUID, target: UUID) -> None:
        await self._parts.audit.record(person(target), action, person(source), {"to": str(target)})
