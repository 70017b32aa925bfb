"""``second_start``: from typing ``make run`` again to the first answer, on data that is there."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from backend.store.embedded import free_port
from tests.bench.report import Report
from tests.servers import ROOT

STARTS, MOST_S, FIRST_START_S = 3, 5.0, 300.0
ALIVE = "/api/v1/public/bootstrap"


def run() -> Report:
    """Start once to make the data, then again and again with a full-sized sandbox."""
    with tempfile.TemporaryDirectory(prefix="sst-bench-") as folder:
        port = free_port()
        first = _start(Path(folder), port)
        seconds = [_start(Path(folder), port) for _ in range(STARTS)]
    return Report(
        value=median(seconds),
        unit="s",
        met=median(seconds) <= MOST_S,
        details={"first_start_s": round(first, 1), "starts": [round(each, 2) for each in seconds]},
    )


def _start(data: Path, port: int) -> float:
    began = time.monotonic()
    command = [sys.executable, "-m", "gateway.cli", "run", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not _answers(port):
            assert process.poll() is None, "the province ended before it answered"
            assert time.monotonic() < began + FIRST_START_S, "the province does not answer"
            time.sleep(0.02)
        return time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{ALIVE}", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
