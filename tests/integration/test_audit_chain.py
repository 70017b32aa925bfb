"""The chain of the audit: whatever is done to a sealed entry, the first broken one is named."""

import asyncio
import base64
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.audit import chain as chains
from backend.audit.models import AuditAnchor, AuditEntry, AuditLink
from backend.audit.service import ANONYMOUS, Audit, AuditChain, Broken, Head, person
from backend.store.ids import least_uuid7, uuid7
from backend.upstream.signing import SigningKey, gateway_keys
from gateway.cli.secrets import server_secrets
from tests.servers import ROOT

KEY = SigningKey.from_seed("gateway-1", b"g" * 32)
THIEF = SigningKey.from_seed("gateway-1", b"t" * 32)


@pytest.fixture
def chain(database: str, monkeypatch: pytest.MonkeyPatch) -> AuditChain:
    """Pieces of three, so that the tests cross their borders."""
    assert database
    monkeypatch.setattr(chains, "CHUNK", 3)
    return AuditChain(KEY)


async def happens(count: int = 1) -> list[UUID]:
    """So many entries; their ids."""
    for number in range(count):
        await Audit().record(person(uuid7()), "wallet.read", ANONYMOUS, {"n": number, "b": None})
    rows = await AuditEntry.all().order_by("-id").limit(count)
    return [row.id for row in reversed(rows)]


async def test_sealed_entries_verify_and_new_ones_wait(chain: AuditChain) -> None:
    assert await chain.seal() is None
    empty = await chain.verify()
    assert (empty.head, empty.waiting, empty.broken) == (None, 0, None)
    await happens(7)
    told = await chain.seal()
    await happens(2)
    found = await chain.verify()
    assert found.head is not None
    assert told == f"7:{found.head.hash}"
    assert (found.head.position, found.waiting, found.broken) == (7, 2, None)
    await chain.seal()
    again = await chain.verify(found.head)
    assert again.head is not None
    assert (again.head.position, again.waiting, again.broken) == (9, 0, None)
    assert await chain.seal() is None


async def changes_who(ids: list[UUID]) -> Broken:
    await AuditEntry.filter(id=ids[4]).update(actor=person(uuid7()))
    return Broken("changed", 5, ids[4])


async def changes_when(ids: list[UUID]) -> Broken:
    row = await AuditEntry.get(id=ids[0])
    await AuditEntry.filter(id=row.id).update(at=row.at - timedelta(microseconds=1))
    return Broken("changed", 1, ids[0])


async def changes_detail(ids: list[UUID]) -> Broken:
    row = await AuditEntry.get(id=ids[6])
    row.detail = {**row.detail, "n": 99}
    await row.save()
    return Broken("changed", 7, ids[6])


async def removes_an_entry(ids: list[UUID]) -> Broken:
    await AuditEntry.filter(id=ids[2]).delete()
    return Broken("removed", 3, ids[2])


async def removes_entry_and_link(ids: list[UUID]) -> Broken:
    await AuditEntry.filter(id=ids[2]).delete()
    await AuditLink.filter(entry_id=ids[2]).delete()
    return Broken("link_removed", 3)


async def exchanges_two(ids: list[UUID]) -> Broken:
    one, other = await AuditLink.get(position=2), await AuditLink.get(position=3)
    await AuditLink.filter(position=2).update(entry_id=uuid7())
    await AuditLink.filter(position=3).update(entry_id=one.entry_id)
    await AuditLink.filter(position=2).update(entry_id=other.entry_id)
    return Broken("changed", 2, ids[2])


async def puts_one_in(ids: list[UUID]) -> Broken:
    long_ago = least_uuid7(datetime.now(UTC) - timedelta(days=2))
    await AuditEntry.create(id=long_ago, actor="x", action="x", subject="x", detail={})
    return Broken("put_in", 0, long_ago)


async def cuts_the_end_off(ids: list[UUID]) -> Broken:
    await AuditEntry.filter(id=ids[6]).delete()
    await AuditLink.filter(position=7).delete()
    return Broken("cut_off", 7)


async def writes_on_without_a_signature(ids: list[UUID]) -> Broken:
    (further,) = await happens()
    last, entry = await AuditLink.get(position=7), await AuditEntry.get(id=further)
    await AuditLink.create(position=8, entry_id=further, hash=chains._hash(last.hash, entry))
    return Broken("unanchored", 8)


async def writes_all_of_it_anew(ids: list[UUID]) -> Broken:
    """With everything that the database holds, and another key of the same name."""
    await AuditEntry.filter(id=ids[1]).update(action="nothing.happened")
    await AuditLink.all().delete()
    await AuditAnchor.all().delete()
    await AuditChain(THIEF).seal()
    return Broken("rewritten", 3, ids[2])


TAMPERING = [
    changes_who, changes_when, changes_detail, removes_an_entry, removes_entry_and_link,
    exchanges_two, puts_one_in, writes_on_without_a_signature, writes_all_of_it_anew,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
async def test_the_first_broken_entry_is_named(
    chain: AuditChain, tamper: Callable[[list[UUID]], Awaitable[Broken]]
) -> None:
    ids = await happens(7)
    await chain.seal()
    expected = await tamper(ids)
    assert (await chain.verify()).broken == expected


async def test_the_command_names_the_first_broken_entry_and_ends_with_1(
    chain: AuditChain, database: str
) -> None:
    secrets = server_secrets()
    seed = base64.b64decode(secrets["SST_SIGNING_KEY"])
    ours = AuditChain(gateway_keys("gateway-1", seed)[0])
    ids = await happens(2)
    told = await ours.seal()
    assert told is not None

    def verify(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway.cli", "audit", "verify", *more],
            cwd=ROOT, env={**secrets, "DATABASE_URL": database},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    whole = await asyncio.to_thread(verify, "--anchor", told)
    assert (whole.returncode, told in whole.stdout) == (0, True), whole.stderr
    await AuditEntry.filter(id=ids[1]).update(action="nothing.happened")
    broken = await asyncio.to_thread(verify)
    assert broken.returncode == 1
    assert f"第 2 环断开，记录 {ids[1]}：记录被改动" in broken.stderr


async def test_a_cut_end_is_seen_with_an_anchor_kept_elsewhere(chain: AuditChain) -> None:
    ids = await happens(6)
    await chain.seal()
    kept = (await chain.verify()).head
    (last,) = await happens()
    await chain.seal()
    late = (await chain.verify()).head
    assert kept is not None
    assert late is not None
    expected = await cuts_the_end_off([*ids, last])
    # Its anchor still says that there was more.
    assert (await chain.verify()).broken == expected
    await AuditAnchor.filter(position=7).delete()
    assert (await chain.verify()).broken is None
    assert (await chain.verify(kept)).broken is None
    assert (await chain.verify(late)).broken == expected
    other = Head(kept.position, "0" * 64)
    assert (await chain.verify(other)).broken == Broken("rewritten", 6, ids[5])


async def test_whoever_commits_late_is_sealed_later(chain: AuditChain) -> None:
    early = uuid7()
    await happens(2)
    await chain.seal()
    await AuditEntry.create(id=early, actor="x", action="x", subject="x", detail={})
    assert (await chain.verify()).waiting == 1
    await chain.seal()
    found = await chain.verify()
    assert (found.broken, found.waiting) == (None, 0)


async def test_two_workers_at_once_make_one_chain(chain: AuditChain) -> None:
    await happens(8)
    await asyncio.gather(chain.seal(), AuditChain(KEY).seal())
    await chain.seal()
    found = await chain.verify()
    assert found.head is not None
    assert (found.head.position, found.broken) == (8, None)
    assert await AuditLink.all().count() == 8


async def test_anchors_of_an_earlier_key_hold_when_it_is_known(chain: AuditChain) -> None:
    await happens(2)
    await chain.seal()
    newer = AuditChain(SigningKey.from_seed("gateway-2", b"n" * 32))
    await happens(2)
    await newer.seal()
    assert (await newer.verify()).broken is not None
    assert (await newer.verify(keys={KEY.key_id: KEY.public})).broken is None
