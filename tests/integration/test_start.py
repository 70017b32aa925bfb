"""What a process says that cannot start: one line, which store and what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.store.embedded import free_port
from backend.store.redis import Redis
from gateway.cli.secrets import server_secrets
from tests.servers import ROOT, Backing

NOBODY = "127.0.0.1:1"


def starts(command: str, environ: dict[str, str], folder: Path) -> str:
    """The lines with which it ends."""
    environ = {
        **server_secrets(), "SST_DATA_DIR": str(folder), "SST_PORT": str(free_port()), **environ,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *command.split()], cwd=ROOT, env=environ,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if "worker.started" not in line]
    assert len(said) == 1, done.stderr
    return said[0]


@pytest.mark.one_store
@pytest.mark.parametrize("command", ["gateway", "worker", "operators list"])
def test_without_redis_nothing_starts(
    command: str, database_url: str, redis: Redis, tmp_path: Path
) -> None:
    assert redis
    environ = {"DATABASE_URL": database_url, "REDIS_URL": f"redis://{NOBODY}"}
    line = starts(command, environ, tmp_path)
    assert line.startswith("省事通：REDIS_URL 不能使用：")
    assert line.endswith("(Redis cannot be used)")


@pytest.mark.parametrize("command", ["gateway", "worker"])
def test_a_database_that_nobody_prepared_says_how_to(
    command: str, backing: Backing, tmp_path: Path
) -> None:
    url = f"sqlite://{tmp_path}/new.db"
    if backing.postgres is not None:
        url = backing.postgres.url(backing.postgres.create())
    environ = {"DATABASE_URL": url, "REDIS_URL": backing.redis_url}
    assert "请先执行 shengshitong prepare" in starts(command, environ, tmp_path)


@pytest.mark.one_store
@pytest.mark.parametrize("url", [f"postgres://us:er@{NOBODY}/province", "nonsense"])
def test_a_database_that_is_none_is_said_without_its_password(
    url: str, backing: Backing, tmp_path: Path
) -> None:
    line = starts("gateway", {"DATABASE_URL": url, "REDIS_URL": backing.redis_url}, tmp_path)
    assert line.startswith("省事通：DATABASE_URL 不能使用：")
    assert "er@" not in line
