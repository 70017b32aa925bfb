"""What the use cases of the package share."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from backend.audit.service import Audit
from backend.exchange.service import Exchange
from backend.identity.accounts import Accounts
from backend.identity.consents import Consents
from backend.identity.families import Families
from backend.identity.holders import Holders
from backend.identity.levels import Level
from backend.identity.limits import Limits, Mark, Rule
from backend.identity.models import Person as Account
from backend.identity.models import SessionFamily
from backend.identity.sessions import Session
from backend.messages.service import Messages
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.wechat import WeChat

IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Parts:
    """The stores, the outside and the smaller parts on which the use cases stand."""

    settings: Settings
    redis: Redis
    keyring: KeyRing
    index: BlindIndex
    exchange: Exchange
    wechat: WeChat
    messages: Messages
    audit: Audit
    accounts: Accounts
    families: Families
    holders: Holders
    limits: Limits
    consents: Consents

    def mark(self, rule: Rule, kind: str, value: str) -> Mark:
        """A limit on something personal (phone, number…), which Redis knows by its index only."""
        return Mark(rule, self.index.of(f"limit-{kind}", value)[:32])

    def address_mark(self, rule: Rule, address: str) -> Mark:
        """A limit on an address; an IPv6 customer has a whole /64 of them."""
        return self.mark(rule, "address", network_of(address))

    def own_since(
        self, session: Session, account: Account, family: SessionFamily
    ) -> datetime | None:
        """From when on consents in this account are surely those of the person in the session.

        In an account that was verified, an unverified session may be that of a new owner of the
        phone: what was agreed to before it is not theirs.
        """
        unsure = account.id_index is not None and session.level < Level.REAL_NAME
        return family.created_at if unsure else None


def network_of(address: str) -> str:
    """The part of an address that stands for one customer."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
    return str(parsed)
