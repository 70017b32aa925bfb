"""What counts as a store that is away, and what as a mistake of ours."""

import asyncpg  # type: ignore[import-untyped]
import pytest
from redis import exceptions as redis
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

from backend.store.outages import is_outage


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(), ConnectionRefusedError(), TimeoutError(), DBConnectionError("x"),
        redis.ConnectionError(), redis.TimeoutError(), redis.BusyLoadingError(),
        redis.ClusterDownError("CLUSTERDOWN"), redis.ReadOnlyError(),
        asyncpg.ConnectionDoesNotExistError(), asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(), asyncpg.TooManyConnectionsError(),
        asyncpg.InterfaceError("connection is closed"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_it_is_away(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"), FileNotFoundError(), redis.ResponseError("ERR"), redis.NoScriptError(),
        OperationalError("x"), IntegrityError("x"), asyncpg.UniqueViolationError(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_it_is_something_else(error: Exception) -> None:
    assert not is_outage(error)
