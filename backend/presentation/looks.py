"""Looks of others at a licence: kept before anything is shown, told to the holder, read by them.

A look is written to a stream in Redis before the answer leaves, since a row of a database takes ten
times as long; one worker at a time brings the streams into the database: usage log, audit and
message in one transaction with how far it has read, so that nothing is lost or told twice.

A look of which nothing was shown after all is taken back by a second entry behind it. Deleting the
first would do nothing where the worker is bringing it in at that very moment.
"""

import base64
import time
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import ANONYMOUS, Audit, person, system
from backend.jobs.service import Queue, queue_of_streams
from backend.messages.service import Messages
from backend.presentation.errors import CursorRefused
from backend.presentation.models import LicenceUsage, UsageCursor, context
from backend.store.keyring import KeyRing
from backend.store.redis import HotLink, Redis

PAGE = 20
BATCH = 500
STREAMS = 8
MOST_SEARCHED = 1000
_CHUNK = 500
_MOST_COUNTED = 2000
_BEIJING_H = 8
# The field of an entry by what it is; sealed for that alone, so that none passes for the other.
_LOOK, _TAKEN_BACK = "d", "t"
_SEALED_AS = {_LOOK: b"licence-look", _TAKEN_BACK: b"licence-look-taken-back"}


class Look(NamedTuple):
    """One look at a licence.

    Attributes:
        subject: whose licence it is; shower: tag of the person who is told, empty for nobody.
        at: Unix time in ms.
        how: ``code``, ``confirmed`` or ``grant``.
        verifier_kind: ``system``, ``person`` or ``public``; verifier_id: code or person id.
        verifier: who looked, as the holder is told.
        fields: name and label of each fact that was seen; never a value.
    """

    id: str
    subject: str
    shower: str
    licence_id: str
    type_code: str
    type_name: str
    at: int
    how: str
    verifier_kind: str
    verifier_id: str
    verifier: str
    purpose: str
    fields: Sequence[Sequence[str]]
    grant: str = ""

    @property
    def moment(self) -> datetime:
        """When it was."""
        return datetime.fromtimestamp(self.at / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """A look as its holder reads it."""

    id: UUID
    at: datetime
    licence_id: str
    type_code: str
    type_name: str
    how: str
    verifier_kind: str
    verifier_id: str
    verifier: str
    purpose: str
    fields: Sequence[Sequence[str]]
    grant_id: UUID | None


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which looks a list shows; None leaves a condition out.

    Attributes:
        since, until: from the one on, before the other.
        words: stand in the purpose or in the name of whoever looked; both are sealed, so that this
            is looked for in the newest ``MOST_SEARCHED`` that meet the other conditions.
    """

    licence_id: str | None = None
    type_code: str | None = None
    how: str | None = None
    verifier_kind: str | None = None
    grant_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None

    def conditions(self) -> dict[str, Any]:
        """Of the query."""
        named = {"since": "at__gte", "until": "at__lt"}
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "words"}
        return {named.get(name, name): value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class UsagePage:
    """A page of them, newest first."""

    usages: Sequence[Usage]
    next_cursor: str | None


def person_of(subject: str) -> UUID:
    """The id of a person by their tag."""
    return UUID(bytes=base64.urlsafe_b64decode(subject + "=="))


def person_id(subject: str) -> str:
    """The same as text."""
    digits = base64.urlsafe_b64decode(subject + "==").hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def stream_of(subject: str) -> str:
    """The stream of a person's looks; each lies in a slot of its own."""
    return f"looks:{{{zlib.crc32(subject.encode()) % STREAMS}}}"


class Looks:
    """Writes looks down, brings them into the database and shows them to their holders."""

    def __init__(
        self, hot: HotLink, redis: Redis, keyring: KeyRing, audit: Audit, messages: Messages
    ) -> None:
        self._hot, self._redis, self._keyring = hot, redis, keyring
        self._audit, self._messages = audit, messages

    def entry(self, look: Look) -> tuple[str | bytes, ...]:
        """The command by which Redis keeps a look; it is safe when that is answered."""
        return self._added(look, _LOOK)

    def _added(self, look: Look, field: str) -> tuple[str | bytes, ...]:
        sealed = self._keyring.seal(orjson.dumps(tuple(look)), _SEALED_AS[field])
        return "XADD", stream_of(look.subject), "*", field, sealed

    async def write(self, look: Look) -> None:
        """Keep a look; nothing may be shown before this returns."""
        await self._hot.ask(self.entry(look))

    async def take_back(self, look: Look) -> None:
        """Say of a look that was kept that nothing was shown after all."""
        await self._hot.ask(self._added(look, _TAKEN_BACK))

    async def keep(self, looks: Sequence[Look]) -> None:
        """Keep looks in the database at once; inside a transaction they are kept with it."""
        await self._keep({look.id: look for look in looks})

    async def drain(self) -> int:
        """Bring the streams into the database; says how many looks there were."""
        total = 0
        for number in range(STREAMS):
            read = BATCH
            while read == BATCH:
                read, looks = await self._drain_one(f"looks:{{{number}}}")
                total += looks
        return total

    async def backlog(self) -> Queue:
        """What lies in the streams."""
        streams = [f"looks:{{{number}}}" for number in range(STREAMS)]
        return await queue_of_streams("presentation.looks", self._hot, streams, time.time())

    async def _drain_one(self, stream: str) -> tuple[int, int]:
        """Says how many entries were read, and how many looks remained of them."""
        cursor, _ = await UsageCursor.get_or_create(stream=stream)
        redis = cast(Any, self._redis)
        raw = await redis.xrange(stream, f"({cursor.last_id}", "+", BATCH)
        if not raw:
            return 0, 0
        last = raw[-1][0].decode()
        entries = [values for _, values in raw]
        taken_back = self._opened(entries, _TAKEN_BACK)
        looks = self._opened(entries, _LOOK)
        looks = {each: look for each, look in looks.items() if each not in taken_back}
        async with in_transaction():
            # Whoever comes second waits here, and then finds that it was read already.
            moved = await UsageCursor.filter(stream=stream, last_id=cursor.last_id).update(
                last_id=last
            )
            if moved:
                await self._keep(looks)
                await self._correct(taken_back)
        milliseconds, _, number = last.partition("-")
        await redis.xtrim(stream, minid=f"{milliseconds}-{int(number) + 1}", approximate=False)
        return len(raw), len(looks)

    def _opened(self, entries: Sequence[Mapping[bytes, bytes]], field: str) -> dict[str, Look]:
        """The looks in the entries of one kind, by their ids."""
        found = [
            Look(*orjson.loads(self._keyring.open(values[field.encode()], _SEALED_AS[field])))
            for values in entries
            if field.encode() in values
        ]
        return {look.id: look for look in found}

    async def _keep(self, looks: dict[str, Look]) -> None:
        # A command to Redis whose answer got lost is sent again: the same look may lie there twice.
        ids = [UUID(each) for each in looks]
        known = set(await LicenceUsage.filter(id__in=ids).values_list("id", flat=True))
        new = [look for look in looks.values() if UUID(look.id) not in known]
        await LicenceUsage.bulk_create([self._row(look) for look in new])
        for look in new:
            await self._audit.record(
                _actor(look), "presentation.look", _about(look),
                {
                    "licence": look.licence_id, "licence_type": look.type_code, "how": look.how,
                    "receipt": look.id, "fields": ",".join(name for name, _ in look.fields),
                },
            )  # fmt: skip
            if look.shower:
                await self._messages.post(person_of(look.shower), "licence_shown", *_told(look))

    async def _correct(self, taken_back: Mapping[str, Look]) -> None:
        """Put right what an earlier run had brought in before it was taken back."""
        for look in taken_back.values():
            if not await LicenceUsage.filter(id=UUID(look.id)).delete():
                continue
            await self._audit.record(
                _actor(look), "presentation.look_taken_back", _about(look),
                {"licence": look.licence_id, "receipt": look.id},
            )  # fmt: skip
            if look.shower:
                told = _told_otherwise(look)
                await self._messages.post(person_of(look.shower), "licence_shown", *told)

    def _row(self, look: Look) -> LicenceUsage:
        return LicenceUsage(
            id=UUID(look.id), subject=look.subject, licence_id=look.licence_id,
            type_code=look.type_code, type_name=look.type_name, at=look.moment, how=look.how,
            verifier_kind=look.verifier_kind, verifier_id=look.verifier_id,
            verifier=self._keyring.seal_text(look.verifier, context(UUID(look.id), "verifier")),
            purpose=self._keyring.seal_text(look.purpose, context(UUID(look.id), "purpose")),
            fields_shown=[list(pair) for pair in look.fields],
            grant_id=UUID(look.grant) if look.grant else None,
        )  # fmt: skip

    async def page(
        self,
        subject: str,
        licence_id: str | None,
        cursor: str | None,
        limit: int = PAGE,
        wanted: UsageFilter | None = None,
    ) -> UsagePage:
        """Looks at somebody's licences, newest first.

        Raises:
            CursorRefused: not a cursor of ours.
        """
        found = LicenceUsage.filter(subject=subject)
        if licence_id is not None:
            found = found.filter(licence_id=licence_id)
        if wanted is not None:
            found = found.filter(**wanted.conditions())
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor))
        if wanted is not None and wanted.words:
            return await self._searched(found, wanted.words, limit)
        rows = await found.order_by("-id").limit(limit + 1)
        usages = [self._usage(row) for row in rows[:limit]]
        return UsagePage(usages, str(usages[-1].id) if len(rows) > limit else None)

    async def _searched(self, found: QuerySet[LicenceUsage], words: str, limit: int) -> UsagePage:
        usages: list[Usage] = []
        seen: LicenceUsage | None = None
        for row in await found.order_by("-id").limit(MOST_SEARCHED):
            if len(usages) == limit:
                return UsagePage(usages, str(seen.id) if seen is not None else None)
            seen, usage = row, self._usage(row)
            if words in usage.purpose or words in usage.verifier:
                usages.append(usage)
        return UsagePage(usages, None)

    async def one(self, subject: str, usage_id: UUID) -> Usage | None:
        """One look at somebody's licences, or None."""
        row = await LicenceUsage.get_or_none(id=usage_id, subject=subject)
        return None if row is None else self._usage(row)

    async def looked_at(
        self, systems: Sequence[str], type_code: str | None, since: datetime, until: datetime
    ) -> list[tuple[UUID, str]]:
        """Looks of these systems in a time: their ids and whose licences they saw."""
        found = LicenceUsage.filter(
            verifier_kind="system", verifier_id__in=list(systems), at__gte=since, at__lt=until
        )
        if type_code is not None:
            found = found.filter(type_code=type_code)
        rows = await found.order_by("-at").limit(_MOST_COUNTED).values_list("id", "subject")
        return [(UUID(str(row[0])), str(row[1])) for row in rows]

    async def all(self, subject: str) -> AsyncIterator[Sequence[Usage]]:
        """Every one of them, newest first, so many at a time."""
        cursor: str | None = None
        while True:
            page = await self.page(subject, None, cursor, _CHUNK)
            yield page.usages
            cursor = page.next_cursor
            if cursor is None:
                return

    def _usage(self, row: LicenceUsage) -> Usage:
        return Usage(
            row.id, row.at, row.licence_id, row.type_code, row.type_name, row.how,
            row.verifier_kind, row.verifier_id,
            self._keyring.open_text(row.verifier, context(row.id, "verifier")),
            self._keyring.open_text(row.purpose, context(row.id, "purpose")),
            row.fields_shown, row.grant_id,
        )  # fmt: skip


def _actor(look: Look) -> str:
    if look.verifier_kind == "system":
        return system(look.verifier_id)
    return person(look.verifier_id) if look.verifier_kind == "person" else ANONYMOUS


def _about(look: Look) -> str:
    is_enterprise = look.subject.startswith("e") and len(look.subject) > 22
    if is_enterprise:
        return f"enterprise:{look.subject}"
    return person(person_of(look.shower)) if look.shower else f"holder:{look.subject}"


def _told(look: Look) -> tuple[str, str]:
    seen = "、".join(label for _, label in look.fields) or "证照是否有效"
    text = (
        f"{_when(look)}，{look.verifier}查看了您的"
        f"{look.type_name}。用途：{look.purpose}。看到的内容：{seen}。回执编号：{look.id}。"
        "如非您本人出示，请到“用证记录”核对，或拨打 12345。"
    )
    return f"您的{look.type_name}被查看", text


def _told_otherwise(look: Look) -> tuple[str, str]:
    text = (
        f"更正：{_when(look)}，{look.verifier}没有看成您的{look.type_name}，什么也没有看到。"
        f"前面说已被查看的那条消息不算，用证记录里也去掉了。回执编号：{look.id}。"
    )
    return f"更正：您的{look.type_name}没有被查看", text


def _when(look: Look) -> str:
    beijing = look.moment + timedelta(hours=_BEIJING_H)
    return f"{beijing.month}月{beijing.day}日 {beijing:%H:%M}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CursorRefused from None
