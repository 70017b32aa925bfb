"""Complaints about looks at licences: told, answered, readable by their holder alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from backend.lending.errors import (
    ComplaintAnswered,
    ComplaintOpen,
    ComplaintUnknown,
    UsageUnknown,
)
from backend.lending.models import UsageComplaint
from backend.operators.errors import RoleMissing
from backend.operators.service import Role
from backend.presentation.service import UsageFilter
from tests.lending_world import LendingWorld
from tests.sharing_world import officer

TEXT = "我没有授权过这次使用。"


async def looked_at(here: LendingWorld) -> UUID:
    loan = await here.lend()
    found = await here.lending.loans.use(here.friend, loan.id, "")
    await here.presentations.drain()
    return UUID(found.receipt_id)


async def test_a_complaint_is_told_and_answered(here: LendingWorld) -> None:
    usage, complaints = await looked_at(here), here.lending.complaints
    made = await complaints.complain(here.owner, usage, TEXT)
    assert "已受理" in (await here.told(here.owner))[0]
    with pytest.raises(ComplaintOpen):
        await complaints.complain(here.owner, usage, TEXT)
    operator = officer(Role.OPERATOR)
    assert [each.text for each in await complaints.all(operator, "open")] == [TEXT]
    await complaints.answer(operator, made.id, "经核实，系代办人员使用，已约谈。")
    (seen,) = await complaints.about(here.owner, usage)
    assert (seen.state, seen.answer) == ("answered", "经核实，系代办人员使用，已约谈。")
    assert "已约谈" in (await here.told(here.owner))[0]
    with pytest.raises(ComplaintAnswered):
        await complaints.answer(operator, made.id, "又")
    assert await complaints.all(operator, "open") == []
    text = str([vars(row) for row in await UsageComplaint.all()])
    assert TEXT not in text
    assert "约谈" not in text


async def test_of_what_is_not_ones_own_nobody_complains(here: LendingWorld) -> None:
    usage, complaints = await looked_at(here), here.lending.complaints
    for session, which in ((here.friend, usage), (here.owner, uuid4())):
        with pytest.raises(UsageUnknown):
            await complaints.complain(session, which, TEXT)
    await complaints.complain(here.owner, usage, TEXT)
    assert await complaints.about(here.friend, usage) == []


async def test_who_may_not_answer(here: LendingWorld) -> None:
    complaints = here.lending.complaints
    for role in (Role.CLERK, Role.HEAD, Role.AUDIT_ADMIN):
        with pytest.raises(RoleMissing):
            await complaints.all(officer(role))
        with pytest.raises(RoleMissing):
            await complaints.answer(officer(role), uuid4(), "好")
    with pytest.raises(ComplaintUnknown):
        await complaints.answer(officer(Role.OPERATOR), uuid4(), "好")


async def test_the_log_narrows(here: LendingWorld) -> None:
    usage = await looked_at(here)
    subject, now = here.owner.subject, datetime.now(UTC)
    row = await here.presentations.usage(subject, usage)
    assert row is not None
    for wanted, shown in (
        (UsageFilter(how="grant", verifier_kind="person", grant_id=row.grant_id), 1),
        (UsageFilter(since=now - timedelta(hours=1), until=now + timedelta(hours=1)), 1),
        (UsageFilter(since=now + timedelta(hours=1)), 0),
        (UsageFilter(until=now - timedelta(hours=1)), 0),
        (UsageFilter(how="code"), 0),
        (UsageFilter(grant_id=uuid4()), 0),
        (UsageFilter(type_code="1" * 21), 0),
    ):
        page = await here.presentations.usages(subject, None, None, wanted)
        assert len(page.usages) == shown
