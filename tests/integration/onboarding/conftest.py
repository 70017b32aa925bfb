"""A world per test, on SQLite with one Valkey and on PostgreSQL with a cluster."""

from collections.abc import AsyncIterator

import pytest

from backend.store.redis import Redis
from tests.onboarding_world import World, make_world


@pytest.fixture
async def world(database: str, redis: Redis) -> AsyncIterator[World]:
    """Officers of every role and a kit that passes."""
    assert database
    made = await make_world(redis)
    yield made
    await made.onboarding.close()
    await made.catalogue.close()
