"""Values of provincial systems as people read them."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from backend.exchange.service import ValueFormat


def readable(value: Any, kind: ValueFormat) -> str:
    """A value as text: money with separators and two decimals, dates in Chinese.

    A value that does not fit its kind is shown as it came: a department's slip must not hide it.
    """
    if value is None:
        return "暂无"
    try:
        return _READERS[kind](value)
    except (ValueError, InvalidOperation):
        return str(value)


def _money(value: Any) -> str:
    return f"{Decimal(str(value)):,.2f}"


def _integer(value: Any) -> str:
    return f"{int(value):,}"


def _date(value: Any) -> str:
    day = date.fromisoformat(str(value))
    return f"{day.year}年{day.month}月{day.day}日"


def _month(value: Any) -> str:
    year, month = str(value).split("-")[:2]
    return f"{int(year)}年{int(month)}月"


_READERS: Mapping[ValueFormat, Callable[[Any], str]] = {
    "text": str,
    "integer": _integer,
    "money": _money,
    "date": _date,
    "month": _month,
}
