"""Endpoints of an enterprise as whoever may act for it, and as everybody who may not."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

import httpx

from backend.members.models import CorpMember
from backend.members.service import Scope
from backend.operators.service import Role
from backend.sandbox.population.people import Enterprise
from backend.store.database import close_database, open_database
from gateway.edge.access import Member
from gateway.edge.endpoint import Endpoint
from gateway.edge.matrix import ANSWERS
from tests.integration import cast
from tests.integration.access.matrix import MEMBERS, documented, named
from tests.integration.corporate import agent, appoint
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

REFUSED_AT_THE_DOOR = {error.code for error in ANSWERS[Member].values()}
Lacking = list[tuple[frozenset[str], dict[str, str]]]


async def test_every_endpoint_of_an_enterprise_answers_every_actor_as_documented(
    http: httpx.AsyncClient, platform: Platform, officers: dict[Role, str]
) -> None:
    """One cast, every line of the matrix: what is not as documented is listed."""
    company, lost = cast.company(platform), cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    actors = await enterprise_actors(http, platform, company, lost, boss)
    actors["a console account"] = (company, bearer({"access_token": officers[Role.OPERATOR]}))
    wrong: list[tuple[str, str, tuple[int, str]]] = []
    for made in MEMBERS:
        assert isinstance(made.access, Member)
        for actor, (whose, whom) in actors.items():
            headers = whom if isinstance(whom, dict) else lacking(made.access.scope, whom)
            wanted = documented(Member, actor)
            if actor == "an agent without the scope" and made.access.scope is Scope.VIEW:
                continue  # whoever acts for it at all may do this
            answer = await of_enterprise(http, made, whose, headers)
            if answer != wanted:
                wrong.append((named(made), actor, answer))
        status, code = await of_enterprise(http, made, company, boss)
        if status in (401, 500) or code in REFUSED_AT_THE_DOOR:
            wrong.append((named(made), "the representative", (status, code)))
    assert wrong == []
    signing = {"a provincial system, by signature", "a program of the enterprise, by signature"}
    assert {*actors, *signing} == set(ANSWERS[Member])


async def of_enterprise(
    http: httpx.AsyncClient, made: Endpoint, company: Enterprise, headers: Mapping[str, str]
) -> tuple[int, str]:
    path = re.sub(r"<\w+(:\w+)?>", "x", made.path.replace("<uscc:str>", company.uscc))
    body: dict[str, str] | None = {} if made.body is not None else None
    answer = await http.request(made.method, path, json=body, headers=dict(headers))
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""


def lacking(scope: Scope, agents: "Lacking") -> dict[str, str]:
    """An agent who was not given this."""
    return next(headers for scopes, headers in agents if scope not in scopes)


async def enterprise_actors(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, lost: Enterprise,
    boss: dict[str, str],
) -> dict[str, tuple[Enterprise, dict[str, str] | Lacking]]:  # fmt: skip
    """Whose enterprise each asks for, and their headers; of agents several, each lacking more."""
    successor = cast.somebody(platform)
    order = {
        "uscc": lost.uscc,
        "legal_representative": {"name": successor.name, "id_number": successor.id_number},
    }
    url = f"{platform.systems['gd-shijian']}/_control/enterprises"
    assert (await http.post(url, json=order)).status_code == 200
    applies = await appoint(http, platform, boss, company, **agent())
    looks = await appoint(http, platform, boss, company, **agent(scopes=["licences", "policies"]))
    expired = await appoint(http, platform, boss, company, **agent())
    await open_database(platform.environ["DATABASE_URL"], only="members")
    over = date.today() - timedelta(days=2)
    await CorpMember.filter(id=expired.member_id).update(ends_on=over)
    await close_database()
    revoked = await appoint(http, platform, boss, company, **agent())
    members = f"/api/v1/enterprise/enterprises/{company.uscc}/members"
    await http.delete(f"{members}/{revoked.member_id}", headers=boss)
    low = bearer(await citizen(http, cast.somebody(platform), level=3))
    another = bearer(await citizen(http, cast.somebody(platform), level=4))
    rival = bearer(await citizen(http, cast.company(platform).legal_representative, level=4))
    former = bearer(await citizen(http, lost.legal_representative, level=4))
    return {
        "nobody logged in": (company, {}),
        "a person of a lower level": (company, low),
        "another person": (company, another),
        "the representative of another enterprise": (company, rival),
        "a former representative": (lost, former),
        "an agent without the scope": (company, [
            (frozenset({"cases.read", "cases.apply"}), applies.headers),
            (frozenset({"licences", "policies"}), looks.headers),
        ]),
        "an agent whose last day is over": (company, expired.headers),
        "an agent whose grant was taken back": (company, revoked.headers),
    }  # fmt: skip
