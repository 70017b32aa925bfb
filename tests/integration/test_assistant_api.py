"""The assistant over HTTP: asked, asked back, followed up, handed over; each refusal."""

from typing import Any

import httpx

from tests.integration.cast import company, somebody
from tests.integration.people import CITIZEN, bearer, citizen
from tests.provinces import Platform

BASE = f"{CITIZEN}/assistant"


async def ask(
    http: httpx.AsyncClient, me: dict[str, str], text: str, base: str = BASE, talk: str = ""
) -> dict[str, Any]:
    body = {"text": text, "conversation_id": talk}
    answer = await http.post(f"{base}/questions", json=body, headers=me)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_conversation_from_the_question_to_the_ticket(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    me = bearer(await citizen(http, somebody(platform)))
    opening = (await http.get(BASE, headers=me)).json()
    assert opening["by_model"] is False
    said = await ask(http, me, "身份证丢了补办要什么材料")
    assert (said["kind"], said["worded_by"]) == ("answer", "excerpt")
    cited = said["citations"][0]
    assert (cited["title"], cited["section"]) == ("身份证丢了补办", "需要什么材料")
    assert cited["page"].startswith("/guide/item?id=")
    assert said["paragraphs"][0]["citations"] == [1]
    talk = said["conversation_id"]
    more = await ask(http, me, "那要多少钱", talk=talk)
    assert more["conversation_id"] == talk
    assert (more["citations"][0]["title"], more["citations"][0]["section"]) == (
        "身份证丢了补办", "收费吗",
    )  # fmt: skip
    asked_back = await ask(http, me, "公积金提取", talk=talk)
    assert asked_back["kind"] == "choices"
    wrong = await http.post(f"{BASE}/conversations/{talk}/choice", json={"number": 9}, headers=me)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "assistant.choice_unknown")
    chosen = await http.post(f"{BASE}/conversations/{talk}/choice", json={"number": 1}, headers=me)
    assert chosen.json()["citations"][0]["title"] == asked_back["choices"][0]["title"]
    unknown = await ask(http, me, "明天会下雨吗", talk=talk)
    assert unknown["kind"] == "unknown"
    assert {one["kind"] for one in unknown["actions"]} == {"person", "call"}

    path = f"{BASE}/conversations/{talk}/handover"
    where = {"region_code": "440106", "words": "请尽快回复"}
    somewhere = await http.post(path, json={"region_code": "449999"}, headers=me)
    assert somewhere.json()["code"].startswith("regions.")
    given = await http.post(path, json=where, headers=me)
    assert given.status_code == 201, given.text
    ticket = (
        await http.get(f"{CITIZEN}/consultations/{given.json()['ticket_no']}", headers=me)
    ).json()
    assert (ticket["kind"], given.json()["workdays"]) == ("consult", 5)
    for words in ("请尽快回复", "我：身份证丢了补办要什么材料", "我：明天会下雨吗", "智能客服："):
        assert words in ticket["content"]
    again = await http.post(path, json=where, headers=me)
    assert (again.status_code, again.json()["code"]) == (410, "assistant.conversation_unknown")


async def test_a_conversation_is_its_own_accounts(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    mine = bearer(await citizen(http, somebody(platform)))
    other = bearer(await citizen(http, somebody(platform)))
    talk = (await ask(http, mine, "公积金提取"))["conversation_id"]
    for path, body in (("choice", {"number": 1}), ("handover", {"region_code": "440106"})):
        refused = await http.post(f"{BASE}/conversations/{talk}/{path}", json=body, headers=other)
        assert (refused.status_code, refused.json()["code"]) == (
            410, "assistant.conversation_unknown",
        )  # fmt: skip
    assert (await ask(http, other, "那要多少钱", talk=talk))["conversation_id"] != talk


async def test_who_asks_too_fast_waits(platform: Platform, http: httpx.AsyncClient) -> None:
    me = bearer(await citizen(http, somebody(platform), level=1))
    for _ in range(20):
        await ask(http, me, "怎么亮证")
    refused = await http.post(f"{BASE}/questions", json={"text": "怎么亮证"}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (429, "assistant.asked_too_often")
    assert 0 < refused.json()["retry_after"] <= 60


async def test_at_the_enterprises_door_its_own_matters_come_first(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    firm = company(platform)
    me = bearer(await citizen(http, firm.legal_representative, level=4))
    base = f"/api/v1/enterprise/enterprises/{firm.uscc}/assistant"
    said = await ask(http, me, "招了新员工社保怎么加", base)
    assert said["citations"][0]["title"] == "员工社保增员、减员"
    at_home = await http.post(
        f"{BASE}/conversations/{said['conversation_id']}/choice", json={"number": 1}, headers=me
    )
    assert at_home.json()["code"] == "assistant.conversation_unknown"
    given = await http.post(
        f"{base}/conversations/{said['conversation_id']}/handover",
        json={"region_code": "440106"}, headers=me,
    )  # fmt: skip
    assert given.status_code == 201, given.text
    ticket = (
        await http.get(f"{CITIZEN}/consultations/{given.json()['ticket_no']}", headers=me)
    ).json()
    assert firm.name in ticket["content"]
    stranger = bearer(await citizen(http, somebody(platform), level=4))
    refused = await http.post(f"{base}/questions", json={"text": "社保"}, headers=stranger)
    assert refused.json()["code"] == "enterprise.not_representative"
