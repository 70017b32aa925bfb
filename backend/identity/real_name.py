"""Real name: name and number matched by the authority, and what follows for the account.

The number that somebody types may belong to nobody, to them, to an account of theirs under another
phone, or to the new owner of a phone whose account is somebody else's. Only what the authority
confirms changes anything; a mismatch and an unknown number get one answer after one time.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.identity import limits
from backend.identity.accounts import ACTIVE, DECEASED
from backend.identity.authority import Authority, Result, Verdict
from backend.identity.claims import Claim, Claims
from backend.identity.errors import (
    BEIJING,
    AlreadyVerified,
    FaceRequiredToMove,
    GuardianRequired,
    LevelTooLow,
    NotMatched,
    NumberReplaced,
    PersonDeceased,
    WeChatBoundElsewhere,
)
from backend.identity.families import Pair
from backend.identity.inputs import read_id_number, read_name
from backend.identity.levels import Level
from backend.identity.limits import Mark
from backend.identity.models import Person as Account
from backend.identity.models import SessionFamily
from backend.identity.moving import Moving
from backend.identity.parts import Parts
from backend.identity.sessions import Session
from backend.numbers.service import IdNumber, age_on
from backend.upstream.deadline import Deadline

GUARDED_UNTIL_YEARS = 14
# A refusal is given at the next multiple of this: finer differences say nothing about a number.
ANSWER_STEP_S = 0.3
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who says who they are."""

    session: Session
    account: Account
    family: SessionFamily
    name: str
    number: IdNumber


class RealNames:
    """Verifies who people are (level 3)."""

    def __init__(self, parts: Parts, moving: Moving, claims: Claims) -> None:
        self._parts, self._moving, self._claims = parts, moving, claims
        self._authority = Authority(parts.exchange)

    async def verify(
        self,
        session: Session,
        name_text: str,
        number_text: str,
        address: str,
        deadline: Deadline | None = None,
        trace: str = "",
    ) -> Pair | None:
        """Verify the person of a session.

        Args:
            deadline: until when the phone waits.

        Returns:
            New tokens when the session went over to an account of its own; else None.

        Raises:
            NameInvalid, IdNumberInvalid, GuardianRequired: before anybody is asked.
            LevelTooLow, AlreadyVerified, Locked: not now, or not here.
            NotMatched, PersonDeceased, NumberReplaced: what the authority said.
            FaceRequiredToMove, WeChatBoundElsewhere: what has to be settled first.
            AuthorityMissing, UpstreamError: nobody could tell; it does not count as a try.
        """
        started = time.monotonic()
        attempt = await self._attempt(session, name_text, number_text)
        marks = await self._marks(attempt, address)
        await self._parts.limits.take(marks)
        try:
            verdict = await self._authority.match(attempt.name, attempt.number, deadline, trace)
        except BaseException:
            await self._parts.limits.give_back(marks)
            raise
        if verdict.result is Result.MISMATCH:
            await self._refused(attempt, "mismatch")
            # Nothing is held meanwhile: no connection, no transaction, no lock.
            await asyncio.sleep(rest_of_step(time.monotonic() - started))
            raise NotMatched
        await self._parts.limits.give_back(marks)
        if verdict.result is Result.DECEASED:
            await self._bury(attempt)
        if verdict.result is Result.REPLACED:
            await self._refused(attempt, "replaced")
            raise NumberReplaced
        return await self._matched(attempt, verdict)

    async def _attempt(self, session: Session, name_text: str, number_text: str) -> Attempt:
        name, number = read_name(name_text), read_id_number(number_text)
        today = datetime.now(BEIJING).date()
        if number.birth is not None and age_on(number.birth, today) < GUARDED_UNTIL_YEARS:
            raise GuardianRequired
        parts = self._parts
        account = await parts.accounts.active(session.person_id)
        family = await parts.families.current(session)
        if session.level < Level.PHONE and account.id_index is None:
            raise LevelTooLow(Level.PHONE)
        return Attempt(session, account, family, name, number)

    async def _marks(self, attempt: Attempt, address: str) -> Sequence[Mark]:
        parts = self._parts
        marks = [
            Mark(limits.MATCH_PERSON, attempt.session.subject),
            parts.mark(limits.MATCH_NUMBER, "number", attempt.number.value),
            parts.mark(limits.MATCH_DEVICE, "device", attempt.family.device_index),
            parts.address_mark(limits.MATCH_ADDRESS, address),
        ]
        phone = await parts.accounts.phone_of(attempt.account.id)
        if phone is not None:
            marks.append(parts.mark(limits.MATCH_PHONE, "phone", phone))
        return marks

    async def _matched(self, attempt: Attempt, verdict: Verdict) -> Pair | None:
        for _ in range(_ATTEMPTS):
            try:
                return await self._settle(attempt, verdict)
            except IntegrityError:  # another request of this person was faster: look again
                continue
        raise AlreadyVerified

    async def _settle(self, attempt: Attempt, verdict: Verdict) -> Pair | None:
        accounts, account = self._parts.accounts, attempt.account
        numbers = [attempt.number.value, *verdict.previous_numbers]
        if account.id_index is not None and not accounts.is_bearer(account, numbers):
            return await self._somebody_else(attempt, numbers)
        owner = await accounts.by_number(*numbers)
        if owner is not None and owner.id != account.id:
            await self._needs_face(attempt, owner)
        await self._confirm(attempt)
        return None

    async def _confirm(self, attempt: Attempt) -> None:
        """The account is this person's: write it down and let the session do more."""
        parts, account = self._parts, attempt.account
        async with in_transaction():
            await parts.accounts.hold(account.id)
            await parts.accounts.claim(account.id, attempt.name, attempt.number)
            await parts.accounts.raise_level(account.id, Level.REAL_NAME)
        await parts.holders.forget(account.id)
        await parts.families.raise_level(attempt.family, Level.REAL_NAME)
        await self._claims.forget(attempt.session)
        who = person(account.id)
        await parts.audit.record(who, "identity.level_raised", who, {"level": 3})

    async def _somebody_else(self, attempt: Attempt, numbers: Sequence[str]) -> Pair:
        """Another person in the session of a verified account."""
        parts, family = self._parts, attempt.family
        if attempt.session.level >= Level.REAL_NAME:
            raise AlreadyVerified
        if not parts.families.proof_of(family).phone:
            raise WeChatBoundElsewhere
        owner = await parts.accounts.by_number(*numbers)
        if owner is not None:
            await self._needs_face(attempt, owner)
        made = await self._moving.to_new(attempt.account, family, attempt.name, attempt.number)
        proof = parts.families.proof_of(family)
        pair = await parts.families.begin_again(family, made, Level.REAL_NAME, proof)
        await parts.families.trust(made, family.device_index)
        return pair

    async def _needs_face(self, attempt: Attempt, owner: Account) -> None:
        claim = Claim(attempt.name, attempt.number.value, owner.id)
        await self._claims.remember(attempt.session, claim)
        await self._refused(attempt, "face_required")
        raise FaceRequiredToMove

    async def _bury(self, attempt: Attempt) -> None:
        """Close the account of a person who has died."""
        parts = self._parts
        owner = await parts.accounts.by_number(attempt.number.value)
        await self._refused(attempt, "deceased")
        if owner is not None and owner.status == ACTIVE:
            async with in_transaction():
                await parts.accounts.hold(owner.id)
                await parts.accounts.close(owner.id, DECEASED)
                await parts.audit.record(
                    person(attempt.account.id), "identity.account_closed", person(owner.id),
                    {"reason": DECEASED},
                )  # fmt: skip
            await parts.families.end_all(owner.id, DECEASED, distrust=True)
        raise PersonDeceased

    async def _refused(self, attempt: Attempt, reason: str) -> None:
        who = person(attempt.account.id)
        await self._parts.audit.record(who, "identity.match_refused", who, {"reason": reason})


def rest_of_step(elapsed: float) -> float:
    """Seconds to wait after ``elapsed`` ones until a multiple of ``ANSWER_STEP_S`` has passed."""
    return max(0.0, math.ceil(elapsed / ANSWER_STEP_S) * ANSWER_STEP_S - elapsed)
