"""The audit: who did what to whom, kept or lost with the transaction around it."""

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from backend.audit.models import AuditEntry
from backend.audit.service import ANONYMOUS, Audit, person, system
from backend.store.ids import uuid7


async def test_an_entry_says_who_did_what_to_whom_and_when(database: str) -> None:
    assert database
    who = uuid7()
    await Audit().record(system("gd-gongan"), "wallet.read", person(who), {"level": 3})
    await Audit().record(ANONYMOUS, "identity.login_refused", ANONYMOUS)
    first, second = await AuditEntry.all().order_by("id")
    assert (first.actor, first.action) == ("system:gd-gongan", "wallet.read")
    assert first.subject == f"person:{who}"
    assert first.detail == {"level": 3}
    assert abs(datetime.now(UTC) - first.at) < timedelta(minutes=1)
    assert second.detail == {}


async def test_an_entry_is_lost_with_the_change_that_it_belongs_to(database: str) -> None:
    assert database

    async def fails() -> None:
        async with in_transaction():
            await Audit().record(ANONYMOUS, "x", ANONYMOUS)
            raise KeyError("undone")

    with pytest.raises(KeyError, match="undone"):
        await fails()
    assert await AuditEntry.all().count() == 0
