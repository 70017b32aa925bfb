"""The first administrators of a server, by its command line alone."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pyotp
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from backend.operators.errors import EnrolmentRequired
from backend.province import Province, open_province
from backend.settings import Settings
from backend.store.redis import Redis
from gateway.cli.secrets import server_secrets
from tests.operators_world import ADDRESS, PASSWORD
from tests.servers import ROOT, Backing

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environ(database_url: str, backing: Backing, redis: Redis) -> dict[str, str]:
    assert redis
    return {**server_secrets(), "DATABASE_URL": database_url, "REDIS_URL": backing.redis_url}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    def shengshitong(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway.cli", "operators", *arguments],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return shengshitong


def test_the_first_account_of_a_fresh_server_needs_nothing_before_it(
    environ: dict[str, str], backing: Backing, tmp_path: Path
) -> None:
    if backing.postgres is not None:
        environ["DATABASE_URL"] = backing.postgres.url(backing.postgres.create())
    else:
        environ["DATABASE_URL"] = f"sqlite://{tmp_path}/fresh/province.db"
    made = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "operators", "create", "first", "--name", "王一",
         "--role", "system_admin"],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said(made)


@pytest.fixture
async def province(environ: dict[str, str]) -> AsyncIterator[Province]:
    opened = await open_province(Settings.from_environ(environ))
    yield opened
    await opened.close()
    # As the fixture `database` does: the next test may be on another kind of database.
    EXECUTOR_CACHE.clear()


def said(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """The one-time password and the code's secret that a command printed."""
    assert done.returncode == 0, done.stderr
    password = re.search(r"one-time password: (\S+)", done.stdout)
    secret = re.search(r"otpauth://totp/\S+secret=(\w+)", done.stdout)
    assert password
    assert secret
    return password[1], secret[1]


async def enter(province: Province, username: str, password: str, secret: str) -> str:
    """The first login with both factors; returns the role."""
    operators, code = province.operators, pyotp.TOTP(secret).now()
    with pytest.raises(EnrolmentRequired) as first:
        await operators.login(username, password, code, ADDRESS)
    opened = await operators.enrol(first.value.ticket, PASSWORD, "", ADDRESS)
    return opened.officer.role


async def test_what_is_printed_opens_the_console_and_can_be_given_anew(
    run: Run, province: Province
) -> None:
    made = run("create", "root-admin", "--name", "首位", "--role", "system_admin")
    assert await enter(province, "root-admin", *said(made)) == "system_admin"
    listed = run("list")
    assert listed.stdout == "root-admin\tsystem_admin\tactive\tplatform\tenrolled\n"
    again = run("reset", "root-admin")
    assert said(again) != said(made)
    assert await enter(province, "root-admin", *said(again)) == "system_admin"


@pytest.mark.one_store
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "x", "--name", "某人", "--role", "operator"), "用户名为 3 至 32 位"),
        (("create", "someone", "--name", "某人", "--role", "king"), "没有角色 king"),
        (("create", "someone", "--name", "某人", "--role", "clerk"), "统一社会信用代码"),
        (("reset", "nobody"), "没有找到这个账号"),
    ],
)
def test_a_refusal_is_one_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
