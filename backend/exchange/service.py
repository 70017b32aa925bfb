"""Registered systems: the one way in which the platform knows a department, and calls it."""

import asyncio
import hashlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.catalogue.service import Catalogue
from backend.exchange.authentication import Doorkeeper
from backend.exchange.documents import yaml_of
from backend.exchange.errors import AddressRefused
from backend.exchange.interface import provider_interface
from backend.exchange.manifest import (
    OPERATION_NAMES,
    AddressKind,
    Key,
    Line,
    Manifest,
    SectionSpec,
    load_manifest,
    parse_document,
    parse_key,
    parse_manifest,
)
from backend.exchange.manifest_faces import FACE_WIDTH, FaceLayout, FacePlace
from backend.exchange.manifest_licences import LicenceTypeSpec
from backend.exchange.manifest_presentation import PredicateSpec
from backend.exchange.manifest_resources import FITS as ITEM_FITS
from backend.exchange.manifest_resources import (
    DataItem,
    DataResourceSpec,
    ShareConditions,
    address_code,
)
from backend.exchange.manifest_schema import manifest_schema
from backend.exchange.manifest_types import Audience, ValueFormat
from backend.exchange.models import RegisteredSystem, RevokedKey
from backend.exchange.standing import States
from backend.exchange.taken import refuse_taken, taken_codes
from backend.exchange.targets import target_of
from backend.exchange.windows import Window, Windows
from backend.mistakes import readable
from backend.store.redis import HotLink, Redis, ask_one_by_one
from backend.upstream.addresses import Addresses, AddressForbidden, IPNetwork, host_of
from backend.upstream.connector import Connector, LineState, Target
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamMaintenance, UpstreamSuspended
from backend.upstream.signing import PublicKey, public_key

__all__ = [
    "FACE_WIDTH",
    "ITEM_FITS",
    "OPERATION_NAMES",
    "AddressKind",
    "Audience",
    "DataItem",
    "DataResourceSpec",
    "Doorkeeper",
    "Exchange",
    "FaceLayout",
    "FacePlace",
    "Key",
    "LicenceTypeSpec",
    "Line",
    "LineState",
    "Manifest",
    "PredicateSpec",
    "ProviderSystem",
    "SectionSpec",
    "ShareConditions",
    "ValueFormat",
    "Window",
    "address_code",
    "load_manifest",
    "manifest_schema",
    "parse_document",
    "parse_key",
    "parse_manifest",
    "provider_interface",
    "readable",
    "taken_codes",
    "yaml_of",
]


@dataclass(frozen=True, slots=True)
class ProviderSystem:
    """接入系统 as the rest of the platform sees it.

    Attributes:
        suspended: the words for people while it may not be called.
        windows: when it rests, now or to come.
    """

    manifest: Manifest
    target: Target
    suspended: str | None = None
    windows: tuple[Window, ...] = ()

    @property
    def code(self) -> str:
        """Its stable code, ``gd-gongan``."""
        return self.manifest.system.code

    @property
    def name(self) -> str:
        """Its full Chinese name."""
        return self.manifest.system.name

    @property
    def short_name(self) -> str:
        """The name that people use, 公安厅."""
        return self.manifest.system.short_name

    def offers(self, operation: str) -> bool:
        """Whether it implements this operation of the provider interface."""
        return operation in self.target.operations


@dataclass(frozen=True, slots=True)
class _Held:
    """A registration as it was read last."""

    revision: object
    manifest: Manifest
    suspended: str | None


_READ_AT_ONCE = 50


class Exchange:
    """Knows the registered systems and calls them.

    Args:
        allow_private: True in the sandbox, where systems answer on loopback addresses.
        hot: the multiplexed link; without one the door asks through the ordinary client.
        networks: private networks on which systems may be called outside the sandbox, too.
    """

    def __init__(
        self,
        connector: Connector,
        catalogue: Catalogue,
        redis: Redis,
        allow_private: bool,
        hot: HotLink | None = None,
        networks: Sequence[IPNetwork] = (),
    ) -> None:
        self._connector, self._catalogue = connector, catalogue
        self._addresses = Addresses(allow_private, networks=networks)
        ask = hot.ask if hot else partial(ask_one_by_one, redis)
        self._door = Doorkeeper(redis, ask, self._owner)
        self._states = States(redis)
        self._systems: dict[str, ProviderSystem] = {}
        self._suspended: Mapping[str, str] = {}
        self._keys: dict[str, tuple[str, PublicKey]] = {}
        self._types: dict[str, LicenceTypeSpec] = {}
        self._revoked: frozenset[str] = frozenset()
        self._generation: list[object] = []
        self._read: dict[str, _Held] = {}
        self.maintenance = Windows()

    async def register(self, manifest: Manifest) -> bool:
        """Register a system or replace its registration; the only path by which one gets in.

        Returns:
            False when this very manifest is registered already.

        Raises:
            AddressRefused: its address is private and this is no sandbox.
            KeyTaken, CodesTaken: a key id or a code belongs to another system.
            CatalogueError: a service item breaks a publication check or is another system's.
        """
        self.check_address(manifest.endpoints.production.base_url)
        raw = manifest.model_dump(mode="json")
        digest = hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()
        code = manifest.system.code
        known = await RegisteredSystem.get_or_none(code=code)
        if known is not None and known.digest == digest:
            return False
        async with in_transaction():
            # Whoever publishes at the same moment waits here for the other, so what is looked at
            # afterwards is all there is.
            await self._catalogue.replace_items(manifest.system, manifest.service_items)
            await refuse_taken(manifest)
            await RegisteredSystem.update_or_create(
                code=code,
                defaults={
                    "digest": digest,
                    "revision": known.revision + 1 if known else 1,
                    "manifest": {**raw, "service_items": []},
                },
            )
        return True

    async def rekey(self, code: str, keys: Sequence[Key]) -> None:
        """Let a registered system sign with these keys and no others, from the next reload on."""
        async with in_transaction():
            row = await RegisteredSystem.get(code=code)
            row.manifest = {**row.manifest, "keys": [key.model_dump(mode="json") for key in keys]}
            row.revision += 1
            await row.save(update_fields=["manifest", "revision", "updated_at"])

    async def suspend(self, code: str, words: str | None) -> None:
        """Call a system no more and say these words instead; None lets it be called again."""
        await RegisteredSystem.filter(code=code).update(suspended=words, revision=F("revision") + 1)

    async def withdraw(self, code: str) -> None:
        """Take a system and its service items out of service."""
        async with in_transaction():
            await self._catalogue.withdraw_items(code)
            await RegisteredSystem.filter(code=code).delete()

    def check_address(self, base_url: str) -> None:
        """Refuse an address at which no system may be called.

        Raises:
            AddressRefused: it is of this machine or a private range, and this is no sandbox.
        """
        host = host_of(base_url)
        try:
            self._addresses.check_host(host)
        except AddressForbidden as forbidden:
            raise AddressRefused(host, forbidden.reason) from None

    async def reload(self) -> bool:
        """Read the registrations if any changed since the last time; True when they had."""
        rows = RegisteredSystem.all().order_by("code")
        # A system that left and came back counts its revisions anew; hence the time beside them.
        generation = await rows.values_list("code", "revision", "updated_at")
        windows = await self.maintenance.list()
        kept = await RevokedKey.all().values_list("id", flat=True)
        revoked = await self._door.revoked() | frozenset(str(key_id) for key_id in kept)
        found = [*generation, *(window.id for window in windows)]
        if found == self._generation and revoked == self._revoked:
            return False
        await self._read_changed({str(code): (number, at) for code, number, at in generation})
        systems = {}
        for code, held in sorted(self._read.items()):
            rests = tuple(window for window in windows if window.system == code)
            target = target_of(held.manifest, revoked=revoked)
            systems[code] = ProviderSystem(held.manifest, target, held.suspended, rests)
        self._systems = systems
        self._suspended = {
            code: system.suspended for code, system in systems.items() if system.suspended
        }
        self._keys = {
            key.id: (code, public_key(key.alg, key.public))
            for code, system in systems.items()
            for key in system.manifest.keys
        }
        self._revoked = self._door.known_revoked = revoked
        self._types = {
            kind.code: kind for system in systems.values() for kind in system.manifest.licence_types
        }
        self._generation = found
        return True

    async def _read_changed(self, revisions: Mapping[str, object]) -> None:
        """Read and parse what changed, and no more: with hundreds of systems, one changes.

        The event loop gets its turn after each of them, so that requests do not wait for all.
        """
        self._read = {code: held for code, held in self._read.items() if code in revisions}
        known = self._read
        changed = [
            code for code, number in revisions.items()
            if code not in known or known[code].revision != number
        ]  # fmt: skip
        for start in range(0, len(changed), _READ_AT_ONCE):
            some = changed[start : start + _READ_AT_ONCE]
            for row in await RegisteredSystem.filter(code__in=some):
                manifest = parse_manifest(row.manifest, row.code)
                read = (row.revision, row.updated_at)
                known[row.code] = _Held(read, manifest, row.suspended)
                await asyncio.sleep(0)

    @property
    def generation(self) -> object:
        """Another object after each ``reload`` that found a change."""
        return self._generation

    def systems(self) -> list[ProviderSystem]:
        """All registered systems, ordered by code."""
        return list(self._systems.values())

    def system(self, code: str) -> ProviderSystem | None:
        """The system of that code, or None."""
        return self._systems.get(code)

    def suspended(self) -> Mapping[str, str]:
        """Codes of systems that may not be called at present → the words for people."""
        return self._suspended

    def with_operation(self, operation: str) -> list[ProviderSystem]:
        """The systems that implement an operation of the provider interface."""
        return [system for system in self._systems.values() if system.offers(operation)]

    def issuers(self, audience: Audience) -> list[ProviderSystem]:
        """The systems that issue a type of licence to this audience."""
        return [
            system
            for system in self.with_operation("licences.query")
            if any(kind.audience == audience for kind in system.manifest.licence_types)
        ]

    def licence_type(self, code: str) -> LicenceTypeSpec | None:
        """The registered licence type of that code, or None."""
        return self._types.get(code)

    def sections(self, audience: Audience) -> list[tuple[ProviderSystem, SectionSpec]]:
        """The sections of the home page for this audience, in their order."""
        found = [
            (system, section)
            for system in self._systems.values()
            for section in system.manifest.sections
            if section.audience == audience
        ]
        return sorted(found, key=lambda pair: pair[1].order)

    def call(
        self,
        system: ProviderSystem,
        operation: str,
        payload: Mapping[str, object],
        deadline: Deadline,
        trace: str = "",
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Call a system.

        Raises:
            UpstreamError: no answer that can be used; see ``backend.upstream.errors``.
        """
        if system.suspended is not None:
            raise UpstreamSuspended(system.code, system.suspended)
        for window in system.windows:
            if window.covers(self.maintenance.clock()):
                raise UpstreamMaintenance(system.code, window.ends_at, window.words)
        return self._connector.call(system.target, operation, payload, deadline, trace)

    def places(self, system: ProviderSystem, operation: str) -> int:
        """How many calls of an operation may wait at once, from this process; at least 1."""
        return self._connector.places(system.target, operation)

    async def authenticate(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> ProviderSystem:
        """The registered system that signed a request (RFC 9421), once per nonce.

        Raises:
            SignatureInvalid: it is not let in; each reason has a class of its own.
        """
        return self._systems[await self._door.admit(method, path, query, headers, body)]

    def own_states(self) -> list[LineState]:
        """How every operation that this worker has called stands."""
        return self._connector.states()

    async def share_states(self) -> None:
        """Let every worker's console see how the systems stand in this one, for ten seconds."""
        await self._states.share(self.own_states())

    async def states(self) -> list[LineState]:
        """How every operation of every system stands, in each worker that has called it."""
        return await self._states.read()

    async def revoke_key(self, key_id: str) -> None:
        """Let a key open nothing from now on, on any worker; ``reload`` then drops it for answers.

        Whoever keeps the list of a system's keys takes it out there as well.
        """
        await RevokedKey.get_or_create(id=key_id)
        await self._door.revoke(key_id)

    def _owner(self, key_id: str) -> tuple[str, PublicKey] | None:
        return self._keys.get(key_id)
