"""What somebody may do for an enterprise: a small set, in which nothing is allowed by default."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """法定代表人（经营者、负责人）, 管理员, 办事人."""

    LEGAL_REP = "LEGAL_REP"
    ADMINISTRATOR = "ADMINISTRATOR"
    AGENT = "AGENT"


class Scope(StrEnum):
    """What an endpoint of the enterprise channel asks for.

    ``VIEW`` is whoever acts for the enterprise at all. The last three are never given to agents.
    """

    VIEW = "view"
    CASES_READ = "cases.read"
    CASES_APPLY = "cases.apply"
    LICENCES = "licences"
    POLICIES = "policies"
    MEMBERS = "members"
    MACHINES = "machines"
    ADMINISTRATORS = "administrators"


GRANTABLE = (Scope.CASES_READ, Scope.CASES_APPLY, Scope.LICENCES, Scope.POLICIES)
LABELS = {
    Scope.CASES_READ: "查看办件", Scope.CASES_APPLY: "申办事项", Scope.LICENCES: "证照与企业信息",
    Scope.POLICIES: "惠企政策", Scope.VIEW: "查看企业", Scope.MEMBERS: "成员管理",
    Scope.MACHINES: "软件接入", Scope.ADMINISTRATORS: "任免管理员",
}  # fmt: skip


def scopes_of(role: Role, given: Iterable[str]) -> frozenset[Scope]:
    """What a role may do; an agent what was given, and whoever applies may also see."""
    if role is Role.LEGAL_REP:
        return frozenset(Scope)
    if role is Role.ADMINISTRATOR:
        return frozenset(Scope) - {Scope.ADMINISTRATORS}
    found = {Scope(each) for each in given} & set(GRANTABLE)
    if Scope.CASES_APPLY in found:
        found.add(Scope.CASES_READ)
    return frozenset({Scope.VIEW, *found})


def manages(role: Role) -> Scope:
    """What it takes to invite or remove somebody of a role."""
    return Scope.ADMINISTRATORS if role is Role.ADMINISTRATOR else Scope.MEMBERS
