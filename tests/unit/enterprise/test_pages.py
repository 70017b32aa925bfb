"""A page is shown again for a while, to nobody else, and only while nothing of it has changed."""

from typing import cast

import pytest

from backend.enterprise.pages import Pages, page_key
from backend.store.keyring import KeyRing
from backend.store.redis import HotLink

MADE_OF = (b"holder", b"sections", b"wallet")
KEPT_S = 42
ME, USCC, PAGE = "me", "91440300MA5ABCD19W", b'{"name": "x"}'


class Kept:
    """The one command that is used."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def set(self, key: str, value: bytes, seconds: int) -> None:
        assert seconds == KEPT_S
        self.values[key] = value


@pytest.fixture
def moment() -> list[float]:
    return [1000.0]


@pytest.fixture
async def world(moment: list[float]) -> tuple[Pages, bytes]:
    hot = Kept()
    pages = Pages(cast("HotLink", hot), KeyRing({"k": bytes(32)}), lambda: moment[0])
    await pages.keep(ME, USCC, MADE_OF, PAGE, KEPT_S)
    return pages, hot.values[page_key(ME)]


async def test_the_same_page_again(world: tuple[Pages, bytes], moment: list[float]) -> None:
    pages, kept = world
    assert PAGE not in kept
    assert pages.shown(ME, kept, USCC, MADE_OF) == PAGE
    moment[0] += KEPT_S - 1
    assert pages.shown(ME, kept, USCC, MADE_OF) == PAGE
    moment[0] += 1
    assert pages.shown(ME, kept, USCC, MADE_OF) is None


async def test_to_nobody_else_and_of_nothing_else(world: tuple[Pages, bytes]) -> None:
    pages, kept = world
    assert pages.shown("other", kept, USCC, MADE_OF) is None
    assert pages.shown(ME, kept, "91440300MA5ABCD20X", MADE_OF) is None
    assert pages.shown(ME, None, USCC, MADE_OF) is None


@pytest.mark.parametrize(
    "changed",
    [(b"other", b"sections", b"wallet"), (None, b"sections", b"wallet"),
     (b"holder", b"sectionsw", b"allet"), (b"holder", b"sections", b"lost")],
)  # fmt: skip
async def test_a_change_of_any_part_makes_it_anew(
    world: tuple[Pages, bytes], changed: tuple[bytes | None, ...]
) -> None:
    pages, kept = world
    assert pages.shown(ME, kept, USCC, changed) is None
