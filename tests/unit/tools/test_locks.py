"""The lock files hold what ``pyproject.toml`` asks for, by hash, and no address."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.M)
LOCKS = ("requirements.lock", "requirements-dev.lock")
WANTED = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-dev.lock": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"],
}


def pins(name: str) -> dict[str, str]:
    return {canonicalize_name(n): v for n, v in PIN.findall(read(name))}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_of_the_project_is_pinned_to_a_version_that_fits(name: str) -> None:
    held = pins(name)
    for text in WANTED[name]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(held[canonicalize_name(wanted.name)]), text


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_there_is_nothing_but_pins_and_hashes(name: str) -> None:
    lines = read(name).splitlines()
    assert all(PIN.match(line) or line.startswith("    --hash=sha256:") for line in lines)
    for line, following in itertools.pairwise(lines):
        if PIN.match(line):
            assert following.startswith("    --hash=sha256:"), line


def test_the_tests_run_on_what_people_run() -> None:
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run.items() <= dev.items()


def test_the_build_system_is_pinned_so_that_nothing_is_fetched_to_install_the_project() -> None:
    assert "setuptools" in pins("requirements.lock")


def test_the_front_end_is_locked_by_integrity_and_without_addresses() -> None:
    for lock in ROOT.glob("miniprogram/**/package-lock.json"):
        if "node_modules" in lock.parts[:-1]:
            continue
        text = lock.read_text(encoding="utf-8")
        assert '"resolved"' not in text, lock
        assert '"integrity"' in text, lock
