"""What each make target does: prepare what it needs, then hand over."""

import argparse
import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from tools.setup import frontend, python
from tools.setup.browser import ensure_browser
from tools.setup.machine import GIB, need_disk
from tools.setup.messages import ROOT, Stop, complain, say

ROOM_FOR_DATA = GIB // 5


def main(arguments: list[str]) -> int:
    """Carry out one target.

    Returns:
        The exit code; a failure has been explained in one line.
    """
    options, rest = _parser().parse_known_args(arguments)
    try:
        code: int = options.action(rest)
    except Stop as stop:
        complain(str(stop))
        return 1
    except OSError as error:
        complain(
            f"{error.strerror}:{error.filename or ROOT}。请检查磁盘与权限后重试。"
            "(check disk space and permissions)"
        )
        return 1
    except KeyboardInterrupt:
        complain("已中断，可以重新执行同一条命令继续。(interrupted; run the same command again)")
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.set_defaults(action=lambda rest: _usage(parser))
    targets = parser.add_subparsers(title="targets")
    for name, (action, help_) in TARGETS.items():
        targets.add_parser(name, help=help_, add_help=False).set_defaults(action=action)
    return parser


def _usage(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return 2


def run(rest: list[str]) -> int:
    """Prepare what a running province needs and become its supervisor."""
    with _alone():
        need_disk(ROOM_FOR_DATA)
        python.ensure_environment("run")
        frontend.ensure_builds(*frontend.PAGES)
    return _become(str(python.COMMAND), "run", *rest)


def smoke(rest: list[str]) -> int:
    """Prepare as for ``run`` and become the smoke test."""
    with _alone():
        need_disk(ROOM_FOR_DATA)
        python.ensure_environment("run")
        frontend.ensure_builds(*frontend.PAGES)
    return _become(str(python.COMMAND), "smoke", *rest)


def check(rest: list[str]) -> int:
    """Prepare the tools and run every static check."""
    with _alone():
        python.ensure_environment("dev")
        frontend.ensure_packages(frontend.MINIPROGRAM)
    return _become(str(python.PYTHON), "-m", "tools.testing", "check", *rest)


def test(rest: list[str]) -> int:
    """Prepare everything that tests need and run all of them."""
    with _alone():
        need_disk(2 * GIB)
        python.ensure_environment("dev")
        for folder in (frontend.MINIPROGRAM, frontend.HARNESS):
            frontend.ensure_packages(folder)
        frontend.ensure_builds(*frontend.PAGES)
        ensure_browser()
    return _become(str(python.PYTHON), "-m", "tools.testing", "test", *rest)


def bench(rest: list[str]) -> int:
    """Prepare as for tests and become the benchmarks."""
    with _alone():
        python.ensure_environment("dev")
    return _become(str(python.PYTHON), "-m", "tests.bench", *rest)


def chaos(rest: list[str]) -> int:
    """Prepare as for tests and become the fault run."""
    with _alone():
        need_disk(2 * GIB)
        python.ensure_environment("dev")
    return _become(str(python.PYTHON), "-m", "tests.chaos", *rest)


def lock(rest: list[str]) -> int:
    """Write both lock files anew from ``pyproject.toml``: the newest versions that fit."""
    with _alone():
        python.ensure_environment("dev")
    for kind, extra in (("run", []), ("dev", ["--extra", "dev", "-c", "requirements.lock"])):
        path = python.LOCKS[kind]
        done = subprocess.run(
            [
                *(str(python.VENV / "bin" / "uv"), "pip", "compile", "pyproject.toml", "--quiet"),
                *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
                *("--no-emit-index-url", "--no-header", "--no-annotate", "-o", path.name),
                *extra,
                *rest,
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            raise Stop(f"生成 {path.name} 失败，见上。(lock failed)")
        say(f"已更新 {path.name} · written")
    return 0


def _become(*command: str) -> int:
    """Replace this process, so that signals reach the one that does the work."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one preparation run at a time in this clone; a second one waits for the first."""
    path = ROOT / ".data" / "setup.lock"
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("w", encoding="utf-8")
    except OSError:
        need_disk(ROOM_FOR_DATA)
        raise
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("另一个终端正在准备，等它完成 … · waiting for another setup")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


TARGETS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "run": (run, "start the whole province"),
    "smoke": (smoke, "drive the main journey over HTTP on a fresh instance"),
    "check": (check, "ruff, mypy, import-linter, vue-tsc"),
    "test": (test, "everything: checks, tests, builds, browser"),
    "bench": (bench, "measure, one JSON line each"),
    "chaos": (chaos, "applications under kills and restarts of everything"),
    "lock": (lock, "write the lock files anew"),
}
