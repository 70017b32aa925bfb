"""Sections of the home page: the keys that the manifest names, in the format that it names."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from backend.conformance.case import Case
from backend.conformance.rules import Advice, Group, Mend, NotChecked
from backend.exchange.manifest import Headline, Line, SectionSpec

group = Group()
SECTIONS = "sections.query"


@group.rule("section.given", "测试对象的板块有数据", SECTIONS)
async def given(case: Case) -> None:
    """The subjects have what the manifest says that they have."""
    if not case.questions:
        raise NotChecked("没有测试对象")
    filled = set()
    for question, told in case.told:
        if told.document.get("data") is not None:
            filled.add(question.topic)
        elif question.topic in question.subject.sections:
            raise Mend(f"{question.about}：清单说有数据，应答的 /data 是 null")
    empty = [spec.code for spec in case.manifest.sections if spec.code not in filled]
    if empty:
        raise Mend(
            f"板块 {'、'.join(empty)} 没有得到任何数据：请在清单 conformance.holders 的 sections "
            "写明谁在沙箱里有数据"
        )


@group.rule("section.fields", "板块数据有清单所列的字段", SECTIONS)
async def fields(case: Case) -> None:
    """A key that is missing is shown as 暂无; a headline that is missing leaves nothing to show."""
    for question, told in case.told:
        spec, data = _spec(case, question.topic), told.document.get("data")
        if spec is None or not isinstance(data, dict):
            continue
        if spec.headline is not None and data.get(spec.headline.field) is None:
            raise Mend(f"{question.about}：/data/{spec.headline.field} 没有值，而它是 headline")
    missing = sorted(
        {
            f"{question.topic}/{line.field}"
            for question, told in case.told
            if (spec := _spec(case, question.topic)) and isinstance(told.document.get("data"), dict)
            for line in spec.lines
            if not _anywhere(case, question.topic, line.field)
        }
    )
    if missing:
        raise Advice(f"所有测试对象都没有这些字段：{'、'.join(missing)}，会显示为“暂无”")


@group.rule("section.format", "板块数据的格式与清单一致", SECTIONS)
async def formats(case: Case) -> None:
    """Money with at most two decimals, days, months and whole numbers."""
    for question, told in case.told:
        spec, data = _spec(case, question.topic), told.document.get("data")
        if spec is None or not isinstance(data, dict):
            continue
        shown: list[Headline | Line] = [*([spec.headline] if spec.headline else []), *spec.lines]
        for one in shown:
            value = data.get(one.field)
            if value is not None and not _FITS[one.format](value):
                raise Mend(f"{question.about}：/data/{one.field} 应为 {_WORDS[one.format]}")


@group.rule("section.unknown", "没有登记的板块不报 5xx", SECTIONS)
async def unknown(case: Case) -> None:
    """Refused, or answered with nothing."""
    told = await case.ask({**case.first.payload, "section": "no_such_section"})
    if told.status == 400:
        case.refusals.append(("没有登记的板块", told))
    elif told.status != 200 or told.document.get("data") is not None:
        raise Mend(f"查询没有登记的板块：应以 400 拒绝或应答 data: null，实际应答 {told.says}")


def _spec(case: Case, code: str) -> SectionSpec | None:
    return next((spec for spec in case.manifest.sections if spec.code == code), None)


def _anywhere(case: Case, topic: str, field: str) -> bool:
    return any(
        (told.document.get("data") or {}).get(field) is not None
        for question, told in case.told
        if question.topic == topic
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_money(value: Any) -> bool:
    # As the decimal number was written: 0.1 is one decimal, whatever its bits are.
    return _is_number(value) and -int(Decimal(repr(value)).as_tuple().exponent) <= 2


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None


def _is_month(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) is not None


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str | int | float),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "money": _is_money,
    "date": _is_day,
    "month": _is_month,
}
_WORDS = {
    "text": "文本",
    "integer": "整数",
    "money": "以元为单位、至多两位小数的数字",
    "date": "日期 YYYY-MM-DD",
    "month": "月份 YYYY-MM",
}
