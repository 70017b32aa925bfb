"""Folders that are made once for all processes of a machine, whole or not at all.

A folder is put together under another name and renamed. A lock of the operating system, which ends
with its holder, keeps two from making the same; what a dead one left behind is swept away by the
next.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".unfinished-"
_PAUSE_S = 0.05


async def take_lock(root: Path) -> int:
    """Wait for the lock of a folder of folders; whoever has it gives it back by ``os.close``."""
    await asyncio.to_thread(root.mkdir, parents=True, exist_ok=True)
    lock = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            # A thread that waits for it would be one less for whoever holds it in this process.
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            await asyncio.sleep(_PAUSE_S)
    except BaseException:
        os.close(lock)
        raise


def sweep(root: Path) -> None:
    """Take away what was never finished; only with the lock: nobody will finish it any more."""
    for left in root.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def unfinished(root: Path) -> Iterator[Path]:
    """An empty folder to be renamed within; gone afterwards if it was not."""
    place = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
