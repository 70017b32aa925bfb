"""A world of its own for every test of identity."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.store.redis import Redis
from backend.upstream import breaker
from tests.identity_world import World, world
from tests.servers import Backing


@pytest.fixture
async def here(
    tmp_path: Path, backing: Backing, database: str, redis: Redis
) -> AsyncIterator[World]:
    """The world; every test that asks for it runs on both backings."""
    async with world(tmp_path, database, backing.redis_url, redis) as made:
        yield made


@pytest.fixture
def breakers_stay_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call reach a failing system, for tests of what becomes of each."""
    monkeypatch.setattr(breaker, "IN_A_ROW", 1000)
    monkeypatch.setattr(breaker, "MANY", 1000)
