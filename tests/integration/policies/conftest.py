"""A small province with policies, on real stores."""

import pytest

from backend.store.redis import Redis
from tests.integration.policies.world import STAFF, World, open_policies


@pytest.fixture
def world(database: str, redis: Redis) -> World:
    assert database
    found = open_policies(redis)
    found.department.records.update(STAFF)
    return found
