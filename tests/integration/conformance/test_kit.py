"""The kit itself: what it does without an answer, without subjects, without time."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.conformance import asking
from backend.conformance.checks import (
    answers,
    endurance,
    identified,
    inputs,
    licences,
    people,
    refusals,
    resources,
    sections,
    signatures,
    supervision,
)
from backend.conformance.checks.first_look import CHAIN, HEALTH_CHAIN
from backend.conformance.errors import OperationUnknown
from backend.conformance.service import Options, Outcome, run_conformance
from backend.exchange.manifest_conformance import Subjects
from backend.store.embedded import free_port
from tests.integration.conformance.conftest import Start, explained, failed, look_at, subjects
from tests.integration.conformance.crooked import Vice, crooked
from tests.integration.conformance.test_departments import FAULTS
from tests.integration.conformance.vices import (
    test_answers,
    test_endurance,
    test_enterprises,
    test_first_look,
    test_identified,
    test_inputs,
    test_licences,
    test_people,
    test_refusals,
    test_resources,
    test_sections,
    test_signatures,
    test_supervision,
)
from tests.sandbox_world import GATEWAY_KEY, STRANGER_KEY

# Checks that are seen to fail here, and those that only give advice (proven in tests/unit).
HERE = {"transport.connect", "transport.http", "health.answer", "subjects.given", "run.complete"}
UNIT = {"time.connect", "holder.timing", "licence.coverage"}
VICES = [
    *test_answers.VICES, *test_endurance.VICES, *test_enterprises.VICES, *test_first_look.VICES,
    *test_identified.VICES, *test_inputs.VICES, *test_licences.VICES, *test_people.VICES,
    *test_refusals.VICES, *test_resources.VICES, *test_sections.VICES, *test_signatures.VICES,
    *test_supervision.VICES,
]  # fmt: skip
GROUPS = (
    signatures, inputs, answers, licences, identified, sections, people, resources, endurance,
    refusals, supervision,
)  # fmt: skip


def test_every_check_is_seen_to_fail() -> None:
    known = {rule.id for module in GROUPS for rule in module.group.rules}
    known |= {*CHAIN, *HEALTH_CHAIN, "run.complete"}
    seen = {one for wrong in VICES for one in wrong.expected} | {one for one, _ in FAULTS.values()}
    assert seen | HERE | UNIT == known


def test_ids_are_not_used_twice_for_one_operation() -> None:
    for operation in (
        "licences.query",
        "licences.get",
        "identity.face",
        "enterprises.get",
        "resources.query",
    ):
        rules = [rule for module in GROUPS for rule in module.group.rules]
        ids = [rule.id for rule in rules if rule.concerns(operation)]
        assert len(ids) == len(set(ids)), operation


async def test_a_system_that_is_not_there_is_told_once(start: Start) -> None:
    system = await start("gongan")
    report = await look_at(system, f"http://127.0.0.1:{free_port()}")
    assert [(check.operation, check.id) for check in report.failed] == [
        ("health", "transport.connect")
    ]
    assert report.counts[Outcome.SKIPPED] >= len(system.manifest.operations)
    assert not report.passed


@contextlib.asynccontextmanager
async def _talking(raw: bytes) -> AsyncIterator[str]:
    """A server that says these bytes to whoever sends it a request, and hangs up."""

    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(raw)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(_talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", {"transport.http"}),
        (b"", {"transport.complete"}),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", {"transport.complete"}),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", {"health.answer", "answer.signature"}),
        (b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
         {"health.answer", "answer.status"}),
    ],
)  # fmt: skip
async def test_whatever_answers_is_told_what_it_is(
    start: Start, raw: bytes, expected: set[str]
) -> None:
    system = await start("gjj")
    async with _talking(raw) as url:
        report = await look_at(system, url)
    assert failed(report) == expected, explained(report)


async def test_a_key_that_is_not_trusted_is_told_with_its_public_half(start: Start) -> None:
    system = await start("gjj")
    options = Options(base_url=system.url, subjects=subjects(system))
    report = await run_conformance(system.manifest, "sandbox", STRANGER_KEY, options)
    assert failed(report) == {"signature.accepted"}
    assert all(STRANGER_KEY.public_base64 in check.mend for check in report.failed)


async def test_an_answer_that_another_key_signed_is_not_taken(start: Start) -> None:
    """The manifest names the keys; a system that rotated without telling is told so."""
    system, other = await start("gjj"), await start("yibao")
    keys = [key.model_copy(update={"id": "gd-gjj-1"}) for key in other.manifest.keys]
    manifest = system.manifest.model_copy(update={"keys": keys})
    options = Options(base_url=system.url, subjects=subjects(system))
    report = await run_conformance(manifest, "sandbox", GATEWAY_KEY, options)
    assert failed(report) == {"answer.signature"}


@pytest.mark.parametrize("code", ["gongan", "shijian", "gjj"])
async def test_a_sandbox_without_test_subjects_cannot_conform(start: Start, code: str) -> None:
    system = await start(code)
    options = Options(base_url=system.url)
    report = await run_conformance(system.manifest, "sandbox", GATEWAY_KEY, options)
    assert failed(report) == {"subjects.given"}
    assert {check.operation for check in report.failed} == set(system.manifest.operations)
    assert all("清单 conformance." in check.mend for check in report.failed)


async def test_production_is_asked_about_nobody_who_is_known_only_to_the_sandbox(
    start: Start,
) -> None:
    system = await start("gongan")
    own = subjects(system)
    manifest = system.manifest.model_copy(update={"conformance": own})
    report = await run_conformance(
        manifest, "production", GATEWAY_KEY, Options(base_url=system.url)
    )
    assert report.passed, explained(report)
    given = [check for check in report.checks if check.id == "subjects.given"]
    assert {check.outcome for check in given} == {Outcome.SKIPPED}
    found = [check for check in report.checks if check.id == "licence.given"]
    assert [check.outcome for check in found] == [Outcome.SKIPPED]


async def test_subjects_whom_nobody_knows_are_told(start: Start) -> None:
    system = await start("gongan")
    strangers = Subjects.model_validate(
        {
            "holders": [{"code_type": "111", "code": "440106190001010014", "name": "无此人"}],
            "persons": [{"name": "无此人", "id_type": "111", "id_number": "440106190001010014"}],
            # Whoever applies need not be known to the department.
            "cases": subjects(system).model_dump()["cases"],
        }
    )
    options = Options(base_url=system.url, subjects=strangers)
    report = await run_conformance(system.manifest, "sandbox", GATEWAY_KEY, options)
    assert failed(report) == {
        "identity.result", "licence.given", "section.given", "resource.given",
    }, explained(report)  # fmt: skip


async def test_the_whole_ends_in_time_whatever_the_system_does(start: Start) -> None:
    system = await start("gongan")
    assert (await system.control("POST", "faults", {"kind": "hang"})).status == 201
    report = await look_at(system, grace_s=60, max_seconds=0.3)
    assert failed(report) == {"run.complete"}
    assert not report.passed


async def test_a_system_that_falls_silent_in_the_middle_is_not_waited_for_each_time(
    start: Start,
) -> None:
    """After three calls without an answer the rest is told as not checked."""
    system = await start("gjj")
    quick = system.manifest.operations["sections.query"].model_copy(update={"timeout_ms": 900})
    manifest = system.manifest.model_copy(update={"operations": {"sections.query": quick}})
    async with crooked(system, Vice(silent_after=20)) as url:
        options = Options(base_url=url, subjects=subjects(system), grace_s=0.1)
        report = await run_conformance(manifest, "sandbox", GATEWAY_KEY, options)
    assert not report.passed
    given_up = [check for check in report.checks if "其余不再检查" in check.mend]
    assert {check.outcome for check in given_up} == {Outcome.SKIPPED}
    # Eight calls wait at the same time; nobody waits after them.
    assert len([check for check in report.failed if "没有应答" in check.mend]) <= 10


async def test_one_operation_can_be_looked_at_alone(start: Start) -> None:
    system = await start("gongan")
    report = await look_at(system, only="identity.match")
    assert report.passed, explained(report)
    assert set(report.operations) == {"health", "identity.match", ""}
    with pytest.raises(OperationUnknown, match=r"conformance\.operation_unknown"):
        await look_at(system, only="enterprises.get")


async def test_a_report_is_kept_as_json(start: Start) -> None:
    system = await start("gjj")
    report = await look_at(system, only="sections.query")
    kept = report.as_dict()
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["system"], kept["only"]) == ("gd-gjj", "sections.query")
    assert kept["passed"] is True
    assert kept["counts"]["failed"] == 0
    assert {"id", "operation", "title", "outcome", "mend", "seconds"} == set(kept["checks"][0])


ODD: list[Any] = [
    {},
    {"licences": "x", "data": "x", "items": "x", "enterprises": "x", "enterprise": "x"},
    {"licences": [1], "data": [1], "items": [1], "enterprises": [1], "enterprise": [1]},
    {"licences": {}, "data": {"a": {}}, "items": {}, "enterprises": {}, "revision": "x"},
    {"licences": [{"licence_type_code": []}], "items": [{"subject": [], "record": 5}]},
    {"items": [{"subject": None, "record": {}}], "enterprises": [{"uscc": {}}], "as_of": 5},
    {"licences": None, "items": None, "enterprises": None, "result": {}, "reference": [],
     "passed": "no", "previous_numbers": 5, "as_of": None, "revision": None, "next_cursor": 5},
]  # fmt: skip


@pytest.mark.parametrize("first", [0, 3])
@pytest.mark.parametrize("code", ["gongan", "shijian", "gjj"])
async def test_no_answer_is_odd_enough_to_break_the_kit(
    start: Start, code: str, first: int
) -> None:
    """Each call is answered with the next of them."""
    system = await start(code)
    documents = itertools.cycle([*ODD[first:], *ODD[:first]])
    vice = Vice(answers=lambda reply, query: reply.says(next(documents)))
    async with crooked(system, vice) as url:
        report = await look_at(system, url)
    wrong = {check.operation for check in report.failed if check.id == "answer.schema"}
    assert wrong == set(system.manifest.operations)
    last = report.checks[-1]
    assert (last.id, last.outcome) == ("run.complete", Outcome.PASSED)


async def test_an_operation_that_the_kit_does_not_know_is_left_alone(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version of the interface may have calls that change something."""
    system = await start("gjj")
    monkeypatch.delitem(asking._ASK, "sections.query")
    await system.control("DELETE", "calls")
    report = await look_at(system)
    assert report.passed, explained(report)
    (alone,) = report.of("sections.query")
    assert (alone.id, alone.outcome) == ("run.known", Outcome.SKIPPED)
    calls = (await system.control("GET", "calls")).body["calls"]
    assert "sections.query" not in calls


async def test_what_was_found_before_the_time_was_over_is_kept(start: Start) -> None:
    """Everything but one call is answered, and the kit has no patience for that one."""
    system = await start("gjj")
    async with crooked(system, Vice(silent_after=60)) as url:
        report = await look_at(system, url, "sections.query", grace_s=60, max_seconds=4)
    assert "run.complete" in failed(report)
    assert len(report.of("sections.query")) > len(CHAIN)
