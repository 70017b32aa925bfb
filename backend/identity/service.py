"""People: who they are, how sure we are of it, and the sessions in which they act.

The only module of the package that others import. A channel passes the checked ``Session``; every
refusal is an ``IdentityError``, or an ``UpstreamError`` when a provincial system could not tell.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.audit.service import Audit, person
from backend.exchange.service import Exchange
from backend.identity import agreements
from backend.identity.accounts import ACTIVE, Accounts
from backend.identity.agreements import Agreement, Section
from backend.identity.authority import FACE_S, MATCH_S
from backend.identity.claims import Claims
from backend.identity.codes import LIFE_S as CODE_LIFE_S
from backend.identity.codes import PAUSE_S as CODE_PAUSE_S
from backend.identity.consents import ConsentGiven, Consents
from backend.identity.errors import LevelTooLow, RefreshReused, SessionUnknown
from backend.identity.face import Faces, OpenedCheck
from backend.identity.families import (
    REFRESH_SECONDS,
    Device,
    Families,
    Pair,
    SessionInfo,
)
from backend.identity.holders import Holders, holder_key
from backend.identity.levels import Level
from backend.identity.limits import Limits
from backend.identity.login import Logins
from backend.identity.models import Person as Account
from backend.identity.moving import Moving
from backend.identity.parts import Parts
from backend.identity.real_name import RealNames
from backend.identity.sessions import ACCESS_SECONDS, Session, subject_of
from backend.identity.views import Me, Reach, Tokens, Verified
from backend.messages.service import Messages
from backend.numbers.service import Holder, mask_name, mask_number, mask_phone
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.deadline import Deadline
from backend.upstream.wechat import FaceKey, WeChat

__all__ = [
    "ACCESS_SECONDS",
    "CODE_LIFE_S",
    "CODE_PAUSE_S",
    "FACE_S",
    "MATCH_S",
    "REFRESH_SECONDS",
    "Agreement",
    "ConsentGiven",
    "Device",
    "FaceKey",
    "Identity",
    "Level",
    "Me",
    "OpenedCheck",
    "Reach",
    "Section",
    "Session",
    "SessionInfo",
    "Tokens",
    "Verified",
    "holder_key",
    "subject_of",
]


class Identity:
    """The use cases; see the modules behind each for what they refuse."""

    def __init__(
        self, settings: Settings, redis: Redis, keyring: KeyRing, index: BlindIndex,
        exchange: Exchange, wechat: WeChat, messages: Messages, audit: Audit,
    ) -> None:  # fmt: skip
        parts = Parts(
            settings=settings, redis=redis, keyring=keyring, index=index, exchange=exchange,
            wechat=wechat, messages=messages, audit=audit,
            accounts=Accounts(keyring, index, settings.home_region),
            families=Families(redis, keyring, index), holders=Holders(redis, keyring),
            limits=Limits(redis), consents=Consents(audit),
        )  # fmt: skip
        moving, claims = Moving(parts), Claims(redis, keyring)
        self._parts = parts
        self._logins = Logins(parts, moving)
        self._real_names = RealNames(parts, moving, claims)
        self._faces = Faces(parts, moving, claims)

    # Agreements

    def agreement(self, kind: str) -> Agreement:
        """The privacy policy or the face notice that is in force (``privacy``, ``face``).

        Raises:
            AgreementNotFound: no such kind.
        """
        return agreements.current(kind)

    # Logging in

    async def send_code(self, phone: str, address: str) -> str | None:
        """Send an SMS code to a phone; the sandbox returns it instead. See ``Logins``.

        Args:
            address: of the client, an IP address.
        """
        return await self._logins.send_code(phone, address)

    async def login_by_phone(
        self, phone: str, code: str, device: Device, privacy_version: str, address: str
    ) -> Tokens:
        """Log in with a phone and an SMS code. See ``Logins``."""
        pair = await self._logins.by_phone(phone, code, device, privacy_version, address)
        return await self._tokens(pair)

    async def login_by_wechat(
        self, code: str, device: Device, privacy_version: str, address: str
    ) -> Tokens:
        """Log in with the code of ``wx.login``. See ``Logins``."""
        return await self._tokens(
            await self._logins.by_wechat(code, device, privacy_version, address)
        )

    async def add_wechat_phone(self, session: Session, code: str, address: str) -> Tokens:
        """Take in the phone that WeChat vouches for (``getPhoneNumber``). See ``Logins``."""
        return await self._tokens(await self._logins.add_phone(session, code, address))

    async def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token. See ``Families``; of a reused one its owner is told."""
        try:
            pair = await self._parts.families.refresh(refresh_token)
        except RefreshReused as reused:
            who = person(reused.person_id)
            await self._parts.audit.record(who, "identity.refresh_reused", who)
            await self._parts.messages.post(
                reused.person_id,
                "session_ended",
                "一台设备已被退出登录",
                "我们发现一次登录凭证被重复使用，可能已被他人复制，已将该设备退出登录。"
                "请重新登录；如非本人操作，请在“设备与安全”中退出所有设备。",
            )
            raise
        return await self._tokens(pair)

    async def _tokens(self, pair: Pair) -> Tokens:
        session = Session(subject_of(pair.person_id), pair.session_id, pair.level)
        return Tokens(pair.access, pair.refresh, pair.level, await self.me(session))

    # Sessions

    async def sessions(self, session: Session) -> Sequence[SessionInfo]:
        """Where this person is logged in, last seen first; see ``own_since`` for who sees less."""
        found = await self._parts.families.list(session.person_id)
        if await self.own_since(session) is None:
            return found
        return [each for each in found if each.id == session.session_id]

    async def end_session(self, session: Session, session_id: str) -> None:
        """Log one session of this person out, on every worker at once.

        Another device than the present one also loses its trust: it may be a lost one.

        Raises:
            SessionUnknown: they have no such session.
        """
        distrust = session_id != session.session_id
        if distrust and await self.own_since(session) is not None:
            raise SessionUnknown
        await self._parts.families.end(session.person_id, session_id, distrust)
        await self._record(session, "identity.logout", {"all": False})

    async def end_all_sessions(self, session: Session) -> None:
        """Log this person out everywhere and forget which devices they trusted."""
        await self._parts.families.end_all(session.person_id, "logged_out", distrust=True)
        await self._record(session, "identity.logout", {"all": True})

    # The person

    async def me(self, session: Session) -> Me:
        """The person of a session, masked.

        Raises:
            SessionExpired: the account has been closed.
        """
        parts = self._parts
        account = await parts.accounts.active(session.person_id)
        known = parts.accounts.real_name(account) if session.level >= Level.REAL_NAME else None
        phone = await parts.accounts.phone_of(account.id)
        return Me(
            id=str(account.id),
            level=session.level,
            name=mask_name(known.name) if known else None,
            phone=mask_phone(phone) if phone else None,
            id_number=mask_number(known.id_number) if known else None,
            wechat=await parts.accounts.has_wechat(account.id),
            elder=account.elder,
            region_code=account.region_code,
            consents=await parts.consents.all(account.id),
        )

    async def holder(self, session: Session, stored: bytes | None = None) -> Holder:
        """The verified person of a session in full, as provincial systems are asked about them.

        Args:
            stored: the value of ``holder_key(subject)``, if it was fetched already.

        Raises:
            LevelTooLow: the session is below level 3.
            SessionExpired: the account has been closed.
        """
        if session.level < Level.REAL_NAME:
            raise LevelTooLow(Level.REAL_NAME)
        kept = self._parts.holders.opened(session.subject, stored)
        if kept is not None:
            return kept
        account = await self._parts.accounts.active(session.person_id)
        known = self._parts.accounts.real_name(account)
        if known is None:
            raise LevelTooLow(Level.REAL_NAME)
        holder = Holder(known.id_type, known.id_number, known.name)
        await self._parts.holders.keep(session.subject, holder)
        return holder

    async def own_since(self, session: Session) -> datetime | None:
        """From when on what lies in the account is surely of the person in the session.

        None: all of it. An unverified session in an account that was verified may be that of a new
        owner of the phone, who has no business with what was there before.

        Raises:
            SessionExpired: the account has been closed.
        """
        if session.level >= Level.REAL_NAME:
            return None
        account = await self._parts.accounts.active(session.person_id)
        family = await self._parts.families.current(session)
        return self._parts.own_since(session, account, family)

    async def subject_bearing(self, number: str) -> str | None:
        """The tag of the keys of the person who verified that they bear this identity number."""
        account = await self._parts.accounts.by_number(number)
        return subject_of(account.id) if account is not None else None

    async def named(self, person_id: UUID) -> Holder | None:
        """The verified person of an account in full, where others act with their leave.

        None when the account was closed or never verified.
        """
        account = await Account.get_or_none(id=person_id, status=ACTIVE)
        known = self._parts.accounts.real_name(account) if account is not None else None
        return None if known is None else Holder(known.id_type, known.id_number, known.name)

    async def wechat_account(self, session: Session) -> str | None:
        """The openid with which this very session was begun, or None.

        Raises:
            SessionExpired: it was ended in this moment.
        """
        parts = self._parts
        return parts.families.proof_of(await parts.families.current(session)).openid

    async def reach(self, person_id: UUID) -> Reach:
        """Where a person can be pushed to now; nowhere once the account is closed."""
        accounts = self._parts.accounts
        if not await Account.exists(id=person_id, status=ACTIVE):
            return Reach(None, None)
        return Reach(await accounts.openid_index_of(person_id), await accounts.phone_of(person_id))

    async def verified_by_phone(self, phone: str, name: str) -> UUID | None:
        """The verified person whom a phone (E.164) logs in to, if this is their name.

        The caller bounds how often anybody may ask.
        """
        account = await self._parts.accounts.by_phone(phone)
        if account is None or account.status != ACTIVE or account.level < Level.REAL_NAME:
            return None
        known = self._parts.accounts.real_name(account)
        return account.id if known is not None and known.name == name else None

    async def set_preferences(
        self, session: Session, elder: bool | None, region_code: str | None
    ) -> Me:
        """Keep how the person wants to see things; None leaves as it is.

        Args:
            region_code: of a known region; the caller checks it.
        """
        changes: dict[str, bool | str] = {}
        if elder is not None:
            changes["elder"] = elder
        if region_code is not None:
            changes["region_code"] = region_code
        if changes:
            await Account.filter(id=session.person_id).update(**changes)
        return await self.me(session)

    # Consents

    async def give_consent(self, session: Session, kind: str, version: str) -> ConsentGiven:
        """Record a consent. See ``Consents``."""
        since = await self.own_since(session)
        return await self._parts.consents.give(session.person_id, kind, version, since)

    async def withdraw_consent(self, session: Session, kind: str) -> None:
        """Take a consent back; without the one to the privacy policy nobody stays logged in.

        Raises:
            AgreementNotFound: no such kind.
        """
        agreements.current(kind)
        withdrawn = await self._parts.consents.withdraw(session.person_id, kind)
        if withdrawn and kind == agreements.PRIVACY:
            await self._parts.families.end_all(session.person_id, "withdrawn")

    # Levels

    async def verify_name(
        self,
        session: Session,
        name: str,
        id_number: str,
        address: str,
        deadline: Deadline | None = None,
        trace: str = "",
    ) -> Verified:
        """Match name and number: level 3. See ``RealNames``."""
        pair = await self._real_names.verify(session, name, id_number, address, deadline, trace)
        return await self._verified(session, Level.REAL_NAME, pair)

    async def verify_face_photo(
        self,
        session: Session,
        image: str,
        address: str,
        deadline: Deadline | None = None,
        trace: str = "",
    ) -> Verified:
        """Compare a photo: level 4. See ``Faces``."""
        pair = await self._faces.by_photo(session, image, address, deadline, trace)
        return await self._verified(session, Level.FACE, pair)

    async def open_wechat_face(self, session: Session, address: str) -> OpenedCheck:
        """Open a face verification in WeChat. See ``Faces``."""
        return await self._faces.open_wechat(session, address)

    async def finish_wechat_face(self, session: Session, verify_id: str) -> Verified:
        """Ask WeChat what became of it: level 4. See ``Faces``."""
        pair = await self._faces.finish_wechat(session, verify_id)
        return await self._verified(session, Level.FACE, pair)

    async def classic_face_key(self, session: Session, address: str) -> FaceKey:
        """A key to start WeChat's classic flow with. See ``Faces``."""
        return await self._faces.classic_key(session, address)

    async def verify_wechat_classic(
        self, session: Session, verify_result: str, address: str
    ) -> Verified:
        """Ask WeChat about the classic flow: level 4. See ``Faces``."""
        pair = await self._faces.by_classic(session, verify_result, address)
        return await self._verified(session, Level.FACE, pair)

    async def _verified(self, session: Session, level: Level, pair: Pair | None) -> Verified:
        if pair is not None:
            tokens = await self._tokens(pair)
            return Verified(tokens.level, tokens.person, tokens)
        now = Session(session.subject, session.session_id, max(session.level, level))
        return Verified(now.level, await self.me(now), None)

    # The worker

    async def purge(self) -> int:
        """Forget what has served its time; the worker calls it daily. Says how many rows went."""
        return await self._parts.families.purge()

    async def _record(
        self, session: Session, action: str, detail: dict[str, str | int | bool | None]
    ) -> None:
        who = person(session.person_id)
        await self._parts.audit.record(who, action, who, detail)
