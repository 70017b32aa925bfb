"""Writes each department's manifest as it is registered, with address, key and test subjects."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backend.sandbox.departments.registry import LICENCE_TYPES_FILE, Department

_MARK = "# made from "
# libyaml writes the items of ten departments in a fifth of the time of the pure Python dumper.
_Dumper: type[yaml.SafeDumper | yaml.CSafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write_manifest(
    department: Department,
    base_url: str,
    public_key: str,
    folder: Path,
    subjects: Mapping[str, Any] | None = None,
) -> Path:
    """Write ``<folder>/<system>.yaml`` unless it already says the same.

    Args:
        base_url: where the department's server answers.
        public_key: base64 of its key.
        subjects: whom the conformance kit may ask about (``backend.sandbox.subjects``).

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / f"{department.system_code}.yaml"
    facts = [base_url, public_key, json.dumps(subjects, sort_keys=True)]
    mark = _MARK + _fingerprint(department, facts)
    if _first_line(path) == mark:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    document = department.manifest(base_url, public_key)
    items = document.pop("service_items")
    text = yaml.dump(
        {**document, "conformance": subjects or {}, "service_items": items},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
    partial = path.with_suffix(".part")
    partial.write_text(f"{mark}\n{text}", encoding="utf-8")
    partial.replace(path)
    return path


def _fingerprint(department: Department, facts: list[str]) -> str:
    """Of everything that the manifest is made from, so that a second start need not make it."""
    digest = hashlib.sha256(" ".join(facts).encode())
    names = ("department.yaml", "manifest.yaml", "items.yaml", "resources.yaml")
    for source in [LICENCE_TYPES_FILE, *(department.folder / name for name in names)]:
        digest.update(source.read_bytes() if source.exists() else b"-")
        digest.update(b"\0")
    return digest.hexdigest()


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline().rstrip("\n")
    except FileNotFoundError:
        return ""
