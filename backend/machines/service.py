"""Machine access for the software of enterprises (软件接入), by keys that they keep themselves.

The representative or an administrator registers a public key; requests are signed as in the
provider channel (RFC 9421, RFC 9530), once per nonce. A program acts in the right of whoever
registered it, within its scopes and its quota, and ends with that right.
"""

from collections.abc import Callable

from backend.audit.service import Audit
from backend.cases.service import Cases
from backend.identity.service import Identity
from backend.machines.clients import (
    GIVABLE,
    Ask,
    Calling,
    Client,
    Clients,
    Signed,
    Wish,
)
from backend.machines.filing import Application, Attachment, Filed, Filing
from backend.members.service import Members
from backend.store.redis import Redis

__all__ = [
    "GIVABLE",
    "Application",
    "Attachment",
    "Calling",
    "Client",
    "Filed",
    "Machines",
    "Signed",
    "Wish",
]


class Machines:
    """The use cases; see the modules behind each for what they refuse."""

    def __init__(
        self, redis: Redis, ask: Ask, identity: Identity, members: Members, cases: Cases,
        audit: Audit, clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.clients = Clients(redis, ask, identity, members, audit, clock)
        self.filing = Filing(cases)
