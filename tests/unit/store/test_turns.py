"""Turns at writing, among processes: each object here stands for one."""

import asyncio
import sys
from pathlib import Path

import pytest

from backend.store.turns import Turns

_HOLDS = """
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def test_one_at_a_time_and_the_next_at_once(tmp_path: Path) -> None:
    file = str(tmp_path / "turn")
    first, second = Turns(file), Turns(file)
    await first.take()
    waiting = asyncio.create_task(second.take())
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    first.give()
    await asyncio.wait_for(waiting, 20)
    second.give()


async def test_the_turn_of_who_waits_no_more_comes_to_the_next(tmp_path: Path) -> None:
    file = str(tmp_path / "turn")
    first, gone, third = Turns(file), Turns(file), Turns(file)
    await first.take()
    waiting = asyncio.create_task(gone.take())
    await asyncio.wait({waiting}, timeout=0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    first.give()
    await asyncio.wait_for(third.take(), 20)
    third.give()


async def test_a_process_that_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    file = str(tmp_path / "turn")
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLDS, file, stdin=pipe, stdout=pipe
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    mine = Turns(file)
    waiting = asyncio.create_task(mine.take())
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    holder.kill()
    await asyncio.wait_for(waiting, 20)
    mine.give()
    await holder.wait()
