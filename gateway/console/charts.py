"""Charts as inline SVG: drawn for whoever looks, with a table for whoever reads or listens."""

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 640, 180
_LEFT, _BOTTOM, _TOP = 48, 24, 12
_LABELS = 8
_ROW = 52

Point = tuple[str, float]


def bar_chart(title: str, points: Sequence[Point], unit: str = "") -> Markup:
    """Bars from left to right; points are (label, value)."""
    highest = _highest(points)
    step = (WIDTH - _LEFT) / max(len(points), 1)
    bars = [
        Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')
        .format(_n(_LEFT + place * step + step * 0.15), _n(_y(value, highest)), _n(step * 0.7),
                _n(HEIGHT - _BOTTOM - _y(value, highest)), f"{label}：{_shown(value)} {unit}")
        for place, (label, value) in enumerate(points)
    ]  # fmt: skip
    return _chart(title, points, unit, Markup("").join(bars), step, step / 2)


def row_chart(title: str, points: Sequence[Point], unit: str = "") -> Markup:
    """Bars below one another, each with its name above it; for names that are longer than a day."""
    if not points:
        return Markup('<p class="empty">{}：还没有数据。</p>').format(title)
    highest = _highest(points)
    rows = [
        Markup(
            '<text class="tick" x="0" y="{}">{}</text>'
            '<rect class="bar" x="0" y="{}" width="{}" height="12"/>'
        ).format(
            place * _ROW + 22, f"{label}：{_shown(value)} {unit}".strip(),
            place * _ROW + 30, _n(max(value, 0.0) / highest * WIDTH),
        )
        for place, (label, value) in enumerate(points)
    ]  # fmt: skip
    return _figure(title, points, unit, Markup("").join(rows), len(points) * _ROW)


def line_chart(title: str, points: Sequence[Point], unit: str = "") -> Markup:
    """A line from left to right; points are (label, value)."""
    highest = _highest(points)
    step = (WIDTH - _LEFT) / max(len(points) - 1, 1)
    places = [
        (_n(_LEFT + place * step), _n(_y(value, highest)))
        for place, (_, value) in enumerate(points)
    ]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [Markup('<circle class="dot" cx="{}" cy="{}" r="2.5"/>').format(x, y) for x, y in places]
    drawn = Markup('<polyline class="line" points="{}"/>').format(path) + Markup("").join(dots)
    return _chart(title, points, unit, drawn, step, 0)


def _chart(
    title: str, points: Sequence[Point], unit: str, drawn: Markup, step: float, shift: float
) -> Markup:
    if not points:
        return Markup('<p class="empty">{}：还没有数据。</p>').format(title)
    highest = _highest(points)
    base = HEIGHT - _BOTTOM
    frame = Markup(
        '<line class="axis" x1="{l}" y1="{b}" x2="{w}" y2="{b}"/>'
        '<line class="grid" x1="{l}" y1="{t}" x2="{w}" y2="{t}"/>'
        '<text class="tick" x="{r}" y="{t5}" text-anchor="end">{high}</text>'
        '<text class="tick" x="{r}" y="{b}" text-anchor="end">0</text>'
    ).format(l=_LEFT, b=base, w=WIDTH, t=_TOP, r=_LEFT - 6, t5=_TOP + 5, high=_shown(highest))
    every = max(1, -(-len(points) // _LABELS))
    labels = [
        Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
        .format(_n(_LEFT + place * step + shift), HEIGHT - 6,
                _anchor(place, len(points), shift), label)
        for place, (label, _) in enumerate(points) if place % every == 0
    ]  # fmt: skip
    return _figure(title, points, unit, frame + drawn + Markup("").join(labels), HEIGHT)


def _figure(title: str, points: Sequence[Point], unit: str, drawn: Markup, height: int) -> Markup:
    values = [value for _, value in points]
    most, last = f"{_shown(max(values))} {unit}", f"{_shown(values[-1])} {unit}"
    says = f"{title}：{len(points)} 个点，最高 {most}，最近 {last}"
    svg = Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, height, says.strip(), drawn)
    return Markup('<figure class="figure"><figcaption>{}</figcaption>{}{}</figure>').format(
        f"{title}（{unit}）" if unit else title, svg, _table(title, points, unit)
    )


def _table(title: str, points: Sequence[Point], unit: str) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="number">{}</td></tr>')
        .format(label, _shown(value)) for label, value in points
    )  # fmt: skip
    return Markup(
        '<details class="numbers"><summary>查看数字</summary><div class="scroll" tabindex="0" '
        'role="region" aria-label="{}的数字"><table><caption class="visually-hidden">{}</caption>'
        '<thead><tr><th scope="col">时间或项目</th><th scope="col" class="number">{}</th></tr>'
        "</thead><tbody>{}</tbody></table></div></details>"
    ).format(title, title, unit or "数值", rows)


def _highest(points: Sequence[Point]) -> float:
    return max((value for _, value in points), default=0.0) or 1.0


def _y(value: float, highest: float) -> float:
    return _TOP + (HEIGHT - _BOTTOM - _TOP) * (1 - max(value, 0.0) / highest)


def _anchor(place: int, count: int, shift: float) -> str:
    if shift or 0 < place < count - 1:
        return "middle"
    return "start" if place == 0 else "end"


def _n(value: float) -> str:
    return f"{value:.1f}"


def _shown(value: float) -> str:
    """A number as it is read: 12,304 or 12.5."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
