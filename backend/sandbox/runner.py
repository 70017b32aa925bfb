"""Starts the whole sandbox province: ten departments and WeChat, each a process of its own.

Everything heavy is imported once here; the servers are forked from this process, so that the
second start takes a second. The runner binds all addresses before the first fork (an address in
use is known at once and by one line), writes the manifests, and prints one line of JSON when every
server answers. SIGTERM or SIGINT ends all; should the runner be killed, its children notice.
"""

import contextlib
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from backend.exchange.documents import read_yaml
from backend.sandbox.departments.operations import now
from backend.sandbox.departments.registry import LATENCY_FILE, Department, departments
from backend.sandbox.departments.server import DepartmentServer
from backend.sandbox.departments.store import Store
from backend.sandbox.faults import Latency, Switchboard
from backend.sandbox.keys import department_key
from backend.sandbox.manifests import write_manifest
from backend.sandbox.options import Options, ProvinceError
from backend.sandbox.seeding import Progress, seed_when_absent
from backend.sandbox.serving import Lifeline, serve
from backend.sandbox.sms import Carrier
from backend.sandbox.subjects import complete, read_subjects, write_subjects
from backend.sandbox.wechat.control import create_app as wechat_app
from backend.sandbox.wechat.server import WechatServer, WechatState

WECHAT = "wechat"
STOP_S = 3.0
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Server:
    """A server before and after its fork."""

    code: str
    listener: socket.socket
    url: str
    make_app: Callable[[], web.Application]
    pid: int = 0


def province_file(data_dir: Path) -> Path:
    """Where a running province says how to reach it."""
    return data_dir / "sandbox" / "province.json"


@contextlib.contextmanager
def province_lock(options: Options) -> Iterator[None]:
    """Only one runner or seeding at a time in one data directory.

    Raises:
        ProvinceError: there is one already.
    """
    options.home.mkdir(parents=True, exist_ok=True)
    with (options.home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProvinceError(
                f"a sandbox province is running in {options.home} already; stop it first, "
                "or choose another SST_DATA_DIR"
            ) from None
        yield


class Province:
    """All servers of one province; ``start`` once, then ``wait`` or ``stop``."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._servers: list[_Server] = []
        self._lifeline = (-1, -1)

    @property
    def systems(self) -> dict[str, str]:
        """Address of each system by its code."""
        return {server.code: server.url for server in self._servers}

    def start(self, progress: Progress | None = None) -> None:
        """Seed when nothing is seeded, write manifests, fork the servers, wait until they answer.

        Raises:
            ProvinceError: an address is in use, or a server did not come up.
            OSError: the data directory cannot be written.
        """
        self._bind()
        seed_when_absent(self._options, progress)
        self._write_manifests()
        self._lifeline = os.pipe()
        # Objects made so far are shared between the processes and never collected in a child.
        gc.collect()
        gc.freeze()
        ready = [self._fork(server) for server in self._servers]
        for server, pipe in zip(self._servers, ready, strict=True):
            self._await_ready(server, pipe)
        # From the moment that it says to be ready, a signal waits for ``wait`` to take it.
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        self._announce()

    def wait(self) -> int:
        """Wait for SIGTERM or SIGINT, saying so when a server ends on its own; then stop all.

        Returns:
            the exit status: 1 when all servers had ended by themselves.
        """
        while self._reap():
            if signal.sigwait(WATCHED) != signal.SIGCHLD:
                self.stop()
                return 0
        self.stop()
        return 1

    def stop(self) -> None:
        """End all servers, by force those that take longer than three seconds."""
        for server in self._running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while self._running() and time.monotonic() < deadline:
            self._reap(expected=True)
            time.sleep(0.01)
        for server in self._running():
            os.kill(server.pid, signal.SIGKILL)
            os.waitpid(server.pid, 0)
            server.pid = 0
        province_file(self._options.data_dir).unlink(missing_ok=True)

    def _bind(self) -> None:
        options = self._options
        makers: list[tuple[str, Callable[[], web.Application]]] = [
            (WECHAT, partial(_wechat, options)),
            *((d.system_code, partial(_department, d, options)) for d in departments()),
        ]
        for offset, (code, make_app) in enumerate(makers):
            port = options.base_port + offset if options.base_port else 0
            listener = _listen(options.host, port)
            url = f"http://{options.public_host}:{listener.getsockname()[1]}"
            self._servers.append(_Server(code, listener, url, make_app))

    def _write_manifests(self) -> None:
        options = self._options
        if not complete(options.subjects):
            # Seeded before departments named anybody, or before they took applications.
            write_subjects(options.subjects, now().date())
        subjects = read_subjects(options.subjects)
        for department in departments():
            key = department_key(options.keys, department.key_id, department.key_alg)
            url = self.systems[department.system_code]
            asked = subjects.get(department.code)
            write_manifest(department, url, key.public_base64, options.manifests, asked)

    def _fork(self, server: _Server) -> int:
        """Fork a server; returns the reading end of its ready pipe."""
        sys.stdout.flush()
        ready_read, ready_write = os.pipe()
        server.pid = os.fork()
        if server.pid == 0:
            self._child(server, ready_write)
        os.close(ready_write)
        server.listener.close()
        return ready_read

    def _child(self, server: _Server, ready: int) -> None:
        status = 1
        try:
            os.close(self._lifeline[1])
            for other in self._servers:
                if other is not server:
                    other.listener.close()
            serve(server.make_app, server.listener, Lifeline(ready, self._lifeline[0]))
            status = 0
        except Exception:
            # Whatever it was: above this stands the parent's stack, which a child must not unwind.
            log.exception("sandbox.%s.failed", server.code)
        finally:
            # The runner's own clean-up is not for its children.
            sys.stderr.flush()
            os._exit(status)

    def _await_ready(self, server: _Server, pipe: int) -> None:
        with os.fdopen(pipe, "rb") as reader:
            if not reader.read(1):
                self.stop()
                raise ProvinceError(f"{server.code} did not start; its error stands above")

    def _announce(self) -> None:
        path = province_file(self._options.data_dir)
        partial_path = path.with_suffix(".part")
        partial_path.write_text(json.dumps(self.description()), encoding="utf-8")
        partial_path.replace(path)

    def description(self) -> dict[str, Any]:
        """What the ready line says."""
        return {
            "event": "ready",
            "pid": os.getpid(),
            "systems": self.systems,
            "desks": {
                department.described["short_name"]: f"{self.systems[department.system_code]}/desk"
                for department in departments()
            },
            "licence_apps": [
                f"{self.systems[department.system_code]}/licence-app"
                for department in departments()
                if "enterprises.licence_code" in department.template["operations"]
            ],
            "manifests": str(self._options.manifests),
        }

    def _running(self) -> list[_Server]:
        return [server for server in self._servers if server.pid]

    def _reap(self, expected: bool = False) -> bool:
        """Note the servers that ended; True while any runs."""
        for server in self._running():
            pid, status = os.waitpid(server.pid, os.WNOHANG)
            if pid:
                server.pid = 0
                if not expected:
                    line = {"event": "ended", "system": server.code, "status": status}
                    print(json.dumps(line), file=sys.stderr, flush=True)
        return bool(self._running())


def run(options: Options, progress: Progress | None = None) -> int:
    """Run a province until it is told to stop; prints the ready line.

    Returns:
        the exit status.

    Raises:
        ProvinceError: it cannot be started.
    """
    with province_lock(options):
        province = Province(options)
        province.start(progress)
        print(json.dumps(province.description()), flush=True)
        return province.wait()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ProvinceError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what uses it, "
            "or set SST_SANDBOX_PORT to another first port"
        ) from None
    listener.set_inheritable(True)
    return listener


def _department(department: Department, options: Options) -> web.Application:
    key = department_key(options.keys, department.key_id, department.key_alg)
    profile = read_yaml(LATENCY_FILE)[department.code] if options.demo_latency else {}
    return DepartmentServer(
        manifest=department.checked_manifest("http://127.0.0.1", key.public_base64),
        store=Store(options.database(department.code)),
        key=key,
        gateway_keys=options.gateway_keys,
        latency=Latency(**profile),
        gateway_url=options.gateway_url,
    ).app()


def _wechat(options: Options) -> web.Application:
    state = WechatState(options.wechat_app_id, options.wechat_secret)
    latency = Latency(40.0, 0.3) if options.demo_latency else Latency()
    app = wechat_app(WechatServer(state, Switchboard(latency)))
    # The carrier's gateway is little enough to stand in the same process.
    Carrier().register(app)
    return app


def main() -> int:
    """Run a province with the options of the environment."""
    try:
        return run(Options.from_environ())
    except ProvinceError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
