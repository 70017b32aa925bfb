"""Charts: drawn, and told in words and numbers."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from gateway.console.charts import HEIGHT, WIDTH, bar_chart, line_chart

labels = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
points = st.lists(st.tuples(labels, st.floats(0, 1e9)), min_size=1, max_size=40)


def parsed(drawn: Markup) -> ET.Element:
    return ET.fromstring(str(drawn))  # noqa: S314 (our own)


@given(points=points)
@pytest.mark.parametrize("chart", [bar_chart, line_chart])
def test_every_point_is_drawn_inside_and_stands_in_the_table(chart, points) -> None:  # type: ignore[no-untyped-def]
    figure = parsed(chart("调用", points, "次"))
    drawn = [*figure.iter("rect")] if chart is bar_chart else [*figure.iter("circle")]
    assert len(drawn) == len(points)
    for one in drawn:
        x, y = (float(one.get(a) or one.get(f"c{a}") or "nan") for a in "xy")
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    body = figure.find(".//tbody")
    assert body is not None
    assert len(body.findall("tr")) == len(points)
    assert not any(one.get("style") for one in figure.iter())


@pytest.mark.parametrize("chart", [bar_chart, line_chart])
def test_it_says_what_it_shows(chart) -> None:  # type: ignore[no-untyped-def]
    figure = parsed(chart("调用", [("昨天", 12304.0), ("今天", 7.5)], "次"))
    (svg,) = figure.iter("svg")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "调用：2 个点，最高 12,304 次，最近 7.5 次"


@pytest.mark.parametrize("chart", [bar_chart, line_chart])
def test_nothing_yet_is_said(chart) -> None:  # type: ignore[no-untyped-def]
    assert "还没有数据" in chart("调用", [])


def test_a_label_cannot_bring_markup_along() -> None:
    assert "<script>" not in bar_chart("<script>", [("<script>", 1)], "<script>")
