"""The short form in which a department may write its service items, and its expansion.

A list of full items repeats itself: the same counter, telephone and identity card a hundred times.
The short form is a mapping::

    catalog_department: "09"          # 业务主管部门, digits 5–6 of the basic code
    licences: {居民身份证: 1110…}        # names used in materials and results below
    defaults: {province: "44", …}      # merged into every item
    presets: {traffic: {…}}           # merged into the items that say ``preset: traffic``
    materials: {idcard: {…}}          # shared materials, used by their key
    items:
      - code: "001002"                  # main and sub item, the last 6 digits of the basic code
        preset: traffic
        promise: 1个工作日              # or 即办; also 天, 个月
        statutory: 2个工作日            # or a sentence why no statute sets a time
        visits: 0                     # or the reason for one visit, or {times: 2, why: …}
        flow: {受理: …, 办结: …}
        materials: [idcard, {use: household_book, is_need: 非必要}, {name: 申请表}]
        fees: {工本费: 每证 20 元}
        result: {name: …, sample: …}
        faqs: {问题: 回答}
        area: "0755"                  # with ``link`` and ``supervise`` makes both telephones

Every other key is an element by its own name. Items may also be given in full, as a list.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backend.catalogue.errors import ItemsRefused
from backend.catalogue.items import Department, ServiceItemSpec, catalog_code
from backend.mistakes import MOST_NAMED, sentence

_DURATION = re.compile(r"(\d+) ?(个工作日|天|个月)")
_UNITS = {"个工作日": "workday", "天": "day", "个月": "month"}
_PARTS = frozenset({"catalog_department", "licences", "defaults", "presets", "materials", "items"})
# A province has some 50,000 items among 200 systems.
MOST_ITEMS = 5000
_ENDINGS = (("证", "出证办结"), ("批复", "审批办结"), ("文", "出文办结"))


def expand_items(document: object, department: Department) -> list[ServiceItemSpec]:
    """Read registered items, in full (a list) or in the short form (a mapping).

    Args:
        document: what a YAML or JSON reader gave.
        department: who registers; supplies 实施主体 where an item does not.

    Raises:
        ItemsRefused: with a JSON pointer and a Chinese sentence for every place that is wrong.
    """
    listed = document.get("items") if isinstance(document, Mapping) else document
    if isinstance(listed, list) and len(listed) > MOST_ITEMS:
        message = f"一个系统至多登记 {MOST_ITEMS} 个事项，这里有 {len(listed)} 个"
        raise ItemsRefused([{"pointer": "", "element": "事项", "message": message}])
    if isinstance(document, list):
        return _validated(document, department, "")
    if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
        message = "事项应为列表，或带有 items 列表的对象"
        raise ItemsRefused([{"pointer": "", "element": "事项", "message": message}])
    expanded, errors = [], []
    for place, raw in enumerate(document["items"]):
        try:
            expanded.append(_Expansion(document, raw).item())
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            message = f"简写格式无法展开：{_why(error)}"
            errors.append({"pointer": f"/items/{place}", "element": "事项", "message": message})
            if len(errors) >= MOST_NAMED:
                break
    if errors:
        raise ItemsRefused(errors)
    return _validated(expanded, department, "/items")


def unknown_parts(document: object) -> list[dict[str, str]]:
    """Places of the short form that nothing reads: most likely one of its parts, misspelt."""
    if not isinstance(document, Mapping):
        return []
    message = "不认识的字段，请删去或更正拼写"
    unknown = [str(key) for key in document if key not in _PARTS]
    return [
        {"pointer": f"/{key}", "element": "事项", "message": message}
        for key in unknown[:MOST_NAMED]
    ]


def _why(error: Exception) -> str:
    """What the short form lacks: a key of the item, of a preset, a material or a licence."""
    if isinstance(error, KeyError):
        return f"缺少“{error.args[0]}”，或没有定义它"
    if isinstance(error, ValueError):
        return str(error)
    return "有一项的写法不对（如应为键值对的写成了文字），请对照清单说明核对"


def _validated(raw: list[Any], department: Department, prefix: str) -> list[ServiceItemSpec]:
    specs, errors = [], []
    for place, item in enumerate(raw):
        try:
            specs.append(ServiceItemSpec.model_validate(_with_department(item, department)))
        except ValidationError as error:
            errors += [
                {
                    "pointer": "/".join([f"{prefix}/{place}", *(str(step) for step in one["loc"])]),
                    "element": str(one["loc"][0]) if one["loc"] else "事项",
                    "message": sentence(one),
                }
                for one in error.errors(include_url=False, include_input=False)
            ]
            if len(errors) >= MOST_NAMED:
                break
    if errors:
        raise ItemsRefused(errors)
    return specs


def _with_department(item: Any, department: Department) -> Any:
    if not isinstance(item, Mapping):
        return item
    filled = {"dept_name": department.name, "dept_code": department.uscc, **item}
    filled["department"] = department
    if "catalog_code" in filled and "task_code" not in filled:
        use_level = str(filled.get("use_level", ""))
        filled["task_code"] = f"{filled['dept_code']}{use_level}{filled['catalog_code']}"
    return filled


class _Expansion:
    """One item of the short form on its way to the full one."""

    def __init__(self, document: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
        self._document = document
        merged = dict(document.get("defaults", {}))
        if "preset" in raw:
            merged |= document["presets"][raw["preset"]]
        self._item: dict[str, Any] = merged | dict(raw)
        self._item.pop("preset", None)

    def item(self) -> dict[str, Any]:
        """The full item, not yet validated."""
        item = self._item
        item["catalog_code"] = catalog_code(
            str(item.pop("province")),
            str(item["task_type"]),
            str(self._document["catalog_department"]),
            str(item.pop("code")),
        )
        if isinstance(item.get("by_law"), str):
            item["by_law"] = [item["by_law"]]
        self._expand_times()
        self._expand_handling()
        self._expand_fees()
        self._expand_phones()
        item["handle_flow"] = [
            {"stage": stage, "explain": text} for stage, text in item.pop("flow").items()
        ]
        item["faqs"] = [
            {"question": question, "answer": answer}
            for question, answer in item.get("faqs", {}).items()
        ]
        item["materials"] = [self._material(raw) for raw in item.get("materials", [])]
        if "form" in item:
            item["form"] = self._form(item["form"])
        self._expand_result()
        return item

    def _expand_times(self) -> None:
        item = self._item
        promise = str(item.pop("promise"))
        item["promise_day"], item["promise_type"] = _duration(promise)
        item.setdefault("project_type", "1" if item["promise_day"] == 0 else "2")
        statutory = str(item.pop("statutory"))
        if statutory == "即办" or _DURATION.fullmatch(statutory):
            item["anticipate_day"], item["anticipate_type"] = _duration(statutory)
        else:
            item["anticipate_day"], item["anticipate_explain"] = None, statutory

    def _expand_handling(self) -> None:
        item = self._item
        visits = item.pop("visits", 0)
        if isinstance(visits, str):
            visits = {"times": 1, "why": visits}
        elif isinstance(visits, int):
            visits = {"times": visits, "why": ""}
        item["limit_scene_num"] = visits["times"]
        item["limit_scene_explain"] = visits["why"]
        online = bool({"2", "3"} & set(item["handle_type"]))
        item.setdefault("is_online", online)
        fully = 4 if visits["times"] == 0 else 3
        item.setdefault("online_handle_depth", fully if online else 1)

    def _expand_fees(self) -> None:
        item = self._item
        fees = item.pop("fees", {})
        item["is_fee"] = bool(fees)
        item["fees"] = [
            {"fee_name": name, "by_law": item.get("fee_basis", ""), **_fee(stand)}
            for name, stand in fees.items()
        ]

    def _expand_phones(self) -> None:
        item = self._item
        area = item.pop("area", "020")
        link, supervise = item.pop("link", ""), item.pop("supervise", "")
        item.setdefault("link_way", f"{area}-{link}")
        item.setdefault("supervise_way", f"{area}-{supervise}")

    def _expand_result(self) -> None:
        item = self._item
        result = item.pop("result", None)
        if result is None:
            return
        item["result_name"], item["result_sample"] = result["name"], result["sample"]
        by_ending = next((kind for end, kind in _ENDINGS if result["name"].endswith(end)), "其他")
        item["result_type"] = result.get("type", by_ending)
        if "licence" in result:
            item["licence_type_results"] = [self._licence(result["licence"])]

    def _material(self, raw: Any) -> dict[str, Any]:
        if isinstance(raw, str):
            raw = {"use": raw}
        material = dict(raw)
        if "use" in material:
            material = dict(self._document["materials"][material.pop("use")]) | material
        if "name" in material:
            material["material_name"] = material.pop("name")
        if "licence" in material:
            material["licence_type_code"] = self._licence(material.pop("licence"))
            material.setdefault("source_type", "政府部门核发")
        return material

    def _form(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The form with the codes of the licences from which fields are filled in."""
        return {**form, "ui": {n: self._hint(hint) for n, hint in form.get("ui", {}).items()}}

    def _hint(self, hint: Any) -> Any:
        source = hint.get("prefill") if isinstance(hint, Mapping) else None
        if not isinstance(source, Mapping) or source.get("licence") not in self._known_licences:
            return hint
        return {**hint, "prefill": {**source, "licence": self._licence(source["licence"])}}

    @property
    def _known_licences(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self._document.get("licences", {})
        return found

    def _licence(self, name: str) -> str:
        code: str = self._document["licences"][name]
        return code


def _duration(text: str) -> tuple[int, str]:
    if text == "即办":
        return 0, "workday"
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"时限“{text}”应写作 即办、3个工作日、30天 或 1个月")
    return int(found[1]), _UNITS[found[2]]


def _fee(stand: Any) -> dict[str, Any]:
    return dict(stand) if isinstance(stand, Mapping) else {"fee_stand": str(stand)}
