"""What people agree to: the texts of the privacy policy and the notice on faces, by version.

Each is a file beside this module, ``<kind>-<version>.yaml``; the newest version that has come into
force is current. Earlier ones stay, because a record of consent names the version that was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import yaml

from backend.identity.errors import BEIJING, AgreementNotFound

PRIVACY, FACE = "privacy", "face"
_FOLDER = Path(__file__).with_name("agreement_texts")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of one text."""

    kind: str
    version: str
    title: str
    effective_from: date
    sections: Sequence[Section]


def current(kind: str) -> Agreement:
    """The version of an agreement that is in force.

    Args:
        kind: ``privacy`` or ``face``.

    Raises:
        AgreementNotFound: no such kind.
    """
    today = datetime.now(BEIJING).date()
    known = [each for each in _all() if each.kind == kind and each.effective_from <= today]
    if not known:
        raise AgreementNotFound
    return known[-1]


@cache
def _all() -> Sequence[Agreement]:
    """Every version, the newest last; which is in force changes while a process runs."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.yaml"))]


def _read(path: Path) -> Agreement:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    kind, _, version = path.stem.partition("-")
    sections = [Section(part["heading"], part["paragraphs"]) for part in raw["sections"]]
    return Agreement(kind, version, raw["title"], raw["effective_from"], sections)
