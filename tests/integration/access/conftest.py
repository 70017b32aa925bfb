"""Sessions of nobody's: a person at every level, an officer in every role."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from backend.identity import sessions
from backend.identity.levels import Level
from backend.operators.service import Officer, Role
from backend.operators.sessions import Sessions
from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import Redis, open_redis
from tests.provinces import Platform


@pytest.fixture(scope="module")
async def redis(platform: Platform) -> AsyncIterator[Redis]:
    """A client for all tests here: to connect takes longer than any of them."""
    async with open_redis(platform.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture
async def tokens(redis: Redis) -> dict[Level, str]:
    """A session of a person of nobody's at every level; some endpoints end the one they get."""
    made = {}
    for level in Level:
        person, session_id = uuid.uuid4(), sessions.new_session_id()
        made[level], record = sessions.issue(person, session_id, level)
        key = sessions.session_key(sessions.subject_of(person), session_id)
        await redis.set(key, record, ex=600)
    return made


@pytest.fixture
async def officers(platform: Platform, redis: Redis) -> dict[Role, str]:
    """A console session of an account of nobody's in every role; likewise."""
    keyring = KeyRing(Settings.from_environ(platform.environ).keyring)
    held = Sessions(redis, keyring, lambda: datetime.now(UTC))
    made = {}
    for role in Role:
        officer = Officer(uuid.uuid4(), f"nobody-{role}", "无名", role)
        made[role] = await held.open(officer, "203.0.113.9")
    return made
