"""Each sandbox department conforms; each of its fault switches is named, and nothing else is."""

from pathlib import Path

import pytest

from backend.conformance.service import Outcome
from backend.exchange.manifest import TimeOuts
from backend.sandbox.departments.registry import department, departments
from tests.integration.conformance.conftest import Start, explained, failed, look_at
from tests.patience import HURRIED_MS, PATIENT_MS, hurried
from tests.sandbox_world import FACELESS, HUSBAND, WIFE, Running

CODES = [one.code for one in departments()]
# An invented decision would stand among those that a department supervises.
LEFT_ALONE = {"supervision.notice"}
# Nobody holds one before an application was decided.
BY_DECISION = "居民户口簿"
# What each fault is called, and a word of what it tells to mend.
FAULTS = {
    "slow": ("time.deadline", "timeout_ms"),
    "hang": ("time.hang", "没有应答"),
    "status": ("availability.5xx", "503"),
    "truncate": ("transport.complete", "content-length"),
    "wrong_signature": ("answer.signature", "公钥"),
    "malformed": ("answer.json", "JSON"),
}
ABOUT_TIME = {"slow", "hang"}
# What comes is waited for, however busy the machine: only what never comes is given up soon.
GRACE_S = {**dict.fromkeys(FAULTS, PATIENT_MS / 1000), "hang": HURRIED_MS / 1000}


@pytest.mark.parametrize("code", CODES)
async def test_a_department_without_faults_passes(start: Start, code: str) -> None:
    system = await start(code)
    report = await look_at(system)
    assert report.passed, explained(report)
    # Every operation was looked at with somebody who is known, and nothing was left out.
    assert set(report.operations) == {"health", "", *system.manifest.operations}
    left = [one for one in report.checks if one.outcome is Outcome.SKIPPED]
    assert {one.operation for one in left} <= LEFT_ALONE
    advised = [one.mend for one in report.checks if one.outcome is Outcome.ADVISED]
    assert [
        mend for mend in advised if "没有测试对象持有" in mend and BY_DECISION not in mend
    ] == []


async def test_an_operation_with_nothing_to_answer_is_named(start: Start) -> None:
    system = await start("ziran")
    system.manifest = system.manifest.model_copy(update={"sections": []})
    report = await look_at(system)
    assert [(one.operation, one.id) for one in report.failed] == [
        ("sections.query", "manifest.content")
    ]
    assert "删去" in report.failed[0].mend


async def impaired(start: Start, code: str, kind: str, operation: str | None = None) -> Running:
    """A department with a fault in one operation, or in all of them.

    One that is about time has little of it, so that late and never are soon noticed.
    """
    system = await start(code)
    if kind in ABOUT_TIME:
        healthy_ms = PATIENT_MS if operation else HURRIED_MS
        limits = TimeOuts(connect_ms=PATIENT_MS, answer_ms=healthy_ms)
        system.manifest = hurried(system.manifest).model_copy(update={"time_outs": limits})
    order = {"kind": kind, "operation": operation, "ms": 2 * HURRIED_MS}
    assert (await system.control("POST", "faults", order)).status == 201
    return system


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("code", ["gongan", "shijian", "yibao"])
async def test_a_fault_of_one_operation_is_caught_by_name(
    start: Start, code: str, kind: str
) -> None:
    operation = next(iter(department(code).template["operations"]))
    system = await impaired(start, code, kind, operation)
    report = await look_at(system, only=operation, grace_s=GRACE_S[kind])
    expected, words = FAULTS[kind]
    assert [(check.operation, check.id) for check in report.failed] == [(operation, expected)]
    assert words in report.failed[0].mend
    assert not report.passed
    # What comes after in the chain is told as not checked, and why.
    later = [c for c in report.of(operation) if c.outcome is Outcome.SKIPPED]
    assert all("未通过" in check.mend for check in later)


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_of_a_whole_department_is_caught_at_each_operation(
    start: Start, kind: str
) -> None:
    system = await impaired(start, "gjj", kind)
    report = await look_at(system, grace_s=GRACE_S[kind])
    expected, _ = FAULTS[kind]
    caught = {check.operation for check in report.failed if check.id == expected}
    assert caught >= set(system.manifest.operations)
    assert failed(report) == {expected}
    # Health is neither signed nor truncated by these servers.
    healthy = kind in ("truncate", "wrong_signature", "malformed")
    assert ("health" in caught) != healthy


async def test_the_other_operations_are_looked_at_in_spite_of_one_that_fails(start: Start) -> None:
    system = await start("gjj")
    order = {"kind": "malformed", "operation": "sections.query"}
    assert (await system.control("POST", "faults", order)).status == 201
    report = await look_at(system)
    assert {check.operation for check in report.failed} == {"sections.query"}
    assert len(report.of("resources.query")) > 40


async def test_a_fault_that_ends_by_itself_is_told_where_it_was_met(start: Start) -> None:
    """Intermittent faults come when they like: the kit goes on, and names the check."""
    system = await start("gjj")
    order = {"kind": "truncate", "operation": "sections.query", "calls": 1}
    assert (await system.control("POST", "faults", order)).status == 201
    report = await look_at(system, only="sections.query")
    assert failed(report) == {"transport.complete"}


async def test_a_report_says_nothing_personal(start: Start, tmp_path: Path) -> None:
    """Neither names nor numbers of the subjects, whatever failed."""
    from backend.conformance.service import html, junit

    system = await start("gongan")
    order = {"kind": "malformed", "operation": "licences.query"}
    assert (await system.control("POST", "faults", order)).status == 201
    report = await look_at(system)
    for person in (HUSBAND, WIFE, FACELESS):
        for text in (person.name, person.id_number):
            for rendered in (html(report), junit(report), repr(report.as_dict()).encode()):
                assert text.encode() not in rendered
