"""Who acts for an enterprise: given, used, taken back, ended by the register; on both backings."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from backend.enterprise.service import NotRepresentative, RegisterUnavailable
from backend.members import errors
from backend.members.models import CorpBook, CorpMember
from backend.members.service import Pace, Role, Scope
from backend.store.redis import HotLink
from tests.identity_world import CHEN, LI, RARE, UNSEEN, ZHANG, Someone, someone
from tests.members_world import BOSS, SUCCESSOR, MembersWorld
from tests.sandbox_world import CLOSED_USCC, USCC
from tests.servers import Backing

ITEM, OTHER = "11440000MB9X00197K4440730002001", "11440000MB9X00197K4440730002002"


async def test_the_representative_may_everything_and_a_stranger_nothing(here: MembersWorld) -> None:
    boss = await here.admit(BOSS, Scope.ADMINISTRATORS)
    assert (boss.role, boss.scopes, boss.member_id) == (Role.LEGAL_REP, frozenset(Scope), None)
    for uscc in (USCC, "91440300MA5ABCD19W", "nonsense"):
        with pytest.raises(NotRepresentative):
            await here.admit(LI, uscc=uscc)


async def test_an_agent_may_what_was_given_and_no_more(here: MembersWorld) -> None:
    await here.appoint(LI, items=[ITEM])
    acting = await here.admit(LI, Scope.CASES_APPLY, ITEM)
    assert acting.role is Role.AGENT
    assert acting.scopes == {Scope.VIEW, Scope.CASES_READ, Scope.CASES_APPLY, Scope.LICENCES}
    for scope in (Scope.POLICIES, Scope.MEMBERS, Scope.MACHINES, Scope.ADMINISTRATORS):
        with pytest.raises(errors.ScopeMissing) as refused:
            await here.admit(LI, scope)
        assert refused.value.context() == {"required_scope": str(scope)}
    with pytest.raises(errors.ItemNotGranted):
        await here.admit(LI, Scope.CASES_APPLY, OTHER)
    assert await here.actions() == ["members.invited", "members.accepted"]


async def test_an_administrator_invites_agents_but_appoints_nobody(here: MembersWorld) -> None:
    await here.appoint(ZHANG, role=Role.ADMINISTRATOR)
    agent = await here.accept(LI, (await here.invite(LI, by=ZHANG)).id)
    with pytest.raises(errors.ScopeMissing):
        await here.invite(CHEN, by=ZHANG, role=Role.ADMINISTRATOR)
    other = await here.appoint(CHEN, role=Role.ADMINISTRATOR)
    with pytest.raises(errors.ScopeMissing):
        await here.revoke(other.id, by=ZHANG)
    await here.revoke(agent.id, by=ZHANG)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    boss = await here.admit(BOSS)
    listed = await here.members.granting.members(boss)
    assert {(each.role, each.state, each.name) for each in listed} == {
        (Role.ADMINISTRATOR, "active", "张**"), (Role.ADMINISTRATOR, "active", "陈**"),
    }  # fmt: skip


async def test_what_was_taken_back_opens_nothing_with_the_next_request(here: MembersWorld) -> None:
    member = await here.appoint(LI)
    await here.admit(LI, Scope.LICENCES)
    await here.revoke(member.id)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    with pytest.raises(errors.MemberUnknown):
        await here.revoke(member.id)
    assert await here.members.lost(await here.session(LI)) == [USCC]
    assert (await here.members.held(await here.session(LI))) == []


async def test_an_agent_gives_it_back(here: MembersWorld) -> None:
    await here.appoint(LI)
    acting = await here.admit(LI)
    await here.members.resign(acting)
    for nothing in (acting, await here.admit(BOSS)):
        with pytest.raises(errors.MemberUnknown):
            await here.members.resign(nothing)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)


async def test_after_the_last_day_it_holds_no_more(here: MembersWorld) -> None:
    await here.appoint(LI, ends_on=here.today())
    await here.admit(LI)
    here.clock.on(days=1)
    with pytest.raises(errors.GrantExpired):
        await here.admit(LI)
    assert (await here.members.held(await here.session(LI))) == []


@pytest.mark.parametrize("by_worker", [False, True], ids=["at the door", "by the worker"])
async def test_another_representative_ends_what_the_former_gave(
    here: MembersWorld, by_worker: bool
) -> None:
    await here.appoint(LI)
    waiting = await here.invite(CHEN)
    await here.appoint(ZHANG, role=Role.ADMINISTRATOR)
    named = {"name": SUCCESSOR.name, "id_number": SUCCESSOR.id_number}
    await here.change(legal_representative=named)
    if by_worker:
        assert await here.members.watch() == 1
        assert await CorpMember.filter(state="ended").count() == 3
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    with pytest.raises(NotRepresentative):
        await here.admit(BOSS)
    with pytest.raises(errors.InvitationUnknown):
        await here.accept(CHEN, waiting.id)
    assert (await CorpBook.get(uscc=USCC)).administrators == 0
    assert (await here.actions()).count("members.ended") == 3
    assert (await here.admit(SUCCESSOR, Scope.ADMINISTRATORS)).role is Role.LEGAL_REP
    assert await here.members.watch() is None


@pytest.mark.parametrize("status", ["注销", "吊销"])
async def test_who_was_struck_off_has_no_members(here: MembersWorld, status: str) -> None:
    await here.appoint(LI)
    await here.change(status=status)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    with pytest.raises(errors.EnterpriseClosed):
        await here.invite(CHEN)


async def test_a_closed_shop_appoints_nobody(here: MembersWorld) -> None:
    boss = await here.admit(BOSS, uscc=CLOSED_USCC)
    with pytest.raises(errors.EnterpriseClosed):
        await here.members.granting.invite(boss, here.grant(LI))


async def test_without_the_register_no_agent_is_let_in(here: MembersWorld) -> None:
    await here.appoint(LI)
    order = {"kind": "status", "operation": "enterprises.get"}
    assert (await here.register.control("POST", "faults", order)).status == 201
    await here.admit(LI)
    async for key in here.here.redis.scan_iter("e:*:record"):
        await here.here.redis.delete(key)
    with pytest.raises(RegisterUnavailable):
        await here.admit(LI)
    (held,) = await here.members.held(await here.session(LI))
    assert held.enterprise == "silent"


async def test_an_invitation_is_for_one_phone_with_one_name(here: MembersWorld) -> None:
    invited = await here.invite(LI)
    assert (invited.name, invited.phone) == ("李**", "138****8002")
    for who in (CHEN, BOSS):
        session = await here.session(who)
        assert await here.members.granting.invitations(session, here.holder(who)) == []
        with pytest.raises(errors.InvitationUnknown):
            await here.accept(who, invited.id)
    mine = await here.members.granting.invitations(await here.session(LI), here.holder(LI))
    assert [each.id for each in mine] == [invited.id]
    await here.members.granting.decline(await here.session(LI), here.holder(LI), invited.id)
    with pytest.raises(errors.InvitationUnknown):
        await here.accept(LI, invited.id)


async def test_an_invitation_lapses_after_a_week(here: MembersWorld) -> None:
    invited = await here.invite(LI)
    here.clock.on(days=7)
    with pytest.raises(errors.InvitationUnknown):
        await here.accept(LI, invited.id)
    here.clock.on(days=2)
    assert await here.members.purge() == 1
    assert (await CorpMember.get(id=invited.id)).ended_reason == "lapsed"


async def test_somebody_without_an_account_is_invited_all_the_same(here: MembersWorld) -> None:
    newcomer = someone("何新来", date(1991, 4, 5), 66, "13800138066")
    invited = await here.invite(newcomer)
    here.here.gongan.knows(newcomer)
    assert (await here.accept(newcomer, invited.id)).state == "active"


async def test_the_representative_needs_no_leave(here: MembersWorld) -> None:
    invited = await here.invite(BOSS)
    with pytest.raises(errors.OwnInvitation):
        await here.accept(BOSS, invited.id)


async def test_a_second_grant_replaces_the_first(here: MembersWorld) -> None:
    await here.appoint(LI, role=Role.ADMINISTRATOR)
    await here.appoint(LI, scopes=[Scope.CASES_READ])
    assert (await here.admit(LI)).scopes == {Scope.VIEW, Scope.CASES_READ}
    assert (await CorpBook.get(uscc=USCC)).administrators == 0


async def test_a_removed_administrators_invitations_go_with_them(here: MembersWorld) -> None:
    member = await here.appoint(ZHANG, role=Role.ADMINISTRATOR)
    invited = await here.invite(LI, by=ZHANG)
    await here.revoke(member.id)
    with pytest.raises(errors.InvitationUnknown):
        await here.accept(LI, invited.id)


@pytest.mark.one_store
@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": [Scope.MEMBERS]},
        {"scopes": [Scope.ADMINISTRATORS, Scope.CASES_READ]},
        {"ends_on": None},
        {"role": Role.ADMINISTRATOR, "items": [ITEM]},
        {"role": Role.LEGAL_REP, "scopes": [Scope.CASES_READ]},
        {"items": [f"{ITEM[:-3]}{n:03}" for n in range(51)]},
    ],
)
async def test_what_cannot_be_given(here: MembersWorld, wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.GrantInvalid):
        await here.invite(LI, **wrong)


@pytest.mark.parametrize("days", [-1, 367])
async def test_the_last_day_lies_within_a_year(here: MembersWorld, days: int) -> None:
    with pytest.raises(errors.GrantInvalid):
        await here.invite(LI, ends_on=here.today() + timedelta(days=days))


async def test_a_phone_that_is_none(here: MembersWorld) -> None:
    nobody = Someone(LI.name, LI.id_number, "12345")
    with pytest.raises(errors.PhoneInvalid):
        await here.invite(nobody)


async def test_never_a_sixth_administrator_however_many_accept_at_once(here: MembersWorld) -> None:
    crowd = [someone("众多人", date(1980, 1, 1 + n), 11 + n, f"1370000000{n}") for n in range(8)]
    for who in crowd:
        here.here.gongan.knows(who)
        await here.session(who)
    boss = await here.admit(BOSS)
    rows = []
    for who in crowd:  # past the friendly count, as by many invitations at once
        grant = here.grant(who, role=Role.ADMINISTRATOR)
        grant = type(grant)(grant.role, grant.name, f"+86{who.phone}")
        rows.append(here.members.granting._row(boss, boss.enterprise, grant))
        await rows[-1].save(force_create=True)
    done = await asyncio.gather(
        *(here.accept(who, row.id) for who, row in zip(crowd, rows, strict=True)),
        return_exceptions=True,
    )
    refused = [each for each in done if isinstance(each, BaseException)]
    assert [type(each) for each in refused] == [errors.TooManyAdministrators] * 3
    assert await CorpMember.filter(uscc=USCC, role="ADMINISTRATOR", state="active").count() == 5
    with pytest.raises(errors.TooManyAdministrators):
        await here.invite(RARE, role=Role.ADMINISTRATOR)
    first = await CorpMember.filter(state="active").order_by("id").first()
    assert first is not None
    await here.revoke(first.id)
    still = next(row for row, each in zip(rows, done, strict=True) if each in refused)
    await here.accept(crowd[rows.index(still)], still.id)
    assert (await CorpBook.get(uscc=USCC)).administrators == 5


async def test_invitations_are_bounded(here: MembersWorld) -> None:
    boss = await here.admit(BOSS)
    for _ in range(40):
        await here.members.granting._bounded(boss, Role.AGENT)
    with pytest.raises(errors.TooManyInvitations):
        await here.invite(LI)


async def test_who_acted_for_whom_is_written_down(here: MembersWorld) -> None:
    await here.appoint(LI)
    await here.members.acted(await here.admit(LI), "enterprise_cases.withdraw")
    assert (await here.actions())[-1] == "members.acted"


async def test_an_agent_files_no_more_than_they_may_however_many_at_once(
    here: MembersWorld,
) -> None:
    member = await here.appoint(LI, most_cases=3)
    acting = await here.admit(LI, Scope.CASES_APPLY)
    assert (acting.cases_left, acting.member_id) == (3, member.id)

    async def file() -> None:
        async with in_transaction():
            await here.members.count(member.id)

    found = await asyncio.gather(*(file() for _ in range(8)), return_exceptions=True)
    assert sum(one is None for one in found) == 3
    assert sum(isinstance(one, errors.CasesSpent) for one in found) == 5
    assert (await here.admit(LI)).cases_left == 0
    with pytest.raises(errors.CasesSpent) as refused:
        await here.members.require_room(member.id)
    assert refused.value.context() == {"most": 3}
    boss = await here.admit(BOSS)
    more = await here.members.granting.limit(boss, member.id, 4)
    assert (more.most_cases, more.cases_filed, more.cases_left) == (4, 3, 1)
    await file()
    assert (await here.members.granting.limit(boss, member.id, 2)).cases_left == 0
    await here.members.granting.limit(boss, member.id, None)
    await file()
    await here.revoke(member.id)
    with pytest.raises(errors.GrantEnded):
        await file()
    assert (await CorpMember.get(id=member.id)).cases_filed == 5
    assert (await here.actions()).count("members.limited") == 3


async def test_what_no_limit_can_be_given_to(here: MembersWorld) -> None:
    for wrong in (
        {"most_cases": 0}, {"most_cases": 10_001},
        {"most_cases": 5, "scopes": [Scope.CASES_READ]},
        {"most_cases": 5, "role": Role.ADMINISTRATOR},
    ):  # fmt: skip
        with pytest.raises(errors.GrantInvalid):
            await here.invite(LI, **wrong)
    chief = await here.appoint(ZHANG, role=Role.ADMINISTRATOR)
    boss = await here.admit(BOSS)
    with pytest.raises(errors.GrantInvalid):
        await here.members.granting.limit(boss, chief.id, 5)
    gone = await here.appoint(LI)
    await here.revoke(gone.id)
    with pytest.raises(errors.MemberUnknown):
        await here.members.granting.limit(boss, gone.id, 5)


async def test_the_channel_has_a_pace_of_its_own(
    here: MembersWorld, backing: Backing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is not answered in time is asked, and counted, once more.
    monkeypatch.setattr("backend.store.redis.ANSWER_TIMEOUT_S", 20)
    hot = HotLink(backing.redis_url, here.here.redis)
    try:
        one, other = Pace(hot, 5), Pace(hot, 5)
        found = await asyncio.gather(
            *(pace.take("subject", USCC) for pace in (one, other) for _ in range(4)),
            return_exceptions=True,
        )
        assert sum(each is None for each in found) == 5
        refused = [each for each in found if isinstance(each, errors.TooManyRequests)]
        assert len(refused) == 3
        assert all(0 < each.retry_after <= 60 for each in refused)
        await one.take("subject", CLOSED_USCC)
        await one.take("another", USCC)
    finally:
        await hot.close()


async def test_an_administrator_who_has_run_out_holds_no_place(here: MembersWorld) -> None:
    first, *others = (LI, CHEN, ZHANG, RARE, SUCCESSOR)
    await here.appoint(first, role=Role.ADMINISTRATOR, ends_on=here.today())
    for who in others:
        await here.appoint(who, role=Role.ADMINISTRATOR)
    with pytest.raises(errors.TooManyAdministrators):
        await here.invite(UNSEEN, role=Role.ADMINISTRATOR)
    here.clock.on(days=1)
    await here.appoint(UNSEEN, role=Role.ADMINISTRATOR)
    assert (await CorpBook.get(uscc=USCC)).administrators == 5
    with pytest.raises(errors.GrantEnded):
        await here.admit(first)
