"""What runs the sections: each of them, two at a time, and counts them."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import testing
from tools.testing import Section, main


def says(word: str, code: int = 0, may_be_absent: bool = False, after: str = "") -> Section:
    script = f"import sys; print({word!r}); sys.exit({code})"
    return runs(word, script, may_be_absent=may_be_absent, after=after)


def runs(title: str, script: str, may_be_absent: bool = False, after: str = "") -> Section:
    command = (sys.executable, "-c", script)
    return Section(title, command, may_be_absent=may_be_absent, after=after)


def outcome(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], sections: Sequence[Section]
) -> tuple[int, str]:
    monkeypatch.setitem(testing.SUITES, "tried", tuple(sections))
    code = main(["tried"])
    return code, capfd.readouterr().out


def test_all_run_and_are_counted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sections = [says("one"), says("two"), says("three")]
    code, shown = outcome(monkeypatch, capfd, sections)
    assert code == 0
    assert shown.endswith("sections: 3 passed, 0 failed\n")
    # Each is shown whole, under its own heading; the summary has them in their order.
    for word in ("one", "two", "three"):
        assert f"==== {word}\n{word}\n" in shown
    summary = shown.partition("summary")[2]
    assert summary.index("one") < summary.index("two") < summary.index("three")


@pytest.mark.parametrize("at_once", [1, 2])
def test_one_that_reads_what_another_writes_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, at_once: int
) -> None:
    monkeypatch.setattr(testing, "AT_ONCE", at_once)
    made = str(tmp_path / "made")
    write = f"import pathlib, time; time.sleep(0.3); pathlib.Path({made!r}).write_text('x')"
    sections = [
        runs("writes", write),
        runs("reads", f"print(open({made!r}).read())", after="writes"),
        says("last"),
    ]
    code, shown = outcome(monkeypatch, capfd, sections)
    assert code == 0, shown


@pytest.mark.parametrize("suite", ["check", "test"])
def test_each_waits_for_one_before_it_alone(suite: str) -> None:
    titles = [section.title for section in testing.SUITES[suite]]
    assert len(titles) == len(set(titles))
    for place, section in enumerate(testing.SUITES[suite]):
        assert not section.after or section.after in titles[:place]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_fails_fails_all_and_stops_none(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], place: int
) -> None:
    sections = [
        says("one", code=place == 0),
        says("two", code=place == 1),
        says("three", code=place == 2),
    ]
    code, shown = outcome(monkeypatch, capfd, sections)
    assert code == 1
    assert shown.endswith("sections: 2 passed, 1 failed\n")
    assert {"one", "two", "three"} <= set(shown.split())


def test_what_the_machine_lacks_is_said_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, shown = outcome(monkeypatch, capfd, [says("tool", code=3, may_be_absent=True)])
    assert code == 0
    assert "未运行" in shown
    assert shown.endswith("sections: 0 passed, 0 failed, 1 skipped\n")


def test_a_missing_program_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _ = outcome(monkeypatch, capfd, [Section("none", ("/nowhere/at-all",))])
    assert code == 1
