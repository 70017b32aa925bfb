"""Logging in: password and code, what locks, what a first login asks for."""

from datetime import timedelta

import pyotp
import pytest

from backend.audit.models import AuditEntry
from backend.operators.errors import (
    AccountDisabled,
    AccountLocked,
    AccountPending,
    CodeWrong,
    EnrolmentExpired,
    InitialExpired,
    LoginLocked,
    LoginWrong,
    OperatorError,
    PasswordWeak,
    PasswordWrong,
)
from backend.operators.login import ACCOUNT, ACCOUNT_DAY
from backend.operators.login import ADDRESS as ADDRESS_RULE
from backend.operators.models import OperatorAccount
from backend.operators.service import Role, State
from tests.operators_world import ADDRESS, PASSWORD, Person, World


async def refused(world: World, username: str, password: str, code: str) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        await world.operators.login(username, password, code, ADDRESS)
    return caught.value


async def test_password_and_code_open_a_session(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    opened = await world.login(who)
    officer = await world.operators.officer_of(opened.token)
    assert (officer.username, officer.role, officer.name) == ("opener", Role.OPERATOR, "演示")
    assert await world.actions(actor=officer.actor) == [
        "operators.enrolled",
        "operators.login",
        "operators.login",
    ]


async def test_the_username_is_taken_however_it_is_written(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    opened = await world.operators.login(" Opener ", PASSWORD, world.code(who), ADDRESS)
    assert opened.officer.account_id == who.account.id


async def test_whatever_is_wrong_gets_the_same_answer(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    code = world.code(who)
    wrong = [
        await refused(world, "nobody", PASSWORD, code),
        await refused(world, "opener", "not the password", code),
        await refused(world, "opener", PASSWORD, "000000" if code != "000000" else "000001"),
        await refused(world, "opener", PASSWORD, ""),
    ]
    assert {type(one) for one in wrong} == {LoginWrong}
    assert len({(one.code, one.detail, str(one.context())) for one in wrong}) == 1


async def test_a_password_is_hashed_for_an_account_that_does_not_exist(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work is done, so that the time says nothing."""
    await world.person(Role.OPERATOR, "opener")
    verified: list[str] = []
    words = world.operators._logins._passwords
    verify = words._verify

    def counting(kept: str, password: str) -> bool:
        verified.append(kept)
        return verify(kept, password)

    monkeypatch.setattr(words, "_verify", counting)
    await refused(world, "opener", "not the password", "")
    await refused(world, "nobody", "not the password", "")
    known, unknown = (kept.rpartition("$")[0].rpartition("$")[0] for kept in verified)
    assert known == unknown  # algorithm, version and costs


async def test_a_code_is_used_once(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    code = world.code(who)
    await world.operators.login("opener", PASSWORD, code, ADDRESS)
    assert isinstance(await refused(world, "opener", PASSWORD, code), LoginWrong)


async def test_a_code_before_the_last_used_does_not_count_any_more(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    world.clock.move(seconds=60)
    totp = pyotp.TOTP(who.secret)
    ahead = totp.at(world.clock.now + timedelta(seconds=30))
    await world.operators.login("opener", PASSWORD, ahead, ADDRESS)
    assert isinstance(
        await refused(world, "opener", PASSWORD, totp.at(world.clock.now)), LoginWrong
    )


COUNTS = [(-2, False), (-1, True), (0, True), (1, True), (2, False)]


@pytest.mark.parametrize(("steps", "taken"), COUNTS)
async def test_a_code_counts_one_step_before_and_after(
    world: World, steps: int, taken: bool
) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    world.clock.move(minutes=10)
    code = pyotp.TOTP(who.secret).at(world.clock.now + timedelta(seconds=30 * steps))
    if taken:
        assert await world.operators.login("opener", PASSWORD, code, ADDRESS)
    else:
        assert isinstance(await refused(world, "opener", PASSWORD, code), LoginWrong)


async def test_failures_lock_for_a_quarter_of_an_hour_and_say_until_when(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    for _ in range(ACCOUNT.limit):
        await refused(world, "opener", "not the password", "")
    locked = await refused(world, "opener", PASSWORD, world.code(who))
    assert isinstance(locked, LoginLocked)
    assert 0 < locked.retry_after <= ACCOUNT.window_s
    assert f"{locked.until:%H:%M}" in locked.detail
    assert await world.actions(action="operators.login_limited") == ["operators.login_limited"]


async def test_an_account_that_does_not_exist_locks_in_the_same_way(world: World) -> None:
    await world.person(Role.OPERATOR, "opener")
    for name in ("opener", "nobody"):
        for _ in range(ACCOUNT.limit):
            await refused(world, name, "not the password", "")
    both = [await refused(world, name, "x", "") for name in ("opener", "nobody")]
    assert {type(one) for one in both} == {LoginLocked}


async def test_success_gives_the_tries_back(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    for _ in range(ACCOUNT.limit):
        await world.login(who)
    for _ in range(ACCOUNT.limit - 1):
        await refused(world, "opener", "not the password", "")
    assert await world.login(who)


async def test_an_address_that_tries_many_names_is_held_up(world: World) -> None:
    for number in range(ADDRESS_RULE.limit):
        await refused(world, f"name-{number}", "x", "")
    assert isinstance(await refused(world, "another", "x", ""), LoginLocked)
    with pytest.raises(LoginWrong):
        await world.operators.login("another", "x", "", "203.0.113.8")


async def fail_all_day(world: World, username: str) -> None:
    """So many failures as a day allows, each quarter of an hour as many as that allows."""
    quarter, day, *_ = world.operators._logins.marks_of(username, None)
    for _ in range(ACCOUNT_DAY.limit):
        await world.redis.delete(quarter.key)
        await refused(world, username, "not the password", "")
    await world.redis.delete(quarter.key)
    assert isinstance(await refused(world, username, "x", ""), LoginLocked)
    await world.redis.delete(quarter.key, f"{quarter.key}:noted")
    await world.redis.delete(day.key)


async def test_failures_all_day_lock_until_somebody_unlocks(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    security = await world.officer(Role.SECURITY_ADMIN)
    opened = await world.login(who)
    await fail_all_day(world, "opener")
    assert isinstance(await refused(world, "opener", PASSWORD, world.code(who)), AccountLocked)
    with pytest.raises(OperatorError):
        await world.operators.officer_of(opened.token)
    await world.operators.unlock_account(security, str(who.account.id))
    assert await world.login(who)


async def test_unlocking_also_ends_the_quarter_of_an_hour(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    security = await world.officer(Role.SECURITY_ADMIN)
    for _ in range(ACCOUNT.limit):
        await refused(world, "opener", "not the password", "")
    await world.operators.unlock_account(security, str(who.account.id))
    assert await world.login(who)


async def test_the_last_administrator_cannot_be_locked_out_by_guessing(world: World) -> None:
    only = await world.person(Role.SECURITY_ADMIN, "only")
    await fail_all_day(world, "only")
    assert (await OperatorAccount.get(username="only")).state is State.ACTIVE
    assert await world.login(only)
    await world.person(Role.SECURITY_ADMIN, "second")
    await fail_all_day(world, "only")
    assert (await OperatorAccount.get(username="only")).state is State.LOCKED


async def test_what_state_an_account_is_in_is_told_only_with_its_password(world: World) -> None:
    made = await world.pending(Role.CLERK, "waiting")
    assert isinstance(await refused(world, "waiting", "x", ""), LoginWrong)
    assert isinstance(await refused(world, "waiting", made.password, ""), AccountPending)
    who = await world.person(Role.OPERATOR, "leaver")
    system = await world.officer(Role.SYSTEM_ADMIN)
    await world.operators.disable_account(system, str(who.account.id), "离职")
    assert isinstance(await refused(world, "leaver", "x", world.code(who)), LoginWrong)
    assert isinstance(await refused(world, "leaver", PASSWORD, world.code(who)), AccountDisabled)
    assert await world.actions(action="operators.login_refused") == ["operators.login_refused"] * 2


async def first_login(world: World) -> tuple[str, str]:
    """A new account's ticket and one-time password, after its activation."""
    made = await world.pending(Role.CLERK, "newcomer")
    security = await world.officer(Role.SECURITY_ADMIN)
    await world.operators.activate_account(security, str(made.account.id))
    return await world.ticket("newcomer", made.password), made.password


async def test_a_first_login_sets_the_own_password_and_device(world: World) -> None:
    ticket, initial = await first_login(world)
    found = await world.operators.enrolment(ticket)
    assert found.username == "newcomer"
    assert not found.bound
    assert found.uri.startswith("otpauth://totp/")
    assert f"secret={found.secret}" in found.uri
    assert found.qr.startswith("<svg")
    assert "style=" not in found.qr
    code = pyotp.TOTP(found.secret).at(world.clock.now)
    opened = await world.operators.enrol(ticket, PASSWORD, code, ADDRESS)
    assert opened.officer.username == "newcomer"
    assert isinstance(await refused(world, "newcomer", initial, ""), LoginWrong)
    who = Person(
        await world.operators.account(
            await world.officer(Role.SYSTEM_ADMIN), str(opened.officer.account_id)
        ),
        found.secret,
    )
    assert who.account.enrolled
    assert await world.login(who)
    with pytest.raises(EnrolmentExpired):
        await world.operators.enrol(ticket, PASSWORD, code, ADDRESS)


async def test_the_code_of_the_first_login_is_used(world: World) -> None:
    ticket, _ = await first_login(world)
    secret = (await world.operators.enrolment(ticket)).secret
    code = pyotp.TOTP(secret).at(world.clock.now)
    await world.operators.enrol(ticket, PASSWORD, code, ADDRESS)
    assert isinstance(await refused(world, "newcomer", PASSWORD, code), LoginWrong)


async def test_a_first_login_refuses_and_can_be_mended(world: World) -> None:
    ticket, initial = await first_login(world)
    secret = (await world.operators.enrolment(ticket)).secret
    code = pyotp.TOTP(secret).at(world.clock.now)
    with pytest.raises(PasswordWeak):
        await world.operators.enrol(ticket, "short", code, ADDRESS)
    with pytest.raises(PasswordWeak, match="weak"):
        await world.operators.enrol(ticket, initial, code, ADDRESS)
    with pytest.raises(CodeWrong):
        await world.operators.enrol(ticket, PASSWORD, "", ADDRESS)
    assert await world.operators.enrol(ticket, PASSWORD, code, ADDRESS)


async def test_a_first_login_is_not_tried_for_ever(world: World) -> None:
    ticket, _ = await first_login(world)
    for _ in range(10):
        with pytest.raises(CodeWrong):
            await world.operators.enrol(ticket, PASSWORD, "000000x", ADDRESS)
    with pytest.raises(EnrolmentExpired):
        await world.operators.enrol(ticket, PASSWORD, "000000x", ADDRESS)
    with pytest.raises(EnrolmentExpired):
        await world.operators.enrolment(ticket)


@pytest.mark.parametrize("ticket", ["", "x", "0" * 48])
async def test_an_invented_ticket_opens_nothing(world: World, ticket: str) -> None:
    with pytest.raises(EnrolmentExpired):
        await world.operators.enrolment(ticket)


async def test_a_one_time_password_runs_out(world: World) -> None:
    made = await world.initial(Role.OPERATOR, "late")
    assert made.secret is not None
    world.clock.move(hours=73)
    code = world.code(Person(made.account, made.secret))
    assert isinstance(await refused(world, "late", made.password, code), InitialExpired)


async def test_from_the_command_line_the_first_login_takes_both_factors(world: World) -> None:
    made = await world.initial(Role.SYSTEM_ADMIN, "first")
    assert made.secret is not None
    assert isinstance(await refused(world, "first", made.password, ""), LoginWrong)
    code = world.code(Person(made.account, made.secret))
    ticket = await world.ticket("first", made.password, code)
    assert (await world.operators.enrolment(ticket)).bound
    opened = await world.operators.enrol(ticket, PASSWORD, "", ADDRESS)
    assert opened.officer.role is Role.SYSTEM_ADMIN


async def test_another_password_ends_the_other_sessions(world: World) -> None:
    who = await world.person(Role.OPERATOR, "changer")
    other, here = await world.login(who), await world.login(who)
    officer, new = here.officer, "a wholly different one"
    await world.operators.change_password(officer, here.token, PASSWORD, new, world.code(who))
    assert await world.operators.officer_of(here.token)
    with pytest.raises(OperatorError):
        await world.operators.officer_of(other.token)
    assert isinstance(await refused(world, "changer", PASSWORD, world.code(who)), LoginWrong)
    assert await world.operators.login("changer", new, world.code(who), ADDRESS)


async def test_another_password_is_refused_for_each_reason(world: World) -> None:
    who = await world.person(Role.OPERATOR, "changer")
    here = await world.login(who)

    async def change(old: str, new: str, code: str) -> None:
        await world.operators.change_password(here.officer, here.token, old, new, code)

    with pytest.raises(PasswordWrong):
        await change("not the password", "a wholly different one", world.code(who))
    with pytest.raises(PasswordWeak):
        await change(PASSWORD, "short", world.code(who))
    with pytest.raises(PasswordWeak):
        await change(PASSWORD, PASSWORD, world.code(who))
    with pytest.raises(CodeWrong):
        await change(PASSWORD, "a wholly different one", "")
    with pytest.raises(PasswordWrong):
        await change("not the password", "a wholly different one", world.code(who))
    with pytest.raises(LoginLocked):
        await change(PASSWORD, "a wholly different one", world.code(who))


async def test_nothing_that_opens_an_account_lies_in_the_stores(world: World) -> None:
    who = await world.person(Role.OPERATOR, "opener")
    opened = await world.login(who)
    row = await OperatorAccount.get(username="opener")
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in row.password_hash
    assert row.totp_secret is not None
    assert who.secret.encode() not in row.totp_secret
    assert "演示".encode() not in row.name
    stored = [bytes(value) async for value in _every_value(world)]
    for secret in (opened.token, who.secret, "演示", ADDRESS):
        assert not any(secret.encode() in value for value in stored)
    details = " ".join(str(row.detail) + row.actor for row in await AuditEntry.all())
    assert "演示" not in details


async def _every_value(world: World):  # type: ignore[no-untyped-def]
    async for key in world.redis.scan_iter():
        yield key
        if await world.redis.type(key) == b"hash":
            for name, value in (await world.redis.hgetall(key)).items():
                yield name
                yield value
        elif await world.redis.type(key) == b"string":
            yield await world.redis.get(key)
