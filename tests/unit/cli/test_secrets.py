"""Demo secrets: made once, private, never silently replaced."""

import stat
from pathlib import Path

import pytest

from backend.settings import Settings
from gateway.cli.secrets import FILE, SecretsLost, demo_secrets, server_secrets


def test_they_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    first = demo_secrets(tmp_path, tmp_path / "db")
    assert demo_secrets(tmp_path, tmp_path / "db") == first
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_settings_accept_them(tmp_path: Path) -> None:
    settings = Settings.from_environ(demo_secrets(tmp_path, tmp_path / "db"))
    assert len(settings.index_key) == 32
    assert settings.wechat_app_id.startswith("wx")


def test_two_machines_have_different_ones(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    one, two = demo_secrets(tmp_path, tmp_path / "db"), demo_secrets(other, other / "db")
    assert not set(one.values()) & set(two.values())


def test_lost_secrets_are_not_replaced_while_their_data_are_there(tmp_path: Path) -> None:
    database = tmp_path / "db"
    database.touch()
    with pytest.raises(SecretsLost):
        demo_secrets(tmp_path, database)
    assert not (tmp_path / FILE).exists()


def test_half_a_file_counts_as_lost(tmp_path: Path) -> None:
    (tmp_path / "db").touch()
    (tmp_path / FILE).write_text("SST_INDEX_KEY=x\n")
    with pytest.raises(SecretsLost):
        demo_secrets(tmp_path, tmp_path / "db")


def test_a_file_of_an_older_start_gets_what_came_later(tmp_path: Path) -> None:
    database = tmp_path / "db"
    first = demo_secrets(tmp_path, database)
    database.touch()
    old = [f"{name}={value}" for name, value in first.items() if name != "SST_DEMO_PASSWORD"]
    (tmp_path / FILE).write_text("\n".join(old))
    after = demo_secrets(tmp_path, database)
    assert {**after, "SST_DEMO_PASSWORD": first["SST_DEMO_PASSWORD"]} == first
    assert len(after["SST_DEMO_PASSWORD"]) >= 12
    assert demo_secrets(tmp_path, database) == after
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_secrets_for_servers_are_complete(tmp_path: Path) -> None:
    made = server_secrets()
    assert Settings.from_environ(made).keyring
    assert {"POSTGRES_PASSWORD", "VALKEY_PASSWORD"} <= made.keys()
