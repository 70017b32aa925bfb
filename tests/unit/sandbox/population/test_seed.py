"""Feeding loaders."""

import json
from pathlib import Path

import pytest

from backend.sandbox.population.generator import demo_people, households
from backend.sandbox.population.people import Household
from backend.sandbox.population.seed import seed, write_demo_people


class Recorder:
    """A loader that notes what happens to it."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.steps: list[str] = []
        self.households: list[Household] = []
        self._fails_at = fails_at

    def begin(self) -> None:
        self.steps.append("begin")

    def add(self, household: Household) -> None:
        if household.index == self._fails_at:
            raise OSError("disk full")
        self.households.append(household)

    def finish(self) -> None:
        self.steps.append("finish")


def test_every_loader_sees_every_household_once_in_order() -> None:
    loaders = [Recorder(), Recorder()]
    seed(loaders, seed=44, people=500, enterprises=50)
    expected = list(households(44, 500, 50))
    for loader in loaders:
        assert loader.steps == ["begin", "finish"]
        assert loader.households == expected


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    told: list[tuple[int, int]] = []
    seed(
        [Recorder()],
        seed=44,
        people=2600,
        enterprises=50,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (2600, 2600)
    assert [total for _, total in told] == [2600] * len(told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert 4 <= len(told) <= 7


def test_the_error_of_one_loader_ends_the_whole() -> None:
    good, bad = Recorder(), Recorder(fails_at=30)
    with pytest.raises(OSError, match="disk full"):
        seed([good, bad], seed=44, people=500, enterprises=50)
    assert good.steps == bad.steps == ["begin"]


def test_impossible_numbers_are_refused_before_any_loader_begins() -> None:
    loader = Recorder()
    with pytest.raises(ValueError, match="fixed cast alone"):
        seed([loader], seed=44, people=1, enterprises=0)
    assert loader.steps == []


def test_demo_people_are_written_for_the_gateway(tmp_path: Path) -> None:
    path = tmp_path / "sandbox" / "demo_people.json"
    write_demo_people(path)
    shown = json.loads(path.read_text(encoding="utf-8"))
    assert [one["name"] for one in shown] == [one.name for one in demo_people()]
    assert set(shown[0]) == {"name", "phone", "id_number", "says"}
