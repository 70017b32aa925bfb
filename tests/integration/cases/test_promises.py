"""容缺后补: what was promised is reminded of once, and a day that passes is recorded and told."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from backend.audit.models import AuditEntry
from backend.cases import errors
from backend.cases.models import Case, CasePromise, CaseStep
from backend.messages.models import Message
from backend.operators.models import OperatorAccount, OperatorNotice
from backend.operators.roles import State as AccountState
from backend.operators.service import Role
from tests.cases_department import USCC
from tests.cases_world import ITEM_WITH_MATERIALS, CasesWorld, picture, with_materials
from tests.sharing_world import officer

DAYS = 10
ELSEWHERE = "11440000MB9X00099A"


async def account(role: Role, department_uscc: str) -> UUID:
    """Somebody at a desk."""
    made = await OperatorAccount.create(
        username=f"{role}-{department_uscc[-4:]}".lower(), name=b"", role=role,
        department_uscc=department_uscc, state=AccountState.ACTIVE, password_hash="-",
    )  # fmt: skip
    return made.id


async def promised(here: CasesWorld) -> str:
    """A case at the department in which ``m3`` was promised within ten days."""
    made = await with_materials(here)
    done = await here.cases.submission.submit(here.owner, made.id, made.version, "")
    await here.cases.drain()
    return done.case_no


async def told(kind: str) -> list[Message]:
    return await Message.filter(kind=f"case.promise_{kind}")


async def test_the_applicant_is_reminded_once_and_then_keeps_it(here: CasesWorld) -> None:
    case_no = await promised(here)
    due = here.calendar.today() + timedelta(days=DAYS)
    view = await here.cases.views.get(here.owner, case_no)
    assert [(one.name, one.due_on, one.overdue) for one in view.late] == [("体检表", due, False)]
    assert await here.cases.promises.run() is None
    assert (await here.cases.waits.of(here.owner)).items == []

    await here.wait(days=DAYS - 2)
    assert await here.cases.promises.run() == 1
    assert await here.cases.promises.run() is None
    (message,) = await told("remind")
    assert message.link == f"/apply/case?case_no={case_no}"
    waiting = await here.cases.waits.of(here.owner)
    assert [(one.case_no, one.due_on) for one in waiting.items] == [(case_no, due)]
    assert "体检表" in waiting.items[0].text

    await hand_in(here, case_no)
    assert (await here.cases.waits.of(here.owner)).items == []
    assert (await here.cases.views.get(here.owner, case_no)).late == []
    await here.wait(days=5)
    assert await here.cases.promises.run() is None
    assert await told("broken") == []
    assert (await CasePromise.get()).state == "kept"


async def hand_in(here: CasesWorld, case_no: str) -> None:
    late = await here.cases.acts.begin_supplement(here.owner, case_no)
    late, _ = await here.cases.supplying.upload(here.owner, late.id, "m3", "体检表.jpg", picture())
    await here.cases.acts.supplement(here.owner, case_no, late.id, late.version, "")


async def test_the_day_passes_and_both_sides_are_told(here: CasesWorld) -> None:
    case_no = await promised(here)
    desk = [await account(role, USCC) for role in (Role.CLERK, Role.HEAD)]
    await account(Role.HEAD, ELSEWHERE)
    await here.wait(days=DAYS + 1)
    assert await here.cases.promises.run() == 1
    assert await here.cases.promises.run() is None
    case = await Case.get(case_no=case_no)
    assert await CaseStep.filter(case_id=case.id, event="promise_broken").count() == 1
    assert len(await told("broken")) == 1
    # Who had no time left to be reminded is not reminded of a day that is over.
    assert await told("remind") == []
    notices = await OperatorNotice.filter(kind="cases.promise_broken")
    assert {one.account_id for one in notices} == set(desk)
    assert await AuditEntry.filter(action="cases.promise_broken").count() == 1
    (missing,) = await here.cases.promises.missing(officer(Role.CLERK, USCC))
    assert (missing.case_no, missing.material) == (case_no, "体检表")
    assert await here.cases.promises.missing(officer(Role.CLERK, ELSEWHERE)) == []
    assert len(await here.cases.promises.missing(officer(Role.OPERATOR))) == 1
    view = await here.cases.views.get(here.owner, case_no)
    assert view.late[0].overdue
    assert "承诺补交的材料没有按时收到" in [step.label for step in view.steps]

    # Until the department decides it may still come.
    await hand_in(here, case_no)
    assert await here.cases.promises.missing(officer(Role.OPERATOR)) == []


async def test_a_decision_ends_the_promise(here: CasesWorld) -> None:
    case_no = await promised(here)
    await here.tell(case_no, "accepted")
    await here.tell(case_no, "approved")
    await here.wait(days=DAYS + 1)
    assert await here.cases.promises.run() is None
    assert (await CasePromise.get()).state == "moot"
    assert await told("broken") == []
    assert (await here.cases.views.get(here.owner, case_no)).late == []
    with pytest.raises(errors.ActNotPossible):
        await here.cases.acts.begin_supplement(here.owner, case_no)


async def test_a_notice_takes_the_place_of_what_was_begun_for_a_promise(here: CasesWorld) -> None:
    case_no = await promised(here)
    begun = await here.cases.acts.begin_supplement(here.owner, case_no)
    assert [one.code for one in begun.wanted] == ["m3"]
    asked = [{"material": "m2", "field": None, "what": "请提供清晰的证件"}]
    await here.tell(case_no, "correction_requested", items=asked)
    draft = await here.cases.acts.begin_supplement(here.owner, case_no)
    assert (draft.id, draft.content.asked) == (begun.id, asked)
    assert [(one.code, one.need) for one in draft.wanted] == [("m2", "必要")]
    (waiting,) = (await here.cases.waits.of(here.owner)).items
    assert waiting.due_on == date(2036, 12, 31)
    assert "补正" in waiting.text


async def test_a_promised_file_that_was_taken_away_again_is_not_handed_in(
    here: CasesWorld,
) -> None:
    case_no = await promised(here)
    late = await here.cases.acts.begin_supplement(here.owner, case_no)
    late, kept = await here.cases.supplying.upload(here.owner, late.id, "m3", "a.jpg", picture())
    assert late.ready
    late = await here.cases.supplying.remove_file(here.owner, late.id, "m3", kept.id)
    with pytest.raises(errors.DraftIncomplete):
        await here.cases.acts.supplement(here.owner, case_no, late.id, late.version, "")
    assert (await CasePromise.get()).state == "open"
    assert (await Case.get(case_no=case_no)).item_code == ITEM_WITH_MATERIALS
