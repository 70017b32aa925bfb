"""Asked, answered, told and judged over HTTP, with the worker and the console at work."""

import asyncio
import csv
import re
from typing import Any

import httpx

from gateway.console.guards import SESSION_COOKIE
from tests.console_world import token_of
from tests.integration.cast import somebody
from tests.integration.people import CITIZEN, bearer, citizen
from tests.provinces import Platform

CONSOLE = "/console/consultations"
GONGAN = "gd-gongan"


async def console(http: httpx.AsyncClient, platform: Platform, username: str) -> dict[str, str]:
    """The cookie of a demo account."""
    return {"cookie": f"{SESSION_COOKIE}={await token_of(http, platform, username)}"}


async def press(
    http: httpx.AsyncClient, who: dict[str, str], page: str, action: str, **given: str
) -> httpx.Response:
    """Fill in a form of a console page."""
    shown = await http.get(page, headers=who)
    assert shown.status_code == 200, shown.text
    csrf = re.search(r'name="csrf" value="(\w+)"', shown.text)
    assert csrf
    return await http.post(action, data={"csrf": csrf[1], **given}, headers=who)


async def sms_with(platform: Platform, sentence: str) -> list[dict[str, Any]]:
    """SMS that say this, once the worker has sent one."""
    async with httpx.AsyncClient(base_url=platform.systems["wechat"]) as carrier:
        for _ in range(300):
            items = (await carrier.get("/_control/sms")).json()["items"]
            found = [each for each in items if sentence in each["text"]]
            if found:
                return found
            await asyncio.sleep(0.2)
    raise AssertionError(f"no SMS says {sentence}")


async def judged_twice(http: httpx.AsyncClient, me: dict[str, str], no: str) -> None:
    """The person judges the answer, which closes the ticket; a second time is refused."""
    path = f"{CITIZEN}/consultations/{no}"
    event = (await http.get(path, headers=me)).json()["event_id"]
    waiting = (await http.get(f"{CITIZEN}/evaluations/waiting", headers=me)).json()["items"]
    assert [(one["kind"], one["id"]) for one in waiting] == [("consultation", event)]
    body = {"event_kind": "consultation", "event_id": event, "level": 1}
    for status in (201, 409):
        answer = await http.post(f"{CITIZEN}/evaluations", json=body, headers=me)
        assert answer.status_code == status, answer.text
    ticket = (await http.get(path, headers=me)).json()
    assert (ticket["state"], ticket["satisfaction"], ticket["event_id"]) == ("closed", 1, None)


async def test_a_complaint_from_the_phone_to_the_answer_and_its_sms(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    me = bearer(await citizen(http, somebody(platform)))
    wish = {
        "choices": [{"topic": "voice", "channel": "sms", "wanted": True}],
        "quiet": {"on": False, "start": "22:00", "end": "08:00"},
    }
    path = f"{CITIZEN}/message-preferences"
    chosen = (await http.patch(path, json=wish, headers=me)).json()
    assert (chosen["sms"], chosen["wechat"], chosen["quiet"]["on"]) == (True, False, False)
    refused = await http.post(f"{path}/subscriptions", json={"template_ids": ["x"]}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (409, "messages.not_in_wechat")

    options = (await http.get(f"{CITIZEN}/consultations/options")).json()
    department = next(each for each in options["departments"] if "公安" in each["name"])
    question = {
        "kind": "complaint", "title": "窗口提前下班", "content": "下午四点就不办了",
        "region_code": "440106",
    }  # fmt: skip
    asked = await http.post(f"{CITIZEN}/consultations", json=question, headers=me)
    assert asked.status_code == 201, asked.text
    no = asked.json()["ticket_no"]
    page = f"{CONSOLE}/{no}"
    operator = await console(http, platform, "operator")
    clerk = await console(http, platform, f"{GONGAN}.clerk")
    assert (await http.get(page, headers=clerk)).status_code == 404
    sent = await press(http, operator, page, f"{page}/assign", department=department["uscc"])
    assert sent.status_code == 303, sent.text
    assert no in (await http.get(CONSOLE, headers=clerk)).text
    early = await press(http, clerk, page, f"{page}/answer", text=" ")
    assert early.status_code == 400
    done = await press(http, clerk, page, f"{page}/answer", text="已提醒窗口五点半下班。")
    assert done.status_code == 303, done.text
    again = await press(http, clerk, CONSOLE, f"{page}/answer", text="再答一次")
    assert again.status_code == 409

    await judged_twice(http, me, no)
    shown = await http.get(page, headers=clerk)
    assert "非常满意" in shown.text
    assert no in (await http.get("/console/evaluations", headers=clerk)).text
    inbox = (await http.get(f"{CITIZEN}/messages?topic=voice", headers=me)).json()["items"]
    assert [each["title"] for each in inbox][-1] == "您的投诉已收到"
    assert inbox[0]["link"] == f"/voice/ticket?no={no}"
    for sms in await sms_with(platform, "您反映的事有答复"):
        assert no not in sms["text"]
        assert "窗口" not in sms["text"]


async def test_a_wechat_user_counts_consents_and_chooses_topics(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    openid = f"voice-{platform.name}"
    async with httpx.AsyncClient(base_url=platform.systems["wechat"]) as wechat:
        minted = await wechat.post("/_control/login-code", json={"openid": openid})
    body = {
        "code": minted.json()["code"], "privacy_version": "2026-11-01",
        "device": {"key": "voice-device-key-0123456789", "name": "Test", "platform": "mp-weixin"},
    }  # fmt: skip
    made = await http.post(f"{CITIZEN}/sessions/wechat", json=body)
    assert made.status_code == 201, made.text
    me, path = bearer(made.json()), f"{CITIZEN}/message-preferences"
    topics = (await http.get(path, headers=me)).json()["topics"]
    template = next(each for each in topics if each["topic"] == "case")["template"]
    assert template["remaining"] == 0
    given = {"template_ids": [template["template_id"]]}
    for count in (1, 2):
        answer = await http.post(f"{path}/subscriptions", json=given, headers=me)
        assert answer.status_code == 200, answer.text
        left = next(each for each in answer.json()["topics"] if each["topic"] == "case")
        assert left["template"]["remaining"] == count
    for bad, code in (
        ({"template_ids": ["another"]}, "messages.template_unknown"),
        ({"template_ids": given["template_ids"] * 2}, "messages.too_many_templates"),
    ):
        answer = await http.post(f"{path}/subscriptions", json=bad, headers=me)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    for wish, code in (
        ({"choices": [{"topic": "x", "channel": "sms", "wanted": True}]}, "messages.topic_unknown"),
        ({"quiet": {"on": True, "start": "08:00", "end": "08:00"}}, "messages.quiet_hours_empty"),
    ):
        answer = await http.patch(path, json=wish, headers=me)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    level = await http.get(f"{CITIZEN}/consultations", headers=me)
    assert (level.status_code, level.json()["code"]) == (403, "identity.level_too_low")


async def test_levels_and_figures_are_open_and_a_judgement_needs_a_service(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    levels = (await http.get(f"{CITIZEN}/evaluations/levels")).json()["items"]
    assert levels[0]["words"] == "非常满意"
    assert all(each["tags"] for each in levels)
    figures = (await http.get("/api/v1/public/evaluations/statistics")).json()
    assert figures["province"]["department"] == "全省"
    table = await http.get("/api/v1/public/evaluations/statistics.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(table.text.removeprefix("\ufeff").splitlines()))
    assert (rows[0]["部门"], rows[0]["合计"]) == ("全省", str(figures["province"]["total"]))
    assert len(rows) >= 1 + len(figures["departments"])
    me = bearer(await citizen(http, somebody(platform)))
    assert (await http.get(f"{CITIZEN}/evaluations/waiting", headers=me)).json()["items"] == []
    for kind, event in (("case", "x"), ("licence_usage", "x"), ("appointment", "x")):
        body = {"event_kind": kind, "event_id": event, "level": 1}
        answer = await http.post(f"{CITIZEN}/evaluations", json=body, headers=me)
        assert (answer.status_code, answer.json()["code"]) == (404, "evaluation.event_unknown")
    for who in ("operator", f"{GONGAN}.head"):
        page = await http.get("/console/evaluations", headers=await console(http, platform, who))
        assert page.status_code == 200, page.text
