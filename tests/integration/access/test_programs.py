"""Endpoints of an enterprise's own programs, and what their signatures do not open."""

import httpx

from backend.members.service import Scope
from backend.operators.service import Role
from gateway.edge.access import Machine, Member, System
from gateway.edge.matrix import ANSWERS
from tests.integration import cast
from tests.integration.access.matrix import (
    MEMBERS,
    PROGRAMS,
    SYSTEMS,
    as_program,
    as_system,
    code_of,
    documented,
    named,
)
from tests.integration.corporate import appoint
from tests.integration.people import bearer, citizen
from tests.integration.programs import program
from tests.provinces import Platform


async def test_every_kind_of_program_is_answered_as_documented(
    http: httpx.AsyncClient, platform: Platform, officers: dict[Role, str]
) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    chief = await appoint(http, platform, boss, company, role="ADMINISTRATOR")
    base = f"/api/v1/enterprise/enterprises/{company.uscc}"
    able, ended, spent = [
        await program(http, boss, company, daily_quota=quota) for quota in (1000, 1000, 1)
    ]
    reads = await program(http, boss, company, scopes=["cases.read"])
    files = await program(http, boss, company, scopes=["cases.apply"])
    orphan = await program(http, chief.headers, company)
    await http.delete(f"{base}/machines/{ended.id}", headers=boss)
    await http.delete(f"{base}/members/{chief.member_id}", headers=boss)
    await spent.ask(http, "GET", "/api/v1/enterprise/machine/cases")
    wrong = []
    for made in PROGRAMS:
        assert isinstance(made.access, Machine)
        narrow = files if made.access.scope is Scope.CASES_READ else reads
        told = {
            "nobody logged in": await code_of(http, made, None),
            "a person": await code_of(http, made, boss["authorization"][7:]),
            "a console account": await code_of(http, made, officers[Role.OPERATOR]),
            "a provincial system, by signature": await as_system(http, platform, made),
            "a program without the scope": await as_program(http, narrow, made),
            "a program that was ended": await as_program(http, ended, made),
            "a program whose owner acts no more": await as_program(http, orphan, made),
            "a program that has spent its quota": await as_program(http, spent, made),
        }
        assert set(told) == set(ANSWERS[Machine])
        wrong += [
            (named(made), actor, answer)
            for actor, answer in told.items()
            if answer != documented(Machine, actor)
        ]
        status, code = await as_program(http, able, made)
        if status in (401, 403, 429, 500):
            wrong.append((named(made), "a program that may", (status, code)))
    for made in [*MEMBERS, *SYSTEMS]:
        kind, actor = (
            (Member, "a program of the enterprise, by signature")
            if isinstance(made.access, Member)
            else (System, "a program of an enterprise, by signature")
        )
        answer = await as_program(http, able, made)
        if answer != documented(kind, actor):
            wrong.append((named(made), actor, answer))
    assert wrong == []
