"""Log-in by electronic business licence over HTTP: instead of the face, in one session."""

from typing import Any

import httpx
import pytest

from backend.sandbox.population.people import Enterprise, Person
from tests.integration import cast
from tests.integration.corporate import API, agent, appoint
from tests.integration.people import bearer, citizen, face
from tests.provinces import Platform

LOGINS = f"{API}/licence-logins"


async def ordered(platform: Platform, what: str, **order: Any) -> dict[str, Any]:
    """What the phone of a bearer does at the register."""
    async with httpx.AsyncClient() as control:
        url = f"{platform.systems['gd-shijian']}/_control/{what}"
        answer = await control.post(url, json=order)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def code(platform: Platform, company: Enterprise, who: Person | None = None) -> str:
    """A code of the licence, in the hand of its representative or of somebody appointed."""
    if who is not None:
        named = {"uscc": company.uscc, "name": who.name, "id_number": who.id_number}
        await ordered(platform, "licence-bearers", **named)
    number = who.id_number if who else None
    return str(
        (await ordered(platform, "licence-codes", uscc=company.uscc, id_number=number))["code"]
    )


def refused(answer: httpx.Response, status: int, what: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, what), answer.text
    problem: dict[str, Any] = answer.json()
    return problem


@pytest.fixture
def company(platform: Platform) -> Enterprise:
    """An enterprise that nobody has looked at yet."""
    return cast.company(platform)


async def test_the_licence_stands_for_the_face_of_the_representative(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    base, low = f"{API}/enterprises/{company.uscc}", 3
    tokens = await citizen(http, company.legal_representative, low)
    me = bearer(tokens)
    refused(await http.get(base, headers=me), 403, "identity.level_too_low")
    shown = {"code": await code(platform, company)}
    made = await http.post(LOGINS, json=shown, headers=me)
    assert made.status_code == 201, made.text
    card = made.json()
    assert (card["uscc"], card["role"]) == (company.uscc, "LEGAL_REP")
    assert (await http.get(f"{API}/enterprises", headers=me)).json()["items"] == [card]
    assert (await http.get(f"{base}/members", headers=me)).json()["items"] == []
    problem = refused(
        await http.post(LOGINS, json=shown, headers=me), 409, "enterprise.licence_code_used"
    )
    assert "只能用一次" in problem["detail"]
    # What asks for the face by itself still does, and no page of one level is kept for the other.
    seen = [(await http.get(base, headers=me)).json() for _ in range(2)]
    assert {one["acting"]["role"] for one in seen} == {"LEGAL_REP"}
    assert {each["status"] for one in seen for each in one["sections"]} == {"locked"}
    proven = bearer(await face(http, tokens))
    full = (await http.get(base, headers=proven)).json()
    assert any(each["status"] == "fresh" for each in full["sections"])


async def test_what_was_entered_by_licence_is_left_again(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    base = f"{API}/enterprises/{company.uscc}"
    me = bearer(await citizen(http, company.legal_representative, 3))
    shown = {"code": await code(platform, company)}
    assert (await http.post(LOGINS, json=shown, headers=me)).status_code == 201
    assert (await http.get(base, headers=me)).status_code == 200
    assert (await http.delete(LOGINS, headers=me)).status_code == 204
    refused(await http.get(base, headers=me), 403, "identity.level_too_low")


async def test_an_agent_by_licence_is_listed_and_taken_back(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    base, who = f"{API}/enterprises/{company.uscc}", cast.somebody(platform)
    me = bearer(await citizen(http, who, 3))
    shown = {"code": await code(platform, company, who)}
    card = (await http.post(LOGINS, json=shown, headers=me)).json()
    assert card["role"] == "AGENT"
    assert card["scopes"] == ["cases.apply", "cases.read", "licences", "policies", "view"]
    assert (await http.get(f"{base}/cases", headers=me)).status_code == 200
    for path in ("members", "machines"):
        refused(await http.get(f"{base}/{path}", headers=me), 403, "members.scope_missing")
    boss = bearer(await citizen(http, company.legal_representative, 4))
    (listed,) = (await http.get(f"{base}/members", headers=boss)).json()["items"]
    assert (listed["by_licence"], listed["ends_at"]) == (True, card["ends_at"])
    assert (await http.delete(f"{base}/members/{listed['id']}", headers=boss)).status_code == 204
    refused(await http.get(base, headers=me), 403, "identity.level_too_low")
    # They come in by no other code, until the enterprise lets them.
    again = {"code": await code(platform, company, who)}
    problem = refused(
        await http.post(LOGINS, json=again, headers=me), 403, "members.licence_barred"
    )
    assert "解除限制" in problem["detail"]
    bars = f"{base}/licence-bars"
    (bar,) = (await http.get(bars, headers=boss)).json()["items"]
    assert (bar["name"], bar["phone"]) == (listed["name"], listed["phone"])
    assert (await http.delete(f"{bars}/{bar['id']}", headers=boss)).status_code == 204
    for unknown in (bar["id"], "x"):
        refused(await http.delete(f"{bars}/{unknown}", headers=boss), 404, "members.bar_unknown")
    shown = {"code": await code(platform, company, who)}
    assert (await http.post(LOGINS, json=shown, headers=me)).status_code == 201
    refused(await http.get(bars, headers=me), 403, "members.scope_missing")


async def test_an_agents_number_of_applications_stays_over_a_log_in_by_licence(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    boss = bearer(await citizen(http, company.legal_representative, 4))
    mine = await appoint(http, platform, boss, company, **agent(most_cases=7))
    shown = {"code": await code(platform, company, mine.person)}
    card = (await http.post(LOGINS, json=shown, headers=mine.headers)).json()
    assert (card["ends_at"] is not None, card["cases_left"]) == (True, 7)


async def test_it_is_over_with_the_session_and_was_never_another_ones(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    base, who = f"{API}/enterprises/{company.uscc}", cast.somebody(platform)
    tokens = await citizen(http, who, 4)
    me = bearer(tokens)
    await http.post(LOGINS, json={"code": await code(platform, company, who)}, headers=me)
    assert (await http.get(base, headers=me)).status_code == 200
    body = {"refresh_token": tokens["refresh_token"]}
    fresh = bearer((await http.post("/api/v1/citizen/sessions/refresh", json=body)).json())
    assert (await http.get(base, headers=fresh)).status_code == 200
    gone = await http.delete("/api/v1/citizen/sessions/current", headers=fresh)
    assert gone.status_code == 204, gone.text
    refused(await http.get(base, headers=fresh), 401, "identity.session_expired")


async def test_another_persons_licence_is_refused_in_everyday_words(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    who = cast.somebody(platform)
    me = bearer(await citizen(http, who, 3))
    shown = {"code": await code(platform, company)}
    problem = refused(
        await http.post(LOGINS, json=shown, headers=me), 403, "members.licence_not_yours"
    )
    assert "您本人" in problem["detail"]
    assert company.name not in str(problem)


async def test_below_the_verified_name_nothing_is_asked(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    me = bearer(await citizen(http, cast.somebody(platform), 1))
    answer = await http.post(LOGINS, json={"code": "2345-6789-ABCD"}, headers=me)
    assert refused(answer, 403, "identity.level_too_low")["required_level"] == 3


async def test_who_was_invited_at_level_4_needs_the_face_without_the_licence(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise
) -> None:
    boss = bearer(await citizen(http, company.legal_representative, 4))
    mine = await appoint(http, platform, boss, company, **agent())
    assert (
        await http.get(f"{API}/enterprises/{company.uscc}", headers=mine.headers)
    ).status_code == 200
    low = bearer(await citizen(http, cast.somebody(platform), 3))
    refused(
        await http.get(f"{API}/enterprises/{company.uscc}", headers=low),
        403,
        "identity.level_too_low",
    )
