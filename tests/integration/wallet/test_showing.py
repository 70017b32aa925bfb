"""Revealing and presenting: written to the audit, without what was revealed."""

from pathlib import Path

import pytest

from backend.audit.models import AuditEntry
from backend.audit.service import person
from backend.wallet.errors import FaceUnavailable
from backend.wallet.faces.studio import Studio
from backend.wallet.service import FieldUnknown
from tests.wallet_world import ADDRESS, HOLDER, SUBJECT, World

ME = person("0190-me")


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "粤20260001234567"), ("holder", HOLDER.name), ("address", ADDRESS)],
)
async def test_a_revealed_value_leaves_a_line_without_it(
    province: World, field: str, value: str
) -> None:
    wallet = province.worker()
    card = (await wallet.open(SUBJECT, HOLDER)).cards[0]
    assert await wallet.reveal(card, field, ME, ME) == value
    entry = await AuditEntry.get()
    assert (entry.actor, entry.action, entry.subject) == (ME, "wallet.reveal", ME)
    assert entry.detail == {
        "licence": card.licence.id, "licence_type": card.kind.code, "field": field,
    }  # fmt: skip


async def test_an_unknown_field_leaves_none(province: World) -> None:
    wallet = province.worker()
    card = (await wallet.open(SUBJECT, HOLDER)).cards[0]
    with pytest.raises(FieldUnknown):
        await wallet.reveal(card, "soul", ME, ME)
    assert await AuditEntry.all().count() == 0


@pytest.mark.parametrize(("full", "lines"), [(False, 0), (True, 1)])
async def test_a_face_in_full_is_written_down_a_masked_one_is_not(
    province: World, full: bool, lines: int
) -> None:
    wallet = province.worker()
    card = (await wallet.open(SUBJECT, HOLDER)).cards[0]
    picture = await wallet.face(card, ME, ME, purpose="住宿登记", viewer="张*", full=full)
    assert picture.startswith(b"\x89PNG")
    found = await AuditEntry.filter(action="wallet.present")
    assert [entry.detail["purpose"] for entry in found] == ["住宿登记"] * lines


async def test_no_typeface_refuses_the_picture_and_writes_nothing_down(province: World) -> None:
    wallet = province.worker()
    wallet._showing._studio = Studio(Path("/nowhere"), Path("/nowhere"))
    card = (await wallet.open(SUBJECT, HOLDER)).cards[0]
    with pytest.raises(FaceUnavailable):
        await wallet.face(card, ME, ME, purpose="住宿登记", viewer="张*", full=True)
    assert await AuditEntry.all().count() == 0


async def test_nothing_plain_is_stored_in_redis(province: World) -> None:
    await province.worker().open(SUBJECT, HOLDER)
    stored = await province.redis.get(f"w:{{{SUBJECT}}}")
    assert isinstance(stored, bytes)
    for plain in (HOLDER.code, HOLDER.name, ADDRESS, "粤20260001234567"):
        assert plain.encode() not in stored


async def test_a_forgotten_wallet_is_gone(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    await wallet.forget(SUBJECT)
    assert await province.redis.get(f"w:{{{SUBJECT}}}") is None
