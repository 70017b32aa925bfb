"""Where an instance may run, and the sentence that a person gets where it may not."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.store.embedded import free_port
from gateway.cli import instance as module
from gateway.cli.instance import CannotRun, Instance, environ_beside, explain

BLOCKS = range(18100, 30000, 100)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_named_with_the_way_out(tmp_path: Path, taken: int) -> None:
    with pytest.raises(CannotRun, match=rf"端口 {taken} 已被其他程序占用。.*make run PORT="):
        Instance(tmp_path, port=taken).need_port()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"198\.51\.100\.7"):
        Instance(tmp_path, host="198.51.100.7", port=free_port()).need_port()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "磁盘已满"),
        (errno.EDQUOT, "磁盘已满"),
        (errno.EROFS, "磁盘只读"),
        (errno.EACCES, "没有写入权限"),
        (errno.EIO, "请检查磁盘"),
    ],
)
def test_every_failure_of_the_disk_has_a_sentence(number: int, said: str) -> None:
    line = explain(OSError(number, "x"), Path("/data"))
    assert said in line
    assert "/data" in line
    assert "\n" not in line


def test_a_port_of_the_system_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: socket.socket, address: tuple[str, int]) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotRun, match=r"没有权限使用端口 80。.*make run PORT=1080"):
        Instance(tmp_path, port=80).need_port()


def test_a_free_port_is_fine(tmp_path: Path) -> None:
    Instance(tmp_path, port=free_port()).need_port()


def test_a_second_instance_on_the_same_data_is_refused_and_the_first_is_named(
    tmp_path: Path,
) -> None:
    refusal = r"已经在运行（进程 \d+，http://127\.0\.0\.1:8123）"
    with Instance(tmp_path, port=8123).claimed(), pytest.raises(CannotRun, match=refusal):
        Instance(tmp_path).claimed().__enter__()
    with Instance(tmp_path).claimed():
        pass


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotRun, match="file/data"):
        Instance(tmp_path / "file" / "data").claimed().__enter__()


def test_a_disk_without_room_is_refused_with_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALLEST_ROOM", 1 << 60)
    with pytest.raises(CannotRun, match=r"磁盘空间不足.*只剩 \d+ MB"):
        Instance(tmp_path).claimed().__enter__()


def test_the_block_of_ports_stays_the_same_over_restarts(tmp_path: Path) -> None:
    first = Instance(tmp_path, first_ports=BLOCKS).base_port
    assert Instance(tmp_path, first_ports=BLOCKS[::-1]).base_port == first


def test_a_block_that_became_busy_is_left_for_another(tmp_path: Path) -> None:
    first = Instance(tmp_path, first_ports=BLOCKS).base_port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first + 3))
        listener.listen()
        assert Instance(tmp_path, first_ports=BLOCKS).base_port != first


def test_no_block_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="没有成组的空闲端口"):
        _ = Instance(tmp_path, first_ports=[]).base_port


def test_secrets_lost_is_said_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "shengshitong.db").touch()
    with pytest.raises(CannotRun, match="密钥文件"):
        _ = Instance(tmp_path).secrets


def test_stores_of_somebody_else_take_the_place_of_the_embedded_ones(tmp_path: Path) -> None:
    instance = Instance(
        tmp_path, first_ports=BLOCKS, database_url="postgres://x", redis_url="redis://y"
    )
    environ = instance.environ()
    assert (environ["DATABASE_URL"], environ["REDIS_URL"]) == ("postgres://x", "redis://y")


def test_a_command_beside_a_province_has_its_secrets_and_stores(tmp_path: Path) -> None:
    assert environ_beside(tmp_path) == {}
    instance = Instance(tmp_path)
    started = instance.environ()
    found = environ_beside(tmp_path)
    assert found.items() <= started.items()
    settings = Settings.from_environ(found)
    assert settings.redis_url == started["REDIS_URL"]
    assert settings.sandbox
