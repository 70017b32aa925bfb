"""Acting by an electronic business licence: shown by its holder, in one session, for a while."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.enterprise import errors as codes
from backend.enterprise.service import NotRepresentative
from backend.identity.service import Level, Session
from backend.members import errors
from backend.members.licensed import SHOWING
from backend.members.models import CorpMember
from backend.members.service import GRANTABLE, Held, Role, Scope
from tests.identity_world import CHEN, LI, Someone
from tests.members_world import BOSS, SUCCESSOR, MembersWorld
from tests.sandbox_world import CLOSED_USCC, USCC

ITEM, OTHER = "11440000MB9X00197K4440730002001", "11440000MB9X00197K4440730002002"


async def bearer(here: MembersWorld, who: Someone, uscc: str = USCC, **more: Any) -> None:
    """Let somebody show the licence."""
    order = {"uscc": uscc, "name": who.name, "id_number": who.id_number, **more}
    assert (await here.register.control("POST", "licence-bearers", order)).status == 200


async def code(
    here: MembersWorld, who: Someone | None = None, uscc: str = USCC, life_s: int = 60
) -> str:
    """What their phone shows; the representative's without ``who``."""
    order = {"uscc": uscc, "id_number": who.id_number if who else None, "life_s": life_s}
    answer = await here.register.control("POST", "licence-codes", order)
    assert answer.status == 200, answer.body
    return str(answer.body["code"])


async def enter(here: MembersWorld, who: Someone, shown: str) -> Held:
    """They type it in their session."""
    return await here.members.licensing.enter(await here.session(who), here.holder(who), shown)


async def unproven(here: MembersWorld, who: Someone) -> Session:
    """Their session, as if they had not shown their face."""
    return (await here.session(who))._replace(level=Level.REAL_NAME)


async def test_the_representative_enters_as_such(here: MembersWorld) -> None:
    session = await unproven(here, BOSS)
    assert not await here.members.licensed(session, USCC)
    held = await enter(here, BOSS, await code(here))
    assert (held.grant.role, held.grant.uscc) == (Role.LEGAL_REP, USCC)
    assert await here.members.licensed(session, USCC)
    acting = await here.admit(BOSS, Scope.ADMINISTRATORS)
    assert (acting.role, acting.member_id) == (Role.LEGAL_REP, None)
    # The list below level 4 has it by the licence, that of level 4 by the register.
    assert [one.grant.uscc for one in await here.members.held(session)] == [USCC]
    assert await here.members.held(await here.session(BOSS)) == []
    assert await here.members.granting.members(acting) == []
    assert await here.actions() == ["members.licence_shown"]


async def test_whoever_was_appointed_there_enters_as_an_agent(here: MembersWorld) -> None:
    await bearer(here, LI, role="administrator")
    held = await enter(here, LI, await code(here, LI))
    assert (held.grant.role, held.grant.by_licence) == (Role.AGENT, True)
    acting = await here.admit(LI, Scope.CASES_APPLY, ITEM)
    assert acting.scopes == {Scope.VIEW, *GRANTABLE}
    for scope in (Scope.MEMBERS, Scope.MACHINES, Scope.ADMINISTRATORS):
        with pytest.raises(errors.ScopeMissing):
            await here.admit(LI, scope)
    boss = await here.admit(BOSS)
    (listed,) = await here.members.granting.members(boss)
    assert (listed.name, listed.by_licence, listed.ends_at) == ("李**", True, acting.ends_at)
    await here.revoke(listed.id)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    assert not await here.members.licensed(await here.session(LI), USCC)


async def test_an_appointment_for_named_items_until_a_day_is_no_more_than_that(
    here: MembersWorld,
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    await bearer(here, LI, items=[ITEM], valid_until=until.isoformat())
    await enter(here, LI, await code(here, LI))
    assert (await here.admit(LI, Scope.CASES_APPLY, ITEM)).ends_at == until
    with pytest.raises(errors.ItemNotGranted):
        await here.admit(LI, Scope.CASES_APPLY, OTHER)
    here.clock.on(hours=2)
    with pytest.raises(errors.GrantExpired):
        await here.admit(LI)


async def test_it_holds_in_no_other_session_and_for_half_a_day(here: MembersWorld) -> None:
    await bearer(here, LI)
    session = await here.session(LI)
    await enter(here, LI, await code(here, LI))
    other = session._replace(session_id="AAAAAAAAAAA")
    with pytest.raises(NotRepresentative):
        await here.members.admit(other, here.holder(LI), USCC, Scope.VIEW)
    assert not await here.members.licensed(other, USCC)
    assert await here.members.held(other) == []
    assert (await here.members.lost(other), await here.members.lost(session)) == ([USCC], [])
    here.clock.on(hours=12)
    with pytest.raises(errors.GrantExpired):
        await here.admit(LI)
    assert not await here.members.licensed(session, USCC)
    here.clock.on(minutes=1)
    assert await here.members.purge() == 1
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)


async def test_it_stands_beside_an_invitation_and_replaces_itself(here: MembersWorld) -> None:
    await here.appoint(LI, items=[OTHER])
    await bearer(here, LI)
    for _ in range(2):
        await enter(here, LI, await code(here, LI))
    assert await CorpMember.filter(state="active").count() == 2
    await here.admit(LI, Scope.POLICIES)
    (held,) = await here.members.held(await here.session(LI))
    assert held.grant.by_licence
    await here.members.licensing.leave(await here.session(LI))
    assert (await here.admit(LI)).items == {OTHER}
    with pytest.raises(errors.ScopeMissing):
        await here.admit(LI, Scope.POLICIES)


@pytest.mark.parametrize("change", ["another representative", "struck off"])
async def test_the_register_ends_it(here: MembersWorld, change: str) -> None:
    await bearer(here, LI)
    await enter(here, LI, await code(here, LI))
    await enter(here, BOSS, await code(here))
    if change == "struck off":
        await here.change(status="吊销")
    else:
        named = {"name": SUCCESSOR.name, "id_number": SUCCESSOR.id_number}
        await here.change(legal_representative=named)
        with pytest.raises(errors.GrantEnded):
            await here.admit(BOSS)
    with pytest.raises(errors.GrantEnded):
        await here.admit(LI)
    assert await CorpMember.filter(state="active").count() == 0


async def test_a_code_opens_one_door_once(here: MembersWorld) -> None:
    await here.session(BOSS)
    shown = await code(here)
    found = await asyncio.gather(
        *(enter(here, BOSS, shown) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Held) for one in found) == 1
    assert sum(isinstance(one, codes.LicenceCodeUsed) for one in found) == 3
    assert await CorpMember.filter(state="active").count() == 1


async def test_an_old_and_an_unknown_code_are_refused(here: MembersWorld) -> None:
    with pytest.raises(codes.LicenceCodeExpired):
        await enter(here, BOSS, await code(here, life_s=0))
    for unknown in ("2345-6789-ABCD", "short", "x" * 65, "统一社会信用代码一二三四"):
        with pytest.raises(codes.LicenceCodeUnknown):
            await enter(here, BOSS, unknown)


async def test_a_licence_in_another_hand_opens_nothing_and_is_written_down(
    here: MembersWorld,
) -> None:
    await bearer(here, CHEN)
    for shown in (await code(here), await code(here, CHEN)):
        with pytest.raises(errors.LicenceNotYours):
            await enter(here, LI, shown)
    assert await here.actions() == ["members.licence_refused"] * 2
    with pytest.raises(NotRepresentative):
        await here.admit(LI)


async def test_a_licence_that_the_register_contradicts_opens_nothing(here: MembersWorld) -> None:
    with pytest.raises(errors.LicenceClosed):
        await enter(here, BOSS, await code(here, uscc=CLOSED_USCC))
    shown = await code(here)
    here.clock.on(hours=1)
    await bearer(here, LI, valid_until=(datetime.now(UTC) + timedelta(minutes=30)).isoformat())
    with pytest.raises(errors.LicenceOutdated):
        await enter(here, LI, await code(here, LI))
    assert shown


@pytest.mark.parametrize("kind", ["hang", "status", "malformed", "wrong_signature"])
async def test_a_system_that_does_not_answer_is_said_to_be_silent(
    here: MembersWorld, kind: str
) -> None:
    shown = await code(here)
    if kind == "hang":
        await here.hurry()
    order = {"kind": kind, "operation": "enterprises.licence_code"}
    assert (await here.register.control("POST", "faults", order)).status == 201
    with pytest.raises(codes.LicenceSystemSilent):
        await enter(here, BOSS, shown)
    await here.register.control("DELETE", "faults")
    assert await CorpMember.all().count() == 0


async def test_nobody_tries_many_codes(here: MembersWorld) -> None:
    for _ in range(SHOWING.limit):
        with pytest.raises(codes.LicenceCodeUnknown):
            await enter(here, LI, "2345-6789-ABCD")
    with pytest.raises(errors.TooManyCodes) as refused:
        await enter(here, LI, "2345-6789-ABCD")
    assert 0 < refused.value.retry_after <= SHOWING.window_s
