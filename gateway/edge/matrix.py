"""Who may call what, as a table made from the declarations themselves."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from backend.enterprise.service import NotRepresentative
from backend.errors import DomainError
from backend.exchange.errors import SignatureKeyRevoked, SignatureKeyUnknown, SignatureMissing
from backend.identity.errors import LevelTooLow, SessionMissing
from backend.machines.errors import ClientEnded, QuotaSpent, ScopeNotGiven
from backend.members.service import GrantEnded, GrantExpired, ScopeMissing
from backend.operators import errors as operators
from gateway.edge.access import Access, Machine, Member, Person, Public, Staff, System
from gateway.edge.problems import STATUS


class Declared(Protocol):
    """What an endpoint and a page of the console have in common."""

    @property
    def method(self) -> str:
        """HTTP method."""

    @property
    def path(self) -> str:
        """As Sanic routes it."""

    @property
    def access(self) -> Access:
        """Who may call it."""

    @property
    def summary(self) -> str:
        """What it is, in a few words."""


# What each kind of access answers to whom it is not for; a test calls every endpoint as each.
ANSWERS: Mapping[type[Access], Mapping[str, type[DomainError]]] = {
    Person: {
        "nobody logged in": SessionMissing,
        "a provincial system, by signature": SessionMissing,
        "a console account": SessionMissing,
        "a person of a lower level": LevelTooLow,
    },
    Member: {
        "nobody logged in": SessionMissing,
        "a provincial system, by signature": SessionMissing,
        "a console account": SessionMissing,
        "a person of a lower level": LevelTooLow,
        "another person": NotRepresentative,
        "the representative of another enterprise": NotRepresentative,
        "a former representative": NotRepresentative,
        "a program of the enterprise, by signature": SessionMissing,
        "an agent without the scope": ScopeMissing,
        "an agent whose last day is over": GrantExpired,
        "an agent whose grant was taken back": GrantEnded,
    },
    Machine: {
        "nobody logged in": SignatureMissing,
        "a person": SignatureMissing,
        "a console account": SignatureMissing,
        "a provincial system, by signature": SignatureKeyUnknown,
        "a program without the scope": ScopeNotGiven,
        "a program that was ended": SignatureKeyRevoked,
        "a program whose owner acts no more": ClientEnded,
        "a program that has spent its quota": QuotaSpent,
    },
    System: {
        "nobody logged in": SignatureMissing,
        "a console account": SignatureMissing,
        "a person": SignatureMissing,
        "a program of an enterprise, by signature": SignatureKeyUnknown,
    },
    Staff: {
        "nobody logged in": operators.SessionMissing,
        "a provincial system, by signature": operators.SessionMissing,
        "a person": operators.SessionMissing,
        "a console account of another role": operators.RoleMissing,
    },
}
_KINDS = {
    Person: "logged-in person", Member: "acts for the enterprise", System: "registered system",
    Machine: "program of an enterprise",
    Staff: "console",
}  # fmt: skip

_HEAD = """# Who may call what

Made from the declarations of endpoints and pages by `make matrix`; a test fails when it is out of
date, and another calls every line as every kind of actor. Everything is denied unless it stands
here.

| method | path | who | what |
|---|---|---|---|
"""


_TAIL = """
## What is answered to whom it is not for

Who acts for the enterprise is its representative by the register, one of up to five administrators,
or an agent whose grant covers the scope that the line names (`docs/enterprise.md`).

| who may call | who calls | answer |
|---|---|---|
"""


def table(endpoints: Sequence[Declared]) -> str:
    """The table as Markdown, a line per endpoint or page, ordered by path."""
    return _HEAD + _lines(endpoints) + _TAIL + _answers()


def _answers() -> str:
    return "".join(
        f"| {_KINDS[kind]} | {actor} | {STATUS[error.kind]} `{error.code}` |\n"
        for kind, answers in ANSWERS.items()
        for actor, error in answers.items()
    )


def _lines(endpoints: Sequence[Declared]) -> str:
    ordered = sorted(endpoints, key=lambda made: (made.path, made.method))
    return "".join(
        f"| {made.method} | `{made.path}` | {who(made.access)} | {made.summary} |\n"
        for made in ordered
    )


def who(access: Access) -> str:
    """An access rule in words."""
    if isinstance(access, Public):
        return "anyone"
    if isinstance(access, Member):
        return f"acts for the enterprise: {access.scope}"
    if isinstance(access, Person):
        return f"logged-in person, level ≥ {int(access.level)}"
    if isinstance(access, Machine):
        return f"program of an enterprise, by signature: {access.scope}"
    if isinstance(access, Staff):
        return f"console: {', '.join(sorted(access.roles))}"
    return "registered system, by signature"
