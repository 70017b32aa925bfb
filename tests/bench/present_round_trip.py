"""``present_round_trip``: a code is shown and another phone scans it, against bare Sanic hellos.

Both requests go through the gateway: session, wallet, code, the other session, taking the code,
the log of looks, the receipt. One core serves; the client and Valkey are on the other. What counts
is round trips per second of the worker's CPU against hellos per second of the bare server's, both
under the load that wrk makes on as many connections: a server that has to wait for a slow client
pays for its waking up with every request.

Printed with it is the floor: what such a round trip cannot do without, each step bare.
"""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson
import uvloop
from dryoc.sign import SigningKey

from backend.identity.service import holder_key
from backend.store.keyring import KeyRing
from backend.wallet.blobs import Blobs
from backend.wallet.service import wallet_key
from tests.bench.cost import each, each_async
from tests.bench.filled import fill, prepare
from tests.bench.load import CLIENT_CORE, Load, cpu_seconds, run_wrk, wrk
from tests.bench.report import Report
from tests.bench.stage import Stage, stage

PEOPLE, CONNECTIONS = 1500, 32
ROUNDS, SECONDS = 5, 3.0
TARGET = 0.25
SHOWING = "/api/v1/citizen/presentations/codes"
LOOKING = "/api/v1/citizen/presentations/verifications"
# Of what a code stands for, and of a look.
_SEALED_BYTES = 500
_SUBJECT_CHARS = 22
DRIVING_LICENCE = "机动车驾驶证"

_SCRIPT = """
local people, codes, shower, looker = {}, {}, 0, 0
for line in io.lines(os.getenv("BENCH_PEOPLE")) do
  local token, licence = line:match("(%%S+) (%%S+)")
  people[#people + 1] = {token, licence}
end
local function post(path, token, body)
  return "POST " .. path .. " HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer " .. token
    .. "\\r\\nContent-Type: application/json\\r\\nContent-Length: " .. #body
    .. "\\r\\n\\r\\n" .. body
end
request = function()
  local code = table.remove(codes)
  if code then
    looker = looker %% #people + 1
    local other = people[(looker + 500) %% #people + 1]
    return post("%(look)s", other[1], '{"code":"' .. code .. '","purpose":"核对驾驶资格"}')
  end
  shower = shower %% #people + 1
  local who = people[shower]
  return post("%(show)s", who[1], '{"licence_id":"' .. who[2]
    .. '","fields":["classes","holds_class_c1","age_over_18"]}')
end
response = function(status, _, body)
  if status == 201 then codes[#codes + 1] = body:match('"code":"(%%w+)"') end
end
"""


@dataclass(slots=True)
class Turn:
    """Round trips on a server in so many seconds of its CPU."""

    trips: int
    cpu_s: float
    seconds: float
    refused: int

    @property
    def per_cpu_s(self) -> float:
        """Round trips per second of CPU."""
        return self.trips / self.cpu_s


def run() -> Report:
    """Measure."""
    with stage() as place:
        prepare(place)
        tokens = place.folder / "tokens"
        fill(place, PEOPLE, tokens)
        asyncio.run(_known(place, tokens.read_text("ascii").split()))
        with place.gateway() as ours, place.bare() as bare:
            return _measured(place, tokens, ours, bare)


def _measured(place: Stage, tokens: Path, ours: int, bare: int) -> Report:
    os.sched_setaffinity(0, {CLIENT_CORE})
    people = asyncio.run(_licences(place, tokens.read_text("ascii").split()))
    rounds = [(_hello(bare, place, tokens), _trips(ours, place, people)) for _ in range(ROUNDS)]
    ratio = median(trip.per_cpu_s / hello for (_, hello), trip in rounds)
    refused = sum(trip.refused for _, trip in rounds)
    floor = uvloop.run(_floor(place, tokens.read_text("ascii")[:_SUBJECT_CHARS]))
    floor["two_hellos"] = 2e6 / median(hello for (_, hello), _ in rounds)
    return Report(
        value=median(trip.per_cpu_s for _, trip in rounds),
        unit="round trips/s of CPU",
        ratio=ratio,
        of="bare_sanic",
        met=ratio >= TARGET and not refused,
        details={
            "bare": round(median(hello for (_, hello), _ in rounds)),
            "requests_ratio": round(2 * ratio, 3),
            "trips_s": round(median(trip.trips / trip.seconds for _, trip in rounds)),
            "bare_req_s": round(median(load.rate for (load, _), _ in rounds)),
            "refused": refused,
            "floor_us": round(sum(floor.values())),
            "floor": {name: round(us, 1) for name, us in floor.items()},
        },
    )


def _hello(pid: int, place: Stage, tokens: Path) -> tuple[Load, float]:
    before = cpu_seconds(pid)
    load = wrk(place.bare_url, tokens, SECONDS)
    return load, load.answers / (cpu_seconds(pid) - before)


def _trips(pid: int, place: Stage, people: Sequence[tuple[str, str]]) -> Turn:
    """Every answer that brings a code makes the next request a scan of it by somebody else."""
    script, lines = place.folder / "present.lua", place.folder / "people"
    script.write_text(_SCRIPT % {"show": SHOWING, "look": LOOKING}, "utf-8")
    lines.write_text("\n".join(f"{token} {licence}" for token, licence in people), "ascii")
    environ = {**os.environ, "BENCH_PEOPLE": str(lines)}
    before, started = cpu_seconds(pid), time.monotonic()
    load = run_wrk(place.url, script, environ, SECONDS, CONNECTIONS)
    spent = cpu_seconds(pid) - before
    return Turn(load.answers // 2, spent, time.monotonic() - started, load.refused)


async def _floor(place: Stage, subject: str) -> dict[str, float]:
    """CPU µs of the steps of a round trip, each bare, in this process.

    The five questions to Valkey with the commands that they hold; the wallet opened and inflated,
    and once more as much sealing as the code, the holder and the look take; the receipt signed.
    """
    blobs = Blobs(KeyRing({"bench": place.key}))
    keyring, secret = KeyRing({"bench": place.key}), SigningKey.generate()
    text, counter = os.urandom(_SEALED_BYTES), (("INCRBY", "n", "1"), ("EXPIRE", "n", "60", "NX"))
    sealed = keyring.seal(text, b"code")
    keys = [wallet_key(subject), holder_key(subject)]
    async with place.province() as province:
        hot = province.hot
        blob = (await hot.mget(keys[:1]))[0]

        async def questions() -> None:
            await hot.mget(keys)
            await hot.ask(*counter, ("SET", "code", sealed, "EX", "60"))
            await hot.mget(keys)
            await hot.ask(*counter, ("SET", "code", b"U", "XX", "GET", "PX", "120000"))
            await hot.ask(("GETRANGE", keys[0], "-16", "-1"), ("XADD", "look", "*", "d", sealed))

        asked = await each_async(questions, CONNECTIONS)
    return {
        "valkey": asked,
        "wallet": each(lambda: blobs._contents(subject, blob)),
        "sealed": 2 * each(lambda: keyring.seal(text, b"code")),
        "opened": 2 * each(lambda: keyring.open(sealed, b"code")),
        "receipt": each(lambda: secret.sign(text)),
    }


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


async def _known(place: Stage, tokens: Sequence[str]) -> None:
    """Who the people are lies beside their sessions, as it does after a login."""
    keyring = KeyRing({"bench": place.key})
    plain = orjson.dumps(["111", "440106199002030170", "张建国"])
    async with place.province() as province:
        for token in tokens:
            subject = token[:22]
            sealed = keyring.seal(plain, f"holder:{subject}".encode())
            await province.redis.set(holder_key(subject), sealed, ex=86_400)


async def _licences(place: Stage, tokens: Sequence[str]) -> list[tuple[str, str]]:
    """The token of each whose driving licence is valid, with its id."""
    found = []
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    for token in tokens:
        writer.write(
            b"GET /api/v1/citizen/wallet HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\n\r\n"
            % token.encode()
        )
        _, body = await _answer(reader)
        items = json.loads(body)["items"]
        valid = (each["id"] for each in items if each["name"] == DRIVING_LICENCE
                 and each["status"] == "VALID")  # fmt: skip
        found += [(token, licence) for licence in valid]
    writer.close()
    return found
