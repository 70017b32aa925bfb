"""Opening a wallet: who is asked, how often, and what is shown with which label."""

import asyncio
from typing import Any

import pytest

from backend.upstream.deadline import Deadline
from backend.wallet.service import OPEN_S, IssuersSilent, LicenceNotFound, WalletView
from backend.wallet.store import FAILURE_MS, WalletStore
from tests.wallet_world import (
    FRESH_S,
    HARD_S,
    HOLDER,
    NEGATIVE_S,
    OTHER,
    STALE_S,
    SUBJECT,
    World,
    record,
)


def statuses(view: WalletView) -> list[str]:
    return [source.status for source in view.sources]


async def let_failures_be_forgotten(province: World) -> None:
    """A failed call keeps everyone away for a moment; drop that memory instead of waiting."""
    for each in province.issuers:
        await province.redis.delete(f"wl:{{{SUBJECT}}}:issuer-{each.number}")


async def test_the_first_opening_asks_every_issuer_and_the_second_nobody(province: World) -> None:
    wallet = province.worker()
    view = await wallet.open(SUBJECT, HOLDER)
    assert statuses(view) == ["fresh"] * 3
    assert [card.licence.name for card in view.cards] == ["第1证", "第2证", "第3证"]
    again = await wallet.open(SUBJECT, HOLDER)
    assert again.as_dict() == view.as_dict()
    assert province.calls() == [1, 1, 1]


async def test_1000_concurrent_openings_on_two_workers_ask_each_issuer_once(
    province: World,
) -> None:
    workers = [province.worker(), province.worker()]
    for each in province.issuers:
        each.gate = asyncio.Event()
    opening = [asyncio.create_task(workers[turn % 2].open(SUBJECT, HOLDER)) for turn in range(1000)]
    async with asyncio.timeout(20):
        for each in province.issuers:
            await each.arrived.wait()
    for each in province.issuers:
        assert each.gate is not None
        each.gate.set()
    views = await asyncio.gather(*opening)
    assert province.calls() == [1, 1, 1]
    assert {tuple(statuses(view)) for view in views} == {("fresh", "fresh", "fresh")}
    assert {len(view.cards) for view in views} == {3}


async def test_people_do_not_wait_for_one_another(province: World) -> None:
    wallet = province.worker()
    province.issuers[0].gate = asyncio.Event()
    held = asyncio.create_task(wallet.open(SUBJECT, HOLDER))
    await province.issuers[0].arrived.wait()
    province.issuers[0].gate.set()
    province.issuers[0].gate = None
    for each in province.issuers:
        each.licences = [record(each.manifest, OTHER)]
    view = await wallet.open("another-subject-0000000", OTHER)
    assert len(view.cards) == 3
    await held


async def test_a_hung_issuer_costs_its_own_part_only(province: World) -> None:
    await province.silence(province.issuers[1])
    started = asyncio.get_running_loop().time()
    view = await province.worker().open(SUBJECT, HOLDER)
    assert asyncio.get_running_loop().time() - started < OPEN_S
    assert statuses(view) == ["fresh", "unavailable", "fresh"]
    assert view.silent == ["2厅"]


async def test_a_deadline_gives_what_has_come_and_the_rest_comes_later(province: World) -> None:
    wallet = province.worker()
    province.issuers[1].gate = asyncio.Event()
    async with asyncio.timeout(20):
        # How soon the others have answered is the machine's affair.
        while statuses(await wallet.open(SUBJECT, HOLDER, deadline=Deadline.after(0.05))) != [
            "fresh",
            "unavailable",
            "fresh",
        ]:
            pass
    province.issuers[1].gate.set()
    await wallet.close()
    assert statuses(await province.worker().open(SUBJECT, HOLDER)) == ["fresh"] * 3
    assert province.calls() == [1, 1, 1]


async def test_a_caller_that_hangs_up_does_not_take_the_answers_along(province: World) -> None:
    wallet = province.worker()
    province.issuers[0].gate = asyncio.Event()
    opening = asyncio.create_task(wallet.open(SUBJECT, HOLDER))
    await province.issuers[0].arrived.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    province.issuers[0].gate.set()
    await wallet.close()
    assert statuses(await province.worker().open(SUBJECT, HOLDER)) == ["fresh"] * 3
    assert province.calls() == [1, 1, 1]


async def test_what_is_stale_is_served_at_once_and_renewed_behind(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += FRESH_S
    for each in province.issuers:
        each.gate = asyncio.Event()
    view = await wallet.open(SUBJECT, HOLDER)
    assert statuses(view) == ["stale"] * 3
    assert not any(card.fresh for card in view.cards)
    for each in province.issuers:
        await each.arrived.wait()
        assert each.gate is not None
        each.gate.set()
    await wallet.close()
    assert province.calls() == [2, 2, 2]
    assert statuses(await province.worker().open(SUBJECT, HOLDER)) == ["fresh"] * 3
    assert province.calls() == [2, 2, 2]


async def test_what_is_old_waits_for_its_issuer(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += STALE_S
    assert statuses(await wallet.open(SUBJECT, HOLDER)) == ["fresh"] * 3
    assert province.calls() == [2, 2, 2]


async def test_an_issuer_that_is_down_gives_its_last_word_labelled_stale(province: World) -> None:
    wallet = province.worker()
    before = await wallet.open(SUBJECT, HOLDER)
    province.clock.now += STALE_S
    province.issuers[2].mode = "fail"
    view = await wallet.open(SUBJECT, HOLDER)
    assert statuses(view) == ["fresh", "fresh", "stale"]
    assert [card.licence.id for card in view.cards] == [c.licence.id for c in before.cards]
    assert view.sources[2].as_of == before.sources[2].as_of


async def test_past_hard_expiry_nothing_is_shown_without_the_issuer(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += HARD_S
    province.issuers[0].mode = "fail"
    view = await wallet.open(SUBJECT, HOLDER)
    assert statuses(view) == ["unavailable", "fresh", "fresh"]
    assert len(view.cards) == 2


async def test_a_failure_keeps_the_crowd_away_for_a_moment(
    province: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FAILURE_MS == 2000
    # Longer than the machine may stand still.
    monkeypatch.setattr("backend.wallet.store.FAILURE_MS", 20_000)
    wallet = province.worker()
    province.issuers[0].mode = "fail"
    for _ in range(5):
        assert statuses(await wallet.open(SUBJECT, HOLDER))[0] == "unavailable"
    assert province.calls() == [1, 1, 1]
    lease = f"wl:{{{SUBJECT}}}:issuer-1"
    assert 0 < await province.redis.pttl(lease) <= 20_000
    province.issuers[0].mode = "ok"
    await let_failures_be_forgotten(province)
    assert statuses(await wallet.open(SUBJECT, HOLDER)) == ["fresh"] * 3


async def test_none_is_remembered_briefly(province: World) -> None:
    wallet = province.worker()
    province.issuers[0].licences = []
    assert statuses(await wallet.open(SUBJECT, HOLDER)) == ["none", "fresh", "fresh"]
    province.clock.now += NEGATIVE_S - 1
    await wallet.open(SUBJECT, HOLDER)
    assert province.calls() == [1, 1, 1]
    province.clock.now += 1
    province.issuers[0].change()
    assert statuses(await wallet.open(SUBJECT, HOLDER)) == ["fresh"] * 3
    assert province.calls() == [2, 1, 1]


@pytest.mark.parametrize("mode", ["fail", "hang", "shape"])
async def test_an_old_none_is_no_answer_when_its_issuer_is_silent(
    province: World, mode: str
) -> None:
    wallet = province.worker()
    province.issuers[0].licences = []
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += NEGATIVE_S
    if mode == "hang":
        await province.silence(province.issuers[0])
    province.issuers[0].mode = mode
    assert statuses(await wallet.open(SUBJECT, HOLDER)) == ["unavailable", "fresh", "fresh"]


async def test_an_answer_about_another_holder_is_refused_as_a_whole(province: World) -> None:
    first = province.issuers[0]
    first.licences = [record(first.manifest), record(first.manifest, OTHER, serial="2026A")]
    view = await province.worker().open(SUBJECT, HOLDER)
    assert statuses(view) == ["unavailable", "fresh", "fresh"]


async def test_an_account_with_another_holder_starts_anew(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    province.clock.now += STALE_S
    for each in province.issuers:
        each.licences = []
    province.issuers[0].licences = [record(province.issuers[0].manifest, OTHER)]
    view = await wallet.open(SUBJECT, OTHER)
    assert statuses(view) == ["fresh", "none", "none"]
    assert [card.licence.holder_name for card in view.cards] == [OTHER.name]


async def test_a_lease_whose_holder_died_is_taken_over(province: World) -> None:
    dead = f"wl:{{{SUBJECT}}}:issuer-1"
    await province.redis.set(dead, b"a worker that died", px=150)
    view = await province.worker().open(SUBJECT, HOLDER)
    assert statuses(view) == ["fresh"] * 3
    assert province.calls() == [1, 1, 1]


async def test_closing_waits_for_what_runs_and_leaves_no_lease(province: World) -> None:
    wallet = province.worker()
    await province.silence(province.issuers[0])
    await wallet.open(SUBJECT, HOLDER, deadline=Deadline.after(0.05))
    await wallet.close()
    assert await province.redis.get(f"wl:{{{SUBJECT}}}:issuer-2") is None
    assert statuses(await province.worker().open(SUBJECT, HOLDER))[1:] == ["fresh", "fresh"]


async def test_what_finding_the_holder_raises_reaches_the_caller(province: World) -> None:
    class Gone(Exception):
        pass

    async def who() -> Any:
        raise Gone

    with pytest.raises(Gone):
        await province.worker().open(SUBJECT, who)


async def test_the_holder_is_looked_up_only_when_an_issuer_is_asked(province: World) -> None:
    wallet, looked = province.worker(), []

    async def who() -> Any:
        looked.append(1)
        return HOLDER

    card = (await wallet.open(SUBJECT, who)).cards[0]
    await wallet.open(SUBJECT, who)
    await wallet.licence(SUBJECT, who, card.licence.id)
    assert len(looked) == 1


async def test_a_new_issuer_is_asked_though_everything_else_is_fresh(province: World) -> None:
    wallet = province.worker()
    await wallet.open(SUBJECT, HOLDER)
    blob = await WalletStore(province.redis).get(SUBJECT)
    assert wallet.prepared(SUBJECT, blob) is not None
    changed = province.issuers[0].manifest.model_copy(update={"negative_s": 60})
    await province.exchange.register(changed)
    await province.exchange.reload()
    assert wallet.prepared(SUBJECT, blob) is None


async def test_one_licence_is_found_without_waiting_for_other_issuers(province: World) -> None:
    wallet = province.worker()
    view = await wallet.open(SUBJECT, HOLDER)
    wanted = view.cards[2].licence.id
    province.clock.now += FRESH_S
    for each in province.issuers:
        await province.silence(each)
    card = await wallet.licence(SUBJECT, HOLDER, wanted)
    assert card.licence.name == "第3证"
    assert not card.fresh


async def test_an_unknown_licence_is_not_found(province: World) -> None:
    with pytest.raises(LicenceNotFound):
        await province.worker().licence(SUBJECT, HOLDER, "AAAAAAAAAAAA")


async def test_a_licence_that_a_silent_issuer_may_have_is_unavailable(province: World) -> None:
    province.issuers[1].mode = "fail"
    with pytest.raises(IssuersSilent) as refused:
        await province.worker().licence(SUBJECT, HOLDER, "AAAAAAAAAAAA")
    assert "2厅" in refused.value.detail
    assert refused.value.context() == {"retry_after": 5}
