"""What a person wants to be told about, through which channel and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.messages.errors import QuietHoursEmpty, TopicUnknown
from backend.messages.kinds import TOPICS, Channel, Topic
from backend.messages.models import MessagePreference, MessageQuiet
from backend.messages.quiet import DAY_MIN, QuietHours


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything that a person chose, defaults filled in.

    Attributes:
        channels: topic code → the channels through which it is pushed.
    """

    channels: Mapping[str, frozenset[Channel]]
    quiet: QuietHours

    def wants(self, topic: Topic, channel: Channel) -> bool:
        """Whether a topic is pushed through a channel."""
        return channel in self.channels[topic.code]


@dataclass(frozen=True, slots=True)
class Choice:
    """One switch."""

    topic: str
    channel: Channel
    wanted: bool


async def preferences_of(person_id: UUID) -> Preferences:
    """The preferences of one person."""
    return (await preferences_of_many([person_id]))[person_id]


async def preferences_of_many(people: Sequence[UUID]) -> dict[UUID, Preferences]:
    """Those of many, in two queries."""
    chosen: dict[UUID, dict[tuple[str, str], bool]] = {each: {} for each in people}
    rows = MessagePreference.filter(person_id__in=list(chosen))
    for row in await rows.values_list("person_id", "topic", "channel", "wanted"):
        chosen[_uuid(row[0])][row[1], row[2]] = bool(row[3])
    quiet = {row.person_id: row for row in await MessageQuiet.filter(person_id__in=list(chosen))}
    return {
        person: Preferences(_channels(given), _quiet(quiet.get(person)))
        for person, given in chosen.items()
    }


async def choose(person_id: UUID, choices: Sequence[Choice]) -> None:
    """Set some switches; the others stay.

    Raises:
        TopicUnknown: there is no such topic.
    """
    if any(choice.topic not in TOPICS for choice in choices):
        raise TopicUnknown
    async with in_transaction():
        for choice in choices:
            await MessagePreference.update_or_create(
                person_id=person_id, topic=choice.topic, channel=choice.channel,
                defaults={"wanted": choice.wanted},
            )  # fmt: skip


async def keep_quiet(person_id: UUID, quiet: QuietHours) -> None:
    """Set the quiet hours.

    Raises:
        QuietHoursEmpty: they begin and end at the same minute, or outside of the day.
    """
    inside = 0 <= quiet.start < DAY_MIN and 0 <= quiet.end < DAY_MIN
    if not inside or quiet.start == quiet.end:
        raise QuietHoursEmpty
    await MessageQuiet.update_or_create(
        person_id=person_id,
        defaults={"enabled": quiet.on, "start": quiet.start, "end": quiet.end},
    )


def _channels(given: Mapping[tuple[str, str], bool]) -> dict[str, frozenset[Channel]]:
    return {
        code: frozenset(
            channel for channel in Channel if given.get((code, channel), channel in topic.channels)
        )
        for code, topic in TOPICS.items()
    }


def _quiet(row: MessageQuiet | None) -> QuietHours:
    return QuietHours() if row is None else QuietHours(row.enabled, row.start, row.end)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
