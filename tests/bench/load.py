"""Load from wrk, and processes pinned to a core so that two measurements meet the same machine."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

SERVER_CORE, CLIENT_CORE = 0, 1
CONNECTIONS = 32
_TO_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}

# Requests walk through a list of access tokens, one line each.
_SCRIPT = """
local tokens, place = {}, 0
for line in io.lines(os.getenv("BENCH_TOKENS")) do tokens[#tokens + 1] = line end
local pause = tonumber(os.getenv("BENCH_PAUSE_MS"))
function delay() return pause end
request = function()
  place = place % #tokens + 1
  return wrk.format("GET", nil, {["Authorization"] = "Bearer " .. tokens[place]})
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: requests a second, latencies in ms, answers other than 2xx, answers in all."""

    rate: float
    p50_ms: float
    p99_ms: float
    refused: int
    answers: int


def need_wrk() -> str:
    """The path of wrk; installs Debian's package where that is possible.

    Raises:
        SystemExit: it is missing; says the one command to type.
    """
    found = shutil.which("wrk")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
        quiet = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "wrk"]
        subprocess.run(quiet, check=False, stdout=subprocess.DEVNULL)
        found = shutil.which("wrk")
    if found is None:
        raise SystemExit("压测需要 wrk:apt-get install wrk (wrk is missing)")
    return found


def wrk(
    url: str,
    tokens: Path,
    seconds: float,
    pause_ms: int | None = None,
    connections: int = CONNECTIONS,
) -> Load:
    """Load one address from the client's core.

    Args:
        tokens: a file of access tokens; pause_ms: wait of each connection between requests.
    """
    script = tokens.with_name("bench.lua")
    body = _SCRIPT if pause_ms is not None else _SCRIPT.replace("function delay()", "function _d()")
    script.write_text(body, "utf-8")
    environ = {**os.environ, "BENCH_TOKENS": str(tokens), "BENCH_PAUSE_MS": str(pause_ms or 0)}
    return run_wrk(url, script, environ, seconds, connections)


def run_wrk(
    url: str, script: Path, environ: Mapping[str, str], seconds: float, connections: int
) -> Load:
    """Load one address by a script of one's own, from the client's core."""
    command = ["taskset", "-c", str(CLIENT_CORE), need_wrk(), "-t1", f"-c{connections}"]
    command += [f"-d{seconds:g}s", "--latency", "-s", str(script), url]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return _read(done.stdout)


def _read(text: str) -> Load:
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    assert rate is not None, text
    answers = re.search(r"(\d+) requests in", text)
    assert answers is not None, text
    return Load(
        float(rate[1]),
        _percentile(text, 50),
        _percentile(text, 99),
        int(refused[1]) if refused else 0,
        int(answers[1]),
    )


def _percentile(text: str, which: int) -> float:
    found = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", text)
    assert found is not None, text
    return float(found[1]) * _TO_MS[found[2]]


@contextmanager
def process(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    ready_url: str,
    core: int | None = SERVER_CORE,
) -> Iterator[int]:
    """Run a Python process of ours until the block ends; gives its process id.

    Args:
        core: the only one it may use; None: any.
    """
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    command = [*pinned, sys.executable, *arguments]
    # A group of its own: Sanic with several workers ends by a signal to its whole group.
    child = subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=DEVNULL, stderr=DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait(ready_url, child)
        yield child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Stay on one core until the block ends; what is started afterwards runs where it likes."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _wait(url: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while True:
        assert child.poll() is None, f"a process ended before {url} answered"
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 (our own address)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < until, f"{url} did not answer"
            time.sleep(0.05)


def cpu_seconds(pid: int) -> float:
    """CPU that all threads of a process have used so far, by the scheduler's own clock."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text("ascii").split()[0]) for each in threads) / 1e9


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024
