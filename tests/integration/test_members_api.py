"""成员与授权 over HTTP: invited, accepted, used within its bounds, taken back."""

import asyncio
from typing import Any

import httpx
import pytest

from backend.sandbox.population.people import Enterprise
from backend.settings import Settings
from tests.integration import cast
from tests.integration.corporate import API, agent, appoint, invite
from tests.integration.people import bearer, citizen, new_phone
from tests.provinces import Platform
from tests.sandbox_world import picture

# 增值税一般纳税人登记, and an item that the agent was not given.
CORPORATE = "11440000MB9X00197K4440730002001"


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


@pytest.fixture
def company(platform: Platform) -> Enterprise:
    """An enterprise that nobody has looked at yet."""
    return cast.company(platform)


@pytest.fixture
async def boss(http: httpx.AsyncClient, company: Enterprise) -> dict[str, str]:
    """A session of its legal representative."""
    return bearer(await citizen(http, company.legal_representative, level=4))


async def test_an_agent_is_invited_accepts_acts_and_is_out_with_the_next_request(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    who, phone, base = cast.somebody(platform), new_phone(), f"{API}/enterprises/{company.uscc}"
    made = await invite(http, boss, company, who, phone, **agent(items=[CORPORATE]))
    assert (made["state"], made["name"][0]) == ("invited", who.name[0])
    assert who.name not in str(made)
    assert phone not in str(made)
    assert made["items"][0]["name"] != CORPORATE
    me = bearer(await citizen(http, who, 4, phone))
    (waiting,) = (await http.get(f"{API}/invitations", headers=me)).json()["items"]
    assert (waiting["id"], waiting["enterprise_name"]) == (made["id"], company.name)
    notes = (await http.get("/api/v1/citizen/messages", headers=me)).json()["items"]
    assert notes == []  # there was no account to tell when it was sent
    refused(await http.get(base, headers=me), 403, "enterprise.not_representative")
    accepted = await http.post(f"{API}/invitations/{made['id']}/acceptance", headers=me)
    assert accepted.json()["state"] == "active"

    (card,) = (await http.get(f"{API}/enterprises", headers=me)).json()["items"]
    assert card == {
        "uscc": company.uscc, "name": company.name, "kind": company.kind, "status": "存续",
        "role": "AGENT", "scopes": ["cases.apply", "cases.read", "view"], "items": [CORPORATE],
        "ends_on": made["ends_on"], "ends_at": None, "cases_left": None,
    }  # fmt: skip
    page = (await http.get(base, headers=me)).json()
    assert (page["acting"]["role"], page["sections"], page["wallet"]["items"]) == ("AGENT", [], [])
    draft = await http.post(f"{base}/cases/drafts", json={"item_code": CORPORATE}, headers=me)
    assert draft.status_code == 201, draft.text
    assert draft.json()["relation"] == "企业授权的经办人"
    assert (await http.get(f"{base}/cases", headers=me)).status_code == 200
    licences = await http.get(f"{base}/licence-usages", headers=me)
    problem = refused(licences, 403, "members.scope_missing")
    assert problem["required_scope"] == "licences"

    gone = await http.delete(f"{base}/members/{made['id']}", headers=boss)
    assert gone.status_code == 204, gone.text
    for path in ("", "/cases", "/cases/drafts", f"/cases/drafts/{draft.json()['id']}"):
        refused(await http.get(f"{base}{path}", headers=me), 403, "members.grant_ended")
    at_home = f"/api/v1/citizen/cases/drafts/{draft.json()['id']}"
    refused(await http.get(at_home, headers=me), 404, "cases.draft_unknown")
    assert (await http.get("/api/v1/citizen/cases/drafts", headers=me)).json()["items"] == []
    assert (await http.get(f"{API}/enterprises", headers=me)).json()["items"] == []
    (told, *_) = (await http.get("/api/v1/citizen/messages", headers=me)).json()["items"]
    assert company.name in told["text"]


async def test_an_agent_begins_and_sees_only_the_items_that_were_named(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    base = f"{API}/enterprises/{company.uscc}"
    other = await _another_item(http)
    mine = await appoint(http, platform, boss, company, **agent(items=[other]))
    begun = await http.post(
        f"{base}/cases/drafts", json={"item_code": CORPORATE}, headers=mine.headers
    )
    refused(begun, 403, "members.item_not_granted")
    assert (await http.get(f"{base}/cases", headers=mine.headers)).json()["items"] == []


async def _another_item(http: httpx.AsyncClient) -> str:
    query: dict[str, str | int] = {"audience": "enterprise", "limit": 20}
    found = (await http.get("/api/v1/public/service-items", params=query)).json()["items"]
    return next(str(each["id"]) for each in found if each["id"] != CORPORATE)


async def test_an_administrator_manages_and_agents_do_not(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    members = f"{API}/enterprises/{company.uscc}/members"
    chief = await appoint(http, platform, boss, company, role="ADMINISTRATOR")
    mine = await appoint(http, platform, chief.headers, company, **agent())
    refused(await http.get(members, headers=mine.headers), 403, "members.scope_missing")
    listed = (await http.get(members, headers=chief.headers)).json()["items"]
    assert [(each["id"], each["role"]) for each in listed] == [
        (chief.member_id, "ADMINISTRATOR"), (mine.member_id, "AGENT"),
    ]  # fmt: skip
    body = {"role": "ADMINISTRATOR", "name": "某人", "phone": new_phone()}
    problem = refused(
        await http.post(members, json=body, headers=chief.headers), 403, "members.scope_missing"
    )
    assert problem["required_scope"] == "administrators"
    left = await http.delete(f"{API}/enterprises/{company.uscc}/membership", headers=mine.headers)
    assert left.status_code == 204
    listed = (await http.get(members, headers=chief.headers)).json()["items"]
    assert [each["id"] for each in listed] == [chief.member_id]


CANNOT_BE_GIVEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"scopes": []}, "members.grant_invalid"),
    ({"items": ["no-such-item"]}, "members.grant_invalid"),
    ({"ends_on": "2020-01-01"}, "members.grant_invalid"),
    ({"phone": "12345"}, "members.phone_invalid"),
    ({"scopes": ["members"]}, "request.invalid"),
    ({"name": ""}, "request.invalid"),
)


async def test_what_cannot_be_given_is_told(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    url = f"{API}/enterprises/{company.uscc}/members"
    for wrong, code in CANNOT_BE_GIVEN:
        body = {"name": "某人", "phone": new_phone(), **agent(), **wrong}
        answer = await http.post(url, json=body, headers=boss)
        assert answer.json()["code"] == code, (wrong, answer.text)


async def test_an_invitation_can_be_declined_and_is_nobody_elses(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    who, phone = cast.somebody(platform), new_phone()
    made = await invite(http, boss, company, who, phone, **agent())
    url = f"{API}/invitations/{made['id']}"
    refused(await http.post(f"{url}/acceptance", headers=boss), 404, "members.invitation_unknown")
    me = bearer(await citizen(http, who, 4, phone))
    assert (await http.post(f"{url}/refusal", headers=me)).status_code == 204
    refused(await http.post(f"{url}/acceptance", headers=me), 404, "members.invitation_unknown")
    nonsense = await http.post(f"{API}/invitations/nonsense/refusal", headers=me)
    refused(nonsense, 404, "members.invitation_unknown")


async def test_an_agents_applications_are_counted_and_limited(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    base = f"{API}/enterprises/{company.uscc}"
    mine = await appoint(http, platform, boss, company, **agent(most_cases=1))
    drafts = [await _filled(http, base, mine.headers) for _ in range(2)]
    done = await asyncio.gather(*(_submitted(http, base, mine.headers, one) for one in drafts))
    (refusal,) = [each for each in done if each.status_code != 201]
    assert refused(refusal, 403, "members.cases_spent")["most"] == 1
    assert "最多申办 1 件" in refusal.json()["detail"]
    begun = await http.post(
        f"{base}/cases/drafts", json={"item_code": CORPORATE}, headers=mine.headers
    )
    refused(begun, 403, "members.cases_spent")
    acting = (await http.get(base, headers=mine.headers)).json()["acting"]
    assert acting["cases_left"] == 0

    url = f"{base}/members/{mine.member_id}"
    refused(
        await http.patch(url, json={"most_cases": 2}, headers=mine.headers),
        403, "members.scope_missing",
    )  # fmt: skip
    changed = await http.patch(url, json={"most_cases": 2}, headers=boss)
    assert (changed.json()["most_cases"], changed.json()["cases_filed"]) == (2, 1)
    # What was refused is a draft still, and goes through now.
    again = [await _submitted(http, base, mine.headers, one) for one in drafts]
    assert sorted(each.json()["again"] for each in again) == [False, True]


async def _filled(http: httpx.AsyncClient, base: str, me: dict[str, str]) -> dict[str, Any]:
    made = await http.post(f"{base}/cases/drafts", json={"item_code": CORPORATE}, headers=me)
    assert made.status_code == 201, made.text
    path, version = f"{base}/cases/drafts/{made.json()['id']}", made.json()["version"]
    phone = {"version": version, "contact_phone": "13800138000"}
    assert (await http.patch(path, json=phone, headers=me)).status_code == 200
    for each in made.json()["materials"]:
        if each["lacking"]:
            file = {"name": "登记表.png", "content": picture(400)}
            url = f"{path}/materials/{each['code']}/files"
            assert (await http.post(url, json=file, headers=me)).status_code == 201
    draft: dict[str, Any] = (await http.get(path, headers=me)).json()
    assert draft["ready"], draft
    return draft


async def _submitted(
    http: httpx.AsyncClient, base: str, me: dict[str, str], draft: dict[str, Any]
) -> httpx.Response:
    url = f"{base}/cases/drafts/{draft['id']}/submission"
    return await http.post(url, json={"version": draft["version"]}, headers=me)


async def test_a_person_who_asks_too_often_for_one_enterprise_is_told_when_to_go_on(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    """As many requests as the setting says, in one go, and one more."""
    company, settings = cast.company(platform), Settings.from_environ(platform.environ)
    boss = bearer(await citizen(http, company.legal_representative, 4))
    url = f"{API}/enterprises/{company.uscc}/contacts"
    for _ in range(settings.enterprise_per_minute // 50):
        answers = await asyncio.gather(*(http.get(url, headers=boss) for _ in range(50)))
        assert {one.status_code for one in answers} == {200}
    late = await http.get(url, headers=boss)
    problem = late.json()
    assert (late.status_code, problem["code"]) == (429, "members.too_many_requests")
    assert 0 < int(late.headers["retry-after"]) == problem["retry_after"] <= 60
    assert "软件接入" in problem["detail"]
    other = f"{API}/enterprises/{cast.company(platform).uscc}/contacts"
    assert (await http.get(other, headers=boss)).status_code == 403
