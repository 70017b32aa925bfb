"""The department's service items as its own clerks need them: names, fields, what comes out.

Read from the same ``items.yaml`` that is registered; only the short form is used here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.exchange.documents import read_yaml
from backend.sandbox.departments.registry import Department
from backend.sandbox.departments.registry import department as department_of


@dataclass(frozen=True, slots=True)
class Item:
    """A service item.

    Attributes:
        titles: of the form's fields, by name; choices: words of their values, by field.
        licence_result: code of the licence type that is issued, None where none is.
    """

    code: str
    name: str
    plain_name: str
    result_name: str
    licence_result: str | None
    form: Mapping[str, Any] = field(default_factory=dict)


def items_of(department: Department) -> dict[str, Item]:
    """What a department handles, by code (实施编码): its own, and what it accepts or decides."""
    found = _own(department)
    for divided in department.divisions:
        found[divided["item"]] = _own(department_of(divided["of"]))[divided["item"]]
    return found


def _own(department: Department) -> dict[str, Item]:
    if not department.items_path.exists():
        return {}
    document = read_yaml(department.items_path)
    found = (_item(department, document, raw) for raw in document["items"])
    return {item.code: item for item in found}


def _item(department: Department, document: Mapping[str, Any], raw: Mapping[str, Any]) -> Item:
    preset = document.get("presets", {}).get(raw.get("preset"), {})
    whole = {**document.get("defaults", {}), **preset, **raw}
    result = whole.get("result") or {}
    kind = result.get("licence")
    catalog = f"{whole['province']}{whole['task_type']}{document['catalog_department']}"
    return Item(
        code=f"{whole.get('dept_code', department.described['uscc'])}{whole['use_level']}"
        f"{catalog}{whole['code']}",
        name=whole["task_name"],
        plain_name=whole["plain_name"],
        result_name=result.get("name", ""),
        licence_result=document.get("licences", {}).get(kind) if kind else None,
        form=(whole.get("form") or {}).get("schema", {}),
    )
