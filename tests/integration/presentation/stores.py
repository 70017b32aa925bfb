"""All that the stores hold, for tests of what they must not hold."""

from typing import Any

from backend.messages.models import Message
from backend.presentation.models import Credential, LicenceUsage
from backend.store.redis import Redis


async def everything(redis: Redis) -> dict[bytes, bytes]:
    """All that Redis holds, flat."""
    held: dict[bytes, bytes] = {}
    client: Any = redis
    async for key in client.scan_iter():
        kind = await client.type(key)
        if kind == b"string":
            held[key] = await client.get(key)
        elif kind == b"hash":
            held[key] = b"".join(b"".join(pair) for pair in (await client.hgetall(key)).items())
        elif kind == b"stream":
            held[key] = repr(await client.xrange(key)).encode()
    return held


async def rows() -> list[bytes]:
    """Every row of the tables that looks are written to."""
    tables: list[Any] = [LicenceUsage, Credential, Message]
    found = [values for table in tables for values in await table.all().values()]
    return [b"|".join(map(_raw, values.values())) for values in found]


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
