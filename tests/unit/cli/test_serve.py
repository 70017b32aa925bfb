"""What a process that serves has loaded, in fresh ones started as the command line starts them."""

import base64
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from gateway.cli.serve import COMMAND_LINES, FOR_TERMINALS, without_terminal

# Up to where it would begin to serve.
START = """
import json, sys
import uvloop
import gateway.cli

def show(*arguments, **options):
    print(json.dumps(sorted(name for name, module in sys.modules.items() if module)))
    sys.stdout.flush()
    # Nothing was opened; what would have been run is not missed.
    import os
    os._exit(0)

if sys.argv[1] == "gateway":
    import sanic
    sanic.Sanic.run = show
uvloop.run = show
gateway.cli.main()
"""
KEY = base64.b64encode(b"k" * 32).decode()
# Terminals, tests, and what is read when it is wanted, which in most processes is never.
NOBODY = {
    "rich", "prompt_toolkit", "wcwidth", "pygments", "click", "cel.cli",
    "pytest", "unittest.mock",
    "backend.sandbox", "backend.conformance", "wechatpy", "requests", "aiohttp", "pypinyin",
    "asyncpg", "tortoise.migrations.executor", "typer", "gateway.cli.commands",
}  # fmt: skip
PLATFORM = {"sanic", "tortoise", "redis", "httpx", "jinja2", "backend.province", "gateway.app"}
WORKER = {"sanic", "jinja2", "websockets", "gateway.app", "gateway.console", "gateway.channels"}


@pytest.mark.parametrize(
    ("command", "unwanted"), [("gateway", NOBODY), ("worker", NOBODY | WORKER)]
)
def test_nothing_is_loaded_that_has_no_business_there(command: str, unwanted: set[str]) -> None:
    loaded = started(command)
    assert {"structlog", "httpx", "cel", "redis", "tortoise"} <= loaded
    assert not loaded & unwanted


@pytest.mark.parametrize("command", ["--help", "gateway --help", "provider --help", "run --help"])
def test_a_page_of_help_needs_no_platform(command: str) -> None:
    ask = [sys.executable, "-X", "importtime", "-m", "gateway.cli", *command.split()]
    done = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & PLATFORM


@pytest.mark.parametrize("command", ["gateway", "worker"])
def test_a_missing_setting_is_said_in_one_line(command: str) -> None:
    ask = [sys.executable, "-m", "gateway.cli", command]
    environ = {**os.environ, "SST_KEYRING": ""}
    done = subprocess.run(ask, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("省事通：SST_KEYRING")
    assert done.stderr.count("\n") == 1


def test_what_is_refused_is_installed() -> None:
    missing = {name for name in NOBODY | WORKER if find_spec(name.partition(".")[0]) is None}
    assert not missing


def test_what_was_hidden_can_be_imported_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*FOR_TERMINALS, *COMMAND_LINES):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with without_terminal(), pytest.raises(ImportError):
        import_module("rich")
    assert not {*FOR_TERMINALS, *COMMAND_LINES} & set(sys.modules)
    assert import_module("rich").__spec__


def test_what_is_loaded_already_stays() -> None:
    import rich

    with without_terminal():
        assert sys.modules["rich"] is rich
    assert sys.modules["rich"] is rich


def started(command: str) -> set[str]:
    """Everything that a process has loaded when it is about to serve."""
    settings = {
        "SST_KEYRING": f"a:{KEY}", "SST_INDEX_KEY": KEY, "SST_SIGNING_KEY": KEY,
        "DATABASE_URL": "sqlite://:memory:", "REDIS_URL": "redis://127.0.0.1:1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", START, command], env={**os.environ, **settings},
        stdout=subprocess.PIPE, check=True, timeout=60,
    )  # fmt: skip
    return set(json.loads(done.stdout))
