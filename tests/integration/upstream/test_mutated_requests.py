"""Ten thousand requests that were changed after signing, each refused, none with a 5xx.

They are sent byte for byte over HTTP to a running gateway: every header, the body, the address, the
time, the nonce, the key and the algorithm are changed in turn, by a generator with a fixed seed.
"""

import asyncio
import base64
import random
import re
import string
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from backend.exchange.errors import SIGNATURE_ERRORS
from backend.store.database import close_database, open_database
from backend.store.redis import open_redis
from backend.upstream.signing import (
    SigningKey,
    content_digest,
    sign_request,
    verify_answer,
)
from tests.servers import Backing
from tests.signed_world import GATEWAY, KEYS, PATH, REVOKED, Gateway, Line, gateway, line, register

REQUESTS, LINES = 10_000, 8
HEADERS = ("content-digest", "signature-input", "signature")
STRANGER = {alg: SigningKey.from_seed("x", b"x" * 32, key.alg) for alg, key in KEYS.items()}


WORKERS = 2


@pytest.fixture(scope="module")
def registered(backing: Backing) -> Iterator[str]:
    """A database in which the system that signs is registered."""
    backing.flush()
    url = backing.fresh_database()
    asyncio.run(_register(url, backing.redis_url))
    yield url
    backing.drop_database(url)


async def _register(database_url: str, redis_url: str) -> None:
    # Prepared statements are kept by table, whatever kind of database the test before was on.
    EXECUTOR_CACHE.clear()
    await open_database(database_url)
    async with open_redis(redis_url) as redis:
        await register(redis)
    await close_database()
    EXECUTOR_CACHE.clear()


@pytest.fixture(scope="module")
def running(
    backing: Backing, registered: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One gateway for all tests here: none leaves anything that another could notice."""
    with gateway(tmp_path_factory.mktemp("gateway"), registered, backing.redis_url) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it is sent."""

    headers: dict[str, str]
    body: bytes
    method: str = "POST"
    target: str = PATH

    def having(self, name: str, value: str) -> "Signed":
        """The same with one header changed."""
        return replace(self, headers={**self.headers, name: value})

    def without(self, name: str) -> "Signed":
        """The same without one header."""
        left = {key: value for key, value in self.headers.items() if key != name}
        return replace(self, headers=left)


def notice() -> bytes:
    """A notice that the platform takes: nobody has this holder's wallet."""
    return orjson.dumps(
        {
            "notice_id": str(uuid.uuid4()),
            "holder": {"code_type": "111", "code": "440106200002290032", "name": "李晓雯"},
            "revision": 1, "as_of": "2026-11-23T10:00:00+08:00", "licences": [],
        }
    )  # fmt: skip


def signed(key: SigningKey, body: bytes | None = None) -> Signed:
    body = notice() if body is None else body
    return Signed(sign_request(key, "POST", PATH, "", body), body)


Change = Callable[[random.Random, SigningKey], Signed]


def _letter(draw: random.Random, key: SigningKey) -> Signed:
    """One letter of one header is another."""
    good, name = signed(key), draw.choice(HEADERS)
    value = good.headers[name]
    place = draw.randrange(len(value))
    letters = (string.printable[:95] + "äé\xff").replace(value[place], "")
    return good.having(name, value[:place] + draw.choice(letters) + value[place + 1 :])


def _cut(draw: random.Random, key: SigningKey) -> Signed:
    """A piece of a header is missing, or comes twice."""
    good, name = signed(key), draw.choice(HEADERS)
    value = good.headers[name]
    start = draw.randrange(len(value))
    end = draw.randrange(start + 1, len(value) + 1)
    piece = value[start:end] * draw.choice((0, 2, 3))
    return good.having(name, value[:start] + piece + value[end:])


def _gone(draw: random.Random, key: SigningKey) -> Signed:
    good, name = signed(key), draw.choice(HEADERS)
    return good.without(name) if draw.random() < 0.5 else good.having(name, "")


def _junk(draw: random.Random, key: SigningKey) -> Signed:
    letters = string.printable[:95] + "\xe4\xff"
    junk = "".join(draw.choices(letters, k=draw.randrange(1, 400))).strip() or "-"
    return signed(key).having(draw.choice(HEADERS), junk)


def _borrowed(draw: random.Random, key: SigningKey) -> Signed:
    """A header of another good request."""
    name = draw.choice(HEADERS)
    return signed(key).having(name, signed(key).headers[name])


def _body(draw: random.Random, key: SigningKey) -> Signed:
    good = signed(key)
    body = bytearray(good.body)
    how = draw.randrange(4)
    if how == 0:
        body[draw.randrange(len(body))] ^= draw.randrange(1, 256)
    elif how == 1:
        body += b" "
    elif how == 2:
        del body[draw.randrange(len(body)) :]
    else:
        body = bytearray(notice())
    changed = replace(good, body=bytes(body))
    # Whoever changes a body may well compute its digest, too.
    fitting = draw.random() < 0.5
    return changed.having("content-digest", content_digest(changed.body)) if fitting else changed


def _address(draw: random.Random, key: SigningKey) -> Signed:
    good = signed(key)
    targets = (PATH + "?a=1", PATH + "?", PATH + "/", PATH.upper(), PATH + "/x", "//" + PATH)
    if draw.random() < 0.2:
        return replace(good, method=draw.choice(("PUT", "DELETE", "PATCH")))
    target = draw.choice(targets)
    # A query that is empty is the same as none.
    return replace(good, target=target if target != PATH + "?" else PATH + "?b")


def _time(draw: random.Random, key: SigningKey) -> Signed:
    """Signed in another time, or moved there afterwards."""
    good = signed(key)
    shift = draw.choice((-1, 1)) * draw.randrange(301, 10**6)
    value = good.headers["signature-input"]

    def moved(match: re.Match[str]) -> str:
        return f"{match[1]}={int(match[2]) + shift}"

    which = draw.choice(("created", "expires", "created|expires"))
    return good.having("signature-input", re.sub(rf"({which})=(\d+)", moved, value))


def _nonce(draw: random.Random, key: SigningKey) -> Signed:
    good = signed(key)
    nonces = (
        "",
        "short",
        "x" * 65,
        "n" * 24,
        "ä" * 20,
        base64.b64encode(draw.randbytes(15)).decode(),
    )
    value = re.sub(
        r'nonce="[^"]*"', f'nonce="{draw.choice(nonces)}"', good.headers["signature-input"]
    )
    return good.having("signature-input", value)


def _key(draw: random.Random, key: SigningKey) -> Signed:
    """Another key: unknown, revoked, of another kind, or a stranger's under our name."""
    how, good = draw.randrange(5), signed(key)
    value = good.headers["signature-input"]
    if how == 0:
        return signed(REVOKED)
    if how == 1:
        return signed(replace(STRANGER[key.alg], key_id=key.key_id))
    if how == 2:
        return signed(replace(key, key_id=f"nobody-{draw.randrange(1000)}"))
    if how == 3:
        other = KEYS["sm2" if key.alg == "ed25519" else "ed25519"]
        return good.having("signature-input", value.replace(key.key_id, other.key_id))
    algs = ("ed25519", "sm2-sm3", "hmac-sha256", "none", "")
    alg = draw.choice([alg for alg in algs if f'"{alg}"' not in value])
    return good.having("signature-input", re.sub(r'alg="[^"]*"', f'alg="{alg}"', value))


def _covers(draw: random.Random, key: SigningKey) -> Signed:
    """The list of what is covered is another, or a parameter is gone, doubled or moved."""
    good = signed(key)
    value = good.headers["signature-input"]
    listed, *parameters = value.split(";")
    names = listed.removeprefix("sst=(").removesuffix(")").split(" ")
    how = draw.randrange(4)
    if how == 0:
        names.remove(draw.choice(names))
    elif how == 1:
        names.append(draw.choice(('"host"', '"date"', names[0])))
    elif how == 2:
        parameters.remove(draw.choice(parameters))
    else:
        parameters.append(draw.choice((parameters[0], 'tag="x"', "x=1")))
    return good.having("signature-input", ";".join([f"sst=({' '.join(names)})", *parameters]))


def _bits(draw: random.Random, key: SigningKey) -> Signed:
    """A signature with one bit changed, one of random bytes, or one of another length."""
    good = signed(key)
    raw = bytearray(base64.b64decode(good.headers["signature"][5:-1]))
    how = draw.randrange(5)
    if how == 0:
        raw[draw.randrange(64)] ^= 1 << draw.randrange(8)
    elif how == 1:
        raw = bytearray(draw.randbytes(64))
    elif how == 2:
        raw = bytearray(draw.randbytes(draw.randrange(0, 140)))
    elif how == 3:
        raw = raw[32:] + raw[:32]
    else:
        raw[draw.choice((0, 32)) :][:32] = b"\xff" * 32
        raw = bytearray(b"\xff" * 32) + raw[32:]
    return good.having("signature", f"sst=:{base64.b64encode(raw).decode()}:")


CHANGES: tuple[Change, ...] = (
    _letter, _cut, _gone, _junk, _borrowed, _body, _address, _time, _nonce, _key, _covers, _bits,
)  # fmt: skip


def mutated(count: int) -> Iterator[Signed]:
    """So many changed requests; each is unlike the good one that it was made from."""
    draw, keys = random.Random(3), list(KEYS.values())
    for number in range(count):
        yield CHANGES[number % len(CHANGES)](draw, keys[number // len(CHANGES) % len(keys)])


async def test_ten_thousand_mutated_requests_are_refused(
    running: Gateway, backing: Backing
) -> None:
    # What is behind makes no difference to all but the nonce: the second time takes a tenth.
    count = REQUESTS if backing.postgres is None else REQUESTS // 10
    waiting, seen = mutated(count), Counter[str]()
    before = {reason: refused_for(running, reason) for reason in SIGNATURE_ERRORS}
    let_in = running.metric("sst_signed_requests_total")

    async def send_all(connection: Line) -> None:
        for request in waiting:
            try:
                answer = await connection.send(
                    request.headers, request.body, request.method, request.target
                )
            except (asyncio.IncompleteReadError, ConnectionError):
                # What is no HTTP at all may be answered by hanging up.
                seen["hung up"] += 1
                await connection.close()
                continue
            assert 400 <= answer.status < 500, (answer, request)
            seen[answer.code] += 1

    lines = [Line(running.port) for _ in range(LINES)]
    await asyncio.gather(*(send_all(each) for each in lines))
    for each in lines:
        await each.close()
    assert sum(seen.values()) == count
    assert seen["hung up"] < count / 100, seen
    reasons = {error.code: reason for reason, error in SIGNATURE_ERRORS.items()}
    assert set(reasons) - set(seen) == {SIGNATURE_ERRORS["replayed"].code}, seen
    for code, reason in reasons.items():
        counted = refused_for(running, reason) - before[reason]
        assert counted == seen[code], (reason, seen)
    assert running.metric("sst_signed_requests_total") == let_in


def refused_for(running: Gateway, reason: str) -> float:
    return running.metric("sst_signatures_refused_total", reason=reason)


@pytest.mark.parametrize("alg", KEYS)
async def test_a_good_request_is_let_in_once(running: Gateway, alg: str) -> None:
    request = signed(KEYS[alg])
    async with line(running) as connection:
        first = await connection.send(request.headers, request.body)
        again = await connection.send(request.headers, request.body)
    # Let in, and told that it issues no licences: that is another question.
    assert (first.status, first.code) == (400, "wallet.notice_refused")
    assert (again.status, again.code) == (401, "exchange.signature_replayed")


async def test_a_replay_is_refused_by_every_worker(
    tmp_path: Path, backing: Backing, registered: str
) -> None:
    request = signed(KEYS["ed25519"])
    with gateway(tmp_path, registered, backing.redis_url, WORKERS) as running:
        async with line(running) as connection:
            first = await connection.send(request.headers, request.body)
        seen = Counter[str]()
        for _ in range(20):  # connections of their own: any worker may take each
            async with line(running) as connection:
                again = await connection.send(request.headers, request.body)
                seen[again.code] += 1
    assert first.code == "wallet.notice_refused"
    assert seen == {"exchange.signature_replayed": 20}


@pytest.mark.parametrize("alg", KEYS)
async def test_an_answer_is_signed_for_whoever_asks(running: Gateway, alg: str) -> None:
    request = signed(KEYS[alg])
    asked = 'sst=("@status" "content-digest" "signature";req;key="sst");nonce="n-1"'
    known = {key.key_id: key.public for key in GATEWAY}
    async with line(running) as connection:
        for _ in range(2):  # let in, and then refused: both are signed
            headers = {**request.headers, "accept-signature": asked}
            answer = await connection.send(headers, request.body)
            found = verify_answer(
                known.get, answer.status, answer.headers, answer.body, request.headers
            )
            assert found.nonce == "n-1"
            assert found.key_id == ("gateway-1" if alg == "ed25519" else "gateway-1-sm2")
        plain = await connection.send(signed(KEYS[alg]).headers, request.body)
    assert "signature" not in plain.headers
    assert plain.code == "exchange.signature_digest"


async def test_a_clock_that_goes_wrong_is_told_so(
    running: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("backend.upstream.signing.time.time", lambda: time.time_ns() / 1e9 + 400)
        request = signed(KEYS["ed25519"])
    async with line(running) as connection:
        answer = await connection.send(request.headers, request.body)
    assert (answer.status, answer.code) == (401, "exchange.signature_expired")
