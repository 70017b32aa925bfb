"""Access tokens and their records in Redis: what every request of a logged-in person passes.

A token is person id (22 characters) | session id (11) | secret (22), each in base64url of its own
so that the parts of a Redis key are cut out of it and nothing is decoded. Redis holds, under
``s:{subject}:session``, ``level (1) | first half of SHA-256 of the secret (16)``, and forgets it
when the token runs out. Deleting the record logs the session out on every worker at once. The
session id is that of its refresh family, so that a refreshed session keeps its place in the list
of devices. Nothing in the record or the key names the person.
"""

import base64
import hashlib
import hmac
import os
import re
from typing import NamedTuple
from uuid import UUID

from backend.identity.errors import SessionExpired, SessionMissing
from backend.identity.levels import Level

ACCESS_SECONDS = 15 * 60
_SESSION, _SECRET = 8, 16
_PERSON_CHARS, _SESSION_CHARS = 22, 11
_DIGEST = 16
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{55}")
_LEVELS = {level.value: level for level in Level}


class AccessToken(NamedTuple):
    """A token taken apart; not yet checked against its record."""

    subject: str
    session_id: str
    secret: bytes

    @property
    def key(self) -> str:
        """The key of the record in Redis."""
        return session_key(self.subject, self.session_id)


class Session(NamedTuple):
    """A checked session.

    Attributes:
        subject: the person's id as 22 characters of base64url; tags every Redis key of theirs.
        session_id: 11 characters of base64url; the same for all tokens of one login.
    """

    subject: str
    session_id: str
    level: Level

    @property
    def person_id(self) -> UUID:
        """The person's id in the database."""
        return UUID(bytes=base64.urlsafe_b64decode(self.subject + "=="))


def subject_of(person_id: UUID) -> str:
    """The short form of a person's id used in Redis keys."""
    return _encode(person_id.bytes)


def session_key(subject: str, session_id: str) -> str:
    """The Redis key of a session's record."""
    return f"s:{{{subject}}}:{session_id}"


def is_session_id(text: str) -> bool:
    """Whether a text has the shape of a session id."""
    return _SESSION_ID.fullmatch(text) is not None


def new_session_id() -> str:
    """A fresh random session id."""
    return _encode(os.urandom(_SESSION))


def issue(person_id: UUID, session_id: str, level: Level) -> tuple[str, bytes]:
    """Make an access token; returns it and the record to store under its key."""
    secret = _encode(os.urandom(_SECRET))
    return subject_of(person_id) + session_id + secret, record(level, secret.encode())


def record(level: Level, secret: bytes) -> bytes:
    """The value stored in Redis for a token with this secret."""
    return bytes([level]) + _digest(secret)


def parse(token: str) -> AccessToken:
    """Take a token apart.

    Raises:
        SessionMissing: it has not the shape of one of our tokens.
    """
    if _TOKEN.fullmatch(token) is None:
        raise SessionMissing
    session = _PERSON_CHARS + _SESSION_CHARS
    return AccessToken(
        token[:_PERSON_CHARS], token[_PERSON_CHARS:session], token[session:].encode()
    )


def check(token: AccessToken, stored: bytes | None) -> Session:
    """Compare a token with the record found under its key.

    Raises:
        SessionExpired: there is no record, or it belongs to a newer token of the session.
    """
    if stored is None or not hmac.compare_digest(stored[1:], _digest(token.secret)):
        raise SessionExpired
    return Session(token.subject, token.session_id, _LEVELS[stored[0]])


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()[:_DIGEST]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
