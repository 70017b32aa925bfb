"""A store that does not answer, told from everything else that can go wrong."""

import sys

from redis import exceptions as redis
from tortoise.exceptions import DBConnectionError

_SILENT = (
    # What the sockets say, and our own limits of time.
    ConnectionError, TimeoutError,
    DBConnectionError,
    redis.ConnectionError, redis.TimeoutError, redis.ClusterError, redis.ReadOnlyError,
    redis.MasterDownError, redis.TryAgainError,
)  # fmt: skip


def is_outage(error: BaseException) -> bool:
    """Whether a store was away, starting or moving: the same will work again in a moment."""
    if isinstance(error, _SILENT):
        return True
    # Where SQLite is used nobody has loaded it, nor need anybody.
    asyncpg = sys.modules.get("asyncpg")
    return asyncpg is not None and isinstance(
        error,
        (
            asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError,
            asyncpg.TooManyConnectionsError, asyncpg.InterfaceError,
        ),
    )  # fmt: skip
