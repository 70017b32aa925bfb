"""Who may call what, as a table made from the declarations themselves."""

from collections.abc import Sequence
from typing import Protocol

from gateway.edge.access import Access, Person, Public, Staff


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


_HEAD = """# Who may call what

Made from the declarations of endpoints and pages by `make matrix`; a test fails when it is out of
date, and another calls every line as every kind of actor. Everything is denied unless it stands
here.

| method | path | who | what |
|---|---|---|---|
"""


def table(endpoints: Sequence[Declared]) -> str:
    """The table as Markdown, a line per endpoint or page, ordered by path."""
    ordered = sorted(endpoints, key=lambda made: (made.path, made.method))
    return _HEAD + "".join(
        f"| {made.method} | `{made.path}` | {who(made.access)} | {made.summary} |\n"
        for made in ordered
    )


def who(access: Access) -> str:
    """An access rule in words."""
    if isinstance(access, Public):
        return "anyone"
    if isinstance(access, Person):
        return f"logged-in person, level ≥ {int(access.level)}"
    if isinstance(access, Staff):
        return f"console: {', '.join(sorted(access.roles))}"
    return "registered system, by signature"
