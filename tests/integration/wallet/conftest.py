"""Wallets on both backings, with three scripted issuers."""

from collections.abc import AsyncIterator

import pytest

from backend.store.redis import Redis
from tests.wallet_world import World, world


@pytest.fixture
async def province(
    database: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """Three issuers with one licence each; an opening waits longer than a machine stands still."""
    monkeypatch.setattr("backend.wallet.service.OPEN_S", 30.0)
    async with world(redis) as made:
        yield made
