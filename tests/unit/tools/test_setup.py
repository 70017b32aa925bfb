"""What is checked before anything is installed, and when a long step is done again."""

import os
from pathlib import Path

import pytest

from tests.unit.tools.test_bootstrap import stub
from tools.setup import browser, commands, frontend, machine, stamps
from tools.setup.messages import Stop, step


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds nothing but what the test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_no_node_is_said(path: Path) -> None:
    with pytest.raises(Stop, match="没有找到 node"):
        machine.need_node()


def test_an_old_node_is_named_with_its_version(path: Path) -> None:
    stub(path, "node", "echo v18.3.0")
    with pytest.raises(Stop, match=r"当前是 18\.3\.0"):
        machine.need_node()


def test_node_without_npm_is_said(path: Path) -> None:
    stub(path, "node", "echo v22.1.0")
    with pytest.raises(Stop, match="没有找到 npm"):
        machine.need_node()


def test_node_and_npm_are_enough(path: Path) -> None:
    stub(path, "node", "echo v20.20.2")
    stub(path, "npm", "echo 11")
    assert machine.need_node() == "20.20.2"


def test_a_missing_module_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MODULES", {"no_such_module": "python3-venv"})
    with pytest.raises(Stop, match="apt install python3-venv"):
        machine.need_python_modules()


def test_a_full_disk_is_said_with_figures(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="磁盘空间不足"):
        machine.need_disk(1 << 60, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"不能在 .*/gone 写入文件"):
        machine.need_disk(1, tmp_path / "gone")


def test_no_browser_without_apt_is_said(path: Path) -> None:
    with pytest.raises(Stop, match="需要 Chromium"):
        browser.ensure_browser()


def test_no_browser_and_no_right_to_install_is_the_one_command(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(path, "apt-get", "exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        Stop, match=r"请执行：sudo apt-get install -y .*chromium fontconfig fonts-noto-cjk"
    ):
        browser.ensure_browser()


def test_a_failing_installation_is_told_in_its_own_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(path, "apt-get", "echo 'E: no network' >&2; exit 100")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Stop, match="E: no network"):
        browser.ensure_browser()


def test_a_browser_and_a_font_are_enough(path: Path) -> None:
    stub(path, "chromium", "exit 0")
    stub(path, "fc-list", "echo 'Noto Sans CJK SC'")
    browser.ensure_browser()


def test_packages_are_installed_again_only_when_the_lock_changed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    note = tmp_path / "calls"
    stub(path, "node", "echo v20.0.0")
    stub(path, "npm", f'echo "$1" >> {note}; [ -d node_modules ] || mkdir node_modules')
    # The stub needs mkdir, which lives outside of the PATH of this test.
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")
    folder = tmp_path / "front"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    for lock in ("{}", "{}", '{"changed": 1}'):
        (folder / "package-lock.json").write_text(lock)
        frontend.ensure_packages(folder)
    assert note.read_text(encoding="utf-8").split() == ["ci", "ci"]


def test_a_failing_npm_is_told_by_its_error_lines(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    stub(path, "node", "echo v20.0.0")
    stub(path, "npm", "echo 'npm warn old'; echo 'npm error code EUSAGE'; exit 1")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    with pytest.raises(Stop, match="失败：code EUSAGE。"):
        frontend.ensure_packages(tmp_path)


def test_a_digest_follows_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    first = stamps.digest([one, two])
    assert stamps.digest([two, one]) == first
    two.write_text("c")
    assert stamps.digest([one, two]) != first
    assert stamps.digest([one, two], "3.11") != stamps.digest([one, two], "3.12")


def test_a_broken_stamp_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "stamp").write_text("{")
    assert stamps.read(tmp_path / "stamp") == {}


def test_files_of_folders_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    for name in ("src/a.ts", "node_modules/x/b.js", "dist/c.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = stamps.files_below(tmp_path, frozenset({"node_modules", "dist"}))
    assert found == [tmp_path / "src" / "a.ts"]


def test_a_step_says_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with step("一件事 · a thing"):
        pass
    with pytest.raises(Stop), step("另一件 · another"):
        raise Stop("x")
    said = capsys.readouterr().out
    assert "一件事 · a thing 完成 · done" in said
    assert "另一件 · another 未完成 · not finished" in said


def test_a_refusal_is_one_line_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(rest: list[str]) -> int:
        raise Stop("缺少某物")

    monkeypatch.setitem(commands.TARGETS, "run", (refuse, ""))
    assert commands.main(["run"]) == 1
    assert capsys.readouterr().err == "省事通：缺少某物\n"


def test_an_interrupted_step_says_that_it_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(rest: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(commands.TARGETS, "run", (interrupted, ""))
    assert commands.main(["run"]) == 130
    assert "已中断" in capsys.readouterr().err


def test_no_target_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main([]) == 2
    assert "start the whole province" in capsys.readouterr().out
