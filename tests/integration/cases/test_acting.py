"""Who acts for whom: a guardian, a relative with a mandate; on every step and in the audit."""

from datetime import timedelta
from typing import Any

import pytest

from backend.audit.models import AuditEntry
from backend.cases import errors
from tests.cases_department import COMPANY
from tests.cases_world import ENTERPRISE_ITEM, ITEM, CasesWorld
from tests.identity_world import CHILD, ZHANG
from tests.integration.lending.test_family import add, certify


async def linked(here: CasesWorld) -> str:
    """The owner lets the friend carry their licences; gives the link."""
    family = here.people.lending.family
    until = here.calendar.today() + timedelta(days=100)
    made = await family.invite(here.owner, until)
    await family.accept(here.people.friend, made.invitation or "")
    return str(made.id)


async def test_a_relative_applies_only_under_a_mandate(here: CasesWorld) -> None:
    link, friend, actors = await linked(here), here.people.friend, here.cases.actors
    with pytest.raises(errors.MandateMissing):
        await here.draft(friend, kind="relative", for_id=link)
    until = here.calendar.today() + timedelta(days=30)
    with pytest.raises(errors.MandateUnknown):
        await actors.grant(friend, here.uuid(link), "", until)
    mandate = await actors.grant(here.owner, here.uuid(link), ITEM, until)
    assert [one.id for one in await actors.mandates(here.owner)] == [mandate.id]
    assert [one.id for one in await actors.received(friend)] == [mandate.id]
    assert await actors.received(here.owner) == []
    assert "张**授权您代办" in (await here.people.told(friend))[0]
    given = await AuditEntry.get(action="cases.mandate_given")
    assert given.detail["to"] == f"person:{friend.person_id}"

    draft = await here.draft(friend, kind="relative", for_id=link)
    assert draft.content.applicant.name == "张建国"
    done = await here.cases.submission.submit(friend, draft.id, draft.version, "")
    await here.cases.drain()
    sent = here.department.records[done.case_no].submissions[0]
    assert sent["applicant"]["name"] == "张建国"
    assert sent["agent"]["relation"] == "relative"
    assert str(mandate.id) in sent["agent"]["proof"]
    # Whose application it is sees it, too, and cannot act on what another began.
    view = await here.cases.views.get(here.owner, done.case_no)
    assert view.actions == ()
    entry = await AuditEntry.get(action="cases.submitted")
    assert entry.actor == f"person:{friend.person_id}"
    assert entry.subject == f"person:{here.owner.person_id}"

    later = await here.draft(friend, kind="relative", for_id=link)
    await actors.revoke(here.owner, mandate.id)
    assert "收回了代办授权" in (await here.people.told(friend))[0]
    assert await actors.received(friend) == []
    with pytest.raises(errors.MandateMissing):
        await here.cases.submission.submit(friend, later.id, later.version, "")
    with pytest.raises(errors.MandateUnknown):
        await actors.revoke(friend, mandate.id)


async def test_of_two_mandates_for_the_same_the_newest_counts(here: CasesWorld) -> None:
    link, today = here.uuid(await linked(here)), here.calendar.today()
    actors = here.cases.actors
    await actors.grant(here.owner, link, "", today + timedelta(days=30))
    shorter = await actors.grant(here.owner, link, "", today + timedelta(days=2))
    one = await actors.grant(here.owner, link, ITEM, today + timedelta(days=9))
    assert [each.id for each in await actors.mandates(here.owner)] == [shorter.id, one.id]
    with pytest.raises(errors.MandateUnknown):
        await actors.grant(here.owner, link, "", today + timedelta(days=367))


async def test_when_the_link_ends_so_does_the_right_to_apply(here: CasesWorld) -> None:
    link, friend = await linked(here), here.people.friend
    until = here.calendar.today() + timedelta(days=30)
    await here.cases.actors.grant(here.owner, here.uuid(link), "", until)
    draft = await here.draft(friend, kind="relative", for_id=link)
    await here.people.lending.family.end(here.owner, here.uuid(link))
    with pytest.raises(errors.ForWhomUnknown):
        await here.cases.submission.submit(friend, draft.id, draft.version, "")


async def test_a_mandate_ends_on_its_day(here: CasesWorld) -> None:
    link, friend = await linked(here), here.people.friend
    await here.cases.actors.grant(here.owner, here.uuid(link), "", here.calendar.today())
    await here.draft(friend, kind="relative", for_id=link)
    await here.wait(days=1)
    with pytest.raises(errors.MandateMissing):
        await here.draft(friend, kind="relative", for_id=link)


async def test_a_guardian_applies_for_a_child_by_the_birth_certificate(here: CasesWorld) -> None:
    await certify(here.people)
    link = str((await add(here.people)).id)
    case_no = await here.delivered(kind="child", for_id=link)
    sent = here.department.records[case_no].submissions[0]
    assert sent["applicant"]["code"] == CHILD.id_number
    assert sent["form"]["name"] == CHILD.name
    assert sent["agent"]["holder"]["code"] == ZHANG.id_number
    assert sent["agent"]["relation"] == "guardian"
    assert "1.2.156.3005.2." in sent["agent"]["proof"]
    with pytest.raises(errors.ForWhomUnknown):
        await here.draft(here.people.friend, kind="child", for_id=link)


async def test_whoever_represents_a_company_applies_for_it(here: CasesWorld) -> None:
    company: dict[str, Any] = {
        "item_code": ENTERPRISE_ITEM,
        "kind": "enterprise",
        "for_id": COMPANY,
    }
    case_no = await here.delivered(**company)
    sent = here.department.records[case_no].submissions[0]
    assert sent["applicant"] == {
        "code_type": "001", "code": COMPANY, "name": "示范贸易有限公司",
    }  # fmt: skip
    assert sent["agent"]["relation"] == "representative"
    with pytest.raises(errors.ForWhomUnknown):
        await here.draft(here.people.friend, **company)
    entry = await AuditEntry.get(action="cases.submitted")
    assert COMPANY not in str(entry.detail)


async def test_an_enterprises_cases_are_those_of_whoever_represents_it_now(
    here: CasesWorld,
) -> None:
    case_no = await here.delivered(item_code=ENTERPRISE_ITEM, kind="enterprise", for_id=COMPANY)
    own = await here.delivered()
    views, acts = here.cases.views, here.cases.acts
    page = await views.page(here.owner, uscc=COMPANY)
    assert [one.case_no for one in page.cards] == [case_no]
    with pytest.raises(errors.CaseUnknown):
        await views.get(here.owner, own, COMPANY)

    # Somebody else represents it from now on: the register says so after a minute at the latest.
    assert here.department.boss is not None
    friend = await here.cases.actors.acting(here.people.friend, "self", "", "", "")
    here.department.boss = {"name": friend.applicant.name, "id_number": friend.applicant.code}
    await here.wait(minutes=2)
    with pytest.raises(errors.ForWhomUnknown):
        await acts.withdraw(here.owner, case_no, "")
    view = await views.get(here.people.friend, case_no, COMPANY)
    assert "withdraw" in view.actions
    await acts.urge(here.people.friend, case_no, "", COMPANY)
    case = await acts.withdraw(here.people.friend, case_no, "换人办理", COMPANY)
    assert case.case_no == case_no


async def test_drafts_of_one_enterprise_are_not_those_of_another(here: CasesWorld) -> None:
    mine = await here.draft()
    theirs = await here.draft(item_code=ENTERPRISE_ITEM, kind="enterprise", for_id=COMPANY)
    drafts = here.cases.drafts
    assert [one.id for one in await drafts.list(here.owner, COMPANY)] == [theirs.id]
    assert await drafts.list(here.owner, "91440300MA5ABCD19W") == []
    await drafts.require_for(here.owner, theirs.id, COMPANY)
    for session, draft_id, uscc in (
        (here.owner, mine.id, COMPANY), (here.owner, theirs.id, "91440300MA5ABCD19W"),
        (here.people.friend, theirs.id, COMPANY),
    ):  # fmt: skip
        with pytest.raises(errors.DraftUnknown):
            await drafts.require_for(session, draft_id, uscc)
