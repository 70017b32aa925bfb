"""Credentials for showing a licence off line: issued to a phone's key, withdrawn with the licence.

A credential's number is its place in a status list: the high bits name the list, the low ones are
shuffled within it, so that neighbouring places tell nothing of neighbouring people.
"""

import asyncio
import contextlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import structlog

from backend.numbers.service import Holder
from backend.presentation import sdjwt, statuslist
from backend.presentation.errors import (
    HolderKeyRefused,
    LicenceNotValid,
    OfflineForbidden,
    StatusListUnknown,
    TooManyCredentials,
)
from backend.presentation.facts import VCT, Fact, facts_of
from backend.presentation.jose import key_of
from backend.presentation.keys import Algorithm, IssuerKeys
from backend.presentation.models import Credential
from backend.presentation.reasons import Refused
from backend.presentation.statuslist import PLACES, Status
from backend.store.keyring import BlindIndex
from backend.store.redis import Redis
from backend.wallet.service import (
    STATUS_LABELS,
    Card,
    Licence,
    LicenceStatus,
    Part,
    china_day,
)

log = structlog.get_logger("presentation")

LISTS = "/api/v1/public/verification/status-lists"
# A verifier without a network may rely on a list for a day; one with a network asks every minute.
LIST_LIFE_S, LIST_TTL_S = 86_400, 60
# How long a signed list is served before it is signed anew, changed or not.
_LIST_KEPT_S = 30
MOST_PHONES = 20
# Answers of issuers are looked at together, so many seconds after the first.
_GATHERING_S = 0.25
_HALF_BITS = 8
_HOUR = 3600
_FOR_GOOD = frozenset(LicenceStatus) - {
    LicenceStatus.VALID, LicenceStatus.SUSPENDED, LicenceStatus.LOST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential for a phone.

    Attributes:
        number: its place in the lists.
        credential: SD-JWT with all its disclosures; the phone keeps it and shows parts of it.
        expires_at, renew_after: Unix times.
    """

    number: int
    credential: str
    facts: list[Fact]
    expires_at: int
    renew_after: int


def place_of(number: int, secret: bytes) -> tuple[int, int]:
    """List and place of a credential: a small Feistel network over the low 16 bits."""
    shard, low = divmod(number, PLACES)
    left, right = low >> _HALF_BITS, low & 0xFF
    for turn in range(4):
        mixed = hmac.digest(secret, b"%d:%d:%d" % (shard, turn, right), "sha256")[0]
        left, right = right, left ^ mixed
    return shard, left << _HALF_BITS | right


class Credentials:
    """Issues them, and says which of them stand no longer.

    Args:
        origin: of the platform as verifiers reach it, ``https://host``.
        secret: the gateway's, to shuffle places with.
        clock: gives Unix time.
    """

    def __init__(
        self, redis: Redis, index: BlindIndex, keys: IssuerKeys, origin: str, secret: bytes,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._redis, self._index, self._keys, self._origin = redis, index, keys, origin
        self._secret = hmac.digest(secret, b"places of status lists", "sha256")
        self._clock = clock
        self._answers: dict[tuple[str, str], Part] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def issue(self, card: Card, holder_key: Mapping[str, Any]) -> Issued:
        """A credential of a valid licence, bound to a phone's key.

        Args:
            holder_key: public JWK.

        Raises:
            LicenceNotValid: it is not; OfflineForbidden: its type is kept on no phone.
            HolderKeyRefused: nothing can be bound to such a key.
            TooManyCredentials: as many are out as one person has phones.
        """
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        if not card.kind.presentation.offline:
            raise OfflineForbidden
        jwk = _checked(holder_key)
        now = int(self._clock())
        spec, licence = card.kind.presentation, card.licence
        signer = self._keys.signer(spec.alg)
        expires = min(now + spec.days * 86_400, licence.expires_after(now))
        number = await self._numbered(card, now, expires)
        claims = self._claims(card, jwk, now, expires, self._reference(number, spec.alg))
        facts = facts_of(card, china_day(now))
        credential = sdjwt.issue(claims, {fact.name: fact.value for fact in facts}, signer)
        return Issued(number, credential, facts, expires, now + (expires - now) // 2)

    async def withdraw(self, number: int) -> None:
        """Make a credential invalid for good."""
        await Credential.filter(id=number).update(status=Status.INVALID)
        await self._redis.incr(_version_key(place_of(number, self._secret)[0]))

    def _claims(
        self, card: Card, jwk: Mapping[str, Any], now: int, expires: int, status: dict[str, Any]
    ) -> dict[str, Any]:
        """What every verifier sees: nothing personal, no moment that tells people apart."""
        return {
            "iss": self._keys.issuer,
            "vct": VCT + card.licence.type_code,
            "type_name": card.kind.name,
            "issuing_authority": card.licence.issuer_name,
            "iat": now // _HOUR * _HOUR,
            "nbf": now // _HOUR * _HOUR,
            "exp": expires,
            "as_of": card.as_of // _HOUR * _HOUR,
            "cnf": {"jwk": jwk},
            "status": {"status_list": status},
        }

    async def _numbered(self, card: Card, now: int, expires: int) -> int:
        index = self._holder_index(card.licence.holder_code_type, card.licence.holder_code)
        moment = datetime.fromtimestamp(now, UTC)
        live = Credential.filter(
            holder_index=index, system_code=card.system.code, licence_id=card.licence.id,
            status=Status.VALID, expires_at__gt=moment,
        )  # fmt: skip
        if await live.count() >= MOST_PHONES:
            raise TooManyCredentials
        row = await Credential.create(
            holder_index=index, system_code=card.system.code, licence_id=card.licence.id,
            version=card.licence.version, expires_at=datetime.fromtimestamp(expires, UTC),
        )  # fmt: skip
        return int(row.id)

    def _reference(self, number: int, algorithm: Algorithm) -> dict[str, Any]:
        shard, place = place_of(number, self._secret)
        return {"idx": place, "uri": f"{self._origin}{LISTS}/{_list_name(shard, algorithm)}"}

    def _holder_index(self, code_type: str, code: str) -> str:
        return self._index.of("presentation-holder", f"{code_type}:{code}")[:32]

    # What issuers say (``backend.wallet.service.Watcher``)

    def heard(self, holder: Holder, parts: Mapping[str, Part]) -> None:
        """Look at answers of issuers, together with those of the next moment."""
        index = self._holder_index(holder.code_type, holder.code)
        for system, part in parts.items():
            known = self._answers.get((index, system))
            if known is None or known.order < part.order:
                self._answers[index, system] = part
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later())

    async def noticed(self, holder: Holder, system: str, part: Part) -> None:
        """Look at a notice at once: it is acknowledged when the lists say so."""
        index = self._holder_index(holder.code_type, holder.code)
        await self._take_in({(index, system): part})

    async def close(self) -> None:
        """Look at what is still waiting."""
        if self._flushing is not None:
            self._flushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flushing
        await self._flush()

    async def _flush_later(self) -> None:
        await asyncio.sleep(_GATHERING_S)
        await self._flush()

    async def _flush(self) -> None:
        answers, self._answers = self._answers, {}
        try:
            await self._take_in(answers)
        except Exception as error:  # noqa: BLE001 (a broken store must not end what asked)
            log.error("presentation.withdrawal_failed", error=type(error).__name__)

    async def _take_in(self, answers: Mapping[tuple[str, str], Part]) -> None:
        """Bring the live credentials of these holders to what their issuers say."""
        if not answers:
            return
        now = datetime.fromtimestamp(self._clock(), UTC)
        rows = await Credential.filter(
            holder_index__in=sorted({index for index, _ in answers}),
            status__not=Status.INVALID, expires_at__gt=now,
        )  # fmt: skip
        changed = set()
        for row in rows:
            part = answers.get((row.holder_index, row.system_code))
            if part is not None and await self._set(row, part):
                changed.add(place_of(row.id, self._secret)[0])
        for shard in changed:
            await self._redis.incr(_version_key(shard))

    async def _set(self, row: Credential, part: Part) -> bool:
        """Set a credential's status; an older word than the last one changes nothing."""
        stands = standing(row.licence_id, row.version, part)
        moved = await Credential.filter(
            id=row.id, revision__lte=part.revision, status__not=Status.INVALID
        ).update(status=stands, revision=part.revision)
        return bool(moved) and stands != row.status

    # Lists

    async def status_list(self, name: str) -> str:
        """A signed list, at most seconds after the last withdrawal.

        Args:
            name: as credentials refer to it.

        Raises:
            StatusListUnknown: there is none of that name.
        """
        shard, algorithm = _list_of(name)
        keys = [_version_key(shard), _kept_key(shard, algorithm)]
        version, kept = cast(list[bytes | None], await cast(Any, self._redis).mget(*keys))
        mark = (version or b"0") + b" "
        if kept is not None and kept.startswith(mark):
            return kept[len(mark) :].decode()
        token = await self._signed(shard, algorithm)
        await self._redis.set(keys[1], mark + token.encode(), ex=_LIST_KEPT_S)
        return token

    async def list_names(self) -> list[str]:
        """The lists of all credentials that have not expired; what an off-line verifier fetches."""
        live = Credential.filter(expires_at__gt=datetime.fromtimestamp(self._clock(), UTC))
        first = await live.order_by("id").first()
        if first is None:
            return []
        last = await live.order_by("-id").first()
        shards = range(first.id // PLACES, (last or first).id // PLACES + 1)
        return [_list_name(shard, kind) for shard in shards for kind in self._keys.algorithms]

    async def _signed(self, shard: int, algorithm: Algorithm) -> str:
        first, now = shard * PLACES, int(self._clock())
        of_shard = Credential.filter(id__gte=first, id__lt=first + PLACES)
        if not await of_shard.exists():
            raise StatusListUnknown
        rows = await of_shard.filter(
            status__not=Status.VALID, expires_at__gt=datetime.fromtimestamp(now, UTC)
        ).values_list("id", "status")
        places = {place_of(number, self._secret)[1]: status for number, status in rows}
        return statuslist.signed(
            f"{self._origin}{LISTS}/{_list_name(shard, algorithm)}", places,
            self._keys.signer(algorithm), now=now, life_s=LIST_LIFE_S, ttl_s=LIST_TTL_S,
        )  # fmt: skip

    async def purge(self) -> int:
        """Forget credentials that expired more than a day ago; says how many."""
        before = datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=1)
        return await Credential.filter(expires_at__lt=before).delete()


def standing(licence_id: str, version: str, part: Part) -> Status:
    """What an issuer's word makes of a credential of this licence and version."""
    licence = next((each for each in part.licences if each.id == licence_id), None)
    if licence is None or licence.version != version or _is_over(licence):
        return Status.INVALID
    return Status.VALID if licence.status is LicenceStatus.VALID else Status.SUSPENDED


def _is_over(licence: Licence) -> bool:
    return licence.status in _FOR_GOOD


def _checked(holder_key: Mapping[str, Any]) -> dict[str, str]:
    try:
        key_of(dict(holder_key))
    except Refused:
        raise HolderKeyRefused from None
    return {name: holder_key[name] for name in ("kty", "crv", "x", "y") if name in holder_key}


def _list_name(shard: int, algorithm: Algorithm) -> str:
    return f"{shard}-{algorithm}"


def _list_of(name: str) -> tuple[int, Algorithm]:
    number, _, algorithm = name.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 12):
        raise StatusListUnknown
    if algorithm == "ed25519":
        return int(number), "ed25519"
    if algorithm == "sm2":
        return int(number), "sm2"
    raise StatusListUnknown


def _version_key(shard: int) -> str:
    return f"sl:{{{shard}}}:version"


def _kept_key(shard: int, algorithm: Algorithm) -> str:
    return f"sl:{{{shard}}}:{algorithm}"
