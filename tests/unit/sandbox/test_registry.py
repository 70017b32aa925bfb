"""The ten departments: their manifests are what the platform accepts, written once."""

from pathlib import Path

import pytest

from backend.exchange.documents import read_yaml
from backend.exchange.manifest import load_manifest
from backend.sandbox.departments.registry import (
    LATENCY_FILE,
    department,
    departments,
    licence_type_codes,
)
from backend.sandbox.keys import department_key
from backend.sandbox.manifests import write_manifest

CODES = {
    "gongan",
    "renshe",
    "shenpi",
    "yibao",
    "gjj",
    "minzheng",
    "weijian",
    "ziran",
    "shijian",
    "shuiwu",
}
URL = "http://127.0.0.1:18101"


def test_there_are_the_ten_departments_each_with_its_waiting_time() -> None:
    assert {found.code for found in departments()} == CODES
    assert set(read_yaml(LATENCY_FILE)) == CODES
    with pytest.raises(KeyError, match="gongan"):
        department("nobody")


def test_every_licence_type_is_issued_by_one_department() -> None:
    issued = [name for found in departments() for name in found.type_codes()]
    assert sorted(issued) == sorted(licence_type_codes())


def test_section_orders_and_codes_are_distinct() -> None:
    sections = [
        section for found in departments() for section in found.template.get("sections", [])
    ]
    assert len({section["code"] for section in sections}) == len(sections)
    for audience in ("citizen", "enterprise"):
        orders = [one["order"] for one in sections if one["audience"] == audience]
        assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_written_manifest_is_accepted_and_carries_key_and_address(
    code: str, tmp_path: Path
) -> None:
    found = department(code)
    key = department_key(tmp_path / "keys", found.key_id, found.key_alg)
    path = write_manifest(found, URL, key.public_base64, tmp_path / "manifests")
    manifest = load_manifest(path)
    assert path.name == f"gd-{code}.yaml"
    assert manifest.endpoints.of("sandbox") == manifest.endpoints.of("production") == URL
    assert [held.public for held in manifest.keys] == [key.public_base64]
    assert manifest.system.department.uscc == found.described["uscc"]
    assert manifest.operations
    assert bool(manifest.service_items) == found.items_path.exists()


def test_a_manifest_is_written_again_only_when_it_would_differ(tmp_path: Path) -> None:
    found = department("minzheng")
    path = write_manifest(found, URL, "AAAA", tmp_path)
    first = path.stat().st_mtime_ns
    assert write_manifest(found, URL, "AAAA", tmp_path).stat().st_mtime_ns == first
    other = write_manifest(found, "http://127.0.0.1:18200", "AAAA", tmp_path)
    assert "18200" in other.read_text(encoding="utf-8")


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = department_key(tmp_path, "gd-gongan-1")
    assert department_key(tmp_path, "gd-gongan-1").public_base64 == first.public_base64
    assert department_key(tmp_path, "gd-renshe-1").public_base64 != first.public_base64
    (path,) = tmp_path.glob("gd-gongan-1.key")
    assert path.stat().st_mode & 0o777 == 0o600
