"""The contract type of our own, on a small graph that breaks it in each way that there is."""

import configparser
from pathlib import Path
from typing import Any

import grimp
import pytest

from tools.architecture import MeetByServiceContract

ROOT = Path(__file__).resolve().parents[3]

OPTIONS: dict[str, Any] = {
    "root": "house",
    "importers": ["house"],
    "published": ["service", "errors"],
    "libraries": ["store"],
}


def kept(*imports: tuple[str, str], **options: Any) -> bool:
    graph = grimp.ImportGraph()
    for module in ("house", "house.wallet", "house.identity", "house.store"):
        graph.add_module(module)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="")
    contract = MeetByServiceContract("name", {}, OPTIONS | options)
    return contract.check(graph, verbose=False).kept


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("house.wallet.service", "house.identity.service"),
        ("house.wallet.service", "house.identity.errors"),
        ("house.wallet.service", "house.wallet.models"),
        ("house.wallet.service", "house.store.redis"),
        ("house.wallet.service", "elsewhere.models"),
        ("house.wallet.service", "house"),
    ],
)
def test_what_is_published_and_what_is_ones_own_may_be_imported(
    importer: str, imported: str
) -> None:
    assert kept((importer, imported))


@pytest.mark.parametrize("deep", ["models", "sessions", "service_helpers", "faces.service"])
def test_anything_deeper_may_not(deep: str) -> None:
    assert not kept(("house.wallet.service", f"house.identity.{deep}"))


def test_an_exception_with_a_reason_may() -> None:
    deep = ("house.wallet.service", "house.identity.models")
    assert kept(deep, allowed=["house.wallet -> house.identity.models"])


def test_an_exception_that_nobody_needs_any_more_has_to_go() -> None:
    assert not kept(allowed=["house.wallet -> house.identity.models"])


def test_the_sandbox_is_kept_from_every_package_but_those_of_the_interface() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter", encoding="utf-8")
    (outsider,) = [name for name in rules.sections() if name.endswith("sandbox-is-an-outsider")]
    forbidden = set(rules[outsider]["forbidden_modules"].split())
    packages = {f"backend.{path.parent.name}" for path in ROOT.glob("backend/*/__init__.py")}
    open_to_all = {f"backend.{name}" for name in ("exchange", "numbers", "regions", "upstream")}
    assert packages - forbidden == open_to_all | {"backend.sandbox"}
