"""What people lend each other, made over HTTP where a journey is about something else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from backend.numbers.service import age_on
from backend.sandbox.population.generator import households
from backend.sandbox.population.people import Person
from tests.e2e.people import CITIZEN, Visitor, done, represents, take, usual
from tests.provinces import POPULATION

YOUNG = 13
CARD = "居民身份证"


@dataclass(frozen=True)
class Lent:
    """Of two people, one of whom lends to the other, who carries their wallet, too.

    Attributes:
        loan, member: ids; licence: of the lender's card; copy: as its maker sees it.
    """

    loan: str
    member: str
    licence: str
    copy: dict[str, Any]


def family() -> tuple[Person, Person]:
    """A parent and a child of whom no other test knows."""
    today = datetime.now(UTC).date()
    stream = households(POPULATION.seed, POPULATION.people, POPULATION.enterprises)
    for household in reversed(list(stream)):
        people = {person.index: person for person in household.people}
        for child in household.people:
            parents = [people[index] for index in child.parent_indexes if index in people]
            young = parents and age_on(child.birth, today) < YOUNG
            both = (parents[0], child) if parents else (child, child)
            if young and all(_ordinary(one) for one in both) and take(*both):
                return both
    raise AssertionError("no family is left")


def _ordinary(one: Person) -> bool:
    return usual(one) and one.licence_load == "normal" and not represents(one)


def lend(http: httpx.Client, owner: Visitor, friend: Visitor) -> Lent:
    """A loan and a wallet from one to the other, both accepted; and a copy."""
    mine, theirs = owner.header, friend.header
    until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    wallet = done(http.get(f"{CITIZEN}/wallet", headers=mine))["items"]
    licence = next(item["id"] for item in wallet if item["name"] == CARD)
    wish = {"purpose": "代办业务", "fields": ["holder_name"], "times": 3, "until": until}
    loan = done(http.post(f"{CITIZEN}/wallet/{licence}/loans", json=wish, headers=mine))
    taken = {"code": loan["invitation"]}
    done(http.post(f"{CITIZEN}/borrowed", json=taken, headers=theirs))
    link = done(http.post(f"{CITIZEN}/family/invitations", json={"until": until}, headers=mine))
    done(http.post(f"{CITIZEN}/family", json={"code": link["invitation"]}, headers=theirs))
    body = {"purpose": "租房", "user": "示范房产中介有限公司", "days": 30}
    copy = done(http.post(f"{CITIZEN}/wallet/{licence}/copies", json=body, headers=mine))
    return Lent(loan["id"], link["id"], licence, copy)
