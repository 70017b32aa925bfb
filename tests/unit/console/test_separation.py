"""三员分立 (GB/T 22239-2019 8.1.5): system, security and audit administrators share no duty.

Read from the declarations themselves, so that no new page or endpoint slips past.
"""

from itertools import combinations

import pytest

from backend.operators.service import Role
from gateway.app import channel_blueprints
from gateway.console.frame import PAGES, Page
from gateway.console.install import console_blueprints
from gateway.edge.access import Staff
from gateway.edge.endpoint import ENDPOINTS, Endpoint

channel_blueprints()
console_blueprints()
EVERY: list[Endpoint | Page] = [*ENDPOINTS, *PAGES]
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
AUDIT = ("/api/v1/operator/audit", "/console/audit")


def open_to(role: Role) -> set[tuple[str, str]]:
    """What a role may call, beyond what every account has for itself."""
    return {
        (made.method, made.path)
        for made in EVERY
        if isinstance(made.access, Staff)
        and role in made.access.roles
        and set(made.access.roles) != set(Role)
    }


def test_the_audit_administrator_reads_the_audit_and_nothing_else() -> None:
    found = open_to(Role.AUDIT_ADMIN)
    assert found
    assert all(method == "GET" and path.startswith(AUDIT) for method, path in found), found


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDIT_ADMIN])
def test_nobody_else_reads_it(role: Role) -> None:
    assert not [path for _, path in open_to(role) if path.startswith(AUDIT)]


@pytest.mark.parametrize("pair", [*combinations(ADMINISTRATORS, 2)])
def test_no_two_administrators_can_do_the_same(pair: tuple[Role, Role]) -> None:
    one, other = (open_to(role) for role in pair)
    assert not [place for place in one & other if place[0] != "GET"]


def test_the_system_administrator_sees_accounts_and_how_systems_run_alone() -> None:
    paths = {path for _, path in open_to(Role.SYSTEM_ADMIN)}
    ours = ("/api/v1/operator/accounts", "/console/accounts", "/console/states")
    assert not [path for path in paths if not path.startswith(ours)]


def test_no_administrator_takes_a_business_decision() -> None:
    for path in ("applications", "corrections", "disputes", "overdue"):
        for role in ADMINISTRATORS:
            assert not [found for _, found in open_to(role) if f"/{path}" in found], role
    reviewed = {"approvals", "publications", "restorations", "reviews", "returns"}
    for role in ADMINISTRATORS:
        found = {path.rsplit("/", 1)[-1] for _, path in open_to(role) if "/revisions/" in path}
        assert not found & reviewed, role


def test_what_every_account_has_is_its_own_account_alone() -> None:
    for made in EVERY:
        if isinstance(made.access, Staff) and set(made.access.roles) == set(Role):
            end = made.path.removeprefix("/api/v1/operator").removeprefix("/console")
            assert end.partition("/<")[0].strip("/").split("/")[0] in (
                "", "me", "notices", "sessions", "logout",
            ), made.path  # fmt: skip
