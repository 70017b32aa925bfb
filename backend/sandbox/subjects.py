"""Whom each department names in its manifest for the conformance kit: people of the fixed cast.

The cast is the same in every population, so it is enough to look at its few households. From a
department's own files as few holders are chosen as hold everything that it issues between them.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from backend.sandbox.cases.items import items_of
from backend.sandbox.departments.files import HolderFile
from backend.sandbox.departments.licence_codes import kit_code
from backend.sandbox.departments.registry import Department, departments
from backend.sandbox.population.people import Household

Subjects = dict[str, list[dict[str, Any]]]
MOST_PEOPLE = 3
ENTERPRISE = "001"
# Whose files say something that few others do.
TELLING = ("deceased", "replaced")


def subjects_of(department: Department, households: Iterable[Household], today: date) -> Subjects:
    """The test subjects of a department, as its manifest carries them.

    Args:
        today: the day that the files are drawn for.
    """
    records = department.records()
    files = [file for household in households for file in records(household, today)]
    operations = department.template["operations"]
    found: Subjects = {}
    if operations.keys() & {"licences.query", "sections.query", "resources.query"}:
        found["holders"] = _holders(department, files)
    if operations.keys() & {"identity.match", "identity.face", "enterprises.represented"}:
        found["persons"] = _persons(files)
    if "enterprises.get" in operations:
        codes = [file.holder.code for file in files if "enterprise" in file.facts]
        shows = "enterprises.licence_code" in operations
        found["enterprises"] = [
            {"uscc": code, "licence_code": kit_code(code)} if shows else {"uscc": code}
            for code in codes[:MOST_PEOPLE]
        ]
    if "cases.submit" in operations and files:
        found["cases"] = [_application(department, files)]
    return {kind: subjects for kind, subjects in found.items() if subjects}


def write_subjects(path: Path, today: date) -> None:
    """Write the subjects of all departments into one file."""
    # Here and not above: a start that finds the file needs no population.
    from backend.sandbox.population.cast import cast

    found = {one.code: subjects_of(one, cast(), today) for one in departments()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_subjects(path: Path) -> Mapping[str, Subjects]:
    """What :func:`write_subjects` wrote, by the department's code."""
    found: dict[str, Subjects] = json.loads(path.read_text(encoding="utf-8"))
    return found


def complete(path: Path) -> bool:
    """Whether the file is there and names whatever each department has to be asked about."""
    if not path.exists():
        return False
    known = read_subjects(path)
    return all(
        "cases" in known.get(one.code, {})
        for one in departments()
        if "cases.submit" in one.template["operations"]
    ) and all(
        "licence_code" in enterprise
        for one in departments()
        if "enterprises.licence_code" in one.template["operations"]
        for enterprise in known.get(one.code, {}).get("enterprises", [])
    )


def _holders(department: Department, files: list[HolderFile]) -> list[dict[str, Any]]:
    """Holders who have every type, section and resource between them, the fullest files first."""
    codes = department.type_codes()
    sections = {section["code"] for section in department.template.get("sections", [])}
    wanted = {file.holder.code: _held(department, file, codes, sections) for file in files}
    missing = {thing for things in wanted.values() for thing in things}
    by_code = {file.holder.code: file for file in files}
    chosen: list[str] = []
    while missing:
        best = max(wanted, key=lambda code: len(wanted[code] & missing))
        chosen.append(best)
        missing -= wanted[best]
    return [_holder(by_code[code], wanted[code]) for code in chosen]


def _held(
    department: Department, file: HolderFile, codes: Mapping[str, str], sections: set[str]
) -> set[tuple[str, str]]:
    kinds = {licence.kind for licence in file.licences}
    held = {("licence_types", codes[kind]) for kind in kinds}
    held |= {("sections", name) for name in file.facts if name in sections}
    for resource in department.resources:
        source = resource["source"]
        fits = file.holder.code_type in resource["subject_code_types"]
        if fits and (source.get("fact") in file.facts or source.get("licence") in kinds):
            held.add(("resources", resource["code"]))
    return held


def _holder(file: HolderFile, held: set[tuple[str, str]]) -> dict[str, Any]:
    by_kind: dict[str, list[str]] = {}
    for kind, code in sorted(held):
        by_kind.setdefault(kind, []).append(code)
    who = file.holder
    return {"code_type": who.code_type, "code": who.code, "name": who.name, **by_kind}


def _persons(files: list[HolderFile]) -> list[dict[str, Any]]:
    """Those who represent an enterprise where there are any, else some and the special ones."""
    represented: dict[str, list[str]] = {}
    names: dict[str, dict[str, Any]] = {}
    for file in files:
        enterprise = file.facts.get("enterprise")
        if enterprise is not None:
            person = enterprise["legal_representative"]
            names[person["id_number"]] = {"name": person["name"], "id_type": "111"}
            represented.setdefault(person["id_number"], []).append(file.holder.code)
    if represented:
        return [
            {**names[number], "id_number": number, "represents": codes}
            for number, codes in list(represented.items())[:MOST_PEOPLE]
        ]
    ordinary = [file for file in files if _status(file) == "match" and _is_seen(file)]
    telling = {_status(file): file for file in files if _status(file) in TELLING}
    return [_person(file) for file in [*ordinary[:MOST_PEOPLE], *telling.values()]]


def _application(department: Department, files: list[HolderFile]) -> dict[str, Any]:
    """An application for the department's first item, by somebody whom it knows."""
    who = files[0].holder
    code = next(iter(items_of(department)))
    return {"item_code": code, "code_type": who.code_type, "code": who.code, "name": who.name}


def _person(file: HolderFile) -> dict[str, Any]:
    who = file.holder
    found = {"name": who.name, "id_type": who.code_type, "id_number": who.code}
    return found if _status(file) == "match" else {**found, "expect": _status(file)}


def _status(file: HolderFile) -> str:
    return str(file.facts.get("identity", {}).get("status", "match"))


def _is_seen(file: HolderFile) -> bool:
    return (
        file.holder.code_type != ENTERPRISE
        and file.facts.get("identity", {}).get("face_ok", True) is not False
    )
