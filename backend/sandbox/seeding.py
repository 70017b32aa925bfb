"""Fills the departments' files from the synthetic population."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from backend.sandbox.departments.loader import Loader
from backend.sandbox.departments.operations import now
from backend.sandbox.departments.registry import departments
from backend.sandbox.options import Options
from backend.sandbox.subjects import write_subjects

# Raised when a department's tables or the way they are filled change: files of another number are
# made anew at the next start.
FORMAT = 2
Progress = Callable[[int, int], None]


def seeded_file(options: Options) -> Path:
    """Where it stands with what the province was seeded."""
    return options.home / "seeded.json"


def is_seeded(options: Options) -> bool:
    """Whether every department has its file, made by this version."""
    try:
        found: dict[str, Any] = json.loads(seeded_file(options).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    files = (options.database(department.code) for department in departments())
    return found.get("format") == FORMAT and all(path.exists() for path in files)


def seed_when_absent(options: Options, progress: Progress | None = None) -> bool:
    """Seed unless it has been done; True when it was needed."""
    if is_seeded(options):
        return False
    seed_province(options, progress)
    return True


def seed_province(
    options: Options, progress: Progress | None = None, today: date | None = None
) -> None:
    """Make every department's file anew.

    Args:
        progress: called now and then with people done and people in all.
        today: the day that licences are drawn relative to; today in China by default.

    Raises:
        OSError: the data directory cannot be written.
    """
    # Here and not above: a start that finds the province seeded needs no population.
    from backend.sandbox.population.seed import seed as feed
    from backend.sandbox.population.seed import write_demo_people

    about = {
        "seed": str(options.seed),
        "people": str(options.people),
        "enterprises": str(options.enterprises),
    }
    day = today or now().date()
    loaders = [
        Loader(
            options.database(department.code),
            department.records(),
            department.type_codes(),
            day,
            about,
        )
        for department in departments()
    ]
    seeded_file(options).unlink(missing_ok=True)
    try:
        feed(
            loaders,
            seed=options.seed,
            people=options.people,
            enterprises=options.enterprises,
            progress=progress,
        )
    except BaseException:
        for loader in loaders:
            loader.abandon()
        raise
    # Whom the platform's first page offers to log in as, and whom the conformance kit asks about.
    write_demo_people(options.home / "demo_people.json")
    write_subjects(options.subjects, day)
    text = json.dumps({"format": FORMAT, "today": day.isoformat(), **about})
    seeded_file(options).write_text(text, encoding="utf-8")
