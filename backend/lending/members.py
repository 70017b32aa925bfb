"""Members of a family as the caller sees them, the tag of a child's wallet, the day it ends."""

import base64
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.numbers.service import Holder, age_on
from backend.store.keyring import BlindIndex

GROWN_UP = 14
_SUBJECT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Member:
    """Whose licences somebody carries, or who carries somebody's.

    Attributes:
        role: ``carried`` by the caller, or ``carrier`` of the caller's.
        name: masked; empty while nobody has accepted the invitation.
        ends_on: the first day on which it holds no more.
        invitation: the code, once, when it was just made.
    """

    id: UUID
    kind: str
    role: str
    name: str
    state: str
    since: datetime
    ends_on: date
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The wallet that a link opens.

    Attributes:
        about: whose it is, as the audit calls them.
    """

    id: UUID
    subject: str
    holder: Holder
    about: str
    proof: str | None


def child_subject(index: BlindIndex, number: str) -> str:
    """The tag of the keys of somebody without an account; tells nothing, meets no other tag."""
    digest = bytes.fromhex(index.of("child", number))[:_SUBJECT_BYTES]
    return "k" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def grown_up_on(birth: date) -> date:
    """The day on which a child is grown up enough; of 29 February on 1 March."""
    day = date(birth.year + GROWN_UP, birth.month, min(birth.day, 28))
    while age_on(birth, day) < GROWN_UP:
        day += timedelta(days=1)
    return day
