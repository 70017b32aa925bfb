"""Logging in: by phone and SMS code, by WeChat, and adding the phone that WeChat vouches for."""

import contextlib
import unicodedata

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import ANONYMOUS, person
from backend.identity import limits
from backend.identity.agreements import PRIVACY
from backend.identity.codes import LIFE_S, PAUSE_S, Outcome, SmsCodes
from backend.identity.errors import CodeWrong, LevelTooLow, SmsUnavailable, WeChatCodeSpent
from backend.identity.families import Device, Pair, Proof
from backend.identity.inputs import read_phone
from backend.identity.levels import Level
from backend.identity.models import Person as Account
from backend.identity.models import SessionFamily
from backend.identity.moving import Moving
from backend.identity.parts import Parts
from backend.identity.sessions import Session
from backend.identity.wechat_errors import translated

__all__ = ["LIFE_S", "PAUSE_S", "Logins"]

_ATTEMPTS = 5


class Logins:
    """The ways in.

    A new login starts at level 1 (0 through WeChat without a phone). Where this person reached
    level 3 on this device before, it starts at level 3; level 4 is never restored.
    """

    def __init__(self, parts: Parts, moving: Moving) -> None:
        self._parts, self._moving = parts, moving
        self._codes = SmsCodes(parts.redis, parts.index)

    async def send_code(self, phone_text: str, address: str) -> str | None:
        """Send an SMS code; the sandbox returns it instead.

        Raises:
            PhoneInvalid, SmsTooSoon, Locked, SmsUnavailable: no code was sent.
        """
        parts, phone = self._parts, read_phone(phone_text)
        if not parts.settings.sandbox:
            raise SmsUnavailable
        marks = [
            parts.mark(limits.SMS_PHONE, "phone", phone),
            parts.address_mark(limits.SMS_ADDRESS, address),
        ]
        await parts.limits.take(marks)
        try:
            return await self._codes.make(phone)
        except BaseException:
            await parts.limits.give_back(marks)
            raise

    async def by_phone(
        self, phone_text: str, code: str, device: Device, privacy_version: str, address: str
    ) -> Pair:
        """Log in with a phone and the code that was sent to it.

        Raises:
            PhoneInvalid, ConsentRequired, Locked, CodeWrong: not logged in.
        """
        parts, phone = self._parts, read_phone(phone_text)
        parts.consents.check_version(PRIVACY, privacy_version)
        device_index = parts.families.device_index(device)
        marks = [
            parts.mark(limits.LOGIN_PHONE, "phone", phone),
            parts.mark(limits.LOGIN_DEVICE, "device", device_index),
            parts.address_mark(limits.LOGIN_ADDRESS, address),
        ]
        await parts.limits.take(marks)
        outcome = await self._codes.use(phone, unicodedata.normalize("NFKC", code))
        if outcome is Outcome.WRONG:
            await parts.audit.record(ANONYMOUS, "identity.login_refused", ANONYMOUS)
            raise CodeWrong
        await parts.limits.give_back(marks)
        if outcome is Outcome.NONE_OPEN:
            raise CodeWrong
        account = await parts.accounts.make_for_phone(phone)
        return await self._enter(account, device, Level.PHONE, Proof(phone=True), privacy_version)

    async def by_wechat(
        self, code: str, device: Device, privacy_version: str, address: str
    ) -> Pair:
        """Log in with the code of ``wx.login``.

        Raises:
            ConsentRequired, Locked, WeChatCodeSpent, WeChatTooMany, WeChatBlocked,
            WeChatUnavailable: not logged in.
        """
        parts = self._parts
        parts.consents.check_version(PRIVACY, privacy_version)
        device_index = parts.families.device_index(device)
        marks = [
            parts.mark(limits.WECHAT_DEVICE, "device", device_index),
            parts.address_mark(limits.WECHAT_ADDRESS, address),
        ]
        await parts.limits.take(marks)
        with translated():
            openid = await parts.wechat.openid_for(code)
        await parts.limits.give_back(marks)
        account = await parts.accounts.make_for_openid(openid)
        phone = await parts.accounts.phone_of(account.id)
        start = Level.WECHAT if phone is None else Level.PHONE
        return await self._enter(account, device, start, Proof(openid=openid), privacy_version)

    async def _enter(
        self, account: Account, device: Device, start: Level, proof: Proof, privacy_version: str
    ) -> Pair:
        parts, device_index = self._parts, self._parts.families.device_index(device)
        await parts.consents.give(account.id, PRIVACY, privacy_version)
        verified = account.id_index is not None
        if verified and await parts.families.trusted(account.id, device_index):
            start = max(start, Level.REAL_NAME)
        await self._tell_of_new_device(account, device, device_index)
        pair = await parts.families.begin(account.id, device, start, proof)
        way = "phone" if proof.phone else "wechat"
        who = person(account.id)
        await parts.audit.record(who, "identity.login", who, {"way": way, "level": int(start)})
        return pair

    async def _tell_of_new_device(
        self, account: Account, device: Device, device_index: str
    ) -> None:
        families = self._parts.families
        if await families.seen(account.id, device_index) or not await families.any(account.id):
            return
        await self._parts.messages.post(
            account.id,
            "new_device",
            "新设备登录",
            f"您的账号刚刚在新设备“{device.name}”上登录。如非本人操作，请在“设备与安全”中"
            "退出该设备，并拨打 12345。",
        )

    async def add_phone(self, session: Session, code: str, address: str) -> Pair:
        """Take the phone that WeChat vouches for (``getPhoneNumber``) into a session.

        A phone that is free is bound. One that has an account of its own takes the session there,
        as long as nobody was verified in the account that is left. A verified person takes a new
        phone into their account, which needs a verified session.

        Raises:
            Locked, WeChatRequired, LevelTooLow, and those of ``by_wechat`` for the code.
        """
        parts = self._parts
        account = await parts.accounts.active(session.person_id)
        family = await parts.families.current(session)
        proof = parts.families.proof_of(family)
        marks = [
            parts.mark(limits.WECHAT_DEVICE, "device", family.device_index),
            parts.address_mark(limits.WECHAT_ADDRESS, address),
        ]
        await parts.limits.take(marks)
        with translated():
            phone = read_phone(await parts.wechat.phone_for(code, proof.openid))
        await parts.limits.give_back(marks)
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(IntegrityError):  # another login took it: look again
                return await self._with_phone(session, account, family, phone)
        raise WeChatCodeSpent

    async def _with_phone(
        self, session: Session, account: Account, family: SessionFamily, phone: str
    ) -> Pair:
        parts = self._parts
        openid = parts.families.proof_of(family).openid
        proof = Proof(phone=True, openid=openid)
        holder = await parts.accounts.by_phone(phone)
        if holder is None or holder.id == account.id:
            await self._bind_free(session, account, phone)
        elif account.id_index is None:
            await self._moving.into(account, holder)
            level = await self._level_for(holder, family)
            return await parts.families.begin_again(family, holder.id, level, proof)
        else:
            if session.level < Level.REAL_NAME:
                raise LevelTooLow(Level.REAL_NAME)
            await self._moving.phone_off(holder, account, phone)
        level = max(Level(session.level), Level.PHONE)
        await parts.accounts.raise_level(account.id, level)
        return await parts.families.begin_again(family, account.id, level, proof)

    async def _bind_free(self, session: Session, account: Account, phone: str) -> None:
        accounts = self._parts.accounts
        known = await accounts.phone_of(account.id)
        if known == phone:
            return
        replaces = known is not None and account.id_index is not None
        if replaces and session.level < Level.REAL_NAME:
            raise LevelTooLow(Level.REAL_NAME)
        async with in_transaction():
            await accounts.hold(account.id)
            await accounts.bind_phone(account.id, phone)
            if known is not None:
                await self._moving.tell_phone_changed(account.id, phone)

    async def _level_for(self, account: Account, family: SessionFamily) -> Level:
        verified = account.id_index is not None
        if verified and await self._parts.families.trusted(account.id, family.device_index):
            return Level.REAL_NAME
        return Level.PHONE
