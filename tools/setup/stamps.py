"""Digests that tell whether a long step has to be done again."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import cast


def digest(paths: Iterable[Path], *facts: str) -> str:
    """One digest of files (by name and content) and of facts such as a version."""
    sum_ = hashlib.sha256()
    for fact in facts:
        sum_.update(fact.encode() + b"\0")
    for path in sorted(paths):
        sum_.update(str(path).encode() + b"\0")
        sum_.update(hashlib.sha256(path.read_bytes()).digest())
    return sum_.hexdigest()


def files_below(folder: Path, leave_out: frozenset[str]) -> list[Path]:
    """Every file below a folder, without the sub-folders of these names."""
    found: list[Path] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in leave_out]
        found += [Path(where, name) for name in files]
    return found


def read(stamp: Path) -> dict[str, str]:
    """What a stamp file says; nothing when it is missing or cannot be read."""
    try:
        return cast(dict[str, str], json.loads(stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write(stamp: Path, facts: dict[str, str]) -> None:
    """Write a stamp whole or not at all."""
    draft = stamp.with_suffix(".new")
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(stamp)
