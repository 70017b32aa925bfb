"""A gateway of its own for signed requests: one registered system with two keys, and raw HTTP."""

import asyncio
import base64
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from backend.catalogue.service import Catalogue
from backend.exchange.manifest import parse_manifest
from backend.exchange.service import Exchange
from backend.store.embedded import free_port
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.upstream.signing import SigningKey, gateway_keys
from tests.regions import REGIONS

SECRET = b"g" * 32
GATEWAY = gateway_keys("gateway-1", SECRET)
KEYS = {
    "ed25519": SigningKey.from_seed("gd-test-1", b"s" * 32),
    "sm2": SigningKey.from_seed("gd-test-2", b"s" * 32, "sm2"),
}
REVOKED = SigningKey.from_seed("gd-test-0", b"r" * 32)
PATH = "/api/v1/provider/licence-notices"
ROOT = Path(__file__).parents[1]


async def register(redis: Redis) -> None:
    """Register the system that signs, one of its keys revoked."""
    connector = Connector(*GATEWAY, addresses=Addresses(allow_private=True))
    exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
    await exchange.register(
        parse_manifest(
            {
                "manifest_version": 2,
                "system": {
                    "code": "gd-test", "name": "测试厅政务服务系统", "short_name": "测试厅",
                    "department": {"code": "test", "name": "测试厅", "uscc": "11440000MB9X00015F"},
                    "region_code": "440000", "level": 2, "hotline": "020-12345",
                },
                "endpoints": {
                    kind: {"base_url": "http://127.0.0.1:9"} for kind in ("sandbox", "production")
                },
                "keys": [
                    {"id": key.key_id, "alg": key.alg, "public": key.public_base64}
                    for key in (*KEYS.values(), REVOKED)
                ],
            }
        )
    )  # fmt: skip
    await exchange.revoke_key(REVOKED.key_id)
    await connector.close()


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway."""

    port: int

    def metric(self, name: str, **labels: str) -> float:
        """The value of a metric."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = [line for line in lines if line.startswith(name) and all(w in line for w in wanted)]
        return sum(float(line.rpartition(" ")[2]) for line in found)


@contextmanager
def gateway(folder: Path, database_url: str, redis_url: str, workers: int = 1) -> Iterator[Gateway]:
    """Run one; it must end within seconds of SIGTERM, with all its workers."""
    port, key = free_port(), base64.b64encode(SECRET).decode()
    environ = {
        **os.environ,
        "SST_DATA_DIR": str(folder), "SST_PORT": str(port), "SST_SANDBOX": "1",
        "SST_WORKERS": str(workers),
        "SST_KEYRING": f"t:{key}", "SST_INDEX_KEY": key, "SST_SIGNING_KEY": key,
        "DATABASE_URL": database_url, "REDIS_URL": redis_url,
    }  # fmt: skip
    log = folder / "gateway.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "gateway.cli", "gateway"]
        # A group of its own: a gateway of several workers ends by a signal to its whole group.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=out, stderr=out, start_new_session=True
        )
        try:
            _wait(port, process, log)
            yield Gateway(port)
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.05)


@dataclass(slots=True)
class Said:
    """An answer: its status, its headers by lower-case names, its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The problem's code."""
        problem: dict[str, Any] = orjson.loads(self.body)
        return str(problem["code"])


class Line:
    """One connection on which requests go out byte for byte."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, headers: Mapping[str, str], body: bytes, method: str = "POST", target: str = PATH
    ) -> Said:
        """Send a request and read the answer."""
        lines = [f"{method} {target} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"content-length: {len(body)}")
        raw = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(raw)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        cased = dict(line.split(": ", 1) for line in head[1:] if line)
        answer = Said(
            int(head[0].split()[1]),
            {name.lower(): value for name, value in cased.items()},
            await reader.readexactly(int(found.get("content-length", 0))),
        )
        if found.get("connection") == "close":
            await self.close()
        return answer

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@asynccontextmanager
async def line(found: Gateway) -> AsyncIterator[Line]:
    """A connection to a gateway."""
    made = Line(found.port)
    try:
        yield made
    finally:
        await made.close()
