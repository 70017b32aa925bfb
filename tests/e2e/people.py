"""People of the province, logged in over HTTP where a journey is about something else."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import httpx

from backend.numbers.service import age_on
from backend.sandbox.population.generator import households
from backend.sandbox.population.people import Person
from tests.e2e.app import PRIVACY_VERSION, App
from tests.provinces import POPULATION
from tests.sandbox_world import picture

CITIZEN = "/api/v1/citizen"
ADULT = 18
LONG_MS = 9_999_999_999_999
SIT_DOWN_WITHIN = 300.0
ASK_WITHIN = 600.0


@dataclass
class Visitor:
    """A logged-in person.

    Attributes:
        http: a client of the gateway.
        tokens: as the gateway gave them; person: as it describes the person to the person.
        phone: whose code logs them in.
        since: when the tokens were given, on the monotonic clock. An access token lives for 900 s,
            and a whole run takes longer; they are renewed before a device gets them (which keeps
            them for the rest of a test), or when a request comes long after.
    """

    http: httpx.Client
    tokens: dict[str, Any]
    person: dict[str, Any]
    phone: str
    since: float = field(default_factory=time.monotonic)

    @property
    def header(self) -> dict[str, str]:
        """Of requests in this person's name."""
        self._renew(ASK_WITHIN)
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    def sit_down(self, app: App) -> None:
        """Use the app on a device where this person is logged in."""
        app.remember(tokens=self.kept(), person=self.person)

    def kept(self) -> dict[str, Any]:
        """The tokens as a device keeps them."""
        return {
            "access": self.token(),
            "refresh": self.tokens["refresh_token"],
            "accessUntil": LONG_MS,
        }

    def token(self) -> str:
        """For a device: it lasts longer than any test."""
        self._renew(SIT_DOWN_WITHIN)
        return str(self.tokens["access_token"])

    def _renew(self, within: float) -> None:
        if time.monotonic() - self.since > within:
            body = {"refresh_token": self.tokens["refresh_token"]}
            self.tokens = done(self.http.post(f"{CITIZEN}/sessions/refresh", json=body))
            self.since = time.monotonic()


def log_in(http: httpx.Client, who: Person | None, level: int) -> Visitor:
    """Log somebody in on a new device: 1 by phone, 3 with the real name, 4 by face."""
    phone = f"139{secrets.randbelow(10**8):08d}"
    sent = done(http.post(f"{CITIZEN}/sessions/sms-codes", json={"phone": phone}))
    body = {
        "phone": phone,
        "code": sent["sandbox_code"],
        "device": {"key": secrets.token_urlsafe(24), "name": "Test", "platform": "h5"},
        "privacy_version": PRIVACY_VERSION,
    }
    visitor = Visitor(http, done(http.post(f"{CITIZEN}/sessions/phone", json=body)), {}, phone)
    if level >= 3:
        assert who is not None
        named = {"name": who.name, "id_number": who.id_number}
        visitor = _step(http, visitor, "/me/identity", named)
    if level >= 4:
        consent = {"kind": "face", "version": PRIVACY_VERSION}
        http.post(f"{CITIZEN}/me/consents", json=consent, headers=visitor.header)
        visitor = _step(http, visitor, "/me/face/photo", {"image": picture(320)})
    me = done(http.get(f"{CITIZEN}/me", headers=visitor.header))
    assert me["level"] == level
    return Visitor(http, visitor.tokens, me, phone)


def _step(http: httpx.Client, visitor: Visitor, path: str, body: dict[str, Any]) -> Visitor:
    answer = done(http.post(f"{CITIZEN}{path}", json=body, headers=visitor.header))
    return Visitor(http, answer.get("tokens") or visitor.tokens, answer["person"], visitor.phone)


def done(answer: httpx.Response) -> dict[str, Any]:
    """What a request that has to succeed gave."""
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


@cache
def _everybody() -> tuple[Person, ...]:
    stream = households(POPULATION.seed, POPULATION.people, POPULATION.enterprises)
    return tuple(person for household in stream for person in household.people)


@cache
def _representatives() -> frozenset[str]:
    stream = households(POPULATION.seed, POPULATION.people, POPULATION.enterprises)
    found = [one for household in stream for one in household.enterprises if one.status == "存续"]
    return frozenset(one.legal_representative.id_number for one in found)


_PLAYING: set[str] = set()


def take(*people: Person) -> bool:
    """Claim all of these for one test; False (and nobody claimed) when one already plays."""
    numbers = {one.id_number for one in people}
    if _PLAYING & numbers:
        return False
    _PLAYING.update(numbers)
    return True


def usual(person: Person) -> bool:
    """Alive, with a citizen's number, and a face that passes."""
    return person.status == "alive" and person.face_ok and person.id_type == "111"


def grown(person: Person) -> bool:
    """Of age: no guardian has to act for them."""
    return age_on(person.birth, date.today()) >= ADULT


def somebody(fits: Callable[[Person], bool]) -> Person:
    """The last adult of the population who fits and whom no other test has.

    A second log-in of the same person from another phone would have to show the face first. The
    demo people stand at the beginning of the population.
    """
    return next(
        person
        for person in reversed(_everybody())
        if usual(person) and grown(person) and fits(person) and take(person)
    )


def represents(person: Person) -> bool:
    """Whether the register names this person as somebody's legal representative."""
    return person.id_number in _representatives()


def not_online(http: httpx.Client) -> str:
    """Id of an item that is done at a counter alone."""
    cursor: str | None = ""
    while cursor is not None:
        path = f"/api/v1/public/service-items?limit=50&cursor={cursor}"
        page = done(http.get(path if cursor else path.partition("&")[0]))
        for item in page["items"]:
            if not item["online"]:
                return str(item["id"])
        cursor = page["next_cursor"]
    raise AssertionError("every item can be applied for")
