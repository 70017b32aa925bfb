"""The embedded Valkey: kept over a restart, closed to strangers, honest when it cannot start."""

from pathlib import Path

import pytest

from backend.store.embedded import (
    EmbeddedCluster,
    EmbeddedError,
    EmbeddedValkey,
    free_port,
    valkey_binary,
)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, free_port())
    for _ in range(2):
        server.start()
        server.wait_ready()
        server.ask("SET", "名字", "省事通")
        server.stop()
    server.start()
    server.wait_ready()
    assert server.ask("GET", "名字") == "省事通"
    server.stop()
    server.stop()


def test_the_password_stands_in_a_private_file_and_not_on_the_command_line(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, free_port())
    command = server.command()
    assert not any(server.password in word for word in command)
    assert Path(command[1]).stat().st_mode & 0o777 == 0o600
    assert server.password not in repr(server)


def test_a_wrong_password_is_refused(valkey: EmbeddedValkey) -> None:
    stranger = EmbeddedValkey(valkey.directory, valkey.port, "wrong")
    with pytest.raises(EmbeddedError, match="WRONGPASS"):
        stranger.ask("PING")
    assert not stranger.answers()


def test_an_error_answer_is_raised(valkey: EmbeddedValkey) -> None:
    with pytest.raises(EmbeddedError, match="wrong number of arguments"):
        valkey.ask("GET")


def test_a_missing_key_is_empty(valkey: EmbeddedValkey) -> None:
    assert valkey.ask("GET", "there is no such key") == ""


def test_a_server_whose_port_is_taken_says_so(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    second = EmbeddedValkey(tmp_path, valkey.port)
    second.start()
    with pytest.raises(EmbeddedError, match="ended at once"):
        second.wait_ready(5)
    second.stop()


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="did not answer"):
        EmbeddedValkey(tmp_path, free_port()).wait_ready(0.1)


def test_every_slot_of_the_cluster_has_a_primary(valkey_cluster: EmbeddedCluster) -> None:
    for node in valkey_cluster.nodes:
        facts = node.ask("CLUSTER", "INFO")
        assert "cluster_slots_ok:16384" in facts
        assert "cluster_size:3" in facts


def test_the_binary_is_found_without_importing_its_package() -> None:
    assert valkey_binary().is_file()
