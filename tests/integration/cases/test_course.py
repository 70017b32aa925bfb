"""补正, 撤回, 催办, clocks of the law and what follows when they run out."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.cases import errors
from backend.cases.models import Case, CaseClock
from backend.cases.service import State, Taken, told
from backend.messages.models import Message
from backend.operators.service import Role
from tests.cases_department import USCC, now_text
from tests.cases_world import CasesWorld
from tests.sharing_world import officer


async def clock(case_no: str, kind: str) -> CaseClock:
    """The newest clock of a kind."""
    case = await Case.get(case_no=case_no)
    found = await CaseClock.filter(case_id=case.id, kind=kind).order_by("-id").first()
    assert found is not None
    return found


async def test_a_correction_is_answered_from_the_phone(here: CasesWorld) -> None:
    case_no = await here.delivered()
    asked = [{"material": None, "field": "/copies", "what": "份数应为一份"}]
    outcome = await here.tell(case_no, "correction_requested", items=asked)
    assert outcome.state is State.CORRECTION
    view = await here.cases.views.get(here.owner, case_no)
    assert view.asked == asked
    assert view.actions == ["supplement", "withdraw", "urge"]
    assert (await clock(case_no, "accept")).state == "done"

    acts, drafts, who = here.cases.acts, here.cases.drafts, here.owner
    draft = await acts.begin_supplement(who, case_no)
    assert draft.content.values["copies"] == 2
    assert (await acts.begin_supplement(who, case_no)).id == draft.id
    draft = await drafts.save(who, draft.id, draft.version, {"copies": 1}, None, None)
    await acts.supplement(who, case_no, draft.id, draft.version, "")
    # Again does nothing; meanwhile nothing else can be begun.
    await acts.supplement(who, case_no, draft.id, draft.version, "")
    with pytest.raises(errors.ActNotPossible):
        await acts.begin_supplement(who, case_no)
    assert (await here.cases.views.get(who, case_no)).following == "补正材料正在送达部门。"
    assert await here.cases.drain() == 1
    record = here.department.records[case_no]
    assert record.supplements[0]["form"]["copies"] == 1
    assert (await here.take(case_no, record.events[-1])).state is State.SUBMITTED
    assert (await clock(case_no, "accept")).state == "running"


async def test_a_second_notice_cannot_ask_for_more(here: CasesWorld) -> None:
    case_no = await here.delivered()
    first = [{"material": None, "field": "/copies", "what": "份数"}]
    await here.tell(case_no, "correction_requested", items=first)
    await here.tell(case_no, "supplemented")
    more = [*first, {"material": None, "field": "/purpose", "what": "用途"}]
    refused = here.department.event(case_no, "correction_requested", items=more)
    assert (await here.take(case_no, refused)).taken is Taken.CONTRADICTORY
    (found,) = await here.cases.trouble.contradictions(officer(Role.HEAD, USCC))
    assert (found.reason, found.event) == ("not_in_one_notice", "correction_requested")
    # Put right under the same number: what is still lacking may be asked for again.
    again = {**refused, "event_id": str(here.uuid4()), "items": first}
    assert (await here.take(case_no, again)).taken is Taken.APPLIED
    operator = officer(Role.OPERATOR)
    await here.cases.trouble.note_seen(operator, found.id)
    assert await here.cases.trouble.contradictions(operator) == []


async def test_withdrawing_waits_for_the_department(here: CasesWorld) -> None:
    case_no = await here.delivered()
    await here.cases.acts.withdraw(here.owner, case_no, "")
    await here.cases.acts.withdraw(here.owner, case_no, "")
    assert (await Case.get(case_no=case_no)).state == State.SUBMITTED
    # The department accepted a moment before the withdrawal came.
    await here.tell(case_no, "accepted")
    await here.cases.drain()
    assert here.department.calls.count("withdraw") == 1
    view = await here.cases.views.get(here.owner, case_no)
    assert view.card.state is State.ACCEPTED
    assert view.steps[-1].event == "withdraw_refused"
    assert view.steps[-1].words["reason"] == "已经受理"
    with pytest.raises(errors.ActNotPossible):
        await here.cases.acts.withdraw(here.owner, case_no, "")


async def test_urging_once_a_day(here: CasesWorld) -> None:
    case_no = await here.delivered()
    await here.cases.acts.urge(here.owner, case_no, "着急用")
    with pytest.raises(errors.UrgedBefore):
        await here.cases.acts.urge(here.owner, case_no, "")
    await here.cases.drain()
    assert "urge" in here.department.calls
    await here.wait(days=1)
    await here.cases.acts.urge(here.owner, case_no, "")
    with pytest.raises(errors.CaseUnknown):
        await here.cases.acts.urge(here.people.friend, case_no, "")


async def test_clocks_run_stop_and_go_on(here: CasesWorld) -> None:
    case_no = await here.delivered()
    today, due = here.calendar.today(), here.calendar.due
    accept = await clock(case_no, "accept")
    assert (accept.started_on, accept.due_on) == (today, due(today, 5).day)
    await here.tell(case_no, "accepted")
    decide = await clock(case_no, "decide")
    # The item promises five working days; its statute allows twenty.
    assert (decide.due_on, decide.legal_due_on) == (due(today, 5).day, due(today, 20).day)
    assert (await clock(case_no, "accept")).state == "done"

    await here.tell(case_no, "special_started")
    assert (await clock(case_no, "decide")).state == "paused"
    view = await here.cases.views.get(here.owner, case_no)
    assert view.card.clock is not None
    assert view.card.clock.left is None
    await here.tell(case_no, "special_ended")
    assert (await clock(case_no, "decide")).due_on == due(today, 5).day
    await here.tell(case_no, "extended", workdays=10)
    longer = await clock(case_no, "decide")
    assert (longer.due_on, longer.legal_due_on) == (due(today, 15).day, due(today, 30).day)
    again = here.department.event(case_no, "extended", workdays=1)
    assert (await here.take(case_no, again)).taken is Taken.CONTRADICTORY
    here.department.records[case_no].events.pop()

    await here.tell(case_no, "denied")
    assert (await clock(case_no, "deliver")).due_on == due(today, 10).day
    await here.tell(case_no, "result_delivered")
    case = await Case.get(case_no=case_no)
    assert not await CaseClock.filter(case_id=case.id).exclude(state="done").exists()


def moment(day: date) -> str:
    """The beginning of a day, as a department writes it."""
    return f"{day.isoformat()}T00:00:00.000+08:00"


async def test_who_is_not_told_in_five_days_counts_as_accepted(here: CasesWorld) -> None:
    case_no = await here.delivered()
    today = here.calendar.today()
    last = here.calendar.due(today, 5).day
    await here.wait(days=(last - today).days)
    assert (await here.cases.watching.lights(officer(Role.OPERATOR)))[0].light == "amber"
    await here.cases.watch()
    assert (await Case.get(case_no=case_no)).deemed_on is None
    await here.wait(days=1)
    await here.cases.watch()
    case = await Case.get(case_no=case_no)
    assert (case.state, case.deemed_on) == (State.SUBMITTED, today)
    assert (await clock(case_no, "decide")).started_on == today
    assert await here.cases.watch() is None
    # Too late to ask for anything …
    late = here.department.event(case_no, "correction_requested", at=moment(last + timedelta(1)))
    assert (await here.take(case_no, late)).taken is Taken.CONTRADICTORY
    # … but what was asked in time counts, though its word comes late.
    in_time = {**late, "event_id": str(here.uuid4()), "at": moment(last)}
    assert (await here.take(case_no, in_time)).taken is Taken.APPLIED
    case = await Case.get(case_no=case_no)
    assert (case.state, case.deemed_on) == (State.CORRECTION, None)
    assert not await CaseClock.filter(case_id=case.id, kind="decide").exists()


async def test_what_was_never_delivered_is_not_deemed_accepted(here: CasesWorld) -> None:
    case_no = await here.submitted()
    await here.wait(days=30)
    await here.cases.watch()
    assert (await Case.get(case_no=case_no)).deemed_on is None
    (one,) = await here.cases.watching.lights(officer(Role.HEAD, USCC), "red")
    assert one.left < 0
    assert await here.cases.watching.lights(officer(Role.HEAD, "11440000MB9X00023A")) == []


async def test_each_step_is_told_once(here: CasesWorld) -> None:
    case_no = await here.delivered()
    before = await Message.filter(person_id=here.owner.person_id).count()
    event = here.department.event(case_no, "accepted")
    for _ in range(3):
        await here.take(case_no, event)
    assert await Message.filter(person_id=here.owner.person_id).count() == before + 1


async def test_a_document_is_kept_and_handed_out(here: CasesWorld) -> None:
    case_no = await here.delivered()
    await here.tell(case_no, "accepted")
    pdf = b"%PDF-1.7\n...\n%%EOF"
    document = {
        "sha256": hashlib.sha256(pdf).hexdigest(), "content": base64.b64encode(pdf).decode(),
    }  # fmt: skip
    result = {
        "kind": "document",
        "name": "准予决定书",
        "document": {**document, "sha256": "0" * 64},
    }
    event = here.department.event(case_no, "approved", result=result)
    assert (await here.take(case_no, event)).taken is Taken.CONTRADICTORY
    right = {
        **event, "event_id": str(here.uuid4()), "result": {**result, "document": document},
    }  # fmt: skip
    assert (await here.take(case_no, right)).taken is Taken.APPLIED
    kept, content = await here.cases.views.result_file(here.owner, case_no)
    assert (kept.media_type, content) == ("application/pdf", pdf)
    with pytest.raises(errors.CaseUnknown):
        await here.cases.views.result_file(here.people.friend, case_no)


@pytest.mark.parametrize(
    ("name", "missing"),
    [("denied", "remedies"), ("not_accepted", "reason"), ("correction_requested", "items"),
     ("approved", "result"), ("extended", "workdays"), ("transferred", "to")],
)  # fmt: skip
def test_an_event_without_what_the_law_asks_for_is_refused(name: str, missing: str) -> None:
    raw = {
        "event_id": "0198c0de-0000-7000-8000-000000000001", "seq": 1, "event": name,
        "at": now_text(), "reason": "r", "remedies": "r", "items": [{}], "due_on": "2036-01-01",
        "result": {"kind": "none", "name": "n"}, "workdays": 3, "to": "t",
    }  # fmt: skip
    del raw[missing]
    with pytest.raises(errors.EventInvalid) as refused:
        told(raw, datetime.now(UTC))
    assert refused.value.errors[0]["pointer"] == f"/{missing}"


async def test_another_system_moves_nothing(here: CasesWorld) -> None:
    case_no = await here.delivered()
    event = here.department.event(case_no, "accepted")
    with pytest.raises(errors.CaseUnknown):
        await here.cases.events.take("issuer-1", case_no, told(event, datetime.now(UTC)))
