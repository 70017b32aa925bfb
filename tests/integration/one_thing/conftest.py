"""A world of its own for every test of 一件事."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.store.redis import Redis
from tests.one_thing_world import OneThingWorld, one_thing_world
from tests.servers import Backing


@pytest.fixture
async def here(
    tmp_path: Path, backing: Backing, database: str, redis: Redis
) -> AsyncIterator[OneThingWorld]:
    """The world; every test that asks for it runs on both backings."""
    async with one_thing_world(tmp_path, database, backing.redis_url, redis) as made:
        yield made
