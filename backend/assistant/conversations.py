"""Conversations: as short-lived as asking back and handing over allow, sealed, in Redis alone.

Half an hour after the last word nothing of it is left. Each belongs to one account and one door.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis

LIFE_S = 30 * 60
_MOST_TURNS = 20
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(slots=True)
class Conversation:
    """What was said.

    Attributes:
        turns: who (``me`` or ``assistant``) and what, the oldest first.
        asked: the last question that named a matter; offered: ids of the sources to choose from.
        source: id of the source that was answered from last.
    """

    id: str
    turns: list[tuple[str, str]] = field(default_factory=list)
    asked: str = ""
    offered: list[str] = field(default_factory=list)
    source: str = ""

    def say(self, who: str, text: str) -> None:
        """Add a turn; of many the newest are kept."""
        self.turns = [*self.turns, (who, text)][-_MOST_TURNS:]


class Conversations:
    """Kept by account and door."""

    def __init__(self, redis: Redis, keyring: KeyRing) -> None:
        self._redis, self._keyring = redis, keyring

    @staticmethod
    def begin() -> Conversation:
        """A new one."""
        return Conversation(secrets.token_urlsafe(12))

    async def get(self, subject: str, door: str, conversation_id: str) -> Conversation | None:
        """One that is not over, of this account at this door."""
        if not _ID.fullmatch(conversation_id):
            return None
        sealed = cast(bytes | None, await self._redis.get(_key(subject, conversation_id)))
        if sealed is None:
            return None
        try:
            raw: dict[str, Any] = orjson.loads(
                self._keyring.open(sealed, _context(subject, door, conversation_id))
            )
        except SealBroken:
            return None
        turns = [(str(who), str(text)) for who, text in raw.pop("turns")]
        return Conversation(id=conversation_id, turns=turns, **raw)

    async def keep(self, subject: str, door: str, one: Conversation) -> None:
        """Keep it for another half an hour."""
        raw = orjson.dumps(
            {"turns": one.turns, "asked": one.asked, "offered": one.offered, "source": one.source}
        )
        sealed = self._keyring.seal(raw, _context(subject, door, one.id))
        await self._redis.set(_key(subject, one.id), sealed, ex=LIFE_S)

    async def end(self, subject: str, conversation_id: str) -> bool:
        """Forget it; whether it was still there."""
        return bool(await self._redis.delete(_key(subject, conversation_id)))


def _key(subject: str, conversation_id: str) -> str:
    return f"assistant:{{{subject}}}:{conversation_id}"


def _context(subject: str, door: str, conversation_id: str) -> bytes:
    return f"assistant:{subject}:{door}:{conversation_id}".encode()
