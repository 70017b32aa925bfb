"""``shengshitong verify``: without settings, network or stores; what it says and how it ends."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backend.presentation import packing
from backend.presentation.statuslist import Status
from gateway.cli.commands import app
from tests.presentation_world import AUDIENCE, NONCE, PLACE, World

NOW = int(time.time())


@pytest.fixture(autouse=True)
def _at_this_moment() -> None:
    """What was presented five minutes ago is refused, and the tests before may take longer."""
    global NOW
    NOW = int(time.time())


RUNNER = CliRunner()


@pytest.fixture
def world() -> World:
    return World()


def present(world: World, *names: str, **changes: Any) -> str:
    credential = world.credential(nbf=NOW - 3600, exp=changes.pop("exp", NOW + 86_400))
    return world.present(*names, credential=credential, now=NOW, **changes)


@pytest.fixture
def folder(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What was fetched beforehand; no secret of the platform is in the environment."""
    for name in ("SST_KEYRING", "SST_INDEX_KEY", "SST_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "keys.json").write_bytes(world.keys.body)
    (tmp_path / "0-ed25519.jwt").write_text(world.status_list(now=NOW), "utf-8")
    (tmp_path / "broken.jwt").write_text("nonsense", "utf-8")
    labels = {"age_over_18": "年满18周岁"}
    types = {"items": [{"vct": "urn:shengshitong:licence:11100000000013127D001",
                        "name": "居民身份证", "labels": labels}]}  # fmt: skip
    (tmp_path / "types.json").write_text(json.dumps(types), "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, text: str | None = None) -> Result:
    keys = ["--keys", str(folder / "keys.json")]
    return RUNNER.invoke(app, ["verify", *arguments, *keys], input=text)


def test_valid_from_standard_input(folder: Path, world: World) -> None:
    done = run(folder, "--audience", AUDIENCE, "--nonce", NONCE, text=present(world, "age_over_18"))
    assert done.exit_code == 0, done.output
    for words in ("有效", "居民身份证", "年满18周岁", "是", AUDIENCE):
        assert words in done.stdout


def test_valid_from_codes_in_a_file_in_any_order(folder: Path, world: World) -> None:
    pieces = packing.pieces(present(world, "age_over_18"), size=200)
    file = folder / "codes.txt"
    file.write_text("\n".join(reversed(pieces)), "utf-8")
    done = run(folder, str(file), "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["valid"] is True
    assert answer["facts"] == {"age_over_18": True}


def test_refused_with_its_reason(folder: Path, world: World) -> None:
    for presentation, reason in (
        (present(world, exp=NOW - 1), "expired"),
        (present(world, audience="另一家"), "wrong_audience"),
        (present(world, nonce="old"), "wrong_nonce"),
        ("nonsense", "malformed"),
        ("\n".join(packing.pieces(present(world), size=200)[1:]), "incomplete"),
    ):
        done = run(folder, "--audience", AUDIENCE, "--nonce", NONCE, "--json", text=presentation)
        assert done.exit_code == 1, done.output
        assert json.loads(done.stdout)["reason"] == reason
        told = run(folder, "--audience", AUDIENCE, "--nonce", NONCE, text=presentation)
        assert "不予采信" in told.stdout


def test_withdrawn_in_the_list(folder: Path, world: World) -> None:
    newer = world.status_list({PLACE: Status.INVALID}, now=NOW + 1)
    (folder / "newer.jwt").write_text(newer, "utf-8")
    done = run(folder, "--json", text=present(world))
    assert json.loads(done.stdout)["reason"] == "withdrawn"


def test_no_list_at_all(folder: Path, world: World) -> None:
    done = run(folder, "--status", str(folder / "nowhere"), "--json", text=present(world))
    assert json.loads(done.stdout)["reason"] == "status_missing"


def test_it_cannot_run(folder: Path, world: World) -> None:
    assert run(folder, text="").exit_code == 2
    no_keys = RUNNER.invoke(app, ["verify", "--keys", str(folder / "none.json"), present(world)])
    assert no_keys.exit_code == 2
    nowhere = RUNNER.invoke(
        app,
        ["verify", "--fetch-keys", "http://127.0.0.1:9", "--keys", str(folder / "x" / "k.json")],
    )
    assert nowhere.exit_code == 2
    assert not (folder / "x").exists()
