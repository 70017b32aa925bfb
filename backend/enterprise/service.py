"""The enterprise door: whom does a person represent, and may they see this enterprise."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
import structlog
from pydantic import TypeAdapter

from backend.enterprise.errors import (
    EnterpriseError,
    EnterpriseUnknown,
    LicenceCodeExpired,
    LicenceCodeUnknown,
    LicenceCodeUsed,
    LicenceSystemSilent,
    NotRepresentative,
    RegisterUnavailable,
)
from backend.enterprise.licence_codes import shown_licence
from backend.enterprise.pages import Pages, page_key
from backend.enterprise.records import (
    AnswerRefused,
    Enterprise,
    ShownLicence,
    read_one,
    read_represented,
)
from backend.exchange.service import Exchange, ProviderSystem
from backend.numbers.service import Holder, is_uscc, normalise_uscc
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError
from backend.wallet.service import Wallet

__all__ = [
    "Enterprise",
    "EnterpriseError",
    "EnterpriseUnknown",
    "Enterprises",
    "LicenceCodeExpired",
    "LicenceCodeUnknown",
    "LicenceCodeUsed",
    "LicenceSystemSilent",
    "NotRepresentative",
    "Pages",
    "RegisterUnavailable",
    "Represented",
    "ShownLicence",
    "page_key",
    "represented_key",
]

log = structlog.get_logger("enterprise")

# Who represents an enterprise can change today: an older word opens no door.
FRESH_S = 60
KEPT_S = 24 * 3600
ASK_S = 3.0

_ENTERPRISES = TypeAdapter(list[Enterprise])


@dataclass(frozen=True, slots=True)
class Represented:
    """The enterprises that a person represents; ``status`` says how far that can be trusted."""

    enterprises: Sequence[Enterprise]
    status: Literal["fresh", "stale", "unavailable"]


@dataclass(frozen=True, slots=True)
class _Known:
    """What one register said last of one person."""

    fetched_at: float
    enterprises: list[Enterprise]

    def is_fresh(self, now: float) -> bool:
        return 0 <= now - self.fetched_at < FRESH_S


class Enterprises:
    """Asks the registers; keeps their answers, sealed, for a short time.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self,
        redis: Redis,
        keyring: KeyRing,
        exchange: Exchange,
        wallet: Wallet,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._redis, self._keyring = redis, keyring
        self._exchange, self._wallet, self._clock = exchange, wallet, clock

    async def represented(
        self, subject: str, person: Holder, trace: str = "", deadline: Deadline | None = None
    ) -> Represented:
        """The enterprises that a person represents, by all registers.

        Args:
            subject: tag of the person's Redis keys.
            deadline: until when the caller waits; no register is waited for longer.
        """
        known = await self._known(subject, person, trace, deadline)
        registers = self._registers()
        found = [known[r.code] for r in registers if r.code in known]
        enterprises = {e.uscc: e for part in found for e in part.enterprises}
        status: Literal["fresh", "stale", "unavailable"] = "unavailable"
        if len(found) == len(registers):
            status = "fresh" if all(part.is_fresh(self._clock()) for part in found) else "stale"
        return Represented(list(enterprises.values()), status)

    async def represented_now(
        self, subject: str, person: Holder, trace: str = "", deadline: Deadline | None = None
    ) -> Represented:
        """The same, asked anew: an enterprise may have been founded a moment ago."""
        await self._redis.delete(represented_key(subject))
        return await self.represented(subject, person, trace, deadline)

    async def require(
        self,
        subject: str,
        person: Holder,
        uscc: str,
        trace: str = "",
        deadline: Deadline | None = None,
        stored: bytes | None = None,
    ) -> Enterprise:
        """The enterprise, if a register says at most a minute ago that this person represents it.

        Args:
            stored: the value of ``represented_key(subject)``, if it was fetched already.

        Raises:
            NotRepresentative: no register says so.
            RegisterUnavailable: a register that could say so does not answer.
        """
        known = await self._known(subject, person, trace, deadline, stored)
        registers = self._registers()
        fresh = [part for part in known.values() if part.is_fresh(self._clock())]
        for part in fresh:
            for enterprise in part.enterprises:
                if enterprise.uscc == uscc:
                    return enterprise
        if len(fresh) < len(registers):
            raise RegisterUnavailable
        raise NotRepresentative

    def holds_s(self, subject: str, person: Holder, stored: bytes) -> int:
        """For how many seconds yet everything holds that the registers said last.

        Args:
            stored: the value of ``represented_key(subject)``.
        """
        known = self._opened(subject, person, stored).values()
        said = min((part.fetched_at for part in known), default=0.0)
        return max(int(said + FRESH_S - self._clock()), 0)

    async def page(
        self,
        subject: str,
        person: Holder,
        uscc: str,
        trace: str = "",
        deadline: Deadline | None = None,
    ) -> Enterprise:
        """The facts of an enterprise for the person who represents it.

        Raises:
            NotRepresentative, RegisterUnavailable: see ``require``.
        """
        enterprise = await self.require(subject, person, uscc, trace, deadline)
        return await self.latest(enterprise, subject, person, trace, deadline)

    async def latest(
        self,
        enterprise: Enterprise,
        subject: str,
        person: Holder,
        trace: str = "",
        deadline: Deadline | None = None,
    ) -> Enterprise:
        """What the register says of an enterprise now; as it was known where none answers.

        Raises:
            NotRepresentative: the person represents it no longer.
        """
        uscc = enterprise.uscc
        for register in self._exchange.with_operation("enterprises.get"):
            try:
                raw = await self._exchange.call(
                    register, "enterprises.get", {"uscc": uscc}, _within(deadline), trace
                )
                latest = read_one(raw, uscc)
            except (UpstreamError, AnswerRefused) as error:
                _warn(register, error)
                continue
            if latest is not None:
                return await self._still_theirs(latest, subject, person)
        # The list says the same of an enterprise, and is no older than a minute.
        return enterprise

    async def in_business(
        self, code: str, trace: str = "", deadline: Deadline | None = None
    ) -> Enterprise:
        """An enterprise by its code as typed, whoever asks; its check character is looked at first.

        Raises:
            EnterpriseUnknown: not a code of GB 32100, in no register, or closed.
            RegisterUnavailable: no register has it, and one does not answer.
        """
        found = await self.record(normalise_uscc(code), trace, deadline)
        if found is None or found.status != "存续":
            raise EnterpriseUnknown
        return found

    async def _still_theirs(self, latest: Enterprise, subject: str, person: Holder) -> Enterprise:
        if not latest.is_represented_by(person):
            await self._redis.delete(represented_key(subject))
            raise NotRepresentative
        return latest

    async def record(
        self, uscc: str, trace: str = "", deadline: Deadline | None = None, anew: bool = False
    ) -> Enterprise | None:
        """What the registers say of an enterprise, at most a minute ago; None: there is none.

        Args:
            anew: ask them now.

        Raises:
            RegisterUnavailable: a register that could say so does not answer.
        """
        if not is_uscc(uscc):
            return None
        key = f"e:{{{self.wallet_subject(uscc)}}}:record"
        if not anew and (kept := await self._kept_record(key)) is not None:
            return kept
        silent = not (registers := self._exchange.with_operation("enterprises.get"))
        for register in registers:
            try:
                raw = await self._exchange.call(
                    register, "enterprises.get", {"uscc": uscc}, _within(deadline), trace
                )
                found = read_one(raw, uscc)
            except (UpstreamError, AnswerRefused) as error:
                _warn(register, error)
                silent = True
                continue
            if found is not None:
                sealed = self._keyring.seal(found.model_dump_json().encode(), key.encode())
                await self._redis.set(key, sealed, ex=FRESH_S)
                return found
        if silent:
            raise RegisterUnavailable
        return None

    async def shown_licence(
        self, code: str, trace: str = "", deadline: Deadline | None = None
    ) -> ShownLicence:
        """Whose electronic business licence a code shows; used up by this. See ``licence_codes``.

        Raises:
            LicenceCodeUnknown, LicenceCodeUsed, LicenceCodeExpired, LicenceSystemSilent.
        """
        return await shown_licence(self._exchange, code, _within(deadline), trace)

    async def _kept_record(self, key: str) -> Enterprise | None:
        sealed = cast(bytes | None, await self._redis.get(key))
        if sealed is None:
            return None
        try:
            return Enterprise.model_validate_json(self._keyring.open(sealed, key.encode()))
        except SealBroken:
            return None

    def wallet_subject(self, uscc: str) -> str:
        """The tag of the enterprise's own Redis keys."""
        return self._wallet.enterprise_subject(uscc)

    def _registers(self) -> list[ProviderSystem]:
        return self._exchange.with_operation("enterprises.represented")

    async def _known(
        self, subject: str, person: Holder, trace: str, deadline: Deadline | None,
        stored: bytes | None = None,
    ) -> dict[str, _Known]:  # fmt: skip
        """What each register says, asked again where that is not fresh."""
        if stored is None:
            stored = cast(bytes | None, await self._redis.get(represented_key(subject)))
        known = self._opened(subject, person, stored)
        now = self._clock()
        due = [
            register
            for register in self._registers()
            if register.code not in known or not known[register.code].is_fresh(now)
        ]
        if not due:
            return known
        answers = await asyncio.gather(
            *(self._ask(register, person, trace, deadline) for register in due)
        )
        news = {r.code: a for r, a in zip(due, answers, strict=True) if a is not None}
        if news:
            known = {**known, **news}
            await self._keep(subject, person, known)
        return known

    async def _ask(
        self, register: ProviderSystem, person: Holder, trace: str, deadline: Deadline | None
    ) -> _Known | None:
        payload = {"id_number": person.code, "name": person.name}
        try:
            answer = await self._exchange.call(
                register, "enterprises.represented", payload, _within(deadline), trace
            )
            return _Known(self._clock(), read_represented(answer, person))
        except (UpstreamError, AnswerRefused) as error:
            _warn(register, error)
            return None

    def _opened(self, subject: str, person: Holder, sealed: bytes | None) -> dict[str, _Known]:
        if sealed is None:
            return {}
        try:
            raw = orjson.loads(self._keyring.open(sealed, _context(subject, person)))
        except SealBroken:
            return {}
        registered = {register.code for register in self._registers()}
        return {
            code: _Known(fetched_at, _ENTERPRISES.validate_python(rows))
            for code, (fetched_at, rows) in raw.items()
            if code in registered
        }

    async def _keep(self, subject: str, person: Holder, known: dict[str, _Known]) -> None:
        raw: dict[str, Any] = {
            code: [part.fetched_at, _ENTERPRISES.dump_python(part.enterprises, mode="json")]
            for code, part in known.items()
        }
        sealed = self._keyring.seal(orjson.dumps(raw), _context(subject, person))
        await self._redis.set(represented_key(subject), sealed, ex=KEPT_S)


def _within(deadline: Deadline | None) -> Deadline:
    """What a register may take: its own time, and no longer than the caller waits."""
    return Deadline.after(ASK_S) if deadline is None else deadline.within(ASK_S)


def _warn(register: ProviderSystem, error: UpstreamError | AnswerRefused) -> None:
    log.warning(
        "enterprise.register_unavailable",
        system=register.code,
        error=type(error).__name__,
        reason=error.reason,
    )


def represented_key(subject: str) -> str:
    """The Redis key of what the registers said last of a person."""
    return f"e:{{{subject}}}:represented"


def _context(subject: str, person: Holder) -> bytes:
    # Bound to the person's number too: an account whose holder changed reads nothing of before.
    return f"represented:{subject}:{person.code}".encode()
