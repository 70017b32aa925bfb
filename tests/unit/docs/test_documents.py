"""Documents are held to the tree: links, paths, targets, settings and commands that they name."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"),
     ROOT / "miniprogram" / "README.md", ROOT / "backend" / "sandbox" / "README.md"]
)  # fmt: skip
TOP = ("backend", "docker", "docs", "gateway", "miniprogram", "tests", "tools")
# What only a build makes.
BUILT = ("miniprogram/dist", "tests/output")


def named(pattern: str) -> Iterator[tuple[str, str]]:
    """Each document's name with what it says where the pattern fits."""
    for document in DOCUMENTS:
        for found in re.findall(pattern, document.read_text(encoding="utf-8"), re.M):
            yield document.name, found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text):
        assert link.startswith("https://") or (document.parent / link).exists(), link


def test_files_and_folders_are_there() -> None:
    paths = list(named(rf"`((?:{'|'.join(TOP)})/[\w./*-]*)`"))
    missing = [
        (document, path)
        for document, path in paths
        if not path.startswith(BUILT) and not any(ROOT.glob(path.rstrip("/")))
    ]
    assert len(paths) > 50
    assert not missing


def test_make_knows_the_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    targets_named = list(named(r"(?:^|`)make ([a-z-]+)"))
    assert len(targets_named) > 10
    assert [each for each in targets_named if each[1] not in targets] == []


def test_somebody_reads_the_settings() -> None:
    read = {
        name
        for folder in ("backend", "gateway")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bSST_[A-Z0-9_]+", file.read_text("utf-8"))
    }
    settings = list(named(r"\bSST_[A-Z0-9_]+\b"))
    assert len(settings) > 20
    assert [each for each in settings if each[1] not in read] == []


def test_the_command_line_has_the_commands() -> None:
    from typer.main import get_command

    from gateway.cli.commands import app

    known: Any = get_command(app)
    lines = list(named(r"(?:^|`)shengshitong ([a-z][a-z -]*)"))
    assert len(lines) > 15
    for document, line in lines:
        first, *rest = line.split()
        command = known.commands.get(first)
        assert command is not None, (document, line)
        if rest and hasattr(command, "commands"):
            assert rest[0] in command.commands, (document, line)


def test_the_readme_names_every_package() -> None:
    (row,) = re.findall(r"^\| `backend/` \|(.*)\|$", (ROOT / "README.md").read_text("utf-8"), re.M)
    packages = {path.parent.name for path in ROOT.glob("backend/*/__init__.py")}
    assert packages <= set(re.findall(r"\w+", row))


def test_endpoints_are_declared() -> None:
    """``docs/access.md`` is made from the declarations; the sandbox's own are not among them."""
    table = (ROOT / "docs" / "access.md").read_text("utf-8")
    declared = {
        (method, re.sub(r"<[^>]+>", "*", path))
        for method, path in re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \|", table, re.M)
    }
    endpoints = list(named(r"`((?:GET|POST|PUT|PATCH|DELETE) (?:…|/)[^`\s?]*)"))
    assert len(endpoints) > 20
    for document, said in endpoints:
        method, _, path = said.partition(" ")
        end = re.sub(r"\{[^}]*\}|<[^>]*>", "*", path.strip("…"))
        if not end.startswith("/_control/"):
            fits = any(one == method and each.endswith(end) for one, each in declared)
            assert fits, (document, said)


def test_the_front_end_s_commands_are_explained() -> None:
    scripts = json.loads((ROOT / "miniprogram" / "package.json").read_text("utf-8"))["scripts"]
    readme = (ROOT / "miniprogram" / "README.md").read_text("utf-8")
    assert [name for name in scripts if f"npm run {name}`" not in readme and name != "test"] == []


def test_nothing_cites_a_document_that_is_not_here() -> None:
    known = {document.name for document in DOCUMENTS}
    for folder in ("backend", "gateway", "tests", "tools"):
        for file in (ROOT / folder).rglob("*.py"):
            cited = set(re.findall(r"(?<![\w*.])[A-Za-z-]{3,}\.md\b", file.read_text("utf-8")))
            assert cited <= known, file
