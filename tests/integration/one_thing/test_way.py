"""From one form to several cases, one after the other."""

import asyncio
from datetime import timedelta

import pytest

from backend.audit.models import AuditEntry
from backend.cases.errors import DraftChanged, DraftIncomplete
from backend.cases.models import Case, CaseDraft, CaseOutbox
from backend.evaluation.service import OneThingsEnded
from backend.one_thing.errors import ChoiceInvalid, RunUnknown, StepStarted
from backend.one_thing.models import OneThingRun, OneThingStep
from tests.identity_world import ZHANG
from tests.one_thing_world import OFFICER, VALUES, OneThingWorld, document


async def test_what_is_somebody_elses_is_left_to_be_typed(here: OneThingWorld) -> None:
    # The form of the insurance would take the parent who applies for the child.
    opening = here.things.opening
    draft = await opening.open(here.owner, "newborn", "self", "", None, "")
    assert "child" not in draft.content.values
    shared = document()["fields"]
    del shared[0]["prefill"]
    await here.things.register.publish(OFFICER, document(fields=shared))
    draft = await opening.open(here.owner, "newborn", "self", "", None, "")
    assert draft.content.values["child"] == ZHANG.name


async def test_one_form_becomes_cases_one_after_the_other(here: OneThingWorld) -> None:
    draft = await here.draft()
    # Asked once; the certificate's number comes from the first step, its material too.
    assert draft.offer.form is not None
    assert set(draft.offer.form.fields) == {
        "child", "bank", "birth_hospital", "home_address", "care_has_number", "care_number",
    }  # fmt: skip
    materials = {one.name: one for one in draft.wanted}
    assert materials["出生证"].from_step == "出生证"
    assert set(materials) == {"身份证", "出生证", "说明"}
    assert draft.ready, (draft.mistakes, draft.lacking)

    done = await here.things.submission.submit(here.owner, draft.id, draft.version, "")
    assert (len(done.case_nos), done.waiting) == (1, ["户口", "医保"])
    view = await here.view(done.run_id)
    assert [one.state for one in view.steps] == ["handed_in", "waiting", "waiting"]
    assert view.steps[1].words == "等“出生证”办好后自动提交，不用您操作。"
    assert await here.things.advance() is None

    (line,) = await here.things.overview.runs(view.card.code)
    assert line.steps == [("出生证", "待受理"), ("户口", "等待前一步"), ("医保", "等待前一步")]
    assert await here.things.overview.open() == {view.card.code: 1}

    await here.grant(done.case_nos[0], licence=True)
    assert await here.things.advance() == 1
    home = await here.case_of(done.run_id, "home")
    assert home is not None
    await here.cases.cases.drain()
    sent = here.cases.department.records[home.case_no].submissions[0]
    licence = here.cases.people.issuer.answer()["licences"][0]
    assert sent["form"] == {
        "child": "张小安", "certificate_no": licence["licence_number"],
        "address": VALUES["home_address"],
    }  # fmt: skip
    assert sent["provenance"]["/certificate_no"]["licence"] == licence["licence_identifier"]
    by_name = {one["name"]: one for one in sent["materials"]}
    assert by_name["出生证"]["licence"]["licence_identifier"] == licence["licence_identifier"]
    assert by_name["身份证"]["files"][0]["name"] == "身份证.pdf"
    assert "说明" not in by_name

    await here.grant(home.case_no)
    assert await here.things.advance() == 1
    care = await here.case_of(done.run_id, "care")
    assert care is not None
    await here.grant(care.case_no)
    for one in (done.case_nos[0], home.case_no, care.case_no):
        await here.cases.tell(one, "result_delivered")
    await here.things.advance()
    ended = await here.view(done.run_id)
    assert (ended.card.ended, ended.done) == (True, 3)
    (line,) = await here.things.overview.runs(view.card.code)
    assert line.ended_at is not None
    assert await here.things.overview.open() == {}

    # As a whole it can be judged by whoever submitted it, once it has ended, by nobody else.
    source = OneThingsEnded(here.things, here.cases.exchange)
    subject, run_id = here.owner.subject, str(done.run_id)
    event = await source.find(subject, run_id)
    assert event is not None
    assert (event.title, event.department_name) == (f"{ended.card.name}（全程）", "示范厅")
    long_ago = event.at - timedelta(days=1)
    assert await source.recent(subject, long_ago, 5) == [event]
    assert await source.find(here.cases.people.friend.subject, run_id) is None
    assert await source.find(subject, "nonsense") is None
    until = event.at + timedelta(seconds=1)
    for code, count in ((None, 1), (event.item_code, 1), ("other", 0)):
        served = await source.served(event.department_uscc, code, long_ago, until)
        assert [one.subject for one in served] == [subject] * count
    actions = [row.action for row in await AuditEntry.filter(action__startswith="one_thing.")]
    assert sorted(actions) == [
        "one_thing.published", "one_thing.step_handed_in", "one_thing.step_handed_in",
        "one_thing.submitted",
    ]  # fmt: skip
    told = await here.cases.people.told(here.owner)
    assert sum("已提交给" in one for one in told) == 2


async def test_parallel_steps_are_handed_in_at_once(here: OneThingWorld) -> None:
    done = await here.handed(["birth", "home", "care", "gift"])
    assert len(done.case_nos) == 2
    assert await here.cases.cases.drain() == 2
    forms = [one.submissions[0]["form"] for one in here.cases.department.records.values()]
    assert {"bank": VALUES["bank"]} in forms
    assert {"child": "张小安", "hospital": VALUES["birth_hospital"]} in forms


async def test_replays_at_once_are_one_submission(here: OneThingWorld) -> None:
    draft = await here.draft(["birth", "home", "care", "gift"])
    submit = here.things.submission.submit
    done = await asyncio.gather(
        *(submit(here.owner, draft.id, draft.version, "") for _ in range(8))
    )
    assert len({one.run_id for one in done}) == 1
    assert sum(not one.again for one in done) == 1
    assert len({tuple(sorted(one.case_nos)) for one in done}) == 1
    assert await OneThingRun.all().count() == 1
    assert await Case.all().count() == await CaseOutbox.all().count() == 2
    assert await AuditEntry.filter(action="one_thing.submitted").count() == 1


async def test_workers_at_once_hand_a_step_in_once(here: OneThingWorld) -> None:
    done = await here.handed()
    await here.grant(done.case_nos[0], licence=True)
    await asyncio.gather(*(here.things.advance() for _ in range(6)))
    assert await Case.all().count() == 2
    assert (await here.states(done.run_id))["home"] == "handed_in"


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (["not_accepted"], "前一步“出生证”不予受理"),
        (["accepted", "denied"], "前一步“出生证”未获准予"),
        (["withdrawn"], "前一步“出生证”已撤回"),
        (["accepted", "terminated"], "前一步“出生证”已终止"),
    ],
)
async def test_what_ends_upstream_ends_what_waits_for_it(
    here: OneThingWorld, events: list[str], words: str
) -> None:
    done = await here.handed()
    await here.cases.cases.drain()
    for event in events:
        await here.cases.tell(done.case_nos[0], event)
    assert await here.things.advance() == 1
    view = await here.view(done.run_id)
    assert [one.state for one in view.steps] == ["handed_in", "ended", "ended"]
    assert words in view.steps[1].words
    assert "前一步“户口”没有办成" in view.steps[2].words
    told = await here.cases.people.told(here.owner)
    assert any(words in one for one in told)
    assert await Case.all().count() == 1
    kept = await OneThingStep.filter(run_id=done.run_id).values_list("content", flat=True)
    assert list(kept) == [None, None, None]


async def test_a_licence_that_is_not_there_yet_is_waited_for(here: OneThingWorld) -> None:
    done = await here.handed()
    issuer = here.cases.people.issuer
    await here.grant(done.case_nos[0], licence=True)
    licences, issuer.licences = issuer.licences, []
    assert await here.things.advance() == 1
    assert (await here.states(done.run_id))["home"] == "waiting"
    issuer.licences, issuer.revision = licences, issuer.revision + 1
    await here.cases.wait(seconds=30)
    assert await here.things.advance() == 1
    assert (await here.states(done.run_id))["home"] == "handed_in"


async def test_what_the_result_does_not_bring_is_left_to_the_person(here: OneThingWorld) -> None:
    done = await here.handed()
    # Meanwhile the department of the second step asks for more.
    step = await OneThingStep.get(run_id=done.run_id, code="home")
    await here.republish_home_with_more()
    await here.grant(done.case_nos[0], licence=True)
    await here.things.advance()
    view = await here.view(done.run_id)
    assert (view.steps[1].state, view.steps[1].draft_id) == ("draft", step.draft_id)
    drafts = here.cases.cases.drafts
    left = await drafts.get(here.owner, step.draft_id)
    assert left.content.values["certificate_no"]
    assert [one["pointer"] for one in left.mistakes] == ["/ethnicity"]
    left = await drafts.save(here.owner, left.id, left.version, {"ethnicity": "汉"}, None, None)
    sent = await here.cases.cases.submission.submit(here.owner, left.id, left.version, "")
    await here.grant(sent.case_no)
    await here.cases.wait(seconds=700)
    await here.things.advance()
    assert (await here.states(done.run_id))["care"] == "handed_in"


async def test_a_waiting_step_is_taken_back(here: OneThingWorld) -> None:
    done = await here.handed()
    view = await here.things.progress.cancel(here.owner, done.run_id, "home")
    assert view.steps[1].state == "ended"
    assert await here.things.advance() == 1
    assert await here.states(done.run_id) == {
        "birth": "handed_in", "home": "ended", "care": "ended",
    }  # fmt: skip
    with pytest.raises(StepStarted):
        await here.things.progress.cancel(here.owner, done.run_id, "birth")
    with pytest.raises(RunUnknown):
        await here.things.progress.get(here.cases.people.friend, done.run_id)


async def test_the_choice_of_steps(here: OneThingWorld) -> None:
    opening = here.things.opening
    with pytest.raises(ChoiceInvalid):
        await opening.open(here.owner, "newborn", "self", "", ["care"], "")
    with pytest.raises(ChoiceInvalid):
        await opening.open(here.owner, "newborn", "self", "", ["birth", "home", "nothing"], "")
    draft = await here.draft(["birth", "home"])
    assert "bank" not in draft.content.values
    more = await opening.choose(here.owner, draft.id, draft.version, ["birth", "home", "care"], "")
    assert more.content.values["child"] == "张小安"
    assert {one["pointer"] for one in more.mistakes} == {"/bank", "/care_has_number"}
    with pytest.raises(DraftChanged):
        await opening.choose(here.owner, draft.id, draft.version, ["birth", "home"], "")
    with pytest.raises(DraftIncomplete):
        await here.things.submission.submit(here.owner, more.id, more.version, "")
    assert await CaseDraft.filter(state="open").count() == 1
