"""Limits per person, phone, address and device, counted in Redis for all workers together."""

from collections.abc import Sequence

from backend.identity.errors import Locked
from backend.store.redis import Redis
from backend.store.tries import Mark, Rule, Tries

__all__ = ["Limits", "Mark", "Rule"]

HOUR, DAY = 3600, 86400

SMS_PHONE = Rule("sms-phone", 20, DAY)

# A whole town can sit behind one address of a mobile carrier, hence the wide limits for addresses.
SMS_ADDRESS = Rule("sms-address", 600, 600)
LOGIN_PHONE = Rule("login-phone", 10, HOUR)
LOGIN_DEVICE = Rule("login-device", 20, HOUR)
LOGIN_ADDRESS = Rule("login-address", 300, 600)
WECHAT_DEVICE = Rule("wechat-device", 20, HOUR)
WECHAT_ADDRESS = Rule("wechat-address", 300, 600)
MATCH_PERSON = Rule("match-person", 5, DAY)
MATCH_PHONE = Rule("match-phone", 10, DAY)
MATCH_NUMBER = Rule("match-number", 10, DAY)
MATCH_DEVICE = Rule("match-device", 10, DAY)
MATCH_ADDRESS = Rule("match-address", 300, 600)
FACE_PERSON = Rule("face-person", 10, DAY)
FACE_NUMBER = Rule("face-number", 10, DAY)
FACE_DEVICE = Rule("face-device", 10, DAY)
FACE_ADDRESS = Rule("face-address", 300, 600)


class Limits:
    """Counts tries, and says in the words of this package when there were too many."""

    def __init__(self, redis: Redis) -> None:
        self._tries = Tries(redis)

    async def take(self, marks: Sequence[Mark]) -> None:
        """Take one place under every mark, or none at all.

        Raises:
            Locked: one of them is full; says until when.
        """
        if wait := await self._tries.take(marks):
            raise Locked(wait)

    async def give_back(self, marks: Sequence[Mark]) -> None:
        """Return the places of a try that was not a failure."""
        await self._tries.give_back(marks)
