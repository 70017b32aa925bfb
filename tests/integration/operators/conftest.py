"""Accounts on an empty database and an empty Redis, on one machine's stores and beyond them."""

import pytest

from backend.store.redis import Redis
from tests.operators_world import World, open_world


@pytest.fixture
def world(database: str, redis: Redis) -> World:
    assert database
    return open_world(redis)
