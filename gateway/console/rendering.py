"""Templates: compiled once, escaped always, and strict about what they are given."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.operators.service import ROLE_NAMES, STATE_NAMES
from gateway.console.charts import bar_chart, line_chart, row_chart
from gateway.edge.moments import in_beijing

HERE = Path(__file__).parent
STYLE = HERE / "assets" / "console.css"


@cache
def environment() -> Environment:
    """The templates of the console."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    made.globals.update(
        bar_chart=bar_chart,
        row_chart=row_chart,
        line_chart=line_chart,
        role_names=ROLE_NAMES,
        state_names=STATE_NAMES,
        style_address=f"/console/assets/{style_digest()}.css",
    )
    made.filters.update(moment=_moment, day=_day, lasting=lasting)
    return made


@cache
def style() -> bytes:
    """The style sheet."""
    return STYLE.read_bytes()


@cache
def style_digest() -> str:
    """Part of the style sheet's address, so that it can be kept for ever."""
    return hashlib.sha256(style()).hexdigest()[:16]


def render(template: str, values: dict[str, Any]) -> bytes:
    """A template as UTF-8.

    Raises:
        jinja2.UndefinedError: the template asks for a value that it was not given.
    """
    return environment().get_template(template).render(values).encode()


def lasting(seconds: float) -> str:
    """A span of time in its largest unit."""
    for length, unit in ((86_400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} 秒"


def _moment(moment: datetime | None) -> Markup:
    """A moment in Beijing, to the minute."""
    if moment is None:
        return Markup("—")
    here = in_beijing(moment)
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M}</time>').format(here.isoformat(), here)


def _day(moment: datetime | None) -> Markup:
    """A day in Beijing."""
    if moment is None:
        return Markup("—")
    here = in_beijing(moment)
    return Markup('<time datetime="{:%Y-%m-%d}">{:%Y-%m-%d}</time>').format(here, here)
