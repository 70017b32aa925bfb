"""The layout of a licence's face (证面版式): data of the licence type, drawn by one program.

Places are in pixels of a face that is 1074 wide (an ID-1 card at 318 dpi) and as high as the layout
says. A type without a layout is drawn by the general one: its facts below each other.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FACE_WIDTH, LEAST_FACE_HEIGHT, MOST_FACE_HEIGHT = 1074, 678, 2148
# What can stand on a face besides the facts of the type.
ON_EVERY_FACE = frozenset(
    {"title", "holder", "number", "issuer", "issue_date", "validity", "valid_from", "valid_to"}
)

_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
_Pixels = Annotated[int, Field(ge=0, le=MOST_FACE_HEIGHT)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class FacePlace(_Strict):
    """Where a fact stands: the upper left corner, and how much room there is to the right.

    A text that needs more lines than ``lines`` gets smaller letters, down to 18 pixels.
    """

    fact: _Name = Field(title="信息项代码")
    x: _Pixels = Field(title="左边距")
    y: _Pixels = Field(title="上边距")
    width: Annotated[int, Field(ge=40, le=FACE_WIDTH)] = Field(title="宽度")
    size: Annotated[int, Field(ge=18, le=96)] = Field(default=34, title="字号")
    lines: Annotated[int, Field(ge=1, le=12)] = Field(default=1, title="最多行数")
    bold: bool = Field(default=False, title="粗体")
    align: Literal["left", "center", "right"] = Field(default="left", title="对齐")
    colour: _Colour | None = Field(default=None, title="颜色")
    label: _Label | None = Field(default=None, title="标签")

    @model_validator(mode="after")
    def _is_on_the_face(self) -> "FacePlace":
        if self.x + self.width > FACE_WIDTH:
            raise ValueError(f"{self.fact} 超出证面宽度 {FACE_WIDTH}")
        return self


class FaceLayout(_Strict):
    """A whole face: its height, colours, and what stands where.

    ``band`` is the height of the coloured top, 0 for none. Letters must be readable: contrast with
    the ground is at least 4.5 (GB/T 37668, WCAG 1.4.3).
    """

    height: Annotated[int, Field(ge=LEAST_FACE_HEIGHT, le=MOST_FACE_HEIGHT)] = Field(
        default=LEAST_FACE_HEIGHT, title="高度"
    )
    band: Annotated[int, Field(ge=0, le=400)] = Field(default=168, title="顶部色带高度")
    start: _Colour | None = Field(default=None, title="色带起始色")
    end: _Colour | None = Field(default=None, title="色带结束色")
    ground: _Colour = Field(default="#ffffff", title="底色")
    line: _Colour = Field(default="#dde3ea", title="底纹色")
    ink: _Colour = Field(default="#1f2329", title="文字色")
    label_ink: _Colour = Field(default="#51565d", title="标签色")
    places: list[FacePlace] = Field(title="信息项位置", min_length=1, max_length=40)

    @model_validator(mode="after")
    def _fits(self) -> "FaceLayout":
        for place in self.places:
            if place.y + place.size > self.height:
                raise ValueError(f"{place.fact} 超出证面高度 {self.height}")
        on_ground = [place.colour for place in self.places if place.y >= self.band]
        for colour in filter(None, (self.ink, self.label_ink, *on_ground)):
            if contrast(colour, self.ground) < LEAST_CONTRAST:
                raise ValueError(f"{colour} 在底色 {self.ground} 上不够清楚，对比度至少 4.5")
        return self


LEAST_CONTRAST = 4.5


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart for the eye (WCAG 2.1): 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in bytes.fromhex(colour[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)
