"""Change notices against openings, answers and each other: the highest revision wins, always."""

import asyncio
import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.numbers.service import Holder
from backend.upstream.deadline import Deadline
from backend.wallet.blobs import Blobs, wallet_key
from backend.wallet.issuers import Issuers
from backend.wallet.keeping import TOMBSTONE_S, Keeper
from backend.wallet.records import holder_tag, read_answer
from backend.wallet.service import LicencesAnswer, LicenceStatus, NoticeRefused, Wallet
from backend.wallet.store import WalletStore
from tests.wallet_world import (
    ADDRESS,
    FRESH_S,
    HARD_S,
    HOLDER,
    NEGATIVE_S,
    OTHER,
    STALE_S,
    START,
    SUBJECT,
    Issuer,
    World,
    record,
)


def notice(said: dict[str, Any]) -> LicencesAnswer:
    return LicencesAnswer.model_validate(said)


async def tell(province: World, wallet: Wallet, number: int, said: dict[str, Any]) -> bool:
    return await wallet.apply_notice(province.system(number), SUBJECT, HOLDER, notice(said))


def addresses(view: Any) -> list[str]:
    return [card.licence.fields["address"] for card in view.cards]


async def test_a_notice_replaces_that_issuers_part_and_no_other(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    said = province.issuers[1].change(extend_info={"address": "新址2号"})
    assert await tell(province, wallet, 2, said)
    view = await wallet.open(SUBJECT, HOLDER)
    assert addresses(view) == [
        "广东省广州市天河区示范路1号",
        "新址2号",
        "广东省广州市天河区示范路1号",
    ]
    assert province.calls() == [1, 1, 1]


async def test_a_notice_heard_twice_is_applied_once(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    said = province.issuers[1].change()
    assert await tell(province, wallet, 2, said)
    assert not await tell(province, wallet, 2, said)


async def test_a_notice_for_someone_who_never_opened_a_wallet_stores_nothing(
    province: World,
) -> None:
    wallet = province.worker()
    assert not await tell(province, wallet, 1, province.issuers[0].change())
    assert await province.redis.get(wallet_key(SUBJECT)) is None


async def test_an_answer_on_its_way_loses_against_a_notice_that_overtakes_it(
    province: World,
) -> None:
    first = province.issuers[0]
    first.gate = asyncio.Event()
    opener, other = province.worker(), province.worker()
    opening = asyncio.create_task(opener.open(SUBJECT, HOLDER))
    await first.arrived.wait()
    assert not await tell(province, other, 1, first.change(extend_info={"address": "新址2号"}))
    first.gate.set()
    assert addresses(await opening)[0] == "新址2号"
    assert addresses(await other.open(SUBJECT, HOLDER))[0] == "新址2号"
    # Its first answer did not count; it was asked once more.
    assert province.calls() == [2, 1, 1]


async def test_an_old_notice_that_comes_again_is_not_taken_for_news_of_an_unknown_issuer(
    province: World,
) -> None:
    wallet, second = province.worker(), province.issuers[1]
    second.mode = "fail"
    old, new = second.answer(), second.change(status="REVOKED")
    assert not await tell(province, wallet, 2, new)
    await wallet.open(SUBJECT, HOLDER)
    assert not await tell(province, wallet, 2, old)
    view = await wallet.open(SUBJECT, HOLDER)
    assert [card.system.code for card in view.cards] == ["issuer-1", "issuer-3"]


async def test_what_waits_for_a_slow_issuer_shows_what_was_told_meanwhile(province: World) -> None:
    first, third = province.issuers[0], province.issuers[2]
    wallet = province.worker()
    third.gate = asyncio.Event()
    opening = asyncio.create_task(wallet.open(SUBJECT, HOLDER))
    await first.arrived.wait()
    async with asyncio.timeout(20):
        while await province.redis.get(wallet_key(SUBJECT)) is None:
            # Impatient ones have what came so far kept.
            await wallet.open(SUBJECT, HOLDER, deadline=Deadline.after(0.01))
    assert await tell(province, province.worker(), 1, first.change(status="REVOKED"))
    third.gate.set()
    assert (await opening).cards[-1].status is LicenceStatus.REVOKED


async def test_an_answer_whose_lease_ran_out_does_not_count(province: World) -> None:
    first = province.issuers[0]
    first.gate = asyncio.Event()
    opening = asyncio.create_task(province.worker().open(SUBJECT, HOLDER))
    await first.arrived.wait()
    await province.redis.delete(f"wl:{{{SUBJECT}}}:issuer-1")
    # Nobody seems to ask, so there is nobody to tell it to.
    assert not await tell(province, province.worker(), 1, first.change(status="REVOKED"))
    first.gate.set()
    card = next(card for card in (await opening).cards if card.system.code == "issuer-1")
    assert card.status is LicenceStatus.REVOKED


async def test_what_was_on_its_way_for_a_former_holder_does_not_come_into_the_wallet(
    province: World,
) -> None:
    first, wallet, holders = province.issuers[0], province.worker(), [HOLDER]
    for each in province.issuers:
        each.strict = True
    first.gate = asyncio.Event()

    async def who() -> Holder:
        return holders[0]

    opening = asyncio.create_task(wallet.open(SUBJECT, who))
    await first.arrived.wait()
    holders[0] = OTHER
    await wallet.forget(SUBJECT)
    first.gate.set()
    await opening
    await wallet.close()
    view = await province.worker().open(SUBJECT, who)
    assert view.cards == []


async def test_a_slow_answer_cannot_bring_back_what_a_notice_took_away(province: World) -> None:
    first = province.issuers[0]
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += STALE_S
    first.gate = asyncio.Event()
    first.arrived.clear()
    opening = asyncio.create_task(wallet.open(SUBJECT, HOLDER))
    await first.arrived.wait()
    first.revision += 1
    first.licences = []
    assert await tell(province, wallet, 1, first.answer())
    # The word "none" has been forgotten by the time the old answer comes in, its revision has not.
    province.clock.now += NEGATIVE_S
    first.gate.set()
    view = await opening
    assert [card.system.code for card in view.cards] == ["issuer-2", "issuer-3"]


async def test_an_older_answer_is_not_taken_for_a_renewal(province: World) -> None:
    first = province.issuers[0]
    wallet = province.worker()
    first.revision = 7
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += FRESH_S
    first.revision = 6
    first.licences = [record(first.manifest, extend_info={"address": "旧址"})]
    await wallet.open(SUBJECT, HOLDER)
    await wallet.close()
    view = await province.worker().open(SUBJECT, HOLDER)
    assert view.sources[0].status == "stale"
    assert addresses(view)[0] == ADDRESS


async def test_a_wallet_outlives_its_last_use_as_a_tombstone(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    life = await province.redis.pttl(wallet_key(SUBJECT)) / 1000
    assert HARD_S + TOMBSTONE_S - 5 <= life <= HARD_S + TOMBSTONE_S


async def test_a_notice_about_another_holder_is_refused(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    said = province.issuers[0].answer() | {
        "licences": [record(province.issuers[0].manifest, OTHER)]
    }
    with pytest.raises(NoticeRefused):
        await tell(province, wallet, 1, said)


async def test_a_notice_to_a_kind_of_holder_that_the_sender_does_not_serve_is_refused(
    province: World,
) -> None:
    company = Holder("001", "91440300MA5ABCD19W", "示范公司")
    with pytest.raises(NoticeRefused):
        await province.worker().apply_notice(
            province.system(1), "e-subject", company, notice(province.issuers[0].answer())
        )


async def test_a_notice_for_a_former_holder_of_the_account_changes_nothing(
    province: World,
) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    first = province.issuers[0]
    said = {**first.answer(), "revision": 9, "licences": [record(first.manifest, OTHER)]}
    assert not await wallet.apply_notice(province.system(1), SUBJECT, OTHER, notice(said))
    assert len((await wallet.open(SUBJECT, HOLDER)).cards) == 3


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    words=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 12), st.integers(0, 1)),
        min_size=1, max_size=14,
    )
)  # fmt: skip
async def test_whatever_is_written_at_once_by_two_workers_the_highest_revision_stands(
    province: World, words: list[tuple[int, int, int]]
) -> None:
    subject = secrets.token_urlsafe(16)
    issuers = Issuers(province.exchange).of("citizen")
    tag = holder_tag(HOLDER, province.index)
    blobs = Blobs(province.keyring)
    workers = [Keeper(WalletStore(province.redis), blobs) for _ in range(2)]

    async def write(number: int, revision: int, worker: int) -> None:
        system = province.system(number)
        part = read_answer(
            _said(province.issuers[number - 1], revision), system, HOLDER, province.index, START
        )
        await workers[worker].keep(subject, None, tag, {system.code: part}, issuers, START)

    await asyncio.gather(*(write(*word) for word in words))
    stored = blobs.read(subject, await WalletStore(province.redis).get(subject))
    highest = {
        f"issuer-{number}": max(r for n, r, _ in words if n == number) for number, _, _ in words
    }
    assert {code: part.revision for code, part in stored.parts.items()} == highest
    for code, part in stored.parts.items():
        shown = [licence.fields["address"] for licence in part.licences]
        assert shown == ([] if highest[code] % 4 == 0 else [f"{highest[code]}号"])


def _said(each: Issuer, revision: int) -> dict[str, Any]:
    """What this issuer says at a revision; every fourth time that there is nothing."""
    found = [record(each.manifest, extend_info={"address": f"{revision}号"})]
    licences = [] if revision % 4 == 0 else found
    return {**each.answer(), "revision": revision, "licences": licences}
