"""The main journey, on both kinds of stores, with every process as it runs for people."""

import httpx

from gateway.cli.journey import Journey
from tests.provinces import Platform


def test_the_main_journey_works_from_the_catalogue_to_the_log_out(platform: Platform) -> None:
    seen = Journey(platform.url).drive()
    assert seen["service_items"] >= 120
    assert seen["licences"] > 3
    assert seen["enterprises"] >= 1


async def test_the_gateway_says_that_it_is_well(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_every_department_and_wechat_has_a_process(platform: Platform) -> None:
    assert "wechat" in platform.systems
    assert len(platform.systems) == 11
