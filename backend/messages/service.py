"""What the platform has to tell a person: the inbox inside the app, and pushes out of it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from backend.messages.errors import CursorInvalid, MessageNotFound, TopicUnknown
from backend.messages.kinds import (
    OTHER,
    TOPICS,
    Channel,
    Topic,
    every_kind,
    kinds_of,
    topic_of,
)
from backend.messages.models import Message, context
from backend.messages.preferences import Choice, Preferences, choose, keep_quiet, preferences_of
from backend.messages.pushing import Outside, Pushes
from backend.messages.quiet import QuietHours
from backend.messages.subscriptions import Offer, Subscriptions
from backend.messages.templates import read_templates
from backend.messages.trouble import PushTrouble, Stuck
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing

__all__ = [
    "ALL",
    "TOPICS",
    "Channel",
    "Choice",
    "Headline",
    "Messages",
    "Note",
    "Offer",
    "Outside",
    "Page",
    "Preferences",
    "PushTrouble",
    "Pushes",
    "QuietHours",
    "Sought",
    "Stuck",
    "Subscriptions",
    "Topic",
    "choose",
    "keep_quiet",
    "person_of",
    "preferences_of",
    "read_templates",
    "topic_of",
]

PAGE = 20


@dataclass(frozen=True, slots=True)
class Note:
    """A message, opened.

    Attributes:
        link: where the mini-program goes on; may be empty.
    """

    id: UUID
    kind: str
    title: str
    text: str
    link: str
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Headline:
    """A message by its title."""

    id: UUID
    title: str
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an inbox, newest first.

    Attributes:
        next_cursor: gives the page after this one; None on the last.
        unread: of the whole inbox.
    """

    notes: Sequence[Note]
    next_cursor: str | None
    unread: int


@dataclass(frozen=True, slots=True)
class Sought:
    """Which messages of an inbox; what is not given does not narrow.

    Attributes:
        topic: code of one.
    """

    topic: str | None = None
    unread: bool = False

    def narrowed(self, found: QuerySet[Message]) -> QuerySet[Message]:
        """The query, narrowed.

        Raises:
            TopicUnknown: there is no such topic.
        """
        if self.unread:
            found = found.filter(read_at__isnull=True)
        if self.topic is None:
            return found
        if self.topic not in TOPICS:
            raise TopicUnknown
        if self.topic == OTHER:
            return found.filter(~_of_kinds(every_kind()))
        return found.filter(_of_kinds(kinds_of(self.topic)))


ALL = Sought()


class Messages:
    """Leaves messages and shows them to the person they are for."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def tell(
        self,
        person: UUID | str,
        kind: str,
        title: str,
        text: str,
        link: str = "",
        *,
        dedupe_key: str,
    ) -> None:
        """Tell a person something once; inside a transaction it is kept or lost with the rest.

        A second telling with the same key does nothing, whoever else tells it at the same moment.
        The worker pushes it, by the person's preferences and outside their quiet hours.

        Args:
            person: their id, or the subject of their session.
            kind: one of ``kinds.KINDS``, or the part before its dot (``case.accepted``).
            title: one line; text: one paragraph. Both Chinese, for the person alone.
            link: where the mini-program goes on, as ``/apply/case?case_no=…``; may be empty.
            dedupe_key: names what is told, at most 160 characters (``case:<id>:accepted``).
        """
        await self._leave(person, kind, title, text, link, dedupe_key)

    async def post(self, person_id: UUID, kind: str, title: str, text: str, link: str = "") -> None:
        """Leave a message that has no name of its own; like ``tell`` otherwise."""
        await self._leave(person_id, kind, title, text, link, None)

    async def _leave(
        self, person: UUID | str, kind: str, title: str, text: str, link: str, key: str | None
    ) -> None:
        message_id = uuid7()
        message = Message(
            id=message_id,
            person_id=person if isinstance(person, UUID) else person_of(person),
            kind=kind,
            title=self._keyring.seal_text(title, context(message_id, "title")),
            text=self._keyring.seal_text(text, context(message_id, "text")),
            link=link,
            dedupe_key=key,
            push_at=datetime.now(UTC),
        )
        # ON CONFLICT DO NOTHING: a refused insert would spoil the caller's transaction.
        await Message.bulk_create([message], ignore_conflicts=True)

    async def list(
        self,
        person_id: UUID,
        cursor: str | None = None,
        limit: int = PAGE,
        since: datetime | None = None,
        sought: Sought = ALL,
    ) -> Page:
        """A page of a person's inbox, newest first.

        Args:
            since: leave older ones out; see ``Identity.own_since``.
            sought: which of them.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        found = sought.narrowed(_inbox(person_id, since))
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor, CursorInvalid))
        rows = await found.order_by("-id").limit(limit + 1)
        more = len(rows) > limit
        notes = [self._opened(row) for row in rows[:limit]]
        next_cursor = str(notes[-1].id) if more else None
        return Page(notes, next_cursor, await self.unread(person_id, since))

    async def newest(
        self, person_id: UUID, limit: int, since: datetime | None = None
    ) -> tuple[Sequence[Headline], int]:
        """The newest messages by title alone, and how many are unread: what a home page shows.

        One light query for whoever has no more than ``limit`` messages.
        """
        rows = (
            await _inbox(person_id, since)
            .order_by("-id")
            .limit(limit + 1)
            .values_list("id", "title", "created_at", "read_at")
        )
        found = [
            Headline(
                row[0],
                self._keyring.open_text(row[1], context(row[0], "title")),
                row[2],
                bool(row[3]),
            )
            for row in rows[:limit]
        ]
        if len(rows) <= limit:
            return found, sum(not headline.read for headline in found)
        return found, await self.unread(person_id, since)

    async def unread(self, person_id: UUID, since: datetime | None = None) -> int:
        """How many messages the person has not read."""
        return await _inbox(person_id, since).filter(read_at__isnull=True).count()

    async def mark_read(
        self, person_id: UUID, message_id: str, since: datetime | None = None
    ) -> None:
        """Note that the person has read a message; again does nothing.

        Raises:
            MessageNotFound: it does not exist or is not theirs.
        """
        mine = _inbox(person_id, since).filter(id=_uuid(message_id, MessageNotFound))
        if not await mine.exists():
            raise MessageNotFound
        await mine.filter(read_at__isnull=True).update(read_at=datetime.now(UTC))

    async def mark_all_read(
        self, person_id: UUID, since: datetime | None = None, sought: Sought = ALL
    ) -> int:
        """Note that a person has read everything, or every message of a topic; says how many."""
        mine = sought.narrowed(_inbox(person_id, since))
        return await mine.filter(read_at__isnull=True).update(read_at=datetime.now(UTC))

    async def unread_by_topic(
        self, person_id: UUID, since: datetime | None = None
    ) -> dict[str, int]:
        """How many messages of each topic the person has not read; those without any left out."""
        unread = _inbox(person_id, since).filter(read_at__isnull=True)
        kinds = await unread.annotate(many=Count("id")).group_by("kind").values_list("kind", "many")
        counts: dict[str, int] = {}
        for kind, many in kinds:
            topic = topic_of(str(kind)).code
            counts[topic] = counts.get(topic, 0) + int(many)
        return counts

    def _opened(self, row: Message) -> Note:
        return Note(
            id=row.id,
            kind=row.kind,
            title=self._keyring.open_text(row.title, context(row.id, "title")),
            text=self._keyring.open_text(row.text, context(row.id, "text")),
            link=row.link,
            created_at=row.created_at,
            read=row.read_at is not None,
        )


def _of_kinds(kinds: Sequence[str]) -> Q:
    """Messages whose kind is one of these, or begins with one and a dot."""
    parts = [Q(kind__in=kinds), *(Q(kind__startswith=f"{kind}.") for kind in kinds)]
    return Q(*parts, join_type=Q.OR)


def person_of(subject: str) -> UUID:
    """The id of a person by the subject of their session (their id in base64url)."""
    return UUID(bytes=base64.urlsafe_b64decode(subject + "=="))


def _inbox(person_id: UUID, since: datetime | None) -> QuerySet[Message]:
    mine = Message.filter(person_id=person_id)
    return mine if since is None else mine.filter(created_at__gte=since)


def _uuid(text: str, refusal: type[CursorInvalid] | type[MessageNotFound]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None
