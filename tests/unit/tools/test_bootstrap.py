"""The first file that runs on a strange machine: readable for old Pythons, clear to people."""

import ast
import os
import sys
from pathlib import Path

import pytest

from tools import bootstrap

SOURCE = Path(bootstrap.__file__).read_text(encoding="utf-8")


def stub(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_python_3_6_can_read_it() -> None:
    ast.parse(SOURCE, feature_version=(3, 6))


def test_it_imports_nothing_of_ours_before_it_knows_the_version() -> None:
    top = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in top for alias in node.names}
    assert names == {"os", "shutil", "subprocess", "sys"}


def test_this_python_is_new_enough() -> None:
    assert bootstrap.is_new_enough(sys.executable)


@pytest.mark.parametrize("script", ["exit 1", "echo 'version not installed' >&2; exit 127"])
def test_a_stub_that_does_not_start_python_is_passed_over(tmp_path: Path, script: str) -> None:
    assert not bootstrap.is_new_enough(str(stub(tmp_path, "python3.12", script)))


def test_a_newer_python_on_the_path_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, "python3.13", "exit 1")
    good = stub(tmp_path, "python3.12", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.newer_python() == str(good)


def test_an_old_python_and_no_newer_one_is_one_sentence_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "smoke"])
    assert bootstrap.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "需要 Python 3.11" in said
    assert "make smoke PYTHON=" in said


def test_the_makefile_hands_every_target_that_prepares_to_it() -> None:
    makefile = (Path(bootstrap.ROOT) / "Makefile").read_text(encoding="utf-8")
    from tools.setup.commands import TARGETS

    for target in TARGETS:
        assert f"\n{target}: python" in makefile
        assert f"$(BOOTSTRAP) {target}" in makefile


def test_ci_runs_what_people_run() -> None:
    script = Path(bootstrap.ROOT) / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")
