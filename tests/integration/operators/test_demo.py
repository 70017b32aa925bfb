"""Demo accounts: in the sandbox for every role, and nowhere else."""

import pytest

from backend.operators.errors import LoginWrong
from backend.operators.models import OperatorAccount
from backend.operators.service import DemoDepartment, Role
from backend.store.redis import Redis
from tests.operators_world import ADDRESS, USCC, World, open_world

DEPARTMENTS = [DemoDepartment("gd-yibao", "医保局", USCC)]
DEMO = {"sandbox": True, "demo_password": "demo-password-of-this-machine"}


@pytest.fixture
def sandbox(database: str, redis: Redis) -> World:
    assert database
    return open_world(redis, **DEMO)


async def shown(world: World, username: str) -> str | None:
    return next(
        one.code for one in await world.operators.demo_accounts() if one.username == username
    )


async def test_there_is_one_for_every_role(sandbox: World) -> None:
    officers = await sandbox.operators.prepare_demo(DEPARTMENTS)
    assert {one.role for one in officers.values()} == set(Role)
    assert officers["gd-yibao.clerk"].department_uscc == USCC
    assert {one.username for one in await sandbox.operators.demo_accounts()} == set(officers)


async def test_the_code_on_the_page_opens_and_the_next_one_is_fresh(sandbox: World) -> None:
    await sandbox.operators.prepare_demo(DEPARTMENTS)
    for _ in range(2):  # this step's code, then the next one's
        code = await shown(sandbox, "operator")
        assert code is not None
        opened = await sandbox.operators.login("operator", DEMO["demo_password"], code, ADDRESS)  # type: ignore[arg-type]
        assert opened.officer.role is Role.OPERATOR
    assert await shown(sandbox, "operator") is None
    sandbox.clock.move(seconds=30)
    assert await shown(sandbox, "operator") is not None


async def test_a_second_time_makes_nothing_and_a_new_password_is_taken_over(
    sandbox: World, redis: Redis
) -> None:
    before = await sandbox.operators.prepare_demo(DEPARTMENTS)
    hashes = {row.password_hash for row in await OperatorAccount.all()}
    assert await sandbox.operators.prepare_demo(DEPARTMENTS) == before
    assert {row.password_hash for row in await OperatorAccount.all()} == hashes
    keys = {"keyring": sandbox.settings.keyring}
    other = open_world(redis, sandbox=True, demo_password="another-one-of-this-machine", **keys)
    assert await other.operators.prepare_demo(DEPARTMENTS) == before
    code = await shown(other, "auditor")
    assert code is not None
    with pytest.raises(LoginWrong):
        await other.operators.login("auditor", DEMO["demo_password"], code, ADDRESS)  # type: ignore[arg-type]
    assert await other.operators.login("auditor", "another-one-of-this-machine", code, ADDRESS)


@pytest.mark.parametrize("settings", [{"demo_password": "set-by-mistake"}, {"sandbox": True}])
async def test_outside_the_sandbox_there_are_none_and_no_code_is_shown(
    sandbox: World, redis: Redis, settings: dict[str, object]
) -> None:
    await sandbox.operators.prepare_demo(DEPARTMENTS)  # left over, as after a copied database
    real = open_world(redis, keyring=sandbox.settings.keyring, **settings)
    assert await real.operators.demo_accounts() == []
    assert await real.operators.prepare_demo(DEPARTMENTS) == {}
