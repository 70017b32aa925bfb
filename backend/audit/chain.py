"""The audit's chain: shows afterwards that no entry was changed, removed or put in.

An entry is written within the transaction of what it tells of, beside a thousand others, and must
wait for none of them. So entries are not linked as they are written: a job of the worker links
what lies there unlinked, in one order, and signs where it got to. Until then, a minute or so, an
entry is protected by the database alone. The signature is of the gateway's key, which the database
does not hold, and each end of the chain also stands in the worker's log: one that is kept elsewhere
shows whether the end was cut off.
"""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.hashes import SM3, Hash
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Subquery
from tortoise.transactions import in_transaction

from backend.audit.models import AuditAnchor, AuditEntry, AuditLink
from backend.store.ids import least_uuid7
from backend.upstream.signing import PublicKey, SigningKey

CHUNK = 1000
# An entry becomes visible when its transaction ends; none of them takes anywhere near as long.
LATEST = timedelta(hours=1)
_BEGINNING = "0" * 64
_LABEL = "shengshitong audit anchor 1"

What = Literal["changed", "removed", "link_removed", "put_in", "rewritten", "unanchored", "cut_off"]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which the chain does not hold.

    Attributes:
        position: in the chain; 0 for an entry that stands outside it.
        entry: the entry there, where it is known.
    """

    what: What
    position: int
    entry: UUID | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain got to: to be kept elsewhere, and held against it later."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        head: the end of the chain as far as it holds; None when nothing is sealed.
        waiting: entries that are not sealed yet.
        broken: None when everything holds.
    """

    head: Head | None
    waiting: int
    broken: Broken | None


class AuditChain:
    """Seals and verifies audit entries.

    Args:
        key: signs anchors; its public half is known when they are verified.
    """

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    async def seal(self) -> str | None:
        """Link every entry that is not linked yet; the worker does this each minute.

        Returns:
            The new end of the chain, ``position:hash``; None when there was nothing to do.
        """
        head: Head | None = None
        while True:
            try:
                further = await self._seal_some()
            except IntegrityError:  # another worker sealed them in this moment
                further = None
            if further is None:
                return f"{head.position}:{head.hash}" if head else None
            head = further

    async def _seal_some(self) -> Head | None:
        async with in_transaction():
            last = await AuditLink.all().order_by("-position").first()
            position, running = (last.position, last.hash) if last else (0, _BEGINNING)
            entries = await _unlinked(await _horizon())
            if not entries:
                return None
            links = []
            for entry in entries:
                position, running = position + 1, _hash(running, entry)
                links.append(AuditLink(position=position, entry_id=entry.id, hash=running))
            await AuditLink.bulk_create(links)
            signature = base64.b64encode(self._key.sign(_signed(position, running))).decode()
            await AuditAnchor.create(
                position=position, hash=running, key_id=self._key.key_id, signature=signature
            )
        return Head(position, running)

    async def verify(
        self, kept: Head | None = None, keys: Mapping[str, PublicKey] | None = None
    ) -> Verdict:
        """Go over the whole chain, and name the first place at which it does not hold.

        Args:
            kept: an end of the chain as it was told earlier.
            keys: further public keys by id: those of the gateway before it got another.
        """
        known = {self._key.key_id: self._key.public, **(keys or {})}
        # Read before the walk: meanwhile the worker may seal more.
        top = await AuditAnchor.all().order_by("-position").first()
        head: Head | None = None
        async for found in _walk(known, kept):
            if isinstance(found, Broken):
                return Verdict(head, 0, found)
            head = found
        reached = head.position if head else 0
        told = max(top.position if top else 0, kept.position if kept else 0)
        if told > reached:
            return Verdict(head, 0, Broken("cut_off", reached + 1))
        waiting, stranger = await _outside(await _horizon())
        return Verdict(head, waiting, Broken("put_in", 0, stranger) if stranger else None)


async def _walk(known: Mapping[str, PublicKey], kept: Head | None) -> AsyncIterator[Head | Broken]:
    """The chain piece by piece, each held against entries and anchors; ends where it breaks."""
    running, last, anchored = _BEGINNING, 0, 0
    while True:
        links = await AuditLink.filter(position__gt=last).order_by("position").limit(CHUNK)
        if not links:
            if last != anchored:
                yield Broken("unanchored", last)
            return
        ids = [link.entry_id for link in links]
        entries = {entry.id: entry for entry in await AuditEntry.filter(id__in=ids)}
        places = [link.position for link in links]
        anchors = {one.position: one for one in await AuditAnchor.filter(position__in=places)}
        for link in links:
            if link.position != last + 1:
                yield Broken("link_removed", last + 1)
                return
            entry = entries.get(link.entry_id)
            if entry is None:
                yield Broken("removed", link.position, link.entry_id)
                return
            last, running = link.position, _hash(running, entry)
            if running != link.hash:
                yield Broken("changed", last, entry.id)
                return
            anchor = anchors.get(last)
            told_otherwise = kept is not None and kept.position == last and kept.hash != running
            if told_otherwise or (anchor is not None and not _holds(anchor, running, known)):
                yield Broken("rewritten", last, entry.id)
                return
            anchored = last if anchor is not None else anchored
        yield Head(last, running)


def _holds(anchor: AuditAnchor, running: str, known: Mapping[str, PublicKey]) -> bool:
    key = known.get(anchor.key_id)
    if key is None or anchor.hash != running:
        return False
    try:
        signature = base64.b64decode(anchor.signature, validate=True)
    except ValueError:
        return False
    return key.verify(_signed(anchor.position, running), signature)


async def _horizon() -> UUID | None:
    """Entries from this id on may still be unlinked; None when nothing is linked."""
    newest = await AuditLink.all().order_by("-entry_id").first()
    if newest is None:
        return None
    made = datetime.fromtimestamp((newest.entry_id.int >> 80) / 1000, UTC)
    return least_uuid7(made - LATEST)


async def _unlinked(horizon: UUID | None) -> Sequence[AuditEntry]:
    entries, links = AuditEntry.all(), AuditLink.all()
    if horizon is not None:
        entries, links = entries.filter(id__gte=horizon), links.filter(entry_id__gte=horizon)
    missing = entries.exclude(id__in=Subquery(links.values("entry_id")))
    return await missing.order_by("id").limit(CHUNK)


async def _outside(horizon: UUID | None) -> tuple[int, UUID | None]:
    """How many entries wait to be sealed, and the first of those that came in too late to be."""
    waiting, last = 0, UUID(int=0)
    while True:
        found = AuditEntry.filter(id__gt=last).order_by("id").limit(CHUNK)
        ids = [UUID(str(one)) for one in await found.values_list("id", flat=True)]
        if not ids:
            return waiting, None
        linked = await AuditLink.filter(entry_id__in=ids).values_list("entry_id", flat=True)
        for one in sorted(set(ids) - {UUID(str(each)) for each in linked}):
            if horizon is not None and one < horizon:
                return waiting, one
            waiting += 1
        last = ids[-1]


def _hash(before: str, entry: AuditEntry) -> str:
    told = [
        str(entry.id), entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.actor,
        entry.action, entry.subject, entry.detail,
    ]  # fmt: skip
    digest = Hash(SM3())
    digest.update(bytes.fromhex(before) + orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
    return digest.finalize().hex()


def _signed(position: int, running: str) -> bytes:
    return f"{_LABEL}\n{position}\n{running}".encode()
