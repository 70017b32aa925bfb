"""``shengshitong run`` from outside: what a person sees, and that nothing outlives it."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from backend.store.embedded import free_port
from tests.provinces import POPULATION
from tests.servers import ROOT


class Terminal:
    """A running ``shengshitong run`` and the lines that it has shown."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gateway.cli", "run", "--port", str(port)),
                *("--data", str(data), "--people", str(POPULATION.people)),
                *("--enterprises", str(POPULATION.enterprises)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def shows(self, word: str, within_s: float = 300.0) -> str:
        """Wait for a line with this word."""
        found = [""]

        def _look() -> bool:
            ended = not self._reader.is_alive()
            found[0] = next((line for line in [*self.lines] if word in line), "")
            assert found[0] or not ended, f"no {word!r} in {self.lines}"
            return bool(found[0])

        eventually(_look, within_s, lambda: f"no {word!r} in {self.lines}")
        return found[0]

    def children(self) -> dict[str, int]:
        """Process id of each child that the state file names, by what it runs."""
        groups = json.loads((self.data / "processes.json").read_text(encoding="utf-8"))
        named = {}
        for pid in map(int, groups):
            words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
            named[words[3] if "gateway.cli" in words else "valkey"] = pid
        return named

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.close()
        return code

    def close(self) -> None:
        """Make sure that it has ended."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def eventually(
    holds: Callable[[], bool], within_s: float = 20.0, otherwise: Callable[[], str] = str
) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.02)


def group_is_gone(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture(scope="module")
def data(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "data"
    shutil.copytree(seeded, folder / "sandbox")
    return folder


@pytest.fixture
def run(data: Path) -> Iterator[Callable[[], Terminal]]:
    terminals: list[Terminal] = []
    port = free_port()

    def _run() -> Terminal:
        terminals.append(Terminal(data, port))
        return terminals[-1]

    yield _run
    for terminal in terminals:
        terminal.close()


def log_in(port: int, phone: str) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=15) as http:
        sent = http.post("/citizen/sessions/sms-codes", json={"phone": phone}).json()
        body = {
            "phone": phone,
            "code": sent["sandbox_code"],
            "device": {"key": "k" * 24, "name": "test", "platform": "h5"},
            "privacy_version": http.get("/public/bootstrap").json()["privacy"]["version"],
        }
        answer = http.post("/citizen/sessions/phone", json=body)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["access_token"]
        return token


def me(port: int, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    url = f"http://127.0.0.1:{port}/api/v1/citizen/me"
    return httpx.get(url, headers=headers, timeout=15).status_code


def test_it_shows_the_addresses_and_whom_to_be_and_ends_with_everything_it_started(
    run: Callable[[], Terminal],
) -> None:
    terminal = run()
    terminal.shows("Ctrl-C")
    text = "".join(terminal.lines)
    for address in ("/\n", "/enterprise\n", "/console\n", "/docs\n"):
        assert f"http://127.0.0.1:{terminal.port}{address}" in text
    assert re.search(r"张建国 +手机 1\d{10} +身份证 \d{17}[\dX]", text)
    children = terminal.children()
    assert children.keys() == {"valkey", "sandbox", "gateway", "worker"}
    assert terminal.end(signal.SIGINT) == 0
    assert "已全部停止" in terminal.lines[-1]
    assert all(group_is_gone(pid) for pid in children.values())


def test_commands_beside_it_need_no_settings(run: Callable[[], Terminal], data: Path) -> None:
    terminal = run()
    terminal.shows("ready")
    environ = {**os.environ, "SST_KEYRING": "", "SST_DATA_DIR": str(data)}
    for words, said in (
        (("gateway-key",), "gateway-1 ed25519 "),
        (("operators", "list"), "secadmin\tsecurity_admin\tactive"),
        (("audit", "verify"), "the chain is whole"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli", *words],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    terminal.end(signal.SIGINT)


def test_nothing_is_lost_over_a_restart(run: Callable[[], Terminal]) -> None:
    first = run()
    first.shows("已启动")
    token = log_in(first.port, "13900000001")
    assert me(first.port, token) == 200
    assert first.end(signal.SIGTERM) == 0
    second = run()
    second.shows("已启动")
    assert me(second.port, token) == 200


def test_what_a_killed_run_left_is_cleaned_up_by_the_next(run: Callable[[], Terminal]) -> None:
    killed = run()
    killed.shows("Ctrl-C")
    eventually(lambda: "worker" in killed.children())
    left = killed.children()
    killed.end(signal.SIGKILL)
    following = run()
    following.shows("已清理")
    following.shows("已启动")
    assert all(group_is_gone(pid) for pid in left.values())


def test_a_second_run_on_the_same_data_is_refused_in_one_line(
    run: Callable[[], Terminal],
) -> None:
    first = run()
    first.shows("已启动")
    second = run()
    assert second.process.wait(30) == 1
    second.close()
    assert len(second.lines) == 1
    assert f"已经在运行（进程 {first.process.pid}，" in second.lines[0]


def test_a_busy_port_is_refused_in_one_line(data: Path, run: Callable[[], Terminal]) -> None:
    first = run()
    first.shows("已启动")
    other = Terminal(data.with_name("other"), first.port)
    assert other.process.wait(30) == 1
    other.close()
    assert len(other.lines) == 1
    assert f"端口 {first.port} 已被其他程序占用" in other.lines[0]


def test_a_crashed_gateway_is_started_again_and_serves(run: Callable[[], Terminal]) -> None:
    terminal = run()
    terminal.shows("Ctrl-C")
    eventually(lambda: "worker" in terminal.children())
    os.kill(terminal.children()["gateway"], signal.SIGKILL)
    assert "网关意外结束" in terminal.shows("意外结束")
    terminal.shows("已重新启动")

    def _serves() -> bool:
        with contextlib.suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{terminal.port}/healthz"
            return httpx.get(url, timeout=5).status_code == 200
        return False

    eventually(_serves)


def test_ctrl_c_while_it_starts_leaves_nothing_behind(run: Callable[[], Terminal]) -> None:
    terminal = run()
    eventually((terminal.data / "processes.json").exists)
    eventually(lambda: "sandbox" in terminal.children())
    children = terminal.children()
    assert terminal.end(signal.SIGINT) in (0, 130)
    assert all(group_is_gone(pid) for pid in children.values())
    assert not (terminal.data / "processes.json").exists()
