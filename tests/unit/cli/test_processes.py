"""The supervisor, with real processes that misbehave in the ways that processes do."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli.processes import Child, ChildFailed, Supervisor

SLEEPER = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("on", flush=True)
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def child(name: str, script: str, ready: Callable[[], bool] | None = None, order: int = 0) -> Child:
    return Child(name, name, lambda: [sys.executable, "-c", script], {}, ready, order)


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def eventually(holds: Callable[[], object], within_s: float = 10.0) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path, said.append, grace_s=1.0)
    yield found
    found.stop()


def pid_of(started: Child) -> int:
    assert started.process is not None
    return started.process.pid


def test_every_child_ends_with_its_own_children(supervisor: Supervisor) -> None:
    started = supervisor.add(child("parent", PARENT))
    log = supervisor.log_of(started)
    eventually(lambda: log.read_text(encoding="utf-8").strip())
    grandchild = int(log.read_text(encoding="utf-8"))
    supervisor.stop()
    assert not is_alive(pid_of(started))
    eventually(lambda: not is_alive(grandchild))


def test_a_child_that_ignores_sigterm_is_ended_by_force(supervisor: Supervisor) -> None:
    started = supervisor.add(child("stubborn", STUBBORN))
    eventually(lambda: supervisor.log_of(started).read_text(encoding="utf-8"))
    began = time.monotonic()
    supervisor.stop()
    assert not is_alive(pid_of(started))
    assert 0.9 < time.monotonic() - began < 5


def test_higher_orders_end_first(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "ended"
    script = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(note)!r}, 'a').write('NAME ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('on', flush=True)\n"
        "time.sleep(600)\n"
    )
    children = [
        supervisor.add(child(name, script.replace("NAME", name), order=order))
        for name, order in (("store", 0), ("edge", 2), ("worker", 1))
    ]
    for one in children:
        log = supervisor.log_of(one)
        eventually(lambda log=log: log.read_text(encoding="utf-8"))  # type: ignore[misc]
    supervisor.stop()
    assert note.read_text(encoding="utf-8").split() == ["edge", "worker", "store"]


def test_a_crashed_child_is_started_again_and_the_person_is_told(
    supervisor: Supervisor, said: list[str]
) -> None:
    started = supervisor.add(child("sleeper", SLEEPER))
    first, done = pid_of(started), threading.Event()
    watcher = threading.Thread(target=supervisor.watch, args=(done.is_set,))
    watcher.start()
    try:
        os.kill(first, signal.SIGKILL)
        eventually(lambda: len(said) == 2)
    finally:
        done.set()
        watcher.join()
    assert pid_of(started) != first
    assert is_alive(pid_of(started))
    assert "意外结束（退出码 -9）" in said[0]
    assert "已重新启动" in said[1]


def test_a_child_that_ends_before_it_is_ready_is_reported_with_its_last_words(
    supervisor: Supervisor,
) -> None:
    started = supervisor.add(
        child("broken", "import sys; print('no such table'); sys.exit(3)", ready=lambda: False)
    )
    with pytest.raises(ChildFailed) as caught:
        supervisor.wait_ready(started)
    assert caught.value.code == 3
    assert caught.value.last_line() == "no such table"


def test_a_child_that_never_becomes_ready_is_named(supervisor: Supervisor) -> None:
    started = supervisor.add(child("slow", SLEEPER, ready=lambda: False))
    with pytest.raises(TimeoutError, match="slow"):
        supervisor.wait_ready(started, timeout_s=0.2)


def test_a_step_gives_its_exit_code_and_is_forgotten(supervisor: Supervisor) -> None:
    assert supervisor.run_once(child("step", "import sys; sys.exit(7)")) == 7


def test_the_output_of_a_step_is_kept_in_its_log(supervisor: Supervisor) -> None:
    step = child("step", "print('one of nine')")
    assert supervisor.run_once(step) == 0
    assert supervisor.log_of(step).read_text(encoding="utf-8") == "one of nine\n"


def test_a_step_on_the_terminal_talks_where_errors_go(
    supervisor: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    assert supervisor.run_once(child("step", "print('half way')"), on_terminal=True) == 0
    assert capfd.readouterr() == ("", "half way\n")


def test_a_step_is_ended_when_the_person_stops(supervisor: Supervisor) -> None:
    step = child("step", SLEEPER)
    threading.Timer(0.2, lambda: setattr(supervisor, "stopping", True)).start()
    assert supervisor.run_once(step) == 0
    supervisor.stop()
    assert not is_alive(pid_of(step))


def test_what_a_killed_supervisor_left_is_ended_by_the_next(
    tmp_path: Path, said: list[str]
) -> None:
    killed = Supervisor(tmp_path, said.append)
    left = killed.add(child("orphan", SLEEPER))
    following = Supervisor(tmp_path, said.append, grace_s=1.0)
    assert following.end_leftovers() == 1
    eventually(lambda: not is_alive(pid_of(left)))
    assert following.end_leftovers() == 0
    assert left.process is not None
    left.process.wait()


def test_a_process_that_got_the_same_id_later_is_left_alone(
    tmp_path: Path, said: list[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True) as stranger:
        (tmp_path / "processes.json").write_text(json.dumps({str(stranger.pid): "1"}))
        assert Supervisor(tmp_path, said.append).end_leftovers() == 0
        assert is_alive(stranger.pid)
        stranger.kill()


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"x": 1}'])
def test_a_broken_state_file_stops_nobody(tmp_path: Path, said: list[str], content: str) -> None:
    (tmp_path / "processes.json").write_text(content)
    assert Supervisor(tmp_path, said.append).end_leftovers() == 0
