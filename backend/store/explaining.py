"""Stores that cannot be used, in a line for whoever starts a process on them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException, OperationalError

from backend.errors import StoresUnusable


@contextmanager
def explained() -> Iterator[None]:
    """What is done on the stores for the first time.

    Raises:
        StoresUnusable: instead of whatever a driver raises.
    """
    try:
        yield
    except RedisError as error:
        raise StoresUnusable(
            f"REDIS_URL 不能使用：{_line(error)} (Redis cannot be used)"
        ) from error
    except OperationalError as error:
        raise StoresUnusable(
            f"数据库里没有需要的表：{_line(error)}。"
            "第一次启动或升级以后，请先执行 shengshitong prepare (the database is not prepared)"
        ) from error
    except _of_a_database() as error:
        # SQLite's folder, or a file beside it, is named; a server is not.
        what = getattr(error, "filename", None) or "DATABASE_URL"
        raise StoresUnusable(
            f"{what} 不能使用：{_line(error)} (the database cannot be used)"
        ) from error


def _of_a_database() -> tuple[type[Exception], ...]:
    # A process on SQLite has not loaded asyncpg, and need not.
    asyncpg = sys.modules.get("asyncpg")
    of_asyncpg = (asyncpg.PostgresError, asyncpg.InterfaceError) if asyncpg else ()
    return (BaseORMException, OSError, *of_asyncpg)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
