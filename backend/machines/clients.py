"""Registering programs, letting them in by their signatures, and ending them."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from backend.audit.service import Audit
from backend.enterprise.service import NotRepresentative
from backend.exchange.errors import SIGNATURE_ERRORS
from backend.exchange.service import Doorkeeper
from backend.identity.service import Identity, Level, Session, subject_of
from backend.machines.errors import (
    ClientEnded,
    ClientUnknown,
    KeyRefused,
    QuotaSpent,
    ScopeNotGiven,
    TooManyClients,
)
from backend.machines.models import MachineClient
from backend.members.service import Acting, Members, MembersError, Scope
from backend.store.ids import uuid7
from backend.store.redis import Redis
from backend.store.tries import Mark, Rule, Tries
from backend.upstream.signing import PublicKey, Sm2Unavailable, public_key

MOST_CLIENTS = 10
GIVABLE = (Scope.CASES_READ, Scope.CASES_APPLY)
_DAY_S = 86_400
_CHINA_S = 8 * 3600
_KEY_ID = re.compile(r';keyid="([A-Za-z0-9._-]{1,40})"')
# How the metrics of the door call all of them: an owner's code would be a label without bound.
_OWNER = "enterprise-software"
Ask = Callable[..., Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Client:
    """A program as its enterprise sees it."""

    id: UUID
    name: str
    key_id: str
    alg: str
    scopes: Sequence[Scope]
    daily_quota: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be registered; ``public`` in base64, as in manifests."""

    name: str
    alg: Literal["ed25519", "sm2"]
    public: str
    scopes: Sequence[Scope]
    daily_quota: int


@dataclass(frozen=True, slots=True)
class Calling:
    """A program that signed a request, and in whose right it acts."""

    client: Client
    session: Session
    acting: Acting


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it was signed; ``headers`` by lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Clients:
    """Keeps and admits them.

    Args:
        ask: the answers to commands whose keys lie in one slot, in one round trip.
        clock: gives Unix time.
    """

    def __init__(
        self, redis: Redis, ask: Ask, identity: Identity, members: Members, audit: Audit,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._redis, self._ask, self._tries = redis, ask, Tries(redis)
        self._identity, self._members = identity, members
        self._audit, self._clock = audit, clock

    # By the enterprise

    async def list(self, acting: Acting) -> "list[Client]":
        """The programs of an enterprise, the latest first."""
        rows = MachineClient.filter(uscc=acting.enterprise.uscc, ended_at=None).order_by("-id")
        return [_client(row) for row in await rows]

    async def register(self, acting: Acting, wish: Wish) -> Client:
        """Let a program in by its key; it acts in the right of whoever registers it.

        Raises:
            KeyRefused, TooManyClients.
        """
        try:
            key = public_key(wish.alg, wish.public)
        except (ValueError, Sm2Unavailable):
            raise KeyRefused from None
        if len(await self.list(acting)) >= MOST_CLIENTS:
            raise TooManyClients
        row = await MachineClient.create(
            id=uuid7(), uscc=acting.enterprise.uscc, name=wish.name,
            key_id=f"ent-{secrets.token_hex(12)}", alg=wish.alg, public=key.text,
            scopes=sorted(set(wish.scopes) & set(GIVABLE)), daily_quota=wish.daily_quota,
            given_by=acting.person_id, created_at=self._now(),
        )  # fmt: skip
        await self._record(acting, row, "machines.registered")
        return _client(row)

    async def end(self, acting: Acting, client_id: UUID) -> None:
        """Let it in no more, from its next request on.

        Raises:
            ClientUnknown.
        """
        row = await MachineClient.get_or_none(id=client_id, uscc=acting.enterprise.uscc)
        if row is None or not await MachineClient.filter(id=client_id, ended_at=None).update(
            ended_at=self._now()
        ):
            raise ClientUnknown
        await self._record(acting, row, "machines.ended")

    async def _record(self, acting: Acting, row: MachineClient, action: str) -> None:
        detail = {"client": str(row.id), "scopes": " ".join(row.scopes)}
        await self._audit.record(f"person:{acting.person_id}", action, acting.about, detail)

    # By the program

    async def admit(self, signed: Signed, scope: Scope, trace: str) -> Calling:
        """The program that signed a request (RFC 9421), if it may do this now.

        Raises:
            SignatureInvalid: of ``backend.exchange.errors``, a class for each reason.
            ClientEnded, ScopeNotGiven, QuotaSpent, RegisterUnavailable.
        """
        found = _KEY_ID.search(signed.headers.get("signature-input", ""))
        row = await MachineClient.get_or_none(key_id=found[1]) if found else None
        door = Doorkeeper(self._redis, self._ask, _owner(row))
        await door.admit(signed.method, signed.path, signed.query, signed.headers, signed.body)
        if row is None or row.ended_at is not None:
            raise SIGNATURE_ERRORS["revoked_key"]
        calling = await self._in_whose_right(row, scope, trace)
        await self.spend(calling.client)
        return calling

    async def _in_whose_right(self, row: MachineClient, scope: Scope, trace: str) -> Calling:
        if scope not in row.scopes:
            raise ScopeNotGiven(scope)
        person = await self._identity.named(row.given_by)
        if person is None:
            raise ClientEnded
        session = Session(subject_of(row.given_by), f"m{row.id.hex[:10]}", Level.FACE)
        try:
            acting = await self._members.admit(session, person, row.uscc, scope, trace=trace)
        except (NotRepresentative, MembersError):
            raise ClientEnded from None
        client = _client(row)
        return Calling(client, session, replace(acting, scopes=frozenset(client.scopes)))

    async def spend(self, client: Client, times: int = 1) -> None:
        """Count requests against the quota of a day, for all workers together.

        Raises:
            QuotaSpent: nothing is counted then.
        """
        day = int(self._clock() + _CHINA_S) // _DAY_S
        rule = Rule("machine-day", client.daily_quota, _DAY_S)
        wait = await self._tries.take([Mark(rule, f"{client.id}:{day}")] * times) if times else 0
        if wait:
            raise QuotaSpent(_DAY_S - int(self._clock() + _CHINA_S) % _DAY_S)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _owner(row: MachineClient | None) -> Callable[[str], tuple[str, PublicKey] | None]:
    def of(key_id: str) -> tuple[str, PublicKey] | None:
        if row is None or key_id != row.key_id:
            return None
        return _OWNER, public_key("sm2" if row.alg == "sm2" else "ed25519", row.public)

    return of


def _client(row: MachineClient) -> Client:
    scopes = [Scope(each) for each in row.scopes]
    return Client(row.id, row.name, row.key_id, row.alg, scopes, row.daily_quota, row.created_at)
