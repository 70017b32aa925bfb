"""Guides of the catalogue as sources: one paragraph for each thing that people ask."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from backend.assistant.sources import Passage, Side, Source

_FORMS = {"1": "窗口办理", "2": "电脑端网上办理", "3": "手机办理", "4": "快递申请"}


def guide_source(item: Mapping[str, Any]) -> Source:
    """An item's published elements (``backend.catalogue.items``) as a source."""
    code = quote(item["task_code"], safe="")
    sides: list[Side] = ["citizen"] if "1" in item["server_type"] else []
    if set(item["server_type"]) - {"1"}:
        sides.append("enterprise")
    return Source(
        id=f"guide:{item['task_code']}",
        kind="guide",
        title=item["plain_name"],
        names=(item["plain_name"], item["task_name"], *item["keywords"]),
        passages=tuple(_passages(item)),
        page=f"/guide/item?id={code}",
        form=f"/apply/start?item={code}&id={code}" if item["is_online"] else "",
        sides=tuple(sides),
        regions=tuple(item["regions"]),
        department=item["dept_name"],
        uscc=item["dept_code"],
        hot=bool(item["hot"]),
        also=tuple(faq["question"] for faq in item["faqs"]),
    )


def _passages(item: Mapping[str, Any]) -> Iterator[Passage]:
    yield Passage("who", "谁能办", _listed(item["accept_condition"]))
    yield Passage("materials", "需要什么材料", _materials(item))
    yield Passage("steps", "办理流程", _steps(item))
    yield Passage("time", "多久办好", _time(item))
    yield Passage("fee", "收费吗", _fee(item))
    yield Passage("place", "去哪里办", _place(item))
    if item["result_name"]:
        sample = f"：{item['result_sample']}" if item["result_sample"] else ""
        yield Passage("result", "办好后得到", f"{item['result_name']}{sample}。")
    for faq in item["faqs"]:
        yield Passage("faq", "常见问题", faq["answer"], faq["question"])
    yield Passage("law", "法律依据", _listed(item["by_law"]))


def _listed(lines: list[str]) -> str:
    return "；".join(line.strip("。；") for line in lines) + "。"


def _materials(item: Mapping[str, Any]) -> str:
    if not item["materials"]:
        return "不需要提交材料。"
    return _listed([_material(one) for one in item["materials"]])


def _material(one: Mapping[str, Any]) -> str:
    notes = [] if one["is_need"] == "必要" else [one["is_need"]]
    if one["exempt_by_share"]:
        notes.append("由数据共享提供，不用交")
    elif one["licence_type_code"]:
        notes.append("可以用电子证照")
    notes += [note for note in (one["source_explain"], one["fill_explain"]) if note]
    said: str = one["material_name"]
    return said + (f"（{'，'.join(notes)}）" if notes else "")


def _steps(item: Mapping[str, Any]) -> str:
    return _listed([f"{one['stage']}：{one['explain']}" for one in item["handle_flow"]])


def _time(item: Mapping[str, Any]) -> str:
    said = f"承诺{item['promise_text']}。" if item["promise_day"] else f"{item['promise_text']}。"
    if item["promise_explain"]:
        said += f"{item['promise_explain'].strip('。')}。"
    return f"{said}法定时间：{item['anticipate_text'].strip('。')}。"


def _fee(item: Mapping[str, Any]) -> str:
    if not item["is_fee"]:
        return "不收费。"
    fees = []
    for fee in item["fees"]:
        said = f"{fee['fee_name']}：{fee['fee_stand']}" if fee["fee_stand"] else fee["fee_name"]
        fees.append(f"{said}（{fee['desc_explain']}）" if fee["desc_explain"] else said)
    return _listed(fees) if fees else "收费，标准以窗口公布的为准。"


def _place(item: Mapping[str, Any]) -> str:
    parts = [item["transact_addr"], item["transact_time"]]
    visits = item["limit_scene_num"]
    parts.append("一次也不用跑" if visits == 0 else f"最多跑 {visits} 次")
    if item["limit_scene_explain"]:
        parts.append(item["limit_scene_explain"])
    parts.append("办理方式：" + "、".join(_FORMS[code] for code in item["handle_type"]))
    parts.append(f"咨询电话：{item['link_way']}")
    return _listed([part for part in parts if part])
