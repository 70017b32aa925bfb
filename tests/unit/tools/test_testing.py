"""What runs the sections: each of them, beside one another where they say so, and counts them."""

import sys
from collections.abc import Sequence

import pytest

from tools import testing
from tools.testing import Section, main


def says(word: str, code: int = 0, beside: bool = False, may_be_absent: bool = False) -> Section:
    script = f"import sys; print({word!r}); sys.exit({code})"
    command = (sys.executable, "-c", script)
    return Section(word, command, may_be_absent=may_be_absent, beside=beside)


def outcome(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], sections: Sequence[Section]
) -> tuple[int, str]:
    monkeypatch.setitem(testing.SUITES, "tried", tuple(sections))
    code = main(["tried"])
    return code, capfd.readouterr().out


def test_all_run_and_are_counted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sections = [says("one"), says("two", beside=True), says("three")]
    code, shown = outcome(monkeypatch, capfd, sections)
    assert code == 0
    assert shown.endswith("sections: 3 passed, 0 failed\n")
    # What ran beside another is shown whole, under its own heading.
    assert "==== two\ntwo\n" in shown


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_fails_fails_all_and_stops_none(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], place: int
) -> None:
    sections = [
        says("one", code=place == 0),
        says("two", code=place == 1, beside=True),
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
