"""Whose turn it is to write to a SQLite database, among the processes that do.

SQLite lets one write at a time; the others look again after ever longer pauses (1 to 100 ms), in
which whoever has just written is always the quicker one. A lock on a file beside the database lets
them wait in the kernel, which wakes the next one at once and drops the lock of one that was killed.
It only says who is next: what is written is still guarded by SQLite itself.
"""

import asyncio
import fcntl
import os
from functools import cache


class Turns:
    """The turns at one database.

    Args:
        file: is made where it does not exist.
    """

    def __init__(self, file: str) -> None:
        self._lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    async def take(self) -> None:
        """Wait for this process's turn; it lasts until ``give``."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await self._wait()

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.run_in_executor(None, fcntl.flock, self._lock, fcntl.LOCK_EX)
        try:
            await asyncio.shield(turn)
        except asyncio.CancelledError:
            # It will come to somebody who is gone.
            turn.add_done_callback(lambda _: self.give())
            raise

    def hold(self) -> None:
        """As ``take``, in a thread that may wait."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def give(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._lock, fcntl.LOCK_UN)


@cache
def turns_of(database: str) -> Turns:
    """The turns at a database file, in this process."""
    return Turns(f"{database}.turn")
