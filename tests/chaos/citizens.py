"""People who apply on bad networks: they send again, and twice at once, until they are answered."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.sandbox.population.people import Person
from tests.integration.cast import ordinary, province
from tests.integration.people import CITIZEN, bearer, citizen

# Items for which nothing has to be filled in or handed over: it is the way that is tried.
ITEMS = (
    "11440000MB9X00111Q3440109009003", "11440000MB9X00197K4442030001003",
    "11440000MB9X00197K4442030001001", "11440000MB9X0016213442023002002",
    "11440000MB9X00138G4442036005003",
)  # fmt: skip
_PATIENCE_S = 300.0
_TWICE_AT_ONCE = 0.1
# Children apply for nothing themselves.
_GROWN_UP_BORN = 2005


@dataclass
class Tally:
    """What people did and were told.

    Attributes:
        submitted: applications whose submission was sent at least once.
        acknowledged: marker of an application → the number that was answered.
        contradicted: markers to which two numbers were answered.
    """

    submitted: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    contradicted: set[str] = field(default_factory=set)


class Applicant:
    """One logged-in person on one phone."""

    def __init__(
        self, http: httpx.AsyncClient, person: Person, tokens: dict[str, Any], tally: Tally
    ) -> None:
        self._http, self._person, self._tokens, self._tally = http, person, tokens, tally

    async def apply(self, number: int) -> None:
        """One application, known by its contact phone."""
        marker = f"+8613{number:09d}"
        item = ITEMS[number % len(ITEMS)]
        draft = await self._until(
            201, "POST", "/cases/drafts", {"item_code": item, "for": {"kind": "self"}}
        )
        path = f"/cases/drafts/{draft['id']}"
        version = await self._phone(path, draft["version"], marker)
        self._tally.submitted += 1
        key, body = secrets.token_urlsafe(16), {"version": version}
        times = 2 if random.random() < _TWICE_AT_ONCE else 1
        answers = await asyncio.gather(
            *(self._until(201, "POST", f"{path}/submission", body, key) for _ in range(times))
        )
        numbers = {answer["case_no"] for answer in answers}
        self._tally.acknowledged[marker] = answers[0]["case_no"]
        if len(numbers) > 1:
            self._tally.contradicted.add(marker)

    async def _phone(self, path: str, version: int, marker: str) -> int:
        while True:
            body = {"version": version, "values": {}, "contact_phone": marker}
            saved = await self._until(200, "PATCH", path, body, accept=(409,))
            if saved.get("contact_phone") == marker:
                return int(saved["version"])
            # An answer got lost: what it had changed is there.
            version = int((await self._until(200, "GET", path, None))["version"])

    async def _until(
        self, wanted: int, method: str, path: str, body: Any, key: str = "",
        accept: tuple[int, ...] = (),
    ) -> dict[str, Any]:  # fmt: skip
        """Ask until the wanted answer comes."""
        loop = asyncio.get_running_loop()
        until, said = loop.time() + _PATIENCE_S, "nothing"
        while loop.time() < until:
            headers = bearer(self._tokens) | ({"idempotency-key": key} if key else {})
            try:
                answer = await self._http.request(
                    method, f"{CITIZEN}{path}", json=body, headers=headers
                )
            except httpx.TransportError as error:
                said = type(error).__name__
            else:
                if answer.status_code == wanted or answer.status_code in accept:
                    return dict(answer.json())
                said = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code == 401:
                    await self._refresh()
            await asyncio.sleep(random.uniform(0.1, 0.6))
        raise AssertionError(f"{method} {path}: {said}")

    async def _refresh(self) -> None:
        try:
            answer = await self._http.post(
                f"{CITIZEN}/sessions/refresh", json={"refresh_token": self._tokens["refresh_token"]}
            )
        except httpx.TransportError:
            return
        if answer.status_code in (200, 201):
            self._tokens = answer.json()
        elif answer.status_code == 401:
            # An answer that got lost had the next token: the person logs in anew.
            with contextlib.suppress(AssertionError, httpx.TransportError):
                self._tokens = await citizen(self._http, self._person)


async def applicants(http: httpx.AsyncClient, count: int, tally: Tally) -> list[Applicant]:
    """So many people, logged in before anything goes wrong."""
    people = list(_people(count))
    found = []
    for start in range(0, len(people), 4):
        some = people[start : start + 4]
        found += await asyncio.gather(*(citizen(http, person) for person in some))
    return [
        Applicant(http, person, tokens, tally) for person, tokens in zip(people, found, strict=True)
    ]


def _people(count: int) -> Iterator[Person]:
    left = count
    for household in province():
        for person in household.people:
            if left and ordinary(person) and person.birth.year <= _GROWN_UP_BORN:
                left -= 1
                yield person
