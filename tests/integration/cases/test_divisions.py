"""一枚印章管到底: who accepts, decides and supervises, agreed by the departments and kept to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from backend.audit.models import AuditEntry
from backend.cases import errors
from backend.cases.models import Case, CaseClock, CaseEvent
from backend.cases.service import Outcome, State, Taken, told
from backend.divisions import errors as refusals
from backend.divisions.models import Division, DivisionConsent
from backend.divisions.service import Wish
from backend.numbers.service import make_uscc
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.upstream.signing import SigningKey
from tests.cases_department import USCC, Department, department
from tests.cases_world import ITEM, ITEM_WITH_MATERIALS, CasesWorld, picture, with_materials

BUREAU = make_uscc("1", "1", "440000", "MB9X0024")
WINDOW = make_uscc("1", "1", "440000", "MB9X0025")
OTHER = make_uscc("1", "1", "440000", "MB9X0026")
BASIS = "《中华人民共和国行政许可法》第二十五条"


def officer(here: CasesWorld, role: Role, uscc: str | None = None) -> Officer:
    return Officer(here.uuid4(), f"{role}-{uscc}", "某人", role, uscc)


@dataclass
class Divided:
    """The world with two more bodies, and the heads of all three."""

    here: CasesWorld
    bureau: Department
    window: Department
    own: Officer
    decides: Officer
    accepts: Officer

    def wish(self, accepting: str = "gd-bureau", **changes: Any) -> Wish:
        start = changes.pop("valid_from", self.here.calendar.today())
        deciding = changes.pop("deciding", "gd-bureau")
        return Wish(ITEM, accepting, deciding, "gd-cases", BASIS, start, **changes)

    async def agreed(self, accepting: str = "gd-bureau", **changes: Any) -> Division:
        """A division on which everybody agreed."""
        divisions = self.here.divisions
        row = await divisions.propose(self.decides, self.wish(accepting, **changes))
        for head in (self.own, self.accepts):
            if head.department_uscc in row.needed:
                row = await divisions.consent(head, row.id)
        return row

    async def tell(self, body: Department, case_no: str, name: str, **detail: Any) -> Outcome:
        """A body numbers an event and tells of it."""
        event = told(body.event(case_no, name, **detail), self.here.now())
        return await self.here.cases.events.take(body.code, case_no, event)


@pytest.fixture
async def world(here: CasesWorld) -> AsyncIterator[Divided]:
    bureau = Department(
        "gd-bureau", "审批局", BUREAU, SigningKey.from_seed("gd-bureau-1", b"b" * 32)
    )
    window = Department(
        "gd-window", "政务中心", WINDOW, SigningKey.from_seed("gd-window-1", b"w" * 32)
    )
    async with AsyncExitStack() as stack:
        for body in (bureau, window):
            await stack.enter_async_context(department(body))
            await here.exchange.register(body.manifest([]))
        await here.exchange.reload()
        heads = (officer(here, Role.HEAD, uscc) for uscc in (USCC, BUREAU, WINDOW))
        yield Divided(here, bureau, window, *heads)


async def test_one_seal_from_submission_to_decision(world: Divided) -> None:
    row = await world.agreed()
    here = world.here
    assert row.state == "agreed"
    case_no = await here.delivered()
    assert here.department.records == {}
    sent = world.bureau.records[case_no].submissions[0]
    assert sent["division"]["supervising"] == {
        "system": "gd-cases", "uscc": USCC, "name": "示范厅",
    }  # fmt: skip
    assert sent["division"]["legal_basis"] == BASIS
    view = await here.cases.views.get(here.owner, case_no)
    assert view.division is not None
    assert "由审批局受理并作出决定、盖章，办成后由示范厅负责监管" in view.division.words
    assert view.card.department_name == "审批局"

    for name in ("accepted", "approved"):
        assert (await world.tell(world.bureau, case_no, name)).taken is Taken.APPLIED
    await here.cases.drain()
    (notice,) = here.department.notices
    assert (notice["decision"], notice["decided_by"]["name"]) == ("approved", "审批局")
    assert notice["applicant"]["name"] == "张建国"
    assert not await here.cases.reconcile(timedelta(0))

    supervisor = here.exchange.system("gd-cases")
    assert supervisor is not None
    cards, cursor = await here.cases.supervision.page(supervisor)
    assert [one.case_no for one in cards] == [case_no]
    assert cursor is None
    seen = await here.cases.supervision.get(supervisor, case_no)
    assert seen.view.content.applicant.name == "张建国"
    assert await AuditEntry.filter(action="cases.supervised").count() == 1
    for code in ("gd-bureau", "gd-window"):
        other = here.exchange.system(code)
        assert other is not None
        with pytest.raises(errors.CaseUnknown):
            await here.cases.supervision.get(other, case_no)
        assert await here.cases.supervision.page(other) == ([], None)


async def test_one_body_accepts_and_another_decides(world: Divided) -> None:
    await world.agreed("gd-window")
    here = world.here
    case_no = await here.delivered()
    assert list(world.window.records) == [case_no]
    assert world.bureau.records == {}
    await world.tell(world.window, case_no, "correction_requested")
    assert await Case.filter(case_no=case_no, system_code="gd-window").exists()
    draft = await here.cases.acts.begin_supplement(here.owner, case_no)
    draft = await here.cases.drafts.save(
        here.owner, draft.id, draft.version, {"copies": 3}, None, None
    )
    await here.cases.acts.supplement(here.owner, case_no, draft.id, draft.version, "")
    await here.cases.drain()
    supplemented = told(world.window.records[case_no].events[-1], here.now())
    await here.cases.events.take("gd-window", case_no, supplemented)

    # Before it has accepted the case is not the bureau's, and the window never decides it.
    with pytest.raises(errors.StepNotTheirs):
        await world.tell(world.window, case_no, "approved")
    world.window.records[case_no].events.pop()
    accepted = await world.tell(world.window, case_no, "accepted")
    assert (accepted.state, accepted.seq) == (State.ACCEPTED, 3)
    await here.cases.drain()
    handed = world.bureau.records[case_no].submissions[0]
    assert (handed["handed_over"]["state"], handed["handed_over"]["seq"]) == ("accepted", 3)
    assert handed["form"]["copies"] == 3
    clock = await CaseClock.get(kind="decide")
    assert (clock.system_code, clock.department_uscc) == ("gd-bureau", BUREAU)
    assert not await here.cases.reconcile(timedelta(0))

    approved = await world.tell(world.bureau, case_no, "approved")
    assert (approved.state, approved.seq) == (State.APPROVED, 4)
    view = await here.cases.views.get(here.owner, case_no)
    assert "handed_over" in [step.event for step in view.steps]
    assert view.card.department_name == "审批局"
    await here.cases.drain()
    assert len(here.department.notices) == 1


async def test_materials_are_read_by_who_accepts_and_who_decides_alone(world: Divided) -> None:
    here, divisions = world.here, world.here.divisions
    wish = replace(world.wish("gd-window"), item_code=ITEM_WITH_MATERIALS)
    row = await divisions.propose(world.decides, wish)
    for head in (world.own, world.accepts):
        await divisions.consent(head, row.id)
    made = await with_materials(here)
    made, kept = await here.cases.supplying.upload(here.owner, made.id, "m5", "a.jpg", picture())
    case_no = (await here.cases.submission.submit(here.owner, made.id, made.version, "")).case_no
    await here.cases.drain()
    read = here.cases.views.material
    with pytest.raises(errors.CaseUnknown):
        await read("gd-bureau", case_no, kept.id)
    await world.tell(world.window, case_no, "accepted")
    await here.cases.drain()
    for code in ("gd-window", "gd-bureau"):
        assert (await read(code, case_no, kept.id))[0].sha256 == kept.sha256
        with pytest.raises(errors.FileUnknown):
            await read(code, case_no, here.uuid4())
    # Whoever supervises reads what was decided, and no materials.
    for code in ("gd-cases", "gd-nobody"):
        with pytest.raises(errors.CaseUnknown):
            await read(code, case_no, kept.id)


async def test_a_step_of_another_body_is_refused_and_kept(world: Divided) -> None:
    await world.agreed()
    here = world.here
    case_no = await here.delivered()
    forged = {
        "event_id": str(here.uuid4()), "seq": 1, "event": "accepted",
        "at": here.now().isoformat(),
    }  # fmt: skip
    for _ in "12":
        with pytest.raises(errors.StepNotTheirs):
            await here.take(case_no, forged)
    kept = await CaseEvent.get(reason="not_their_step")
    assert (kept.taken, kept.system_code) == (Taken.CONTRADICTORY, "gd-cases")
    assert await AuditEntry.filter(action="cases.step_refused").count() == 1
    with pytest.raises(errors.CaseUnknown):
        await here.cases.events.take("gd-window", case_no, told(forged, here.now()))
    # Both the department that has it in hand and the one that supervises it see what came.
    for head in (world.own, world.decides):
        (shown,) = await here.cases.trouble.contradictions(head)
        assert shown.reason == "not_their_step"
    assert await here.cases.trouble.contradictions(world.accepts) == []
    assert (await world.tell(world.bureau, case_no, "accepted")).taken is Taken.APPLIED


async def test_a_change_does_not_touch_cases_under_way(world: Divided) -> None:
    before = await world.here.delivered()
    first = await world.agreed()
    under_way = await world.here.delivered()
    back = await world.here.divisions.propose(
        world.own, world.wish("gd-cases", deciding="gd-cases")
    )
    await world.here.divisions.consent(world.decides, back.id)
    after = await world.here.delivered()
    assert set(world.bureau.records) == {under_way}
    assert set(world.here.department.records) == {before, after}
    assert (await world.tell(world.bureau, under_way, "accepted")).taken is Taken.APPLIED
    assert (await world.here.tell(before, "accepted")).taken is Taken.APPLIED
    assert (await Division.get(id=first.id)).replaced_on == world.here.calendar.today()


async def test_a_division_holds_on_its_days_alone(world: Divided) -> None:
    today = world.here.calendar.today()
    row = await world.agreed(
        valid_from=today + timedelta(days=1), valid_to=today + timedelta(days=2)
    )
    held = []
    for _ in range(4):
        found = await world.here.divisions.in_force(ITEM, "gd-cases")
        held.append(found.id if found else None)
        await world.here.wait(days=1)
    assert held == [None, row.id, row.id, None]


async def test_two_hands(world: Divided) -> None:
    divisions = world.here.divisions
    row = await divisions.propose(world.decides, world.wish("gd-window"))
    assert sorted(row.needed) == sorted([USCC, BUREAU, WINDOW])
    with pytest.raises(refusals.SameHand):
        await divisions.consent(world.decides, row.id)
    with pytest.raises(refusals.SameHand):
        await divisions.refuse(world.decides, row.id, "")
    colleague = officer(world.here, Role.HEAD, BUREAU)
    with pytest.raises(refusals.DecidedAlready):
        await divisions.consent(colleague, row.id)
    await divisions.consent(world.own, row.id)
    assert await divisions.in_force(ITEM, "gd-cases") is None
    seen = await divisions.show(world.accepts, row.id)
    assert (seen.may_decide, list(seen.waiting)) == (True, ["政务中心"])
    await divisions.consent(world.accepts, row.id)
    assert await divisions.in_force(ITEM, "gd-cases") is not None
    for act in (divisions.consent(world.accepts, row.id), divisions.refuse(world.own, row.id, "")):
        with pytest.raises(refusals.DecidedAlready):
            await act
    actions = await AuditEntry.filter(subject=f"division:{row.id}").values_list("action", flat=True)
    assert {"divisions.proposed", "divisions.consented", "divisions.agreed"} <= set(actions)


async def test_what_was_refused_or_taken_back_is_over(world: Divided) -> None:
    divisions = world.here.divisions
    refused = await divisions.propose(world.decides, world.wish("gd-window"))
    with pytest.raises(refusals.DivisionUnknown):
        await divisions.withdraw(officer(world.here, Role.HEAD, OTHER), refused.id, "")
    await divisions.refuse(world.own, refused.id, "人手不够")
    for act in (
        divisions.consent(world.accepts, refused.id),
        divisions.refuse(world.accepts, refused.id, ""),
        divisions.withdraw(world.decides, refused.id, ""),
    ):
        with pytest.raises(refusals.DecidedAlready):
            await act
    assert await DivisionConsent.filter(division_id=refused.id).count() == 1
    again = await divisions.propose(world.decides, world.wish("gd-window"))
    await divisions.withdraw(world.decides, again.id, "写错了")
    with pytest.raises(refusals.DecidedAlready):
        await divisions.consent(world.own, again.id)
    assert await divisions.in_force(ITEM, "gd-cases") is None
    assert (await divisions.show(world.own, refused.id)).row.reason == "人手不够"


async def test_what_cannot_be_proposed(world: Divided) -> None:
    divisions, today = world.here.divisions, world.here.calendar.today()
    operator = officer(world.here, Role.OPERATOR)
    for who, wish, refusal in (
        (officer(world.here, Role.CLERK, BUREAU), world.wish(), RoleMissing),
        (world.accepts, world.wish(), refusals.NotYoursToDo),
        (operator, world.wish("gd-nobody"), refusals.SystemUnfit),
        (operator, world.wish("gd-cases", deciding="gd-cases"), refusals.NothingDivided),
        (operator, world.wish(valid_from=today - timedelta(days=1)), refusals.PeriodInvalid),
        (operator, world.wish(valid_to=date(2020, 1, 1)), refusals.PeriodInvalid),
    ):
        with pytest.raises(refusal):
            await divisions.propose(who, wish)
    row = await divisions.propose(operator, world.wish(valid_from=today, valid_to=today))
    with pytest.raises(refusals.ProposedAlready):
        await divisions.propose(world.decides, world.wish())
    with pytest.raises(refusals.DivisionUnknown):
        await divisions.show(world.accepts, row.id)
    with pytest.raises(refusals.DivisionUnknown):
        await divisions.consent(world.accepts, row.id)
    with pytest.raises(RoleMissing):
        await divisions.consent(operator, row.id)
    with pytest.raises(refusals.NotYoursToDo):
        await divisions.withdraw(world.own, row.id, "")
    await divisions.refuse(world.own, row.id, "依据不足")
    with pytest.raises(refusals.DecidedAlready):
        await divisions.withdraw(operator, row.id, "")
    assert await divisions.all(world.accepts) == []
    (shown,) = await divisions.all(world.own)
    assert (shown.row.state, shown.row.reason) == ("refused", "依据不足")
    again = await divisions.propose(operator, world.wish())
    assert (await divisions.withdraw(operator, again.id, "改期")).state == "withdrawn"
