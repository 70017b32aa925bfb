"""What a login, a step up and a look at oneself give, and where somebody can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.identity.consents import ConsentGiven
from backend.identity.levels import Level


@dataclass(frozen=True, slots=True)
class Me:
    """A person as they see themselves; masked.

    Attributes:
        level: of the session, not of the account: what this device may do now.
        name: None below level 3, where the phone may have a new owner; as is ``id_number``.
    """

    id: str
    level: Level
    name: str | None
    phone: str | None
    id_number: str | None
    wechat: bool
    elder: bool
    region_code: str
    consents: Sequence[ConsentGiven]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login gives; the access token lives ``ACCESS_SECONDS``."""

    access_token: str
    refresh_token: str
    level: Level
    person: Me


@dataclass(frozen=True, slots=True)
class Verified:
    """What a step up gives.

    Attributes:
        tokens: in place of the present ones, when the session went over to another account of
            the same person; the present ones are void then.
    """

    level: Level
    person: Me
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person can be reached outside of the app.

    Attributes:
        openid_index: blind index of the WeChat account that logs in to theirs.
        phone: E.164.
    """

    openid_index: str | None
    phone: str | None
