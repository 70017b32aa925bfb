"""How often somebody may ask for one enterprise in a minute: the channel's own limit.

Counted by person and enterprise for all workers together, in a window that begins with the first
request and does not move. Someone who looks at a page a second has room; a program that reads an
enterprise's pages through a person's session has not, and is pointed to 软件接入 and its quota.
"""

import math

from backend.members.errors import TooManyRequests
from backend.numbers.service import is_uscc
from backend.store.redis import HotLink, Script

WINDOW_MS = 60_000
# KEYS[1] counter; ARGV limit, window in ms. -1: taken; otherwise the ms until the window ends.
_TAKE = Script("""
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return math.max(redis.call('PTTL', KEYS[1]), 1) end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return -1
""")


class Pace:
    """Counts requests.

    Args:
        per_minute: how many a person may make for one enterprise.
    """

    def __init__(self, hot: HotLink, per_minute: int) -> None:
        self._hot, self._most = hot, str(per_minute)

    async def take(self, subject: str, uscc: str) -> None:
        """Count one request.

        Args:
            subject: of the session that was checked; tags the key.
            uscc: as the path has it; all that is no code counts as one enterprise.

        Raises:
            TooManyRequests: with the seconds until there is room again.
        """
        which = uscc if is_uscc(uscc) else "none"
        wait = int(
            await self._hot.run(
                _TAKE, [f"pace:{{{subject}}}:{which}"], [self._most, str(WINDOW_MS)]
            )
        )
        if wait >= 0:
            raise TooManyRequests(math.ceil(wait / 1000))
