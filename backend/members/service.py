"""Who acts for an enterprise: appointed, authorised, taken back at once.

The representative by the register may everything; up to five administrators whom they appoint may
all but appoint; agents may what they were given, until a day, for all or for named service items.
"""

from collections.abc import Callable
from uuid import UUID

from backend.audit.service import Audit
from backend.enterprise.service import Enterprises
from backend.identity.service import Identity, Session
from backend.members import counting
from backend.members.admitting import Admitting, Held
from backend.members.barring import Bar, Barring
from backend.members.counting import MOST_CASES
from backend.members.errors import (
    CasesSpent,
    GrantEnded,
    GrantExpired,
    ItemNotGranted,
    MembersError,
    ScopeMissing,
    TooManyRequests,
)
from backend.members.granting import MOST_ITEMS, Grant, Granting
from backend.members.licensed import Licensed
from backend.members.pace import Pace
from backend.members.parts import Acting, Member, Parts
from backend.members.scopes import GRANTABLE, Role, Scope
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.store.tries import Tries
from backend.upstream.deadline import Deadline

__all__ = [
    "GRANTABLE",
    "MOST_CASES",
    "MOST_ITEMS",
    "Acting",
    "Bar",
    "CasesSpent",
    "Grant",
    "GrantEnded",
    "GrantExpired",
    "Held",
    "ItemNotGranted",
    "Member",
    "Members",
    "MembersError",
    "Pace",
    "Role",
    "Scope",
    "ScopeMissing",
    "TooManyRequests",
]


class Members:
    """The use cases; see the modules behind each for what they refuse.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, redis: Redis, keyring: KeyRing, index: BlindIndex, enterprises: Enterprises,
        identity: Identity, messages: Messages, audit: Audit, clock: Callable[[], float],
    ) -> None:  # fmt: skip
        parts = Parts(keyring, index, Tries(redis), enterprises, identity, messages, audit, clock)
        self._parts = parts
        self._admitting = Admitting(parts)
        self.granting = Granting(parts, self._admitting)
        self.barring = Barring(parts)
        self.licensing = Licensed(parts, self._admitting)

    async def admit(
        self, session: Session, person: Holder, uscc: str, scope: Scope, item_code: str = "",
        trace: str = "", deadline: Deadline | None = None, represented: bytes | None = None,
    ) -> Acting:  # fmt: skip
        """How somebody acts for an enterprise, if they may do this there. See ``Admitting``."""
        return await self._admitting.admit(
            session, person, uscc, scope, item_code, trace, deadline, represented
        )

    async def licensed(self, session: Session, uscc: str) -> bool:
        """Whether its electronic licence was shown in this session. See ``Admitting``."""
        return await self._admitting.licensed(session, uscc)

    async def held(
        self, session: Session, trace: str = "", deadline: Deadline | None = None
    ) -> list[Held]:
        """What others gave to a person and still holds, the latest first."""
        return await self._admitting.of_person(session, trace, deadline)

    async def lost(self, session: Session) -> list[str]:
        """Enterprises (USCC) whose applications a person could see as a member and now cannot."""
        return await self._admitting.lost(session)

    async def resign(self, acting: Acting) -> None:
        """Give back what one was given. See ``Admitting``."""
        await self._admitting.resign(acting)

    async def acted(self, acting: Acting, what: str) -> None:
        """Write down that something was done for an enterprise, and by whom."""
        detail = {"what": what, "role": str(acting.role), "member": str(acting.member_id or "")}
        await self._parts.audit.record(
            f"person:{acting.person_id}", "members.acted", acting.about, detail
        )

    async def require_room(self, member_id: UUID) -> None:
        """Refuse an agent who has filed as many applications as they may. See ``counting``."""
        await counting.require_room(member_id)

    async def count(self, member_id: UUID) -> None:
        """Count an application of a member, inside its transaction. See ``counting``."""
        await counting.count(member_id)

    # The worker

    async def watch(self) -> int | None:
        """Ask the registers whether what was given still stands."""
        return await self._admitting.watch()

    async def purge(self) -> int | None:
        """End invitations that nobody answered, and what was shown by licence half a day ago."""
        return await self.granting.purge()
