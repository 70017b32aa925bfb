"""Departments of the tiny province, and the kit that looks at them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path

import orjson
import pytest

from backend.conformance.service import Options, Report, run_conformance
from backend.exchange.manifest_conformance import Subjects, parse_subjects
from backend.sandbox.departments.registry import department
from backend.sandbox.subjects import subjects_of
from tests.sandbox_world import GATEWAY_KEY, HOUSEHOLD, TODAY, Running, running

Start = Callable[[str], Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a department by its code."""
    async with AsyncExitStack() as stack:

        async def _start(code: str) -> Running:
            return await stack.enter_async_context(running(code, tmp_path))

        yield _start


def subjects(system: Running) -> Subjects:
    """The test subjects of a department of the tiny province."""
    return parse_subjects(orjson.loads(_document(system.department.code)), "subjects")


@cache
def _document(code: str) -> bytes:
    """What the department's manifest says of them: to put it together takes as long as a look."""
    return orjson.dumps(subjects_of(department(code), [HOUSEHOLD], TODAY))


async def look_at(system: Running, url: str = "", only: str = "", **more: float) -> Report:
    """Run the kit against a department, or against what stands before it at ``url``."""
    options = Options(
        base_url=url or system.url,
        subjects=subjects(system),
        only=only,
        grace_s=more.get("grace_s", 4.0),
        max_seconds=more.get("max_seconds", 120.0),
    )
    return await run_conformance(system.manifest, "sandbox", GATEWAY_KEY, options)


def failed(report: Report) -> set[str]:
    """The ids of what failed."""
    return {check.id for check in report.failed}


def explained(report: Report) -> str:
    """What failed, for the message of a test."""
    return "\n".join(f"{c.operation} {c.id}: {c.mend}" for c in report.failed)
