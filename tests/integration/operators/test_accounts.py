"""Accounts: three administrators, two persons for one account, and nobody for their own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from backend.operators.errors import (
    AccountNotFound,
    AccountPending,
    CreatorCannotActivate,
    CursorInvalid,
    DepartmentInvalid,
    LastAdministrator,
    LoginWrong,
    NameInvalid,
    OperatorError,
    OwnAccount,
    RoleMissing,
    SessionExpired,
    StateConflict,
    UsernameInvalid,
    UsernameTaken,
)
from backend.operators.models import OperatorAccount
from backend.operators.service import Officer, Role, State, Wanted
from backend.store.ids import uuid7
from tests.operators_world import ADDRESS, OTHER_USCC, PASSWORD, USCC, World

Act = Callable[[World, Officer, str], Awaitable[object]]
ACTS: dict[str, tuple[Role, Act]] = {
    "create": (
        Role.SYSTEM_ADMIN,
        lambda world, by, _: world.operators.create_account(
            by, Wanted("made-by-test", "新人", Role.OPERATOR)
        ),
    ),
    "reset": (Role.SYSTEM_ADMIN, lambda world, by, whom: world.operators.reset_account(by, whom)),
    "disable": (
        Role.SYSTEM_ADMIN,
        lambda world, by, whom: world.operators.disable_account(by, whom, "离职"),
    ),
    "activate": (
        Role.SECURITY_ADMIN,
        lambda world, by, whom: world.operators.activate_account(by, whom),
    ),
    "lock": (
        Role.SECURITY_ADMIN,
        lambda world, by, whom: world.operators.lock_account(by, whom, "异常登录"),
    ),
    "unlock": (
        Role.SECURITY_ADMIN,
        lambda world, by, whom: world.operators.unlock_account(by, whom),
    ),
}


def somebody(role: Role) -> Officer:
    """An officer as the edge would hand one over."""
    return Officer(uuid7(), f"some-{role}", "某人", role, USCC if role is Role.CLERK else None)


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_belongs_to_one_role(world: World, act: str) -> None:
    whom = str((await world.person(Role.OPERATOR)).account.id)
    allowed, perform = ACTS[act]
    for role in Role:
        if role is not allowed:
            with pytest.raises(RoleMissing):
                await perform(world, somebody(role), whom)


@pytest.mark.parametrize("act", [name for name in ACTS if name != "create"])
async def test_nobody_acts_on_their_own_account(world: World, act: str) -> None:
    allowed, perform = ACTS[act]
    officer = await world.officer(allowed)
    await world.person(allowed)  # so that it is not for being the last
    with pytest.raises(OwnAccount):
        await perform(world, officer, str(officer.account_id))
    assert (await OperatorAccount.get(id=officer.account_id)).state is State.ACTIVE


@pytest.mark.parametrize("act", [name for name in ACTS if name != "create"])
@pytest.mark.parametrize("whom", ["x", "", str(uuid7())])
async def test_an_account_that_is_not_there_is_not_found(world: World, act: str, whom: str) -> None:
    allowed, perform = ACTS[act]
    with pytest.raises(AccountNotFound):
        await perform(world, somebody(allowed), whom)


async def test_two_persons_make_an_account(world: World) -> None:
    system, security = somebody(Role.SYSTEM_ADMIN), somebody(Role.SECURITY_ADMIN)
    made = await world.operators.create_account(
        system, Wanted("Gd-Yibao.Clerk", " 王  经办 ", Role.CLERK, USCC.lower())
    )
    account = made.account
    assert (account.username, account.name) == ("gd-yibao.clerk", "王 经办")
    assert (account.state, account.enrolled) == (State.PENDING, False)
    assert account.department_uscc == USCC
    with pytest.raises(AccountPending):
        await world.operators.login("gd-yibao.clerk", made.password, "", ADDRESS)
    await world.operators.activate_account(security, str(account.id))
    assert await world.ticket("gd-yibao.clerk", made.password)
    with pytest.raises(StateConflict):
        await world.operators.activate_account(security, str(account.id))
    assert await world.actions(subject=f"officer:{account.id}") == [
        "operators.account_created",
        "operators.login_refused",
        "operators.account_activated",
    ]


async def test_whoever_created_an_account_cannot_activate_it(world: World) -> None:
    """Even with both roles in one hand, as after a change of role."""
    system = somebody(Role.SYSTEM_ADMIN)
    made = await world.operators.create_account(system, Wanted("newcomer", "新人", Role.OPERATOR))
    both = Officer(system.account_id, "some", "某人", Role.SECURITY_ADMIN)
    with pytest.raises(CreatorCannotActivate):
        await world.operators.activate_account(both, str(made.account.id))


async def test_the_security_administrator_is_told_of_a_new_account(world: World) -> None:
    security = await world.officer(Role.SECURITY_ADMIN)
    auditor = await world.officer(Role.AUDIT_ADMIN)
    made = await world.pending(Role.CLERK, "newcomer")
    (notice,) = (await world.operators.notices(security)).notices
    assert "newcomer" in notice.text
    assert notice.link == f"/console/accounts/{made.account.id}"
    assert (await world.operators.notices(auditor)).notices == []
    assert (await world.operators.account_counts(security))[State.PENDING] == 1


BAD = [
    (UsernameInvalid, Wanted("王", "新人", Role.OPERATOR)),
    (UsernameInvalid, Wanted("ab", "新人", Role.OPERATOR)),
    (UsernameInvalid, Wanted("1abc", "新人", Role.OPERATOR)),
    (UsernameInvalid, Wanted("a" * 33, "新人", Role.OPERATOR)),
    (UsernameInvalid, Wanted("a b c", "新人", Role.OPERATOR)),
    (NameInvalid, Wanted("newcomer", "  ", Role.OPERATOR)),
    (NameInvalid, Wanted("newcomer", "字" * 41, Role.OPERATOR)),
    (NameInvalid, Wanted("newcomer", "a\x07b", Role.OPERATOR)),
    (DepartmentInvalid, Wanted("newcomer", "新人", Role.CLERK)),
    (DepartmentInvalid, Wanted("newcomer", "新人", Role.HEAD, "11350211M00013FA1N")),
    (DepartmentInvalid, Wanted("newcomer", "新人", Role.OPERATOR, USCC)),
    (DepartmentInvalid, Wanted("newcomer", "新人", Role.AUDIT_ADMIN, USCC)),
]


@pytest.mark.parametrize(("refusal", "wanted"), BAD)
async def test_an_account_that_cannot_be_is_refused(
    world: World, refusal: type[OperatorError], wanted: Wanted
) -> None:
    with pytest.raises(refusal):
        await world.operators.create_account(somebody(Role.SYSTEM_ADMIN), wanted)
    assert await OperatorAccount.all().count() == 0


async def test_a_username_is_given_once_even_after_the_account_is_closed(world: World) -> None:
    who = await world.person(Role.OPERATOR, "leaver")
    system = somebody(Role.SYSTEM_ADMIN)
    await world.operators.disable_account(system, str(who.account.id), "离职")
    with pytest.raises(UsernameTaken):
        await world.operators.create_account(system, Wanted("leaver", "新人", Role.OPERATOR))


@pytest.mark.parametrize("act", ["reset", "disable", "lock"])
async def test_an_act_against_an_account_ends_its_sessions_at_once(world: World, act: str) -> None:
    who = await world.person(Role.OPERATOR)
    opened = await world.login(who)
    allowed, perform = ACTS[act]
    await perform(world, somebody(allowed), str(who.account.id))
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(opened.token)


async def test_a_reset_asks_for_everything_anew(world: World) -> None:
    who = await world.person(Role.OPERATOR, "forgetful")
    made = await world.operators.reset_account(somebody(Role.SYSTEM_ADMIN), str(who.account.id))
    assert made.secret is None
    assert not made.account.enrolled
    with pytest.raises(LoginWrong):
        await world.operators.login("forgetful", PASSWORD, world.code(who), ADDRESS)
    ticket = await world.ticket("forgetful", made.password)
    assert (await world.operators.enrolment(ticket)).secret != who.secret


async def test_what_is_closed_stays_closed(world: World) -> None:
    who, system = await world.person(Role.OPERATOR), somebody(Role.SYSTEM_ADMIN)
    whom = str(who.account.id)
    await world.operators.disable_account(system, whom, "离职")
    for act in ("reset", "disable", "activate", "lock", "unlock"):
        allowed, perform = ACTS[act]
        with pytest.raises(StateConflict):
            await perform(world, somebody(allowed), whom)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
@pytest.mark.parametrize("act", ["disable", "lock"])
async def test_the_last_administrator_of_a_kind_stays(world: World, role: Role, act: str) -> None:
    last = str((await world.person(role)).account.id)
    await world.pending(role, "not-yet")  # one who cannot log in is no help
    allowed, perform = ACTS[act]
    if role is Role.SYSTEM_ADMIN:
        await OperatorAccount.filter(role=role).exclude(id=last).delete()
    with pytest.raises(LastAdministrator):
        await perform(world, somebody(allowed), last)
    assert (await OperatorAccount.get(id=last)).state is State.ACTIVE
    await world.person(role)
    await perform(world, somebody(allowed), last)


@pytest.mark.parametrize("act", ["disable", "lock"])
async def test_two_at_once_cannot_take_the_last_two(world: World, act: str) -> None:
    pair = [str((await world.person(Role.AUDIT_ADMIN)).account.id) for _ in range(2)]
    allowed, perform = ACTS[act]
    done = await asyncio.gather(
        *(perform(world, somebody(allowed), whom) for whom in pair), return_exceptions=True
    )
    assert sorted(isinstance(one, LastAdministrator) for one in done) == [False, True]
    left = await OperatorAccount.filter(role=Role.AUDIT_ADMIN, state=State.ACTIVE).count()
    assert left == 1


async def test_accounts_are_found_by_state_role_words_and_department(world: World) -> None:
    await world.person(Role.OPERATOR, "op-one")
    await world.person(Role.CLERK, "clerk-one")
    await world.pending(Role.HEAD, "head-one")
    by = somebody(Role.SECURITY_ADMIN)

    async def names(**sought: object) -> set[str]:
        page = await world.operators.accounts(by, **sought)  # type: ignore[arg-type]
        return {one.username for one in page.accounts}

    assert await names(state=State.PENDING) == {"head-one"}
    assert await names(role=Role.CLERK) == {"clerk-one"}
    assert await names(words="ONE") == {"op-one", "clerk-one", "head-one"}
    assert await names(words=USCC) == {"clerk-one", "head-one"}
    assert await names(words=OTHER_USCC) == set()
    assert await names(words="%") == set()


async def test_pages_of_accounts_go_on_without_gap(world: World) -> None:
    for number in range(53):
        await world.initial(Role.OPERATOR, f"op-{number:02}")
    by = somebody(Role.SYSTEM_ADMIN)
    first = await world.operators.accounts(by)
    assert first.next_cursor is not None
    second = await world.operators.accounts(by, cursor=first.next_cursor)
    names = [one.username for one in [*first.accounts, *second.accounts]]
    assert names == [f"op-{number:02}" for number in reversed(range(53))]
    assert second.next_cursor is None
    with pytest.raises(CursorInvalid):
        await world.operators.accounts(by, cursor="x")


async def test_only_two_administrators_see_accounts(world: World) -> None:
    whom = str((await world.person(Role.OPERATOR)).account.id)
    for role in Role:
        looks = role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
        for look in (
            lambda by: world.operators.account(by, whom),
            world.operators.accounts,
            world.operators.account_counts,
        ):
            if looks:
                assert await look(somebody(role))
            else:
                with pytest.raises(RoleMissing):
                    await look(somebody(role))


async def test_the_command_line_resets_unlocks_and_lists(world: World) -> None:
    who = await world.person(Role.SECURITY_ADMIN, "only")
    await OperatorAccount.filter(id=who.account.id).update(state=State.LOCKED)
    made = await world.operators.bootstrap_reset("only")
    assert made.secret is not None
    assert made.account.state is State.ACTIVE
    (listed,) = await world.operators.bootstrap_list()
    assert (listed.username, listed.enrolled) == ("only", False)
    with pytest.raises(AccountNotFound):
        await world.operators.bootstrap_reset("nobody")
    assert "operators.account_reset" in await world.actions(actor="command-line")
