"""Accounts in the database: made, found by what was proved, opened, verified, closed.

Every transaction that changes an account begins by writing its row (``hold``): PostgreSQL then
keeps others out of it until the end, and SQLite takes its write lock at once instead of failing
half-way when another process wrote in between.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.identity.errors import SessionExpired
from backend.identity.levels import Level
from backend.identity.models import Person as Account
from backend.identity.models import PhoneBinding, WeChatBinding, person_context, phone_context
from backend.numbers.service import IdNumber
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing

ACTIVE, CLOSED = "active", "closed"
DECEASED, MERGED = "deceased", "merged"
_ATTEMPTS = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RealName:
    """Who a verified person is; never logged, never sent without masking or need."""

    name: str
    id_number: str
    id_type: str


class Accounts:
    """Finds and changes accounts.

    Args:
        home_region: region of a new account until its owner chooses another.
    """

    def __init__(self, keyring: KeyRing, index: BlindIndex, home_region: str) -> None:
        self._keyring, self._index, self._home_region = keyring, index, home_region

    async def active(self, person_id: UUID) -> Account:
        """The account of a session.

        Raises:
            SessionExpired: it has been closed.
        """
        account = await Account.get_or_none(id=person_id, status=ACTIVE)
        if account is None:
            raise SessionExpired
        return account

    async def by_phone(self, phone: str) -> Account | None:
        """The account that a phone (E.164) logs in to."""
        bound = await PhoneBinding.get_or_none(phone_index=self.phone_index(phone))
        return None if bound is None else await Account.get_or_none(id=bound.person_id)

    async def by_openid(self, openid: str) -> Account | None:
        """The account that a WeChat account logs in to."""
        bound = await WeChatBinding.get_or_none(openid_index=self.openid_index(openid))
        return None if bound is None else await Account.get_or_none(id=bound.person_id)

    async def by_number(self, *numbers: str) -> Account | None:
        """The account of the person who bears the first of these numbers that has one."""
        for number in numbers:
            found = await Account.get_or_none(id_index=self.number_index(number))
            if found is not None:
                return found
        return None

    async def make_for_phone(self, phone: str) -> Account:
        """The account of a phone, made now unless a login at the same moment made it."""

        async def make() -> Account:
            account = await self._make(Level.PHONE)
            await self.bind_phone(account.id, phone)
            return account

        return await self._once(lambda: self.by_phone(phone), make)

    async def make_for_openid(self, openid: str) -> Account:
        """The account of a WeChat account, made now unless a login at the same moment made it."""

        async def make() -> Account:
            account = await self._make(Level.WECHAT)
            await self.bind_openid(account.id, openid)
            return account

        return await self._once(lambda: self.by_openid(openid), make)

    async def _once(
        self, find: Callable[[], Awaitable[Account | None]], make: Callable[[], Awaitable[Account]]
    ) -> Account:
        """Find or make: of two who make at once, the unique index lets one through."""
        for _ in range(_ATTEMPTS):
            if (found := await find()) is not None:
                return found
            try:
                async with in_transaction():
                    return await make()
            except IntegrityError:
                continue
        raise SessionExpired

    async def _make(self, level: Level) -> Account:
        return await Account.create(level=level, region_code=self._home_region)

    async def hold(self, *person_ids: UUID) -> None:
        """Begin a change of these accounts; always in the same order, so that none waits for ever.

        Only inside a transaction.
        """
        for person_id in sorted(set(person_ids)):
            await Account.filter(id=person_id).update(updated_at=datetime.now(UTC))

    async def bind_phone(self, person_id: UUID, phone: str) -> None:
        """Make a phone that is free log in to this account, in place of the one it had.

        Raises:
            IntegrityError: it is not free (any more).
        """
        await PhoneBinding.filter(person_id=person_id).delete()
        binding_id = uuid7()
        sealed = self._keyring.seal_text(phone, phone_context(binding_id))
        await PhoneBinding.create(
            id=binding_id, person_id=person_id, phone=sealed, phone_index=self.phone_index(phone)
        )

    async def bind_openid(self, person_id: UUID, openid: str) -> None:
        """Make a WeChat account that is free log in to this account.

        Raises:
            IntegrityError: it is not free (any more).
        """
        await WeChatBinding.create(person_id=person_id, openid_index=self.openid_index(openid))

    async def move_phone(self, source: UUID, target: UUID) -> bool:
        """Let the phone of one account log in to another, in place of the one that had.

        Returns:
            False when the source has no phone.
        """
        if not await PhoneBinding.exists(person_id=source):
            return False
        await PhoneBinding.filter(person_id=target).delete()
        return bool(await PhoneBinding.filter(person_id=source).update(person_id=target))

    async def move_wechat(self, source: UUID, target: UUID, openid: str | None = None) -> None:
        """Do the same for its WeChat account; only if it is ``openid``, where that is given."""
        mine = WeChatBinding.filter(person_id=source)
        if openid is not None:
            mine = mine.filter(openid_index=self.openid_index(openid))
        if await mine.exists():
            await WeChatBinding.filter(person_id=target).delete()
            await mine.update(person_id=target)

    async def unbind(self, person_id: UUID) -> None:
        """Free phone and WeChat account of an account that is closed."""
        await PhoneBinding.filter(person_id=person_id).delete()
        await WeChatBinding.filter(person_id=person_id).delete()

    async def openid_index_of(self, person_id: UUID) -> str | None:
        """The blind index of the WeChat account that logs in to an account."""
        bound = await WeChatBinding.get_or_none(person_id=person_id)
        return None if bound is None else bound.openid_index

    async def phone_of(self, person_id: UUID) -> str | None:
        """The phone bound to an account, E.164."""
        bound = await PhoneBinding.get_or_none(person_id=person_id)
        return self._keyring.open_text(bound.phone, phone_context(bound.id)) if bound else None

    async def has_wechat(self, person_id: UUID) -> bool:
        """Whether a WeChat account is bound."""
        return await WeChatBinding.exists(person_id=person_id)

    async def claim(self, person_id: UUID, name: str, number: IdNumber) -> None:
        """Write down who an account belongs to, or the new number of who it belongs to.

        Raises:
            IntegrityError: another account has taken the number in the meantime.
        """
        await Account.filter(id=person_id).update(
            name=self._keyring.seal_text(name, person_context(person_id, "name")),
            id_type=number.id_type,
            id_number=self._keyring.seal_text(number.value, person_context(person_id, "number")),
            id_index=self.number_index(number.value),
            updated_at=datetime.now(UTC),
        )

    async def make_empty(self) -> Account:
        """An account that nothing logs in to yet; only inside the transaction that binds it."""
        return await self._make(Level.PHONE)

    def real_name(self, account: Account) -> RealName | None:
        """Who a verified account belongs to; None before that."""
        if account.name is None or account.id_number is None or account.id_type is None:
            return None
        return RealName(
            name=self._keyring.open_text(account.name, person_context(account.id, "name")),
            id_number=self._keyring.open_text(
                account.id_number, person_context(account.id, "number")
            ),
            id_type=account.id_type,
        )

    async def raise_level(self, person_id: UUID, level: Level) -> None:
        """Note the highest level that an account has reached."""
        await Account.filter(id=person_id, level__lt=level).update(level=level)

    async def close(self, person_id: UUID, reason: str) -> None:
        """Close an account: its phone and WeChat account are free, its record stays."""
        await Account.filter(id=person_id).update(
            status=CLOSED, closed_reason=reason, updated_at=datetime.now(UTC)
        )
        await self.unbind(person_id)

    async def reopen(self, person_id: UUID) -> None:
        """Undo a closing, when the authority has taken back what led to it."""
        await Account.filter(id=person_id).update(status=ACTIVE, closed_reason=None)

    def phone_index(self, phone: str) -> str:
        """The blind index of a phone."""
        return self._index.of("phone", phone)

    def openid_index(self, openid: str) -> str:
        """The blind index of a WeChat account."""
        return self._index.of("openid", openid)

    def number_index(self, number: str) -> str:
        """The blind index of an identity number."""
        return self._index.of("id-number", number)

    def is_bearer(self, account: Account, numbers: Sequence[str]) -> bool:
        """Whether an account belongs to the bearer of one of these numbers."""
        return account.id_index in {self.number_index(number) for number in numbers}
