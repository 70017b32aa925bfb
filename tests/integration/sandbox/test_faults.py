"""Every fault switch does what it says, as long as it says, and to whom it says."""

import asyncio
import time

import aiohttp
import pytest

from tests.sandbox_world import HUSBAND, Answer, Running, holder


async def _ask(system: Running) -> Answer:
    return await system.call("licences.query", {"holder": holder(HUSBAND)})


async def _switch_on(system: Running, kind: str, **more: object) -> None:
    answer = await system.control("POST", "faults", {"kind": kind, **more})
    assert answer.status == 201, answer.body


async def test_slow_answers_well_but_late(gongan: Running) -> None:
    await _switch_on(gongan, "slow", ms=150, calls=1)
    began = time.perf_counter()
    answer = await _ask(gongan)
    assert time.perf_counter() - began >= 0.15
    assert answer.status == 200
    assert answer.signed
    assert (await gongan.control("GET", "state")).body["faults"] == []


async def test_hang_answers_nothing_until_it_is_cleared(gongan: Running) -> None:
    await _switch_on(gongan, "hang")
    hanging = asyncio.create_task(_ask(gongan))
    done, _ = await asyncio.wait([hanging], timeout=0.2)
    assert not done
    cleared = await gongan.control("DELETE", "faults")
    assert cleared.body == {"cleared": 1}
    answer = await asyncio.wait_for(hanging, 20)
    assert answer.status == 200
    assert answer.signed


async def test_one_hung_call_can_be_released_after_its_fault_was_used_up(gongan: Running) -> None:
    await _switch_on(gongan, "hang", calls=1)
    hanging = asyncio.create_task(_ask(gongan))
    done, _ = await asyncio.wait([hanging], timeout=0.2)
    assert not done
    assert (await _ask(gongan)).status == 200
    await gongan.control("DELETE", "faults")
    assert (await asyncio.wait_for(hanging, 20)).status == 200


async def test_a_caller_who_hangs_up_leaves_nothing_behind(gongan: Running) -> None:
    await _switch_on(gongan, "hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_ask(gongan), 0.1)
    await gongan.control("DELETE", "faults")
    assert (await _ask(gongan)).status == 200


@pytest.mark.parametrize("status", [500, 503, 599])
async def test_status_answers_with_that_status(gongan: Running, status: int) -> None:
    await _switch_on(gongan, "status", status=status)
    answer = await _ask(gongan)
    assert answer.status == status
    assert answer.body["code"] == "provider.unavailable"
    assert answer.signed


async def test_truncate_breaks_off_in_the_body(gongan: Running) -> None:
    await _switch_on(gongan, "truncate", calls=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await _ask(gongan)
    assert (await _ask(gongan)).status == 200


async def test_wrong_signature_gives_a_good_answer_that_nobody_may_believe(
    gongan: Running,
) -> None:
    await _switch_on(gongan, "wrong_signature", calls=1)
    answer = await _ask(gongan)
    assert answer.status == 200
    assert answer.body["licences"]
    assert not answer.signed
    assert (await _ask(gongan)).signed


async def test_malformed_is_well_signed_and_no_json(gongan: Running) -> None:
    await _switch_on(gongan, "malformed", calls=1)
    answer = await _ask(gongan)
    assert answer.status == 200
    assert isinstance(answer.body, bytes)
    assert answer.signed


async def test_a_fault_may_be_limited_to_one_operation(gongan: Running) -> None:
    await _switch_on(gongan, "status", operation="sections.query")
    assert (await _ask(gongan)).status == 200
    query = {"section": "driver", "holder": holder(HUSBAND)}
    assert (await gongan.call("sections.query", query)).status == 503
    await gongan.control("DELETE", "faults?operation=sections.query")
    assert (await gongan.call("sections.query", query)).status == 200


async def test_a_fault_lasts_for_so_many_calls(gongan: Running) -> None:
    await _switch_on(gongan, "status", calls=2)
    assert [(await _ask(gongan)).status for _ in range(3)] == [503, 503, 200]


async def test_a_fault_of_the_whole_system_makes_its_health_ill_too(gongan: Running) -> None:
    await _switch_on(gongan, "status")
    async with gongan.session.get(f"{gongan.url}/v1/health") as response:
        assert response.status == 503


async def test_the_newest_fault_that_fits_applies(gongan: Running) -> None:
    await _switch_on(gongan, "status", status=500)
    await _switch_on(gongan, "status", status=502, calls=1)
    assert [(await _ask(gongan)).status for _ in range(2)] == [502, 500]


async def test_calls_are_counted_per_operation(gongan: Running) -> None:
    await _ask(gongan)
    await _ask(gongan)
    await gongan.post("/v1/licences/query", b"{}", key=None)
    assert (await gongan.control("GET", "calls")).body == {"calls": {"licences.query": 3}}
    await gongan.control("DELETE", "calls")
    assert (await gongan.control("GET", "calls")).body == {"calls": {}}


async def test_the_waiting_time_can_be_set(gongan: Running) -> None:
    answer = await gongan.control("PUT", "latency", {"median_ms": 80})
    assert answer.status == 200
    began = time.perf_counter()
    await _ask(gongan)
    assert time.perf_counter() - began >= 0.08
    await gongan.control("PUT", "latency", {"median_ms": 0})


async def test_the_state_says_what_is_on(gongan: Running) -> None:
    await _switch_on(gongan, "hang", operation="identity.face", calls=3)
    state = (await gongan.control("GET", "state")).body
    assert state["system"] == "gd-gongan"
    assert state["holders"] > 0
    assert state["licences"] > 0
    (fault,) = state["faults"]
    assert (fault["kind"], fault["operation"], fault["calls"]) == ("hang", "identity.face", 3)


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"kind": "explode"}, 400, "control.order_invalid"),
        ({"kind": "status", "status": 200}, 400, "control.order_invalid"),
        ({"kind": "hang", "calls": 0}, 400, "control.order_invalid"),
        ({"kind": "hang", "surprise": 1}, 400, "control.order_invalid"),
        ({"kind": "hang", "operation": "enterprises.get"}, 404, "control.operation_unknown"),
        ({"kind": "busy"}, 400, "control.fault_unknown"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(
    gongan: Running, order: dict[str, object], status: int, code: str
) -> None:
    answer = await gongan.control("POST", "faults", order)
    assert (answer.status, answer.body["code"]) == (status, code)


async def test_a_page_of_a_browser_cannot_switch_anything(gongan: Running) -> None:
    """Without the JSON media type, which a foreign page may not send, nothing is taken."""
    url = f"{gongan.url}/_control/faults"
    async with gongan.session.post(url, data='{"kind": "hang"}') as response:
        assert response.status == 415
    assert (await _ask(gongan)).status == 200
