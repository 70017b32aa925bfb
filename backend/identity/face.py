"""The face: a photo compared by the authority, or one of WeChat's two flows (level 4).

No picture is kept, and no client's word is taken: WeChat's result is asked from WeChat, and it has
to be about this person, this WeChat account and this session.
"""

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

import orjson
from tortoise.exceptions import IntegrityError

from backend.audit.service import person
from backend.identity import limits
from backend.identity.agreements import FACE
from backend.identity.authority import Authority
from backend.identity.claims import Claim, Claims, dump, load
from backend.identity.errors import (
    FaceCheckUnknown,
    FaceNotPassed,
    LevelTooLow,
    PictureInvalid,
    PictureTooLarge,
    SessionExpired,
    WeChatRequired,
)
from backend.identity.families import Pair
from backend.identity.inputs import read_id_number
from backend.identity.levels import Level
from backend.identity.limits import Mark
from backend.identity.models import Person as Account
from backend.identity.models import SessionFamily
from backend.identity.moving import Moving
from backend.identity.parts import Parts
from backend.identity.sessions import Session
from backend.identity.wechat_errors import translated
from backend.store.ids import uuid7
from backend.upstream.deadline import Deadline
from backend.upstream.wechat import FaceKey

PICTURE_BYTES = 2 * 1024 * 1024
CHECK_LIFE_S = 600
CLASSIC_LIFE_S = 600
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose face is about to be checked, in which session."""

    session: Session
    account: Account
    family: SessionFamily
    claim: Claim


@dataclass(frozen=True, slots=True)
class OpenedCheck:
    """A face verification for ``wx.requestFacialVerify``; ``expires_in`` in seconds."""

    verify_id: str
    expires_in: int


class Faces:
    """Verifies that the person of a session is who they say they are."""

    def __init__(self, parts: Parts, moving: Moving, claims: Claims) -> None:
        self._parts, self._moving, self._claims = parts, moving, claims
        self._authority = Authority(parts.exchange)

    async def by_photo(
        self,
        session: Session,
        image: str,
        address: str,
        deadline: Deadline | None = None,
        trace: str = "",
    ) -> Pair | None:
        """Compare a photo.

        Args:
            image: JPEG or PNG in base64, at most 2 MB decoded.
            deadline: until when the phone waits.

        Returns:
            New tokens when the session went over to another account; else None.

        Raises:
            PictureInvalid, PictureTooLarge, LevelTooLow, ConsentRequired, Locked, FaceNotPassed,
            AuthorityMissing, UpstreamError
        """
        _check_picture(image)
        subject = await self._subject(session)
        marks = await self._take(subject, address)
        claim = subject.claim
        try:
            passed = await self._authority.face(claim.name, claim.id_number, image, deadline, trace)
        except BaseException:
            await self._parts.limits.give_back(marks)
            raise
        if not passed:
            await self._failed(subject, "photo")
        await self._parts.limits.give_back(marks)
        return await self._passed(subject, "photo")

    async def open_wechat(self, session: Session, address: str) -> OpenedCheck:
        """Open a face verification in WeChat's current flow.

        Raises:
            LevelTooLow, ConsentRequired, WeChatRequired, Locked, WeChatUnavailable…
        """
        subject = await self._subject(session)
        openid = self._openid(subject)
        await self._take(subject, address)
        sequence, claim = uuid7().hex, subject.claim
        with translated():
            opened = await self._parts.wechat.open_face_check(
                sequence, claim.name, claim.id_number, openid
            )
        key = _check_key(session, opened.verify_id)
        raw = orjson.dumps({"sequence": sequence, "claim": dump(claim).decode()})
        life_s = min(opened.expires_in, CHECK_LIFE_S)
        await self._parts.redis.set(
            key, self._parts.keyring.seal(raw, key.encode()), ex=max(life_s, 1)
        )
        return OpenedCheck(opened.verify_id, life_s)

    async def finish_wechat(self, session: Session, verify_id: str) -> Pair | None:
        """Ask WeChat what became of a verification that this session opened; once.

        Raises:
            FaceCheckUnknown, FaceNotPassed, LevelTooLow, ConsentRequired, WeChatUnavailable…
        """
        subject = await self._subject(session)
        key = _check_key(session, verify_id)
        sealed: Any = await self._parts.redis.getdel(key)
        if not sealed:
            raise FaceCheckUnknown
        check = orjson.loads(self._parts.keyring.open(sealed, key.encode()))
        claim = load(check["claim"].encode())
        if claim != subject.claim:
            raise FaceCheckUnknown
        with translated():
            passed = await self._parts.wechat.face_passed(
                verify_id, check["sequence"], claim.name, claim.id_number, self._openid(subject)
            )
        if not passed:
            await self._failed(subject, "wechat")
        await self._parts.limits.give_back(self._marks(subject))
        return await self._passed(subject, "wechat")

    async def classic_key(self, session: Session, address: str) -> FaceKey:
        """A key with which the client starts the classic flow without holding the number.

        Raises:
            LevelTooLow, ConsentRequired, WeChatRequired, Locked, WeChatUnavailable…
        """
        subject = await self._subject(session)
        self._openid(subject)
        # Only looks whether there are tries left: the result is what counts as one.
        await self._parts.limits.give_back(await self._take(subject, address))
        claim = subject.claim
        with translated():
            return await self._parts.wechat.classic_key(uuid7().hex, claim.name, claim.id_number)

    async def by_classic(self, session: Session, verify_result: str, address: str) -> Pair | None:
        """Ask WeChat what a ``verifyResult`` of the classic flow is worth; once.

        Raises:
            FaceCheckUnknown, FaceNotPassed, LevelTooLow, ConsentRequired, Locked…
        """
        subject = await self._subject(session)
        openid = self._openid(subject)
        marks = await self._take(subject, address)
        if not await self._first_use(session, verify_result):
            raise FaceCheckUnknown
        with translated():
            result = await self._parts.wechat.classic_result(verify_result)
        claim = subject.claim
        fits = (
            result.passed
            and abs(time.time() - result.identified_at) <= CLASSIC_LIFE_S
            and result.openid in ("", openid)
            and _same_md5(result.number_md5, claim.id_number)
            and _same_md5(result.name_md5, claim.name)
        )
        if not fits:
            await self._failed(subject, "wechat_classic")
        await self._parts.limits.give_back(marks)
        return await self._passed(subject, "wechat_classic")

    async def _subject(self, session: Session) -> Subject:
        parts = self._parts
        account = await parts.accounts.active(session.person_id)
        family = await parts.families.current(session)
        claim = await self._claims.of(session)
        if claim is None:
            known = parts.accounts.real_name(account)
            if session.level < Level.REAL_NAME or known is None:
                raise LevelTooLow(Level.REAL_NAME)
            claim = Claim(known.name, known.id_number, None)
        since = parts.own_since(session, account, family)
        await parts.consents.require(account.id, FACE, since)
        return Subject(session, account, family, claim)

    def _openid(self, subject: Subject) -> str:
        openid = self._parts.families.proof_of(subject.family).openid
        if openid is None:
            raise WeChatRequired
        return openid

    def _marks(self, subject: Subject) -> list[Mark]:
        parts, family = self._parts, subject.family
        return [
            Mark(limits.FACE_PERSON, subject.session.subject),
            parts.mark(limits.FACE_NUMBER, "number", subject.claim.id_number),
            parts.mark(limits.FACE_DEVICE, "device", family.device_index),
        ]

    async def _take(self, subject: Subject, address: str) -> list[Mark]:
        marks = self._marks(subject)
        marks.append(self._parts.address_mark(limits.FACE_ADDRESS, address))
        await self._parts.limits.take(marks)
        return marks

    async def _first_use(self, session: Session, verify_result: str) -> bool:
        key = _check_key(session, "classic:" + verify_result)
        return bool(await self._parts.redis.set(key, b"", nx=True, ex=2 * CLASSIC_LIFE_S))

    async def _failed(self, subject: Subject, way: str) -> None:
        who = person(subject.account.id)
        await self._parts.audit.record(who, "identity.face_refused", who, {"way": way})
        raise FaceNotPassed

    async def _passed(self, subject: Subject, way: str) -> Pair | None:
        parts, claim = self._parts, subject.claim
        who = person(claim.target or subject.account.id)
        await parts.audit.record(who, "identity.level_raised", who, {"level": 4, "way": way})
        if claim.target is not None:
            return await self._go_over(subject)
        await parts.accounts.raise_level(subject.account.id, Level.FACE)
        await parts.families.raise_level(subject.family, Level.FACE)
        return None

    async def _go_over(self, subject: Subject) -> Pair:
        """Take phone and session to the account that the face belongs to."""
        parts, claim, family = self._parts, subject.claim, subject.family
        target = await Account.get_or_none(id=claim.target)
        if target is None:
            raise SessionExpired
        number = read_id_number(claim.id_number)
        try:
            await self._moving.to_owner(subject.account, target, family, claim.name, number)
        except IntegrityError:  # the account changed under it: the person has to begin again
            raise FaceCheckUnknown from None
        await self._claims.forget(subject.session)
        proof = parts.families.proof_of(family)
        pair = await parts.families.begin_again(family, target.id, Level.FACE, proof)
        await parts.families.trust(target.id, family.device_index)
        return pair


def _check_picture(image: str) -> None:
    if len(image) > PICTURE_BYTES * 4 // 3 + 4:
        raise PictureTooLarge
    try:
        raw = base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        raise PictureInvalid from None
    if len(raw) > PICTURE_BYTES:
        raise PictureTooLarge
    if not raw.startswith((_JPEG, _PNG)):
        raise PictureInvalid


def _check_key(session: Session, verify_id: str) -> str:
    digest = hashlib.sha256(verify_id.encode()).hexdigest()[:32]
    return f"face:{{{session.subject}}}:{session.session_id}:{digest}"


def _same_md5(given: str, value: str) -> bool:
    # WeChat's choice of digest; it only has to tell whether two values are the same.
    digest = hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(given.encode(), digest.encode())
