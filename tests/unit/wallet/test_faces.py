"""Face pictures: no character a box, the purpose all over, and the event loop never held."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from pydantic import ValidationError

from backend.exchange.service import FaceLayout, LicenceTypeSpec
from backend.wallet.entries import LicenceStatus
from backend.wallet.errors import FaceUnavailable
from backend.wallet.faces.card import BAND, LEAST_HEIGHT, WIDTH, FaceModel, draw_face, face_model
from backend.wallet.faces.cmap import Coverage, coverage
from backend.wallet.faces.studio import KEPT_FACES, FaceRequest, Studio
from backend.wallet.faces.typeface import SHIPPED, Typeface
from backend.wallet.faces.watermark import watermark
from backend.wallet.view import Card
from tests.wallet_world import ADDRESS, START, SYSTEM, licence

FONTS = Path(__file__).resolve().parents[3] / "miniprogram" / "dist" / "fonts"
NOWHERE = Path("/nowhere")
REGULAR = FONTS / SHIPPED[0]
MISSING = "𪚥"


@pytest.fixture(scope="module")
def typeface() -> Typeface:
    return Typeface(FONTS, NOWHERE)


def model(**changes: object) -> FaceModel:
    made = FaceModel(
        title="居民身份证", hue="blue", facts=(("姓名", "张三"), ("住址", ADDRESS)),
        number_label="公民身份号码", number="440106199002030017", issuer="广东省公安厅",
        validity="2020.01.01 至 长期", status=LicenceStatus.VALID,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def card(**changes: object) -> Card:
    held = licence("x")._replace(**changes)  # type: ignore[arg-type]
    kind = SYSTEM.manifest.licence_types[0]
    return Card(held, kind, SYSTEM, LicenceStatus.VALID, True, START)


def request(purpose: str = "住宿登记", full: bool = False, thumbnail: bool = False) -> FaceRequest:
    return FaceRequest(card(), purpose, "张*", thumbnail, full, START)


def drawn(typeface: Typeface, text: str) -> Image.Image:
    picture = Image.new("L", (400, 80), 0)
    typeface.draw(ImageDraw.Draw(picture), (4, 60), text, 48, 255)
    return picture


def box() -> Image.Image:
    """What Pillow draws for a character that the typeface lacks."""
    font = ImageFont.truetype(str(REGULAR), 48, layout_engine=ImageFont.Layout.BASIC)
    picture = Image.new("L", (400, 80), 0)
    ImageDraw.Draw(picture).text((4, 60), "\U0010ffff", fill=255, font=font, anchor="ls")
    return picture


def same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is None


def test_the_box_that_must_never_be_seen_can_be_seen_by_these_tests() -> None:
    assert box().getbbox() is not None


@pytest.mark.parametrize("char", "䶮𬭚㛃𠅤张·A９")
def test_rare_characters_are_drawn_and_are_no_boxes(typeface: Typeface, char: str) -> None:
    picture = drawn(typeface, char)
    assert picture.getbbox() is not None
    assert not same(picture, box())
    assert typeface.words(char) == char


def test_a_missing_character_is_named_in_words(typeface: Typeface) -> None:
    assert typeface.words(f"张{MISSING}") == "张〔U+2A6A5〕"
    assert same(drawn(typeface, MISSING), drawn(typeface, "〔U+2A6A5〕"))


@pytest.mark.parametrize("char", ["\U0001f600", "\ue123", "\U0003fffd", "\u0378"])
def test_signs_private_and_unassigned_characters_are_named(typeface: Typeface, char: str) -> None:
    assert typeface.words(char) == f"〔U+{ord(char):04X}〕"


def test_invisible_characters_leave_no_trace(typeface: Typeface) -> None:
    assert typeface.words("张\u200b三\ufe00\U000e0100\u202e\n李") == "张三 李"
    assert typeface.words("\ud800") == ""


def test_what_one_typeface_lacks_another_draws(typeface: Typeface) -> None:
    first = typeface._files[0]
    latin = replace(first, covers=Coverage([(0x20, 0x7E)]))
    both = Typeface(FONTS, NOWHERE)
    both._files = [latin, first]
    assert both.words("A张") == "A张"
    assert [run.file for run in both._runs("A张B")] == [0, 1, 0]
    assert same(drawn(both, "A张B"), drawn(typeface, "A张B"))


def test_without_any_typeface_there_is_a_clear_refusal() -> None:
    with pytest.raises(FaceUnavailable):
        Typeface(NOWHERE, NOWHERE)


def test_coverage_of_the_shipped_typeface() -> None:
    found = coverage(REGULAR)
    assert all(found.has(char) for char in "张䶮𬭚㛃𠅤aA0·")
    assert not any(found.has(char) for char in (MISSING, "\U0001f600", "\uffff"))


@pytest.mark.parametrize("content", [b"", b"not a typeface at all", b"\0\1\0\0" + b"\0" * 20])
def test_a_file_that_is_no_typeface_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.ttf"):
        coverage(path)


def test_a_collection_is_read_by_its_faces(tmp_path: Path) -> None:
    single = REGULAR.read_bytes()
    path = tmp_path / "one.ttc"
    head = b"ttcf" + (1 << 16).to_bytes(4, "big") + (1).to_bytes(4, "big")
    shift = len(head) + 4
    tables = int.from_bytes(single[4:6], "big")
    directory = bytearray(single[: 12 + 16 * tables])
    for number in range(tables):
        at = 12 + 16 * number + 8
        moved = int.from_bytes(directory[at : at + 4], "big") + shift
        directory[at : at + 4] = moved.to_bytes(4, "big")
    path.write_bytes(head + shift.to_bytes(4, "big") + directory + single[len(directory) :])
    assert coverage(path, 0).has("䶮")


def test_long_text_is_broken_and_ends_with_an_ellipsis(typeface: Typeface) -> None:
    lines = typeface.wrap("广东省" * 40, 34, 400, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(typeface.width(line, 34) <= 400 for line in lines)
    assert typeface.wrap("短", 34, 400, 3) == ["短"]


@pytest.mark.parametrize("hue", ["blue", "green", "red", "gold", "teal", "purple", "slate"])
def test_a_face_has_the_hue_of_its_type(typeface: Typeface, hue: str) -> None:
    picture = draw_face(model(hue=hue), typeface)
    assert picture.size == (WIDTH, LEAST_HEIGHT)
    others = {"blue", "red"} - {hue}
    assert all(
        picture.getpixel((4, 4)) != draw_face(model(hue=o), typeface).getpixel((4, 4))
        for o in others
    )


def test_a_face_with_many_facts_is_higher_and_none_is_lost(typeface: Typeface) -> None:
    facts = tuple((f"项目{n}", f"{ADDRESS}{ADDRESS}") for n in range(8))
    assert draw_face(model(facts=facts), typeface).height > LEAST_HEIGHT + 400


def test_the_state_is_stamped(typeface: Typeface) -> None:
    valid = draw_face(model(), typeface)
    lost = draw_face(model(status=LicenceStatus.LOST), typeface)
    assert not same(valid, lost)


def test_a_face_is_masked_unless_asked_in_full() -> None:
    masked, full = face_model(card(), False), face_model(card(), True)
    assert masked.number == "粤20********4567"
    assert dict(masked.facts)["姓名"] == "张*"
    assert ADDRESS not in dict(masked.facts).values()
    assert dict(full.facts) == {"姓名": "张三", "性别": "男", "住址": ADDRESS}
    assert full.number == "粤20260001234567"
    assert full.validity == "2020.01.01 至 长期"


def test_the_watermark_reaches_every_part_of_the_picture(typeface: Typeface) -> None:
    plain = draw_face(model(), typeface)
    marked = plain.copy()
    watermark(marked, "住宿登记 2026-09-21 22:13 张*", typeface, BAND)
    changed = ImageChops.difference(plain, marked)
    for left in range(0, WIDTH - 300, 250):
        for top in range(0, LEAST_HEIGHT - 220, 200):
            assert changed.crop((left, top, left + 300, top + 220)).getbbox() is not None


async def test_purpose_and_time_make_another_picture_of_the_same_face() -> None:
    studio = Studio(FONTS)
    one = await studio.draw(request())
    other = await studio.draw(request(purpose="乘车乘机"))
    later = await studio.draw(replace(request(), now=START + 60))
    assert len({one, other, later}) == 3
    studio.close()


async def test_a_thumbnail_is_a_third_as_wide() -> None:
    studio = Studio(FONTS)
    small = Image.open(io.BytesIO(await studio.draw(request(thumbnail=True))))
    assert small.width == WIDTH // 3
    assert small.format == "PNG"
    studio.close()


async def test_finished_faces_are_kept_but_not_without_end() -> None:
    studio = Studio(FONTS)
    for number in range(KEPT_FACES + 3):
        await studio.draw(replace(request(), card=card(name=f"第{number}证")))
    assert len(studio._kept) == KEPT_FACES
    studio.close()


async def test_the_event_loop_goes_on_while_faces_are_drawn() -> None:
    studio = Studio(FONTS)
    drawing = asyncio.gather(*(studio.draw(request(purpose=f"用途{n}")) for n in range(4)))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(await drawing) == 4
    assert turns > 20
    studio.close()


async def test_a_studio_without_typeface_refuses_each_time() -> None:
    studio = Studio(NOWHERE, NOWHERE)
    for _ in range(2):
        with pytest.raises(FaceUnavailable):
            await studio.draw(request())
    studio.close()


LAYOUT = FaceLayout.model_validate(
    {
        "height": 700, "band": 0, "ground": "#ffffff", "places": [
            {"fact": "title", "x": 56, "y": 40, "width": 600, "size": 48, "bold": True},
            {"fact": "holder", "label": "姓名", "x": 56, "y": 140, "width": 400},
            {"fact": "address", "x": 56, "y": 300, "width": 200, "size": 40},
            {"fact": "number", "x": 56, "y": 600, "width": 900, "align": "right"},
        ],
    }
)  # fmt: skip


def laid_out(**changes: object) -> Card:
    of = card(**changes)
    return replace(of, kind=of.kind.model_copy(update={"face": LAYOUT}))


def inked(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether there is dark writing in a part of a picture."""
    return picture.crop(box).convert("L").getextrema()[0] < 100  # type: ignore[operator]


def test_a_layout_says_what_stands_where(typeface: Typeface) -> None:
    picture = draw_face(face_model(laid_out(), full=True), typeface)
    assert picture.size == (WIDTH, 700)
    assert inked(picture, (56, 140, 456, 230))
    # The number is flush right, the left of its line empty.
    assert inked(picture, (700, 595, 956, 650))
    assert not inked(picture, (56, 595, 400, 650))


def test_a_fact_that_is_too_long_for_its_place_gets_smaller_letters(typeface: Typeface) -> None:
    short = draw_face(face_model(laid_out(fields={"address": "广州"}), full=True), typeface)
    long = draw_face(face_model(laid_out(fields={"address": "广州市天河区"}), full=True), typeface)
    assert inked(short, (56, 300, 256, 360))
    assert inked(long, (56, 300, 256, 330))
    assert not inked(long, (56, 345, 256, 420))


def test_a_fact_that_the_licence_lacks_leaves_its_place_empty(typeface: Typeface) -> None:
    picture = draw_face(face_model(laid_out(fields={}), full=True), typeface)
    assert not inked(picture, (56, 290, 256, 420))


def test_a_layout_masks_what_the_type_calls_sensitive() -> None:
    named = dict(face_model(laid_out(), full=False).named)
    assert ADDRESS not in named["address"]
    assert named["holder"] == "张*"


def test_a_type_without_a_layout_has_the_general_one(typeface: Typeface) -> None:
    general = draw_face(face_model(card(), full=True), typeface)
    assert not same(general, draw_face(face_model(laid_out(), full=True), typeface))
    assert general.height >= LEAST_HEIGHT


@pytest.mark.parametrize(
    "change",
    [
        {"places": [{"fact": "title", "x": 900, "y": 40, "width": 600}]},
        {"places": [{"fact": "title", "x": 0, "y": 690, "width": 600}]},
        {"ink": "#cccccc"},
        {"places": [{"fact": "title", "x": 0, "y": 40, "width": 60, "colour": "#eeeeee"}]},
        {"places": []},
        {"ground": "white"},
    ],
)
def test_a_layout_that_could_not_be_read_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FaceLayout.model_validate(LAYOUT.model_dump() | change)


def test_a_layout_of_a_fact_that_the_type_does_not_have_is_refused() -> None:
    kind = SYSTEM.manifest.licence_types[0].model_dump()
    kind["face"] = {"places": [{"fact": "soul", "x": 0, "y": 200, "width": 100}]}
    with pytest.raises(ValidationError, match="soul"):
        LicenceTypeSpec.model_validate(kind)
