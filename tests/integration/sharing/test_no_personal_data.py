"""Whom systems ask about can be found nowhere in the open: not in the database, Redis or logs."""

import base64
import contextlib
import dataclasses
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from backend.errors import DomainError
from backend.numbers.service import Holder
from backend.sandbox.population.people import Person
from tests.integration.identity.test_no_personal_data import database_bytes
from tests.integration.sharing.test_corrections import order
from tests.sandbox_world import HUSBAND, MANY, WIFE
from tests.servers import Backing
from tests.sharing_world import RESOURCE, SharingWorld, query

EVERYBODY = (HUSBAND, WIFE, MANY)


def traces_of(person: Person) -> Iterator[bytes]:
    for text in (person.name, person.id_number, person.id_number.lower()):
        raw = text.encode()
        yield raw
        yield raw.hex().encode()
        yield text.encode("unicode_escape")
        yield base64.b64encode(raw).rstrip(b"=")


def redis_bytes(backing: Backing) -> bytes:
    """Every key and value of every node, streams and sets too."""
    found: list[bytes] = []
    for node in backing.nodes:
        with backing.plain_client(node) as client:
            for key in client.scan_iter():
                read: dict[bytes, Any] = {
                    b"string": lambda key=key: client.get(key),
                    b"hash": lambda key=key: client.hgetall(key),
                    b"set": lambda key=key: client.smembers(key),
                    b"stream": lambda key=key: client.xrange(key),
                }
                value = read[client.type(key)]()
                found += [key, value if isinstance(value, bytes) else repr(value).encode()]
    return b"\n".join(found)


async def test_nobody_can_be_found_in_the_open(
    world: SharingWorld, backing: Backing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    grant = await world.grant()
    await world.grant(mode="file")
    await world.ask(*EVERYBODY)
    for changes in ({"purpose": "别的"}, {"fields": ["monthly_deposit"]}, {"case_no": None}):
        with contextlib.suppress(DomainError):
            await world.ask(*EVERYBODY, **changes)
    await world.gjj.control("POST", "faults", {"kind": "malformed", "calls": 1})
    with contextlib.suppress(DomainError):
        await world.ask(*EVERYBODY)
    in_redis = redis_bytes(backing)
    await world.sharing.drain()
    await world.ask(HUSBAND)
    who = Holder(HUSBAND.id_type, HUSBAND.id_number, HUSBAND.name)
    clerk = world.officers["gongan-clerk"]
    claim = f"{HUSBAND.name}的余额不符"
    await world.sharing.corrections.ask(clerk, grant.id, who, "balance", claim)
    await order(world, dataclasses.replace(query(*EVERYBODY)))
    before = await database_bytes()
    await world.sharing.deliver_files()
    places = {
        "redis": in_redis + redis_bytes(backing),
        "database": before + await database_bytes(),
        "logs": "\n".join(
            f"{each.getMessage()} {each.args}"
            for each in caplog.records
            if not each.name.startswith("backend.sandbox")
        ).encode(),
    }
    assert RESOURCE.encode() in places["database"]
    assert b"calls:{gd-gongan}" in places["redis"]
    for place, content in places.items():
        for person in EVERYBODY:
            for trace in traces_of(person):
                assert trace not in content, f"{trace!r} lies open in the {place}"
