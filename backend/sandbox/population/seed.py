"""Feeds the departments: every household passes every department's loader once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from backend.sandbox.population.generator import demo_people, households
from backend.sandbox.population.people import Household

# People between two reports: often enough for a bar that moves, too rare to cost anything.
_REPORT_EVERY = 500
Progress = Callable[[int, int], None]


class Loader(Protocol):
    """What a department builds its own database with. It commits in batches of its own."""

    def begin(self) -> None:
        """Open an empty database."""

    def add(self, household: Household) -> None:
        """Copy from one household what the department knows."""

    def finish(self) -> None:
        """Commit the rest and close; a loader that was not finished left nothing valid."""


def seed(
    loaders: Sequence[Loader],
    *,
    seed: int,
    people: int,
    enterprises: int,
    progress: Progress | None = None,
) -> None:
    """Stream the population once through all loaders, in bounded memory.

    Args:
        loaders: one for each department; an error of one ends the whole, and its caller throws
            away what the others began.
        seed: of the population.
        people, enterprises: how many in all.
        progress: called with people done and people in all, at the end with both equal.

    Raises:
        ValueError: the numbers are too small for the fixed cast.
    """
    stream = households(seed, people, enterprises)
    for loader in loaders:
        loader.begin()
    done = reported = 0
    for household in stream:
        for loader in loaders:
            loader.add(household)
        done += len(household.people)
        if progress is not None and done - reported >= _REPORT_EVERY:
            progress(done, people)
            reported = done
    for loader in loaders:
        loader.finish()
    if progress is not None:
        progress(done, people)


def write_demo_people(path: Path) -> None:
    """Write whom one may try the platform as: a JSON list with name, phone, id_number, says."""
    shown = [
        {key: asdict(person)[key] for key in ("name", "phone", "id_number", "says")}
        for person in demo_people()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
