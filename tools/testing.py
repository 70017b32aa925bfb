"""Runs the sections of ``make check`` and ``make test``: all of them, then a summary.

Each core takes the next section when it has done one, so that none waits for the other at the end.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.setup.messages import ROOT, complain, say

BIN = ROOT / ".venv" / "bin"
NOT_HERE = 3
# More at a time would want more memory than a small machine has.
AT_ONCE = min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Section:
    """One command whose exit code counts.

    Attributes:
        folder: where it runs, below the repository.
        may_be_absent: exit code 3 says that the machine has no such tool; that is shown, and is
            no failure.
        after: title of a section above whose output this one reads.
    """

    title: str
    command: tuple[str, ...]
    folder: str = "."
    may_be_absent: bool = False
    after: str = ""


@dataclass(frozen=True)
class Result:
    """How a section went."""

    section: Section
    code: int
    seconds: float

    @property
    def word(self) -> str:
        """One word for the summary."""
        if self.code == 0:
            return "通过"
        absent = self.section.may_be_absent and self.code == NOT_HERE
        return "未运行" if absent else "失败"


def _python(*arguments: str) -> tuple[str, ...]:
    return (str(BIN / "python"), "-m", *arguments)


def _npm(script: str) -> tuple[str, ...]:
    return ("npm", "run", "--silent", script)


# Half of what drives a browser, by time; whatever is not named here is in the other half.
_PAGES = tuple(
    f"tests/e2e/test_{name}.py"
    for name in ("pages", "console", "console_journeys", "maintenance", "data")
)
_BUILD = "小程序构建 mp-weixin"


def _integration(*chosen: str) -> tuple[str, ...]:
    return _python("pytest", "tests/integration", *chosen)


CHECKS = (
    Section("代码规范 ruff check", _python("ruff", "check", ".")),
    Section("代码格式 ruff format", _python("ruff", "format", "--check", ".")),
    Section("类型检查 mypy --strict", _python("mypy")),
    Section("架构规则 import-linter", (str(BIN / "lint-imports"), "--no-logo")),
    Section("前端类型 vue-tsc", _npm("check"), "miniprogram"),
)
# What runs side by side shares no server and no file that is written. The longest come first: of a
# processor they take 240, 215, 175, 130, 100 and 100 seconds, each of the others under a minute.
TESTS = (
    Section(
        "集成测试：业务，SQLite + Valkey",
        _integration("-m", "not platform", "-k", "not beyond"),
    ),
    Section(
        "浏览器：流程 pytest tests/e2e",
        _python("pytest", "tests/e2e", *(f"--ignore={file}" for file in _PAGES)),
    ),
    Section(
        "集成测试：业务，PostgreSQL + 集群", _integration("-m", "not platform", "-k", "beyond")
    ),
    Section("浏览器：每一页与控制台 pytest", _python("pytest", *_PAGES)),
    Section("集成测试：整省，PostgreSQL + 集群", _integration("-m", "platform", "-k", "beyond")),
    Section("集成测试：整省，SQLite + Valkey", _integration("-m", "platform", "-k", "not beyond")),
    Section(_BUILD, _npm("build:mp"), "miniprogram"),
    Section("单元测试 pytest tests/unit", _python("pytest", "tests/unit")),
    Section("小程序产物检查 wcc, glass-easel", _npm("test"), "miniprogram/harness", after=_BUILD),
    Section("故障演练 500 件申请", _python("tests.chaos", "--submissions", "500")),
    Section("全程冒烟 shengshitong smoke", (str(BIN / "shengshitong"), "smoke")),
    Section("前端单元测试 vitest", _npm("test"), "miniprogram"),
    Section("容器编排 docker compose config", ("sh", "docker/check.sh"), may_be_absent=True),
)
SUITES = {"check": CHECKS, "test": CHECKS + TESTS}


def main(arguments: Sequence[str]) -> int:
    """Run a suite; every section runs, whatever came before it.

    Returns:
        0 when none failed.
    """
    sections = SUITES[arguments[0]]
    began = time.monotonic()
    results = _Queue(sections).run()
    failed = [result for result in results if result.word == "失败"]
    print()
    say(f"小结 · summary ({time.monotonic() - began:.0f} s)")
    for result in results:
        print(f"  {result.word}  {result.seconds:6.1f} s  {result.section.title}")
    if failed:
        complain(f"失败：{'、'.join(result.section.title for result in failed)} (failed)")
    passed = sum(result.word == "通过" for result in results)
    absent = len(results) - passed - len(failed)
    print(f"sections: {passed} passed, {len(failed)} failed" + f", {absent} skipped" * bool(absent))
    return 1 if failed else 0


class _Queue:
    """The sections that wait, in their order, and those who take them."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections, self._waiting = sections, list(sections)
        self._results: dict[str, Result] = {}
        self._changed = threading.Condition()

    def run(self) -> list[Result]:
        """Run all; the results are in the order of the sections."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for lane in [pool.submit(self._work) for _ in range(AT_ONCE)]:
                    lane.result()
            finally:
                # Whoever interrupts it wants no further section.
                with self._changed:
                    self._waiting.clear()
                    self._changed.notify_all()
        return [self._results[section.title] for section in self._sections]

    def _work(self) -> None:
        while (section := self._take()) is not None:
            result, output = _captured(section)
            with self._changed:
                print(f"\n==== {section.title}\n{output}", end="", flush=True)
                self._results[section.title] = result
                self._changed.notify_all()

    def _take(self) -> Section | None:
        with self._changed:
            while self._waiting:
                for section in self._waiting:
                    if not section.after or section.after in self._results:
                        self._waiting.remove(section)
                        print(f"---- 开始：{section.title}", flush=True)
                        return section
                self._changed.wait()
        return None


def _captured(section: Section) -> tuple[Result, str]:
    """Run a section; its output is shown whole, when it has ended."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            code = subprocess.call(
                section.command,
                cwd=ROOT / section.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "CI": "true"},
            )
        except FileNotFoundError as error:
            complain(f"找不到 {error.filename} (not found)")
            code = 127
        output.seek(0)
        return Result(section, code, time.monotonic() - began), output.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
