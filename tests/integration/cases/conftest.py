"""A world of its own for every test of applications."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.store.redis import Redis
from tests.cases_world import CasesWorld, cases_world
from tests.servers import Backing


@pytest.fixture
async def here(
    tmp_path: Path, backing: Backing, database: str, redis: Redis
) -> AsyncIterator[CasesWorld]:
    """The world; every test that asks for it runs on both backings."""
    async with cases_world(tmp_path, database, backing.redis_url, redis) as made:
        yield made
