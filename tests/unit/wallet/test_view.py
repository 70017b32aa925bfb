"""What a person sees of a wallet: masked, in order, each part with its state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from backend.exchange.service import Window
from backend.wallet.entries import Contents, LicenceStatus, Part, china_time
from backend.wallet.view import WalletView, view_of
from tests.wallet_world import (
    ADDRESS,
    FRESH_S,
    HARD_S,
    NEGATIVE_S,
    STALE_S,
    START,
    SYSTEM,
    licence,
)


def seen(*licences: object, after: int = 0) -> WalletView:
    part = Part(1, START, START, licences)  # type: ignore[arg-type]
    return view_of(Contents("tag", {SYSTEM.code: part}), [SYSTEM], START + after)


def test_the_list_masks_number_and_holder() -> None:
    item = seen(licence("x")).as_dict()["items"][0]
    assert item["number"] == "粤20********4567"
    assert item["holder"] == "张*"
    assert item["status_label"] == "有效"
    assert "fields" not in item


def test_the_details_mask_what_its_type_calls_sensitive() -> None:
    shown = seen(licence("x")).cards[0].with_details()
    assert [(f["name"], f["sensitive"]) for f in shown["fields"]] == [
        ("sex", False),
        ("address", True),
    ]
    assert shown["fields"][0]["value"] == "男"
    assert ADDRESS not in str(shown)


def test_a_phone_may_keep_it_as_long_as_its_type_says() -> None:
    card = seen(licence("x")).cards[0]
    assert card.with_details()["keep_until"] == china_time(START + HARD_S)
    shown = card.kind.presentation.model_copy(update={"offline": False})
    forbidden = replace(card, kind=card.kind.model_copy(update={"presentation": shown}))
    assert forbidden.with_details()["keep_until"] is None


def test_every_joint_holder_is_masked() -> None:
    joint = licence("x")._replace(holder_name="张三^李晓雯")
    assert seen(joint).cards[0].as_dict()["holder"] == "张*、李**"


def test_name_and_number_of_a_legal_entity_are_public() -> None:
    company = licence("x")._replace(
        holder_code_type="001", holder_name="示范公司", number="91440300MA5ABCD19W"
    )
    item = seen(company).cards[0].as_dict()
    assert (item["holder"], item["number"]) == ("示范公司", "91440300MA5ABCD19W")


@pytest.mark.parametrize(
    ("after", "status", "cards"),
    [
        (0, "fresh", 1),
        (FRESH_S, "stale", 1),
        (STALE_S, "stale", 1),
        (HARD_S - 1, "stale", 1),
        (HARD_S, "unavailable", 0),
    ],
)
def test_the_state_of_an_issuer_with_a_licence(after: int, status: str, cards: int) -> None:
    view = seen(licence("x"), after=after)
    assert (view.sources[0].status, len(view.cards)) == (status, cards)
    assert view.as_dict()["sources"][0]["as_of"] == "2026-09-21T22:13:20+08:00"


@pytest.mark.parametrize(
    ("after", "status"), [(0, "none"), (NEGATIVE_S - 1, "none"), (NEGATIVE_S, "unavailable")]
)
def test_the_state_of_an_issuer_without_any(after: int, status: str) -> None:
    assert seen(after=after).sources[0].status == status


def test_an_issuer_never_heard_of_is_unavailable() -> None:
    view = view_of(Contents(), [SYSTEM], START)
    assert view.silent == ["1厅"]
    assert view.sources[0].as_dict()["as_of"] is None
    assert view.as_dict()["as_of"] == "2026-09-21T22:13:20+08:00"


def test_what_was_announced_is_said_of_a_source_that_gives_nothing_new() -> None:
    start = datetime.fromtimestamp(START, UTC)
    window = Window(uuid4(), "issuer-1", start, start + timedelta(hours=1), "升级")
    resting = replace(SYSTEM, windows=(window,))
    note = view_of(Contents(), [resting], START).as_dict()["sources"][0]["note"]
    assert note.startswith("1厅系统维护中，预计 ")
    assert view_of(Contents(), [replace(SYSTEM, suspended="x")], START).sources[0].note == (
        "1厅系统已暂停服务"
    )
    fresh = Contents("tag", {"issuer-1": Part(1, START, START)})
    assert "note" not in view_of(fresh, [resting], START).sources[0].as_dict()
    assert "note" not in view_of(Contents(), [resting], START + 3600).sources[0].as_dict()


def test_a_wallet_is_as_old_as_its_oldest_part() -> None:
    other = replace(
        SYSTEM,
        manifest=SYSTEM.manifest.model_copy(
            update={"system": SYSTEM.manifest.system.model_copy(update={"code": "issuer-2"})}
        ),
    )
    contents = Contents(
        "tag", {"issuer-1": Part(1, START, START), "issuer-2": Part(1, START - 9, START)}
    )
    assert view_of(contents, [SYSTEM, other], START).as_of == START - 9


def test_expiry_is_looked_at_when_the_wallet_is() -> None:
    ends = licence("x")._replace(valid_to="2026-09-21")
    assert seen(ends).cards[0].status is LicenceStatus.VALID
    assert seen(ends, after=6400).cards[0].as_dict()["status_label"] == "已过期"


def test_what_is_in_use_comes_first() -> None:
    ended = licence("a")._replace(status=LicenceStatus.CANCELLED)
    lost = licence("b")._replace(status=LicenceStatus.LOST, number="2")
    valid = licence("c")._replace(number="1")
    assert [c.licence.id for c in seen(ended, lost, valid).cards] == ["c", "b", "a"]


def test_a_type_that_is_no_longer_registered_is_not_shown() -> None:
    gone = licence("x")._replace(type_code="11440000MB9X00999K001")
    assert seen(gone).cards == []
