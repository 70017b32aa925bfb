"""The inbox of the console."""

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from backend.operators.errors import CursorInvalid, NoticeNotFound
from backend.operators.models import OperatorAccount, OperatorNotice
from backend.operators.notices import PAGE
from backend.operators.service import Officer, Role, State
from tests.operators_world import OTHER_USCC, USCC, World


async def told(world: World, officer: Officer) -> list[str]:
    return [one.title for one in (await world.operators.notices(officer)).notices]


async def tell(world: World, title: str, **whom: object) -> None:
    await world.operators.notify(kind="x", title=title, text="正文", link="/console", **whom)  # type: ignore[arg-type]


async def test_a_notice_reaches_everyone_it_concerns_and_nobody_else(world: World) -> None:
    clerk, head = await world.officer(Role.CLERK), await world.officer(Role.HEAD)
    operator, other = await world.officer(Role.OPERATOR), await world.officer(Role.OPERATOR)
    await tell(world, "to operators", role=Role.OPERATOR)
    await tell(world, "to the department", department_uscc=USCC)
    await tell(world, "to its heads", department_uscc=USCC, role=Role.HEAD)
    await tell(world, "to another department", department_uscc=OTHER_USCC)
    await tell(world, "to one", account_id=other.account_id)
    assert await told(world, clerk) == ["to the department"]
    assert await told(world, head) == ["to its heads", "to the department"]
    assert await told(world, operator) == ["to operators"]
    assert await told(world, other) == ["to one", "to operators"]


async def test_a_notice_for_nobody_in_particular_is_a_mistake(world: World) -> None:
    with pytest.raises(ValueError, match="for somebody"):
        await tell(world, "to whom?")


async def test_an_account_that_is_closed_gets_none(world: World) -> None:
    officer = await world.officer(Role.OPERATOR)
    await OperatorAccount.filter(id=officer.account_id).update(state=State.DISABLED)
    await tell(world, "too late", role=Role.OPERATOR)
    assert await told(world, officer) == []


async def test_a_notice_is_lost_with_the_change_that_it_tells_of(world: World) -> None:
    officer = await world.officer(Role.OPERATOR)

    async def fails() -> None:
        async with in_transaction():
            await tell(world, "undone", role=Role.OPERATOR)
            raise KeyError("undone")

    with pytest.raises(KeyError, match="undone"):
        await fails()
    assert await told(world, officer) == []


async def test_reading_counts_down_one_by_one_or_all_at_once(world: World) -> None:
    officer, other = await world.officer(Role.OPERATOR), await world.officer(Role.OPERATOR)
    for number in range(3):
        await tell(world, str(number), role=Role.OPERATOR)
    newest = (await world.operators.notices(officer)).notices[0]
    for _ in range(2):
        await world.operators.mark_read(officer, str(newest.id))
    assert await world.operators.unread_notices(officer) == 2
    await world.operators.mark_read(officer)
    assert await world.operators.unread_notices(officer) == 0
    assert await world.operators.unread_notices(other) == 3
    with pytest.raises(NoticeNotFound):
        await world.operators.mark_read(other, str(newest.id))
    with pytest.raises(NoticeNotFound):
        await world.operators.mark_read(officer, "x")


async def test_who_was_where_notices_lead_has_read_them(world: World) -> None:
    officer, other = await world.officer(Role.OPERATOR), await world.officer(Role.OPERATOR)
    for title in ("a", "b"):
        await tell(world, title, role=Role.OPERATOR)
    assert await world.operators.saw(officer, "/console/elsewhere") == 0
    assert await world.operators.saw(officer, "/console") == 2
    assert await world.operators.saw(officer, "/console") == 0
    assert await world.operators.unread_notices(officer) == 0
    assert await world.operators.unread_notices(other) == 2


async def test_pages_go_from_new_to_old_without_gap(world: World) -> None:
    officer = await world.officer(Role.OPERATOR)
    for number in range(PAGE + 3):
        await tell(world, str(number), role=Role.OPERATOR)
    first = await world.operators.notices(officer)
    second = await world.operators.notices(officer, first.next_cursor)
    titles = [one.title for one in [*first.notices, *second.notices]]
    assert titles == [str(number) for number in reversed(range(PAGE + 3))]
    assert second.next_cursor is None
    with pytest.raises(CursorInvalid):
        await world.operators.notices(officer, "x")


async def test_what_was_read_is_forgotten_after_half_a_year(world: World) -> None:
    officer = await world.officer(Role.OPERATOR)
    for title in ("read", "unread"):
        await tell(world, title, role=Role.OPERATOR)
    read = (await world.operators.notices(officer)).notices[1]
    await world.operators.mark_read(officer, str(read.id))
    world.clock.now = datetime.now(UTC) + timedelta(days=183)
    assert await world.operators.purge() == 0
    world.clock.move(days=2)
    assert await world.operators.purge() == 1
    assert await told(world, officer) == ["unread"]


async def test_title_and_text_are_sealed(world: World) -> None:
    await world.officer(Role.OPERATOR)
    await tell(world, "标题", role=Role.OPERATOR)
    row = await OperatorNotice.all().first()
    assert row is not None
    assert "标题".encode() not in row.title
    assert "正文".encode() not in row.text
