"""A supervisor for the processes of one machine: start, restart what crashed, end all of them.

Each child leads a process group of its own, so that Ctrl-C in the terminal reaches the supervisor
alone and a child's own children end with it. The ids of all groups stand in a state file: a
supervisor that was killed leaves its children behind, and the next start ends them first.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

GRACE_S = 12.0
POLL_S = 0.05
# A child that stays up this long has recovered: its earlier crashes are forgiven.
STEADY_S = 30.0
LONGEST_PAUSE_S = 30.0
LOG_LIMIT = 10 * 1024 * 1024
STDERR = 2


class ChildFailed(Exception):
    """A child ended before it was ever ready."""

    def __init__(self, name: str, code: int, log: Path | None) -> None:
        self.name, self.code, self.log = name, code, log
        super().__init__(name)

    def last_line(self) -> str:
        """The end of its log; nothing where its output went to the terminal."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@dataclass(slots=True)
class Child:
    """One process to keep running.

    Attributes:
        title: what people call it.
        command: called before each start, so that it can prepare files.
        ready: whether it serves by now; ``None`` where running is enough.
        order: children with higher numbers are ended first.
    """

    name: str
    title: str
    command: Callable[[], Sequence[str]]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready: Callable[[], bool] | None = None
    order: int = 0
    was_ready: bool = False
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started_at: float = 0.0
    start_again_at: float | None = None


class Supervisor:
    """Keeps children running and ends every one of them.

    Args:
        directory: for the state file and the children's logs.
        say: shows one line to the person at the terminal.
        grace_s: seconds that a child has to end by itself.
    """

    def __init__(
        self, directory: Path, say: Callable[[str], None], grace_s: float = GRACE_S
    ) -> None:
        self._directory, self._say, self._grace_s = directory, say, grace_s
        self._state = directory / "processes.json"
        self._children: list[Child] = []
        self.stopping = False
        self.in_a_hurry = False

    def log_of(self, child: Child) -> Path:
        """Where a child's output goes."""
        return self._directory / "logs" / f"{child.name}.log"

    def add(self, child: Child) -> Child:
        """Start a child and keep it running from now on."""
        self._start(child)
        self._children.append(child)
        self._write_state()
        return child

    def run_once(self, child: Child, on_terminal: bool = False) -> int:
        """Run a step to its end; ended early when told to stop.

        Args:
            on_terminal: show its output (a progress bar) rather than keep it in its log.

        Returns:
            Its exit code.
        """
        if on_terminal:
            child.process = _spawn(child, None)
        else:
            self._start(child)
        self._children.append(child)
        self._write_state()
        while (code := _exit_code(child)) is None and not self.stopping:
            time.sleep(POLL_S)
        if code is not None:
            self._children.remove(child)
        return code or 0

    def _start(self, child: Child) -> None:
        log = self.log_of(child)
        log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(log)
        with log.open("ab") as output:
            child.process = _spawn(child, output)
        child.started_at = time.monotonic()
        child.start_again_at = None

    def wait_ready(self, *children: Child, timeout_s: float = 30.0) -> None:
        """Wait until these children serve.

        Raises:
            ChildFailed: one ended instead.
            TimeoutError: one is still not ready; the message is its name.
        """
        until = time.monotonic() + timeout_s
        waiting = list(children)
        while waiting and not self.stopping:
            waiting = [child for child in waiting if not self._has_become_ready(child)]
            if waiting and time.monotonic() > until:
                raise TimeoutError(waiting[0].title)
            if waiting:
                time.sleep(POLL_S)

    def _has_become_ready(self, child: Child) -> bool:
        if (code := _exit_code(child)) is not None:
            raise ChildFailed(child.title, code, self.log_of(child))
        child.was_ready = child.ready is None or child.ready()
        return child.was_ready

    def watch(self, until: Callable[[], bool]) -> None:
        """Start crashed children again until told to stop."""
        while not until():
            for child in self._children:
                self._look_after(child)
            time.sleep(POLL_S * 4)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.start_again_at is not None:
            if now >= child.start_again_at:
                self._start(child)
                self._write_state()
                self._say(f"{child.title}已重新启动 · restarted")
            return
        if (code := _exit_code(child)) is None or child.process is None:
            if now - child.started_at > STEADY_S:
                child.crashes = 0
            return
        _end_group(child.process.pid, signal.SIGKILL)
        pause = min(LONGEST_PAUSE_S, 0.25 * 2**child.crashes)
        child.crashes += 1
        child.start_again_at = now + pause
        self._say(
            f"{child.title}意外结束（退出码 {code}），{pause:.1f} 秒后重新启动，"
            f"日志见 {self.log_of(child)} · crashed"
        )

    def stop(self) -> None:
        """End every child, those of the highest order first, by force after a grace period."""
        self.stopping = True
        for order in sorted({child.order for child in self._children}, reverse=True):
            batch = [child for child in self._children if child.order == order]
            self._end([child.process.pid for child in batch if child.process], batch)
        self._children.clear()
        self._state.unlink(missing_ok=True)

    def _end(self, groups: Sequence[int], children: Sequence[Child]) -> None:
        """Ask groups to end; those that have not in time, or in a hurry, are killed."""
        for group in groups:
            _end_group(group, signal.SIGTERM)
        until = time.monotonic() + self._grace_s
        left = list(groups)
        while left and time.monotonic() < until and not self.in_a_hurry:
            _reap(children)
            left = [group for group in left if _end_group(group, 0)]
            if left:
                time.sleep(POLL_S)
        for group in left:
            _end_group(group, signal.SIGKILL)
        for child in children:
            if child.process is not None:
                child.process.wait()

    def _write_state(self) -> None:
        groups = {
            str(child.process.pid): _started(child.process.pid)
            for child in self._children
            if child.process is not None
        }
        draft = self._state.with_suffix(".new")
        draft.write_text(json.dumps(groups), encoding="utf-8")
        draft.replace(self._state)

    def _read_state(self) -> dict[int, str]:
        try:
            held = json.loads(self._state.read_text(encoding="utf-8"))
            return {int(pid): str(tick) for pid, tick in held.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def end_leftovers(self) -> int:
        """End what a killed supervisor left behind.

        Returns:
            How many process groups were ended.
        """
        groups = self._read_state()
        # A process id is used again some day: only the one that started at that very tick is ours.
        ours = [pid for pid, tick in groups.items() if _is_leftover(pid, tick)]
        self._end(ours, [])
        self._state.unlink(missing_ok=True)
        return len(ours)


def _spawn(child: Child, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        list(child.command()),
        env={**os.environ, **child.environ},
        stdin=subprocess.DEVNULL,
        # A step without a log talks to the person: where errors go, not among the results.
        stdout=STDERR if output is None else output,
        stderr=STDERR if output is None else subprocess.STDOUT,
        start_new_session=True,
    )


def _exit_code(child: Child) -> int | None:
    return None if child.process is None else child.process.poll()


def _reap(children: Sequence[Child]) -> None:
    """Collect what ended, so that a group is seen to be gone."""
    for child in children:
        _exit_code(child)


def _end_group(group: int, number: int) -> bool:
    """Send a signal to a group; False when nobody of it is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _is_leftover(pid: int, tick: str) -> bool:
    started = _started(pid)
    if started:
        return started == tick
    # The leader is gone; while others of its group live, its id cannot be given away.
    return _end_group(pid, 0)


def _started(pid: int) -> str:
    """When a process started, in a form that tells it from a later one with the same id."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    try:
        done = subprocess.run(  # noqa: S603
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip()


def _rotate(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
