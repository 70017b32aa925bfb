"""People who act for an enterprise over HTTP: invited by it, accepting on their own phones."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from backend.sandbox.population.people import Enterprise, Person
from tests.integration import cast
from tests.integration.people import bearer, citizen, new_phone
from tests.provinces import Platform

API = "/api/v1/enterprise"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody with a phone, a session and what they were given."""

    person: Person
    phone: str
    headers: dict[str, str]
    member_id: str


def month_ahead() -> str:
    """A last day."""
    return (date.today() + timedelta(days=30)).isoformat()


def agent(**more: Any) -> dict[str, Any]:
    """What an agent is given: to apply, until a day."""
    return {"role": "AGENT", "scopes": ["cases.apply"], "ends_on": month_ahead(), **more}


async def invite(
    http: httpx.AsyncClient, boss: dict[str, str], company: Enterprise, who: Person, phone: str,
    **given: Any,
) -> dict[str, Any]:  # fmt: skip
    """An invitation by somebody who manages members."""
    body = {"name": who.name, "phone": phone, **given}
    url = f"{API}/enterprises/{company.uscc}/members"
    answer = await http.post(url, json=body, headers=boss)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def appoint(
    http: httpx.AsyncClient, platform: Platform, boss: dict[str, str], company: Enterprise,
    **given: Any,
) -> Invited:  # fmt: skip
    """Somebody who was invited and has accepted."""
    who, phone = cast.somebody(platform), new_phone()
    made = await invite(http, boss, company, who, phone, **given)
    headers = bearer(await citizen(http, who, 4, phone))
    accepted = await http.post(f"{API}/invitations/{made['id']}/acceptance", headers=headers)
    assert accepted.status_code == 200, accepted.text
    return Invited(who, phone, headers, made["id"])
