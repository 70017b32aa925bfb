"""At least once to the department, once at the department; delivered only with its receipt."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from backend.cases import errors, outbox
from backend.cases.models import Case, CaseOutbox, CaseStep
from backend.operators.errors import RoleMissing
from backend.operators.service import Role
from backend.upstream.connector import Operation
from tests.cases_department import USCC, Fault
from tests.cases_world import CasesWorld
from tests.patience import HURRIED_MS
from tests.sharing_world import officer


async def entry(here: CasesWorld, case_no: str) -> CaseOutbox:
    """The first entry of a case."""
    case = await Case.get(case_no=case_no)
    found = await CaseOutbox.filter(case_id=case.id).order_by("id").first()
    assert found is not None
    return found


@pytest.mark.parametrize("fault", ["status", "hang", "cut_before", "cut_after"])
async def test_what_fails_is_sent_again_and_is_one_case(
    here: CasesWorld, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = await here.submitted()
    if fault == "hang":
        monkeypatch.setattr(outbox, "CALL_S", HURRIED_MS / 1000)
    here.department.fault = fault
    assert await here.cases.drain() is None
    waiting = await entry(here, case_no)
    assert (waiting.state, waiting.failures) == ("queued", 1)
    view = await here.cases.views.get(here.owner, case_no)
    assert not view.card.delivered
    assert view.on_its_way == ["submit"]
    here.department.fault = ""
    monkeypatch.undo()
    # Not before its time.
    assert await here.cases.drain() is None
    await here.wait(seconds=2)
    assert await here.cases.drain() == 1
    assert len(here.department.records) == 1
    done = await entry(here, case_no)
    assert (done.state, done.id) == ("done", waiting.id)
    case = await Case.get(case_no=case_no)
    assert case.delivered_at is not None
    assert case.department_case_no == "SF-00001"


async def test_a_worker_that_was_killed_leaves_its_entries_to_the_next(here: CasesWorld) -> None:
    case_no = await here.submitted()
    taken = await here.cases.outbox._take("gd-cases")
    assert len(taken) == 1
    # The other worker finds nothing while the lease lasts.
    assert await here.cases.drain() is None
    await here.wait(seconds=outbox.LEASE.total_seconds() + 1)
    assert await here.cases.drain() == 1
    # The first one comes back to life and notes its answer, too: it changes nothing.
    sent = outbox.Sent(taken[0], here.department._receipt(here.department.records[case_no], True))
    await here.cases.outbox._answered([sent])
    case = await Case.get(case_no=case_no)
    assert await CaseStep.filter(case_id=case.id, event="delivered").count() == 1


async def test_two_workers_take_each_entry_once(here: CasesWorld) -> None:
    for _ in range(6):
        await here.submitted()
    done = await asyncio.gather(*(here.cases.drain() for _ in range(3)))
    assert sum(count or 0 for count in done) == 6
    assert here.department.calls.count("submit") == 6


async def test_more_than_the_system_takes_at_once_wait_and_are_not_put_off(
    here: CasesWorld,
) -> None:
    system = here.exchange.system("gd-cases")
    assert system is not None
    operations = cast(dict[str, Operation], system.target.operations)
    operations["cases.submit"] = replace(operations["cases.submit"], concurrency=2)
    for _ in range(6):
        await here.submitted()
    assert await here.cases.drain() == 6
    assert here.department.calls.count("submit") == 6


async def test_entries_of_a_case_go_in_their_order(here: CasesWorld) -> None:
    case_no = await here.submitted()
    await here.cases.acts.withdraw(here.owner, case_no, "不办了")
    here.department.fault = "status"
    await here.cases.drain()
    assert "withdraw" not in here.department.calls
    here.department.fault = ""
    await here.wait(seconds=10)
    await here.cases.drain()
    await here.wait(seconds=10)
    await here.cases.drain()
    assert here.department.calls[-2:] == ["submit", "withdraw"]
    for event in here.department.records[case_no].events:
        await here.take(case_no, event)
    assert (await Case.get(case_no=case_no)).state == "withdrawn"


async def test_a_dead_letter_is_seen_and_sent_again(
    here: CasesWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_FAILURES", 2)
    operator, head = officer(Role.OPERATOR), officer(Role.HEAD, USCC)
    stranger = officer(Role.HEAD, "11440000MB9X00023A")
    case_no = await here.submitted()
    here.department.fault = "status"
    for _ in range(2):
        await here.cases.drain()
        await here.wait(seconds=5)
    trouble = here.cases.trouble
    (letter,) = await trouble.dead_letters(operator)
    assert (letter.case_no, letter.operation, letter.error) == (
        case_no, "cases.submit", "unavailable.500",
    )  # fmt: skip
    assert len(await trouble.dead_letters(head)) == 1
    assert await trouble.dead_letters(stranger) == []
    with pytest.raises(RoleMissing):
        await trouble.dead_letters(officer(Role.SYSTEM_ADMIN))
    with pytest.raises(RoleMissing):
        await trouble.resend(head, letter.id)
    here.department.fault = ""
    await trouble.resend(operator, letter.id)
    with pytest.raises(errors.DeliveryNotDead):
        await trouble.resend(operator, letter.id)
    with pytest.raises(errors.DeliveryUnknown):
        await trouble.resend(operator, here.uuid("0198c0de-0000-7000-8000-000000000001"))
    assert await here.cases.drain() == 1
    assert await trouble.dead_letters(operator) == []


async def test_a_department_that_lost_a_case_gets_it_again(here: CasesWorld) -> None:
    case_no = await here.delivered()
    here.department.records.clear()
    case = await Case.get(case_no=case_no)
    assert await here.compare(case)
    assert await here.cases.drain() == 1
    assert case_no in here.department.records
    assert not await here.compare(await Case.get(case_no=case_no))
    assert (await Case.get(case_no=case_no)).disagrees is None


async def test_what_a_department_told_nobody_comes_by_comparing(here: CasesWorld) -> None:
    case_no = await here.delivered()
    here.department.event(case_no, "accepted")
    here.department.event(case_no, "approved")
    await here.wait(hours=2)
    assert await here.cases.reconcile() == 1
    assert (await Case.get(case_no=case_no)).state == "approved"
    assert await here.cases.reconcile(timedelta(hours=1)) is None
