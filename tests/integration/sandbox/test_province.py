"""The whole province as a newcomer starts it: by the command, as processes of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.exchange.manifest import load_manifest
from backend.sandbox.departments.registry import departments
from tests.sandbox_world import GATEWAY_KEY

PEOPLE = 120


@dataclass
class Province:
    """A running province."""

    process: subprocess.Popen[str]
    data: Path
    ready: dict[str, Any]
    began: float

    @property
    def systems(self) -> dict[str, str]:
        """Address of each system."""
        found: dict[str, str] = self.ready["systems"]
        return found

    def children(self) -> list[int]:
        """Process ids of the servers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


def _environ(data: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("SST_")},
        "SST_DATA_DIR": str(data),
        "SST_SANDBOX_PEOPLE": str(PEOPLE),
        "SST_SANDBOX_ENTERPRISES": "20",
        "SST_GATEWAY_PUBLIC_KEYS": f"gateway-1:{GATEWAY_KEY.public_base64}",
    }


def _command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", "sandbox", *arguments],
        env=_environ(data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def _province(data: Path, *arguments: str) -> Iterator[Province]:
    began = time.time()
    with subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "sandbox", "serve", "--no-latency", *arguments],
        env=_environ(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line and process.stderr is not None:
                pytest.fail(process.stderr.read())
            yield Province(process, data, json.loads(line), began)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(15)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small province."""
    data = tmp_path_factory.mktemp("province")
    done = _command(data, "seed", "--people", str(PEOPLE), "--enterprises", "20")
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture(scope="module")
def province(seeded: Path) -> Iterator[Province]:
    """A running province on free ports."""
    with _province(seeded, "--port", "0") as running:
        yield running


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return json.loads(answer.read())


def _gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def _wait_until_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if all(_gone(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def test_every_system_answers_and_its_manifest_says_where(province: Province) -> None:
    expected = {department.system_code for department in departments()}
    assert set(province.systems) == {"wechat", *expected}
    assert len(province.children()) == len(expected) + 1
    for code in expected:
        url = province.systems[code]
        assert _get(f"{url}/v1/health") == {"status": "ok"}
        assert _get(f"{url}/_control/state")["holders"] > 0
        manifest = load_manifest(province.data / "manifests" / f"{code}.yaml")
        assert manifest.endpoints.production.base_url == url
    assert _get(f"{province.systems['wechat']}/_control/state")["system"] == "wechat"


def test_the_second_start_makes_nothing_anew(province: Province, seeded: Path) -> None:
    """What makes it fast: the population is not drawn again (measured: about a second)."""
    assert (seeded / "sandbox" / "seeded.json").stat().st_mtime < province.began


def test_the_commands_show_and_steer_a_running_province(province: Province) -> None:
    shown = _command(province.data, "status")
    assert shown.returncode == 0
    assert "gd-gongan" in shown.stdout
    on = _command(
        province.data, "fault", "gongan", "status", "--operation", "health", "--calls", "2"
    )
    assert on.returncode == 0, on.stderr
    assert "1 faults on" in on.stdout
    with pytest.raises(urllib.error.HTTPError, match="503"):
        _get(f"{province.systems['gd-gongan']}/v1/health")
    off = _command(province.data, "fault", "gd-gongan", "clear")
    assert "1 faults cleared" in off.stdout
    assert _get(f"{province.systems['gd-gongan']}/v1/health") == {"status": "ok"}
    minted = _command(province.data, "control", "wechat", "POST", "login-code", '{"openid": "o1"}')
    assert json.loads(minted.stdout)["code"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("fault", "nobody", "hang"), "there is no nobody"),
        (("fault", "gongan", "explode"), "control.order_invalid"),
        (("fault", "gongan", "hang", "--operation", "enterprises.get"), "Operations here"),
        (("control", "gongan", "POST", "people", "{"), "not JSON"),
        (("control", "gongan", "GET", "nothing"), "404"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_line(
    province: Province, arguments: tuple[str, ...], word: str
) -> None:
    done = _command(province.data, *arguments)
    assert done.returncode == 1
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_population_that_is_too_small_is_refused_in_one_line(tmp_path: Path) -> None:
    done = _command(tmp_path, "seed", "--people", "3")
    assert done.returncode == 1
    assert "cast" in done.stderr.splitlines()[-1]
    assert not list((tmp_path / "sandbox").glob("*.db*"))


def test_without_a_province_the_commands_say_how_to_start_one(tmp_path: Path) -> None:
    done = _command(tmp_path, "status")
    assert done.returncode == 1
    assert "sandbox serve" in done.stderr


def test_a_second_runner_on_the_same_data_is_refused(province: Province) -> None:
    for arguments in (("serve", "--port", "0"), ("seed", "--people", "50")):
        done = _command(province.data, *arguments)
        assert done.returncode == 1
        assert "running" in done.stderr


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _command(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "SST_SANDBOX_PORT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_terminated_runner_ends_every_server(seeded: Path, tmp_path: Path) -> None:
    data = tmp_path / "own"
    data.mkdir()
    with _province(data, "--port", "0") as running:
        children = running.children()
        assert len(children) == 11
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
        assert _wait_until_gone(children)
        assert not (data / "sandbox" / "province.json").exists()
        with pytest.raises(OSError, match="refused"):
            _get(f"{running.systems['gd-gongan']}/v1/health")


def test_the_servers_of_a_killed_runner_end_by_themselves(tmp_path: Path) -> None:
    with _province(tmp_path, "--port", "0") as running:
        children = running.children()
        running.process.kill()
        assert _wait_until_gone(children)


def test_a_server_that_dies_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    with _province(tmp_path, "--port", "0") as running:
        os.kill(running.children()[0], signal.SIGKILL)
        assert running.process.stderr is not None
        ended = json.loads(running.process.stderr.readline())
        assert ended["event"] == "ended"
        others = [url for code, url in running.systems.items() if code != ended["system"]]
        states = [_get(f"{url}/_control/state") for url in others]
        assert len(states) == 10
