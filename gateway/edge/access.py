"""Who may call an endpoint: denied unless the endpoint names one of these."""

from collections.abc import Callable
from dataclasses import dataclass, field

from backend.identity.levels import Level
from backend.members.service import Scope
from backend.operators.service import Role


@dataclass(frozen=True, slots=True)
class Public:
    """Anyone, without login; the endpoint shows nothing personal."""


@dataclass(frozen=True, slots=True)
class Person:
    """A logged-in person of at least this level.

    Attributes:
        also_read: each gives, for a subject, one more Redis key of theirs to fetch in the round
            trip that checks the session; the values are then in ``call.also_read``.
    """

    level: Level = Level.WECHAT
    also_read: tuple[Callable[[str], str], ...] = ()

    @property
    def door(self) -> Level:
        """Below this level nobody gets in, whatever else they have shown."""
        return self.level


@dataclass(frozen=True, slots=True)
class Member(Person):
    """A logged-in person who acts for the enterprise that the path names (``<uscc:str>``).

    Its representative by the register, an administrator, or an agent whose grant covers ``scope``;
    below level 4 only in a session in which they showed its electronic business licence.
    """

    level: Level = Level.FACE
    scope: Scope = field(kw_only=True)

    @property
    def door(self) -> Level:
        """Whose name is known; ``gateway.edge.acting`` looks at the rest."""
        return Level.REAL_NAME


@dataclass(frozen=True, slots=True)
class Machine:
    """A program of an enterprise that was given ``scope``, by its signature (RFC 9421)."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class System:
    """A registered provincial system, by the signature of its request (RFC 9421)."""


class Staff:
    """A logged-in console account of one of these roles; what it may see is the service's to say.

    Args:
        roles: at least one.
    """

    __slots__ = ("roles",)

    def __init__(self, role: Role, *roles: Role) -> None:
        self.roles = frozenset({role, *roles})


Access = Public | Person | Machine | System | Staff

PUBLIC = Public()
SYSTEM = System()
