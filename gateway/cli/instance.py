"""One instance of the platform on one machine: its folder, its ports, its environment."""

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from backend.store.embedded import EmbeddedValkey
from gateway.cli.secrets import SecretsLost, demo_secrets, kept_secrets

BUILT = Path(__file__).resolve().parents[2] / "miniprogram" / "dist"
SMALLEST_ROOM = 200 * 1024 * 1024
# WeChat on the first port of the block, the departments above it, Valkey further up.
SYSTEMS = 16
VALKEY_OFFSET = 50


class CannotRun(Exception):
    """The platform cannot run here; the message is the one line that says what and how to mend."""


@dataclass(frozen=True, slots=True)
class Population:
    """How large the sandbox province is, and from which seed it is drawn."""

    people: int = 2000
    enterprises: int = 300
    seed: int = 44


@dataclass
class Instance:
    """Where an instance lives and how it is reached.

    Attributes:
        first_ports: where to look for a block of ports for the processes behind the gateway.
        latency: let the departments take their usual time, as the real ones do.
        database_url, redis_url: stores that somebody else runs; embedded ones by default.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    population: Population = field(default_factory=Population)
    first_ports: Sequence[int] = range(18100, 20000, 100)
    latency: bool = True
    database_url: str | None = None
    redis_url: str | None = None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the gateway."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @cached_property
    def base_port(self) -> int:
        """First port of a free block; the same at every start, for it stands in the manifests.

        Raises:
            CannotRun: there is no free block.
        """
        note = self.data_dir / "ports"
        known = [int(note.read_text("utf-8"))] if note.exists() else []
        for first in [*known, *self.first_ports]:
            if all(_is_free(first + offset) for offset in (*range(SYSTEMS), VALKEY_OFFSET)):
                note.write_text(str(first), "utf-8")
                return first
        raise CannotRun(
            "18100 到 19999 之间没有成组的空闲端口，请先结束占用它们的程序。(no free ports)"
        )

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "shengshitong.db"

    @property
    def sandbox_dir(self) -> Path:
        """Where the departments keep their data."""
        return self.data_dir / "sandbox"

    @cached_property
    def secrets(self) -> dict[str, str]:
        """The instance's own secrets, made at the first start.

        Raises:
            CannotRun: they are lost while what they sealed is still there.
        """
        try:
            return demo_secrets(self.data_dir, self.database)
        except SecretsLost as lost:
            raise CannotRun(
                f"密钥文件 {lost} 不见了或不完整，已有的数据无法解密。请恢复该文件；"
                f"不要旧数据时删除 {self.data_dir} 后重新启动。(secrets are lost)"
            ) from None

    @cached_property
    def valkey(self) -> EmbeddedValkey:
        """The embedded Valkey, not started."""
        folder = self.data_dir / "valkey"
        port = self.base_port + VALKEY_OFFSET
        return EmbeddedValkey(folder, port, self.secrets["SST_VALKEY_PASSWORD"])

    def environ(self) -> dict[str, str]:
        """What every process of this instance gets in its environment."""
        own = {
            "SST_DATA_DIR": str(self.data_dir),
            "SST_HOST": self.host,
            "SST_PORT": str(self.port),
            "SST_SANDBOX": "1",
            "SST_H5_DIR": str(BUILT / "build" / "h5"),
            "SST_DOCS_DIR": str(BUILT / "docs"),
            "SST_VERIFIER_PAGE": str(BUILT / "verifier" / "index.html"),
            "SST_FONTS_DIR": str(BUILT / "fonts"),
            "DATABASE_URL": self.database_url or f"sqlite://{self.database}",
            "REDIS_URL": self.redis_url or self.valkey.url,
            "WECHAT_BASE_URL": f"http://127.0.0.1:{self.base_port}",
            "SST_SMS_URL": f"http://127.0.0.1:{self.base_port}/sms/messages",
            "SST_GATEWAY_URL": self.url,
            "SST_SANDBOX_PORT": str(self.base_port),
            "SST_SANDBOX_LATENCY": "demo" if self.latency else "off",
            "SST_SANDBOX_PEOPLE": str(self.population.people),
            "SST_SANDBOX_ENTERPRISES": str(self.population.enterprises),
            "SST_SANDBOX_SEED": str(self.population.seed),
            "PYTHONUNBUFFERED": "1",
        }
        return {**self.secrets, **own}

    def systems(self) -> dict[str, Any]:
        """What the running sandbox province says of itself (``pid``, ``systems``), if it does."""
        try:
            return cast(
                dict[str, Any], json.loads((self.sandbox_dir / "province.json").read_text("utf-8"))
            )
        except (OSError, ValueError):
            return {}

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder and hold it, so that no second instance runs on the same data.

        Raises:
            CannotRun: it is in use, cannot be written or is too full.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            lock = (self.data_dir / "run.lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise CannotRun(explain(error, self.data_dir)) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                raise CannotRun(
                    f"省事通已经在运行（{lock.read().strip()}）。请先在那个终端按 Ctrl-C 结束它，"
                    "或另用一个数据目录：make run DATA=.data2 PORT=9000。(already running)"
                ) from None
            lock.truncate(0)
            lock.write(f"进程 {os.getpid()}，{self.url}")
            lock.flush()
            self._need_room()
            yield

    def _need_room(self) -> None:
        free = shutil.disk_usage(self.data_dir).free
        if free < SMALLEST_ROOM:
            raise CannotRun(
                f"磁盘空间不足：{self.data_dir} 所在磁盘只剩 {free / 2**20:.0f} MB，"
                f"至少需要 {SMALLEST_ROOM / 2**20:.0f} MB。请清理后重试。(disk too full)"
            )

    def need_port(self) -> None:
        """See that the gateway's port is free.

        Raises:
            CannotRun: somebody listens on it, or it may not be used.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            with socket.socket(family) as probe:
                # As the server will: a port whose last connections are just closing is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
        except OSError as error:
            raise CannotRun(self._port_refusal(error)) from None

    def _port_refusal(self, error: OSError) -> str:
        other = f"make run PORT={self.port + 1000 if self.port <= 64000 else 9000}"
        if error.errno == errno.EADDRINUSE:
            return f"端口 {self.port} 已被其他程序占用。请换一个端口：{other} (port in use)"
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"没有权限使用端口 {self.port}。请换一个端口：{other} (port not permitted)"
        return f"不能使用地址 {self.host}：本机没有这个地址。请改用 127.0.0.1 (no such address)"


def environ_beside(data_dir: Path) -> dict[str, str]:
    """What a command needs beside the province that ``run`` keeps in a folder.

    Returns:
        An environment without what only a server needs; empty where no province was ever started.
    """
    secrets = kept_secrets(data_dir)
    try:
        first_port = int((data_dir / "ports").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    port = first_port + VALKEY_OFFSET
    valkey = EmbeddedValkey(data_dir / "valkey", port, secrets.get("SST_VALKEY_PASSWORD", ""))
    return {
        **secrets,
        "SST_DATA_DIR": str(data_dir),
        "SST_SANDBOX": "1",
        "DATABASE_URL": f"sqlite://{Instance(data_dir).database}",
        "REDIS_URL": valkey.url,
    }


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def explain(error: OSError, where: Path) -> str:
    """One line for a failure of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"磁盘已满：{where}。请清理后重试。(disk full)"
    if error.errno == errno.EROFS:
        return f"磁盘只读：{where}。请换一个可写的数据目录：make run DATA=… (read-only disk)"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"没有写入权限：{where}。请检查权限或换一个数据目录：make run DATA=… (no permission)"
    return f"{os.strerror(error.errno or 0)}:{where}。请检查磁盘后重试。(disk error)"
