"""The sharing between two departments, each test on stores of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.store.redis import Redis
from tests.servers import Backing
from tests.sharing_world import SharingWorld, sharing_world


@pytest.fixture
async def world(
    backing: Backing, redis: Redis, database: str, tmp_path: Path
) -> AsyncIterator[SharingWorld]:
    """gongan and gjj, registered, with officers."""
    async with sharing_world(backing.redis_url, redis, database, tmp_path) as made:
        yield made
