"""schemathesis against the running gateway: what is described is what happens, nothing is 5xx."""

import re
import uuid
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import redis as sync_redis
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.identity import sessions
from backend.identity.levels import Level
from gateway.app import channel_blueprints
from gateway.edge.endpoint import ENDPOINTS
from gateway.edge.openapi import describe
from tests.provinces import Platform

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What is described does not depend on the stores; beyond one machine each operation is only tried.
EXAMPLES = {"one-machine": 10, "beyond": 3}


channel_blueprints()
SCHEMA = schemathesis.openapi.from_dict(describe(ENDPOINTS, "test"))
OPERATIONS: list[Any] = [found.ok() for found in SCHEMA.get_all_operations()]  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def token(platform: Platform) -> str:
    """A session of a person whose account does not exist: nothing real can be broken with it."""
    person, session_id = uuid.uuid4(), sessions.new_session_id()
    made, record = sessions.issue(person, session_id, Level.FACE)
    url = re.sub(r"^redis-cluster://([^@]*@[^,/]*).*", r"redis://\1", platform.environ["REDIS_URL"])
    cluster = platform.environ["REDIS_URL"].startswith("redis-cluster")
    opened = sync_redis.RedisCluster.from_url(url) if cluster else sync_redis.Redis.from_url(url)
    opened.set(sessions.session_key(sessions.subject_of(person), session_id), record, ex=3600)
    opened.close()
    return made


@pytest.fixture(scope="session")
def line() -> Iterator[requests.Session]:
    """One connection for all of them, which keeps no cookies."""
    with requests.Session() as session:
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield session


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda found: found.label)
def test_every_answer_is_as_described(
    operation: Any, platform: Platform, token: str, line: requests.Session
) -> None:
    @settings(
        max_examples=EXAMPLES[platform.name],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case: Any) -> None:
        # What may be waited for is not: the answer is the same, and the tests are many.
        if str((case.query or {}).get("wait", "")).isdigit():
            case.query = {**case.query, "wait": 0}
        case.call_and_validate(
            base_url=platform.url,
            checks=CHECKS,
            headers={"authorization": f"Bearer {token}"},
            session=line,
        )

    one()
