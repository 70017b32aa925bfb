"""The inbox on the home page: a database that is away or hangs costs it the messages alone."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from backend.home import service
from backend.home.service import Home

Newest = Callable[..., Awaitable[tuple[list[Any], int]]]


async def inbox(newest: Newest) -> tuple[str, str | None]:
    """How the section stands when messages are read in this way."""
    nothing: Any = None
    messages: Any = SimpleNamespace(newest=newest)
    visitor: Any = SimpleNamespace(session=SimpleNamespace(person_id=uuid4()), since=None)
    found = await Home(nothing, nothing, nothing, nothing, messages)._inbox(visitor)
    return found.status, found.reason


async def test_a_database_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_INBOX_S", 0.01)
    ended = asyncio.Event()

    async def hangs(*_: Any) -> tuple[list[Any], int]:
        await ended.wait()
        raise TimeoutError

    assert await inbox(hangs) == ("unavailable", "消息暂时打不开，请稍后再试")
    ended.set()  # what it says in the end is heard: an exception of a task that nobody took warns
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> tuple[list[Any], int]:
        raise ConnectionRefusedError

    assert (await inbox(away))[0] == "unavailable"


async def test_a_mistake_of_ours_is_none_of_that() -> None:
    async def wrong(*_: Any) -> tuple[list[Any], int]:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await inbox(wrong)


async def test_without_messages_there_are_none() -> None:
    async def empty(*_: Any) -> tuple[list[Any], int]:
        return [], 0

    assert await inbox(empty) == ("none", None)
