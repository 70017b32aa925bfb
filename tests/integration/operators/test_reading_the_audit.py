"""The audit as the audit administrator reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.audit.errors import CursorInvalid
from backend.audit.models import AuditEntry
from backend.audit.service import CHUNK, Audit, Sought
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.store.ids import uuid7
from gateway.edge.audit_file import audit_file
from tests.operators_world import World

AUDITOR = Officer(uuid7(), "auditor", "审计", Role.AUDIT_ADMIN)


async def found(world: World, **sought: object) -> list[str]:
    """Actions, newest first, without those of reading the audit itself."""
    page = await world.operators.read_audit(AUDITOR, Sought(**sought))  # type: ignore[arg-type]
    return [one.action for one in page.entries if not one.action.startswith("audit.")]


async def fill() -> None:
    audit = Audit()
    await audit.record("person:1", "identity.login", "person:1", {"level": 1})
    await audit.record("system:gd-x", "wallet.read", "person:1")
    await audit.record("officer:2", "operators.login", "officer:2")
    await audit.record("officer:2", "operators.logout", "officer:2")


async def test_entries_are_found_by_who_what_whom_and_when(world: World) -> None:
    await fill()
    assert await found(world) == [
        "operators.logout",
        "operators.login",
        "wallet.read",
        "identity.login",
    ]
    assert await found(world, actor="officer:2") == ["operators.logout", "operators.login"]
    assert await found(world, subject="person:1") == ["wallet.read", "identity.login"]
    assert await found(world, action="operators.login") == ["operators.login"]
    assert await found(world, action="operators.") == ["operators.logout", "operators.login"]
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert await found(world, since=now + hour) == []
    assert await found(world, until=now - hour) == []
    assert len(await found(world, since=now - hour, until=now + hour)) == 4


async def test_accounts_are_named_and_the_rest_is_left_as_it_is(world: World) -> None:
    officer = await world.officer(Role.OPERATOR, "op-one")
    await Audit().record(officer.actor, "x.y", "officer:unknown")
    await Audit().record("anonymous", "x.y", f"officer:{uuid7()}")
    page = await world.operators.read_audit(AUDITOR, Sought(action="x."))
    names = await world.operators.usernames(AUDITOR, page.entries)
    assert names == {officer.actor: "op-one"}
    with pytest.raises(RoleMissing):
        await world.operators.usernames(officer, page.entries)


async def test_nobody_else_reads_it(world: World) -> None:
    for role in Role:
        if role is Role.AUDIT_ADMIN:
            continue
        other = Officer(uuid7(), "other", "某人", role)
        with pytest.raises(RoleMissing):
            await world.operators.read_audit(other, Sought())
        with pytest.raises(RoleMissing):
            await world.operators.export_audit(other, Sought())


async def test_reading_and_taking_out_stand_in_it_too(world: World) -> None:
    await found(world, actor="officer:2")
    await world.operators.export_audit(AUDITOR, Sought(action="wallet."))
    rows = await AuditEntry.filter(actor=AUDITOR.actor).order_by("id")
    assert [row.action for row in rows] == ["audit.searched", "audit.exported"]
    assert rows[0].detail["actor"] == "officer:2"
    assert rows[1].detail["action"] == "wallet."


async def test_pages_go_on_without_gap_while_more_is_written(world: World) -> None:
    for number in range(120):
        await Audit().record("system:x", "x.y", f"person:{number}")
    cursor: str | None = None
    seen: list[str] = []
    while True:
        sought = Sought(actor="system:x")
        page = await world.operators.read_audit(AUDITOR, sought, cursor)
        seen += [one.subject for one in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break
        await Audit().record("system:x", "x.y", "person:late")
    assert seen == [f"person:{number}" for number in reversed(range(120))]
    with pytest.raises(CursorInvalid):
        await world.operators.read_audit(AUDITOR, Sought(), "x")


async def test_a_file_has_every_entry_once_oldest_first(world: World) -> None:
    rows = [
        AuditEntry(actor="system:x", action="x.y", subject=f"person:{number}", detail={})
        for number in range(CHUNK + 7)
    ]
    await AuditEntry.bulk_create(rows)
    pieces = await world.operators.export_audit(AUDITOR, Sought(actor="system:x"))
    chunks = [entries async for entries in pieces]
    assert [len(entries) for entries in chunks] == [CHUNK, 7]
    subjects = [one.subject for entries in chunks for one in entries]
    assert subjects == [f"person:{number}" for number in range(CHUNK + 7)]


async def test_a_file_holds_nothing_that_a_spreadsheet_would_carry_out(world: World) -> None:
    await Audit().record("system:x", "x.y", "=1+1", {"reason": '说 "是"，\n再说'})
    pieces = await world.operators.export_audit(AUDITOR, Sought(actor="system:x"))
    answer = audit_file(pieces, datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC))
    assert 'filename="audit-20261125-090203.csv"' in answer.headers["content-disposition"]
    assert answer._pieces is not None
    body = b"".join([piece async for piece in answer._pieces]).decode("utf-8-sig")
    head, _, line = body.partition("\r\n")
    assert head == "编号,时间,操作者,动作,对象,详情"
    assert ",'=1+1," in line
    assert '"reason=说 ""是""，\n再说"' in line
