"""The stores that every other integration test stands on."""

from tortoise import connections

from backend.store.redis import Redis
from tests.servers import Backing


async def test_a_fresh_database_has_every_table_and_takes_rows(database: str) -> None:
    rows = await connections.get("default").execute_query_dict("SELECT 1 AS one")
    assert rows == [{"one": 1}]


async def test_redis_starts_empty_and_keeps_what_it_is_given(
    backing: Backing, redis: Redis
) -> None:
    for number in range(30):
        await redis.set(f"key:{number}", number)
    assert [await redis.get(f"key:{number}") for number in (0, 29)] == [b"0", b"29"]
    assert len(backing.nodes) == (3 if backing.name == "beyond" else 1)
