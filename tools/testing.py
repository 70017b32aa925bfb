"""Runs the sections of ``make check`` and ``make test``: all of them, then a summary."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

from tools.setup.messages import ROOT, complain, say

BIN = ROOT / ".venv" / "bin"
NOT_HERE = 3


@dataclass(frozen=True)
class Section:
    """One command whose exit code counts.

    Attributes:
        folder: where it runs, below the repository.
        may_be_absent: exit code 3 says that the machine has no such tool; that is shown, and is
            no failure.
        beside: it runs on the other core, after those beside before it, while the last section
            that is not beside runs on the first.
    """

    title: str
    command: tuple[str, ...]
    folder: str = "."
    may_be_absent: bool = False
    beside: bool = False


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


CHECKS = (
    Section("代码规范 ruff check", _python("ruff", "check", ".")),
    Section("代码格式 ruff format", _python("ruff", "format", "--check", ".")),
    Section("类型检查 mypy --strict", _python("mypy")),
    Section("架构规则 import-linter", (str(BIN / "lint-imports"), "--no-logo"), beside=True),
    Section("前端类型 vue-tsc", _npm("check"), "miniprogram", beside=True),
)
# Half of what drives a browser, by time; whatever is not named here is in the other half.
_PAGES = tuple(
    f"tests/e2e/test_{name}.py"
    for name in ("pages", "console", "console_journeys", "maintenance", "data")
)
# What runs side by side shares no server and no file that is written.
TESTS = (
    Section("单元测试 pytest tests/unit", _python("pytest", "tests/unit")),
    Section("前端单元测试 vitest", _npm("test"), "miniprogram", beside=True),
    Section("小程序构建 mp-weixin", _npm("build:mp"), "miniprogram", beside=True),
    Section("小程序产物检查 wcc, glass-easel", _npm("test"), "miniprogram/harness", beside=True),
    Section("集成测试 SQLite + Valkey", _python("pytest", "tests/integration", "-k", "not beyond")),
    Section(
        "集成测试 PostgreSQL + 集群",
        _python("pytest", "tests/integration", "-k", "beyond"),
        beside=True,
    ),
    Section("浏览器：每一页与控制台 pytest", _python("pytest", *_PAGES)),
    Section(
        "浏览器：流程 pytest tests/e2e",
        _python("pytest", "tests/e2e", *(f"--ignore={file}" for file in _PAGES)),
        beside=True,
    ),
    Section("全程冒烟 shengshitong smoke", (str(BIN / "shengshitong"), "smoke")),
    Section("故障演练 500 件申请", _python("tests.chaos", "--submissions", "500"), beside=True),
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
    results = [result for group in _groups(sections) for result in _run(group)]
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


def _groups(sections: Sequence[Section]) -> list[list[Section]]:
    groups: list[list[Section]] = []
    for section in sections:
        if section.beside:
            groups[-1].append(section)
        else:
            groups.append([section])
    return groups


def _run(group: Sequence[Section]) -> list[Result]:
    """Run the first section, beside it the others one by one; what these print comes afterwards."""
    with ThreadPoolExecutor(1) as pool:
        later = [pool.submit(_captured, section) for section in group[1:]]
        print(f"\n==== {group[0].title}", flush=True)
        results = [_timed(group[0], None)]
        for section, captured in zip(group[1:], later, strict=True):
            result, output = captured.result()
            print(f"\n==== {section.title}\n{output}", flush=True)
            results.append(result)
    return results


def _captured(section: Section) -> tuple[Result, str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        result = _timed(section, output)
        output.seek(0)
        return result, output.read()


def _timed(section: Section, output: IO[str] | None) -> Result:
    began = time.monotonic()
    try:
        code = subprocess.call(
            section.command,
            cwd=ROOT / section.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            env={**os.environ, "CI": "true"},
        )
    except FileNotFoundError as error:
        complain(f"找不到 {error.filename} (not found)")
        code = 127
    return Result(section, code, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
