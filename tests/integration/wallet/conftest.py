"""Wallets on both backings, with three scripted issuers."""

from collections.abc import AsyncIterator

import pytest

from backend.store.redis import Redis
from tests.wallet_world import World, world


@pytest.fixture
async def province(database: str, redis: Redis) -> AsyncIterator[World]:
    """Three issuers with one licence each."""
    async with world(redis) as made:
        yield made
