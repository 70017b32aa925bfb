"""A world of its own for every test of members."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.store.redis import Redis
from tests.members_world import MembersWorld, members_world
from tests.servers import Backing


@pytest.fixture
async def here(
    tmp_path: Path, backing: Backing, database: str, redis: Redis
) -> AsyncIterator[MembersWorld]:
    """The world; every test that asks for it runs on both backings."""
    async with members_world(tmp_path, database, backing.redis_url, redis) as made:
        yield made
