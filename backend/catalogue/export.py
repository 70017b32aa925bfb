"""The whole catalogue as a table (亮家底: the public list of what the province offers)."""

import csv
import io
from collections.abc import Callable
from typing import Any

Elements = dict[str, Any]


def _joined(values: list[str]) -> str:
    return "；".join(values)


def _materials(item: Elements) -> str:
    return _joined([f"{one['material_name']}（{one['is_need']}）" for one in item["materials"]])


def _fees(item: Elements) -> str:
    return _joined([f"{one['fee_name']}：{one['fee_stand']}" for one in item["fees"]]) or "不收费"


def _flow(item: Elements) -> str:
    return _joined([f"{one['stage']}：{one['explain']}" for one in item["handle_flow"]])


COLUMNS: tuple[tuple[str, Callable[[Elements], object]], ...] = (
    ("实施编码", lambda item: item["task_code"]),
    ("基本编码", lambda item: item["catalog_code"]),
    ("事项名称", lambda item: item["task_name"]),
    ("通俗名称", lambda item: item["plain_name"]),
    ("实施主体", lambda item: item["dept_name"]),
    ("事项类型", lambda item: item["task_type_name"]),
    ("行使层级", lambda item: item["use_level_name"]),
    ("服务对象", lambda item: _joined(item["server_type_names"])),
    ("主题分类", lambda item: _joined(item["theme_names"])),
    ("开通地区代码", lambda item: _joined(item["regions"])),
    ("设定依据", lambda item: _joined(item["by_law"])),
    ("受理条件", lambda item: _joined(item["accept_condition"])),
    ("申请材料", _materials),
    ("办理流程", _flow),
    ("法定办结时限", lambda item: item["anticipate_text"]),
    ("承诺办结时限", lambda item: item["promise_text"]),
    ("收费", _fees),
    ("收费依据", lambda item: item["fee_basis"]),
    ("办理结果", lambda item: item["result_name"]),
    ("办理形式", lambda item: _joined(item["handle_type_names"])),
    ("到办事现场次数", lambda item: item["limit_scene_num"]),
    ("办理地点", lambda item: item["transact_addr"]),
    ("办理时间", lambda item: item["transact_time"]),
    ("咨询方式", lambda item: item["link_way"]),
    ("监督投诉方式", lambda item: item["supervise_way"]),
)


def csv_lines(item: Elements | None) -> str:
    """One line of the table, or its head for None; RFC 4180.

    A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    out = io.StringIO()
    cells = [title if item is None else _cell(value(item)) for title, value in COLUMNS]
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
