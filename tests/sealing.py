"""Every value that a test's code sealed into a table is bound as the package says in ``SEALED``.

What is said there and what is done when a row is written are two places, and only rows bring them
together: so each test's database is looked at before it goes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise import connections

from backend.store.keyring import KeyRing
from backend.store.resealing import _Table, all_sealed

Seen = dict[bytes, bytes]


@contextmanager
def watched() -> Iterator[Seen]:
    """What is sealed meanwhile in this process, and what it is bound to."""
    seen: Seen = {}
    seal = KeyRing.seal

    def noted(ring: KeyRing, plaintext: bytes, context: bytes) -> bytes:
        sealed = seal(ring, plaintext, context)
        seen[sealed] = context
        return sealed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeyRing, "seal", noted)
        yield seen


async def compare(seen: Seen) -> None:
    """See that what was sealed and lies in a table now is bound as declared."""
    if not seen:
        return
    for sealed in await _filled():
        table = _Table(sealed)
        async for batch in table.heads():
            for row, column, _ in batch:
                held, declared = await table.value(row, column) or (b"", b"")
                assert seen.get(held, declared) == declared, (sealed.model, column)


async def _filled() -> list[Any]:
    tables = all_sealed()
    one = "SELECT {0} AS number WHERE EXISTS (SELECT 1 FROM {1})"
    statement = " UNION ALL ".join(
        one.format(number, sealed.model._meta.db_table) for number, sealed in enumerate(tables)
    )
    rows = await connections.get("default").execute_query_dict(statement)
    return [tables[int(row["number"])] for row in rows]
