"""From draft to decision, as it is meant to go."""

import asyncio
import re

import pytest

from backend.audit.models import AuditEntry
from backend.cases.errors import ReceiptUnknown
from backend.cases.models import Case, CaseOutbox
from backend.cases.service import State, Taken
from tests.cases_world import ITEM, VALUES, CasesWorld

CASE_NO = re.compile(rf"{ITEM}\d{{8}}\d{{4}}")


async def test_a_draft_becomes_a_case_that_is_decided(here: CasesWorld) -> None:
    draft = await here.draft()
    assert draft.ready
    assert draft.content.values["name"] == "张建国"
    done = await here.cases.submission.submit(here.owner, draft.id, draft.version, "")
    assert CASE_NO.fullmatch(done.case_no)
    before = await here.cases.views.get(here.owner, done.case_no)
    assert not before.card.delivered
    assert before.following == "申请已提交，正在送达部门。"

    assert await here.cases.drain() == 1
    record = here.department.records[done.case_no]
    assert record.submissions[0]["form"] == {**VALUES, "name": "张建国"}
    assert record.submissions[0]["provenance"]["/name"]["grade"] == "A"
    after = await here.cases.views.get(here.owner, done.case_no)
    assert after.card.delivered
    assert after.department_case_no == record.department_case_no

    for event in ("accepted", "review_started", "decision_started", "approved", "delivering"):
        assert (await here.tell(done.case_no, event)).taken is Taken.APPLIED
    assert (await here.tell(done.case_no, "result_delivered")).state is State.CLOSED
    ended = await here.cases.views.get(here.owner, done.case_no)
    assert [step.event for step in ended.steps] == [
        "submit", "delivered", "accepted", "review_started", "decision_started", "approved",
        "delivering", "result_delivered",
    ]  # fmt: skip
    assert ended.actions == ["evaluate"]
    assert ended.card.clock is None


async def test_a_submission_repeated_at_once_is_one_case(here: CasesWorld) -> None:
    draft = await here.draft()
    submit = here.cases.submission.submit
    done = await asyncio.gather(
        *(submit(here.owner, draft.id, draft.version, "") for _ in range(8))
    )
    assert len({one.case_no for one in done}) == 1
    assert sum(not one.again for one in done) == 1
    assert await Case.all().count() == 1
    assert await CaseOutbox.all().count() == 1
    assert await AuditEntry.filter(action="cases.submitted").count() == 1


async def test_numbers_of_a_day_are_never_given_twice(here: CasesWorld) -> None:
    drafts = [await here.draft() for _ in range(6)]
    done = await asyncio.gather(
        *(here.cases.submission.submit(here.owner, draft.id, draft.version, "") for draft in drafts)
    )
    assert len({one.case_no for one in done}) == 6


async def test_the_receipt_is_one_page_that_anybody_can_check(here: CasesWorld) -> None:
    case_no = await here.submitted()
    drawn = await here.cases.receipts.pdf(here.owner, case_no)
    assert drawn.startswith(b"%PDF-")
    assert drawn == await here.cases.receipts.pdf(here.owner, case_no)
    code = here.people.identity.index.of("case-receipt", case_no)[:24]
    found = await here.cases.receipts.check(case_no, code)
    assert (found.case_no, found.applicant) == (case_no, "张**")
    with pytest.raises(ReceiptUnknown):
        await here.cases.receipts.check(case_no, code[:-1] + "x")
