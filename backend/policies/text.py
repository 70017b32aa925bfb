"""A policy as its editor types it: YAML, and what is wrong with it, element by element."""

from typing import Any

import yaml
from pydantic import ValidationError

from backend.policies.errors import DocumentRefused

# A policy has at most twenty conditions and thirty clauses.
MOST_CHARS = 40_000
_NAMES = {
    "code": "编号", "title": "名称", "summary": "简介", "kind": "方式", "audience": "面向谁",
    "region": "实施地区", "source": "来源文件", "valid_from": "生效日期", "valid_to": "失效日期",
    "benefit": "待遇", "conditions": "条件", "evidence": "数据依据", "steps": "办理步骤",
    "major": "重大影响", "contact": "咨询电话", "name": "名称", "number": "文号",
    "issuer": "制定机关", "sample": "示例", "clauses": "条款", "ref": "条款号", "text": "内容",
    "words": "说明", "amount": "金额", "formula": "计算公式", "cap": "封顶", "budget": "预算",
    "per": "次数", "link": "办理页面", "id": "编号", "cel": "判断式", "clause": "对应条款",
    "remedy": "怎么办", "basis": "法定依据", "check": "部门核验", "publicity_days": "公示天数",
    "commitment": "承诺书", "later_check_days": "事后核查天数",
}  # fmt: skip
_SAID = {
    "missing": "缺少这一项", "extra_forbidden": "没有这一项，请核对拼写",
    "string_type": "应为文字（数字开头的请加引号）", "string_pattern_mismatch": "格式不对",
    "bool_type": "应为 true 或 false", "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数", "int_parsing": "应为整数", "int_from_float": "应为整数",
    "list_type": "应为列表", "model_type": "应为一组“名称: 值”",
    "date_from_datetime_parsing": "应为日期，如 2026-01-01", "date_type": "应为日期，如 2026-01-01",
    "date_parsing": "应为日期，如 2026-01-01",
}  # fmt: skip
_LIMITS = {
    "string_too_short": "至少 {min_length} 个字", "string_too_long": "最多 {max_length} 个字",
    "too_short": "至少 {min_length} 项", "too_long": "最多 {max_length} 项",
    "greater_than_equal": "不能小于 {ge}", "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected}",
}  # fmt: skip


class _Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them can stand for millions."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("alias")
        return super().compose_node(parent, index)


def read_text(text: str) -> Any:
    """What an editor typed, for ``read_document``.

    Raises:
        DocumentRefused: it is no YAML; says in which line.
    """
    if len(text) > MOST_CHARS:
        raise DocumentRefused([{"pointer": "", "message": f"最多 {MOST_CHARS} 个字"}])
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (it is a safe one)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行：" if mark else ""
        message = f"{where}不是有效的 YAML，请检查缩进、冒号和引号"
    raise DocumentRefused([{"pointer": "", "message": message}])


def as_text(document: dict[str, Any]) -> str:
    """A document as its editor types it, without what goes without saying."""
    dumped: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
    return dumped


def element(pointer: str) -> str:
    """The name of a place, as “条件 2 › 判断式”."""
    found: list[str] = []
    for part in filter(None, pointer.split("/")):
        if part.isdigit() and found:
            found[-1] += f" {int(part) + 1}"
        else:
            found.append(_NAMES.get(part, part))
    return " › ".join(found) or "全文"


def mistakes(error: ValidationError) -> list[dict[str, str]]:
    """What pydantic says, in Chinese, one sentence per place."""
    return [
        {"pointer": "".join(f"/{part}" for part in one["loc"]), "message": _said(one)}
        for one in error.errors(include_url=False, include_input=False)
    ]


def _said(one: Any) -> str:
    if limit := _LIMITS.get(one["type"]):
        return limit.format(**one["ctx"]).replace(" or ", " 或 ")
    return _SAID.get(one["type"], "内容不对")
