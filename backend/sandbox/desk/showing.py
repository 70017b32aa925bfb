"""What came in and what was told, in words for the clerk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from backend.regions.service import Regions
from backend.sandbox.cases.book import CaseRow, EventRow
from backend.sandbox.cases.items import Item
from backend.sandbox.cases.states import STEPS
from backend.sandbox.departments.registry import departments

# By this pattern the forms of the sandbox ask for a region.
REGION_CODE = "^[1-6][0-9]{5}$"
HOW_WORDS = {
    "licence": "电子证照（已授权，免提交）",
    "upload": "上传",
    "promised": "容缺后补",
    "commitment": "告知承诺",
    "shared": "数据共享（免提交）",
}
TAKEN_WORDS = {
    None: "正在告知平台",
    "applied": "平台已收到",
    "late": "平台已收到（迟到）",
    "held": "平台已收到（等前一步）",
    "duplicate": "平台已收到（重复）",
    "contradictory": "平台认为与当前状态矛盾",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A field of the form: where it is (JSON pointer), its words, and where its value comes from.

    ``origin`` is empty where the applicant typed it.
    """

    pointer: str
    title: str
    value: str
    origin: str


def form_lines(case: CaseRow, item: Item | None) -> list[Line]:
    """Every field that was filled in, in the order of the form."""
    schema: Mapping[str, Any] = item.form if item else {}
    form, provenance = case.submission["form"], case.submission["provenance"]
    names = [name for name in schema.get("properties", {}) if name in form]
    names += [name for name in form if name not in names]
    return [
        line
        for name in names
        for line in _lines(f"/{name}", name, form[name], _part(schema, name), provenance)
    ]


def _lines(
    pointer: str, name: str, value: Any, schema: Mapping[str, Any], provenance: Mapping[str, Any]
) -> Iterator[Line]:
    title = str(schema.get("title", name))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        for number, entry in enumerate(value):
            for inner, part in entry.items():
                inner_schema = _part(schema.get("items", {}), inner)
                for line in _lines(
                    f"{pointer}/{number}/{inner}", inner, part, inner_schema, provenance
                ):
                    heading = f"{title} {number + 1} · {line.title}"
                    yield Line(line.pointer, heading, line.value, line.origin)
        return
    yield Line(pointer, title, _words(value, schema), _origin(provenance.get(pointer)))


def _part(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema.get("properties", {}).get(name, {})
    return found


def _words(value: Any, schema: Mapping[str, Any]) -> str:
    for choice in schema.get("oneOf", []):
        if choice.get("const") == value:
            return str(choice.get("title", value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    return _place(str(value)) if schema.get("pattern") == REGION_CODE else str(value)


def _place(code: str) -> str:
    """A region by its name, with the code by which the register knows it."""
    try:
        names = "".join(region.name for region in _regions().path(code))
    except (RegionCodeInvalid, RegionUnknown):
        return code
    return f"{names}（{code}）"


@cache
def _regions() -> Regions:
    """Read at the first place that a clerk looks at."""
    return Regions()


def _origin(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return ""
    signed = "，已验签" if entry["signed"] else ""
    return (
        f"{_sources().get(entry['source'], entry['source'])}，"
        f"{entry['as_of'][:16].replace('T', ' ')}，可信等级 {entry['grade']}{signed}"
    )


@cache
def _sources() -> dict[str, str]:
    """What the systems are called that values come from; the platform tells their codes."""
    named = {one.system_code: str(one.described["short_name"]) for one in departments()}
    return {"platform": "省事通实名信息", **named}


def materials_of(case: CaseRow) -> list[dict[str, Any]]:
    """Every material with the words for how it was supplied."""
    return [
        {**material, "words": HOW_WORDS[material["how"]], "files": material.get("files", [])}
        for material in case.submission["materials"]
    ]


def history_of(events: Sequence[EventRow]) -> list[dict[str, Any]]:
    """Every step, the newest first, with what the platform said to it."""
    shown = []
    for event in reversed(events):
        body = orjson.loads(event.body)
        taken = TAKEN_WORDS.get(event.taken, f"平台没有接受：{event.taken}")
        shown.append({**body, "name": STEPS[body["event"]].name, "taken_words": taken})
    return shown
