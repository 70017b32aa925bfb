"""The verifier page as one file, with no network at all: what passes, and each refusal."""

import base64
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import segno
from playwright.sync_api import Page, expect

from backend.presentation import packing, statuslist
from backend.presentation.jose import b64, json_object
from backend.presentation.keys import Algorithm, IssuerKeys
from backend.presentation.reasons import WORDS, Reason
from backend.presentation.statuslist import Status
from tests.e2e.accessibility import rule_breaks, small_targets
from tests.e2e.app import PHONE as SIZE
from tests.e2e.tabs import Tabs
from tests.presentation_world import (
    AUDIENCE,
    FACTS,
    ISSUER,
    LIST,
    NONCE,
    PLACE,
    Phone,
    World,
    presented,
)
from tests.servers import ROOT

BUILT = ROOT / "miniprogram" / "dist" / "verifier" / "index.html"
NOW = int(time.time())
DAY = 86_400
TYPES = [
    {
        "vct": "urn:shengshitong:licence:11100000000013127D001",
        "labels": {"age_over_18": "年满18周岁", "holder_name": "持证人"},
    }
]
OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def _at_this_moment() -> None:
    """What was presented five minutes ago is refused, and the tests before may take longer."""
    global NOW
    NOW = int(time.time())


def credential(world: World, **changes: Any) -> str:
    times = {"iat": NOW - 3600, "nbf": NOW - 3600, "exp": NOW + DAY, "as_of": NOW - 3600}
    return world.credential(**{**times, **changes})


def present(world: World, *names: str, **changes: Any) -> str:
    claims = {name: changes.pop(name) for name in ("exp", "nbf", "iss", "cnf") if name in changes}
    options = {"credential": credential(world, **claims), "now": NOW, **changes}
    return world.present(*names, **options)


@pytest.fixture
def open_page(tabs: Tabs, tmp_path: Path) -> Iterator[OpenPage]:
    """Save the page with some trust in it and open the file where there is no network."""
    tab = tabs.take(SIZE)
    tab.page.context.set_offline(True)
    file = tmp_path / "verify.html"

    def make(
        statuses: dict[int, int] | None = None, lists: list[str] | None = None,
        keys: IssuerKeys | None = None,
    ) -> Page:  # fmt: skip
        world = World()
        listed = [world.status_list(statuses, now=NOW - 60)] if lists is None else lists
        document = (keys or world.keys).document
        trust = orjson.dumps({"keys": document, "lists": listed, "types": TYPES}).decode()
        text = BUILT.read_text("utf-8")
        filled = text.replace('id="trust">null<', f'id="trust">{trust}<')
        assert filled != text
        file.write_text(filled, "utf-8")
        tab.page.goto(file.as_uri())
        return tab.page

    yield make
    tabs.give_back(tab, "file://")


def check(page: Page, text: str, audience: str = AUDIENCE, nonce: str = NONCE) -> None:
    page.get_by_label("码或凭证内容").fill(text)
    page.get_by_label("核验方名称").fill(audience)
    page.get_by_label("本次编号").fill(nonce)
    page.get_by_role("button", name="核验", exact=True).click()


def refused(page: Page, reason: Reason) -> None:
    result = page.locator("#result")
    expect(result).to_have_attribute("data-reason", reason.value)
    expect(result).to_have_class("refused")
    expect(result).to_contain_text("不予采信")
    expect(result).to_contain_text(WORDS[reason])


@pytest.mark.parametrize("alg", ["ed25519", "sm2"])
@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "SM2"])
def test_a_licence_is_verified_without_a_network(open_page: OpenPage, alg: str, kind: str) -> None:
    page = open_page()
    world = World(cast(Algorithm, alg), Phone(kind))
    check(page, present(world, "age_over_18", "holder_name"))
    result = page.locator("#result")
    expect(result).to_have_class("valid")
    for words in ("有效", "居民身份证", "年满18周岁", "是", "持证人", "张建国", AUDIENCE):
        expect(result).to_contain_text(words)
    expect(result).not_to_contain_text(FACTS["birth_date"])


def test_codes_in_any_order(open_page: OpenPage) -> None:
    page = open_page()
    pieces = packing.pieces(present(World(), *FACTS), size=300)
    check(page, "\n".join(reversed(pieces)))
    expect(page.locator("#result")).to_have_class("valid")
    check(page, "\n".join(pieces[1:]))
    refused(page, Reason.INCOMPLETE)


def test_codes_from_pictures(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    pieces = packing.pieces(present(World(), "age_over_18"))
    files = []
    for number, piece in enumerate(pieces):
        out = io.BytesIO()
        segno.make_qr(piece, error="m").save(out, kind="png", scale=4, border=4)
        files.append(tmp_path / f"{number}.png")
        files[-1].write_bytes(out.getvalue())
    page.get_by_label("从图片识别").set_input_files(files)
    expect(page.locator("#progress")).to_have_text(f"已扫到 {len(pieces)} / {len(pieces)} 张")
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.locator("#result")).to_have_class("valid")


def _altered(world: World) -> str:
    header, payload, rest = credential(world).split(".", 2)
    claims = json_object(payload) | {"type_name": "机动车驾驶证"}
    return present(world, credential=f"{header}.{b64(orjson.dumps(claims))}.{rest}")


def _with_a_disclosure_of_another(world: World) -> str:
    other = presented(credential(world), ["address"]).split("~")[1]
    jwt, rest = credential(world).split("~", 1)
    return present(world, "address", credential=f"{jwt}~{other}~{rest}")


def _shortened(world: World) -> str:
    jwt, _, *more = present(world, "age_over_18", "holder_name").split("~")
    return "~".join([jwt, *more])


REFUSALS: dict[str, tuple[Reason, Callable[[World], str]]] = {
    "nonsense": (Reason.MALFORMED, lambda world: "张建国的身份证"),
    "altered": (Reason.ALTERED, _altered),
    "a fact taken out": (Reason.ALTERED, _shortened),
    "another fact": (Reason.DISCLOSURE_UNKNOWN, _with_a_disclosure_of_another),
    "expired": (Reason.EXPIRED, lambda world: present(world, exp=NOW - 1)),
    "not yet": (Reason.NOT_YET_VALID, lambda world: present(world, nbf=NOW + 600)),
    "issuer": (Reason.WRONG_ISSUER, lambda world: present(world, iss="https://other.example")),
    "stranger": (
        Reason.UNKNOWN_KEY, lambda _: present(World(keys=IssuerKeys(b"x" * 32, ISSUER)))
    ),
    "no phone": (
        Reason.NO_KEY_BINDING, lambda world: presented(credential(world), ["address"])
    ),
    "another phone": (Reason.WRONG_HOLDER, lambda world: present(world, phone=Phone())),
    "audience": (Reason.WRONG_AUDIENCE, lambda world: present(world, audience="另一家")),
    "nonce": (Reason.WRONG_NONCE, lambda world: present(world, nonce="yesterday")),
    "old": (Reason.NOT_FRESH, lambda world: present(world, now=NOW - 3600)),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSALS))
def test_each_refusal_in_its_own_words(open_page: OpenPage, case: str) -> None:
    reason, make = REFUSALS[case]
    page = open_page()
    check(page, make(World()))
    refused(page, reason)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.INVALID, Reason.WITHDRAWN), (Status.SUSPENDED, Reason.SUSPENDED)],
)
def test_withdrawn(open_page: OpenPage, status: Status, reason: Reason) -> None:
    page = open_page({PLACE: status})
    check(page, present(World()))
    refused(page, reason)


def test_no_list_and_an_old_one(open_page: OpenPage) -> None:
    page = open_page(lists=[])
    check(page, present(World()))
    refused(page, Reason.STATUS_MISSING)
    page = open_page(lists=[World().status_list(now=NOW - DAY - 1, life_s=DAY)])
    check(page, present(World()))
    refused(page, Reason.STATUS_STALE)


def test_a_list_of_somebody_else_is_no_list(open_page: OpenPage) -> None:
    stranger = IssuerKeys(b"x" * 32, ISSUER)
    forged = statuslist.signed(LIST, {}, stranger.signer("ed25519"), now=NOW, life_s=DAY, ttl_s=60)
    page = open_page(lists=[forged])
    check(page, present(World()))
    refused(page, Reason.STATUS_MISSING)


def test_a_code_on_line_without_a_network_says_so(open_page: OpenPage) -> None:
    page = open_page()
    check(page, base64.b32encode(b"0" * 16).decode().rstrip("="))
    expect(page.locator("#result")).to_contain_text("请补充信息")
    page.get_by_label("用途").fill("住宿登记")
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.locator("#result")).to_contain_text("现在没有网络")


def test_the_page_fits_a_narrow_phone_and_a_screen_reader(open_page: OpenPage) -> None:
    page = open_page()
    page.set_viewport_size({"width": 320, "height": 700})
    check(page, present(World(), *FACTS))
    expect(page.locator("#result")).to_have_class("valid")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert rule_breaks(page) == []
    assert small_targets(page, elder=False) == []
    page.screenshot(path=ROOT / "tests" / "output" / "verifier.png", full_page=True)
