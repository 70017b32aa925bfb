"""Nothing that names a person lies open: not in the logs, not in Redis, not in the database."""

import base64
import contextlib
import logging
from collections.abc import Iterator

import pytest
from tortoise import connections

from backend.errors import DomainError
from backend.sandbox.wechat.server import Login
from tests.identity_world import (
    ADDRESS,
    DEAD,
    EVERYBODY,
    FACE,
    LI,
    NOBODY,
    PRIVACY,
    RARE,
    UNSEEN,
    WANG,
    WANG_OLD,
    ZHANG,
    Someone,
    World,
    device,
)
from tests.integration.identity.test_face import picture
from tests.servers import Backing

OPENID = "o-very-own-openid"


def traces_of(who: Someone) -> Iterator[bytes]:
    """Every way in which a person could be found in the open."""
    for text in (who.name, who.id_number, who.phone, who.id_number.lower()):
        raw = text.encode()
        yield raw
        yield raw.hex().encode()
        yield text.encode("unicode_escape")
        yield base64.b64encode(raw).rstrip(b"=")


async def live(here: World, who: Someone) -> None:
    """Log in, verify and show the face, as far as it goes for this person."""
    with contextlib.suppress(DomainError):
        tokens = await here.login(who, f"{who.phone} of its own")
        session = await here.session(tokens)
        await here.identity.give_consent(session, "face", FACE)
        done = await here.identity.verify_name(session, who.name, who.id_number, ADDRESS)
        session = await here.session(done.tokens or tokens)
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
        await here.identity.refresh((done.tokens or tokens).refresh_token)


async def live_in_wechat(here: World, who: Someone) -> None:
    """The same through WeChat, up to an open face verification."""
    code = here.wechat_state.logins.mint(Login(OPENID))
    tokens = await here.identity.login_by_wechat(code, device("wechat"), PRIVACY, ADDRESS)
    session = await here.session(tokens)
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(who.phone), ADDRESS)
    session = await here.session(tokens)
    with contextlib.suppress(DomainError):
        await here.identity.verify_name(session, who.name, who.id_number, ADDRESS)
    await here.identity.give_consent(session, "face", FACE)
    with contextlib.suppress(DomainError):
        await here.identity.open_wechat_face(await here.session(tokens), ADDRESS)


async def database_bytes() -> bytes:
    """Every value of every row of every table."""
    connection = connections.get("default")
    if connection.capabilities.dialect == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    found = []
    for table in await connection.execute_query_dict(query):
        for row in await connection.execute_query_dict(f'SELECT * FROM "{table["name"]}"'):
            found += [_raw(value) for value in row.values()]
    return b"\n".join(found)


def redis_bytes(backing: Backing) -> bytes:
    """Every key and value of every node."""
    found: list[bytes] = []
    for node in backing.nodes:
        with backing.plain_client(node) as client:
            for key in client.scan_iter():
                kind = client.type(key)
                values = client.hgetall(key) if kind == b"hash" else {b"": client.get(key)}
                found += [key, *(_raw(part) for pair in values.items() for part in pair)]
    return b"\n".join(found)


def _raw(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


async def test_nobody_can_be_found_in_the_open(
    here: World, backing: Backing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    people = (ZHANG, RARE, DEAD, UNSEEN, NOBODY, WANG_OLD, WANG)
    for who in people:
        await live(here, who)
    await live_in_wechat(here, LI)
    await here.code(LI.phone)
    logs = "\n".join(f"{each.name} {each.getMessage()} {each.args}" for each in caplog.records)
    # The register of the authority is its own; only what is ours counts here.
    ours = {
        "logs": "\n".join(
            f"{each.getMessage()} {each.args}"
            for each in caplog.records
            if not each.name.startswith("backend.sandbox")
        ).encode(),
        "redis": redis_bytes(backing),
        "database": await database_bytes(),
    }
    assert len(ours["redis"]) > 1000
    assert len(ours["database"]) > 1000
    assert logs
    secrets = [OPENID.encode(), device("wechat").key.encode(), device("wechat").name.encode()]
    for place, content in ours.items():
        for who in EVERYBODY:
            for trace in traces_of(who):
                assert trace not in content, f"{trace!r} of {who.name} lies open in the {place}"
        for secret in secrets:
            assert secret not in content, f"{secret!r} lies open in the {place}"


def test_the_search_would_find_them() -> None:
    for trace in traces_of(ZHANG):
        assert len(trace) >= 9
