"""A strict S3-compatible server for tests: one bucket in memory, every signature worked out anew.

Written from AWS's description of the request, not from our client: it takes the signed names out
of the header, builds the canonical request from what came over the wire, and refuses what does not
fit, a payload that is not the one signed, and a clock that is a quarter of an hour off.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request,"
    r"\s?SignedHeaders=(?P<names>[^,]+),\s?Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW_S = 900


@dataclass
class S3:
    """The server; ``fault`` makes it ill."""

    access_key: str = "test-access"
    secret: str = "test-secret"
    region: str = "cn-south-1"
    bucket: str = "materials"
    url: str = ""
    fault: int = 0
    objects: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        """One handler for everything."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls.append(request.method)
        if self.fault:
            return web.Response(status=self.fault)
        refused = self._refusal(request, body)
        if refused:
            return _error(403, refused)
        bucket, _, name = request.path.removeprefix("/").partition("/")
        if bucket != self.bucket:
            return _error(404, "NoSuchBucket")
        if request.method == "PUT":
            self.objects[name] = body
            return web.Response()
        if request.method == "DELETE":
            self.objects.pop(name, None)
            return web.Response(status=204)
        if name not in self.objects:
            return _error(404, "NoSuchKey")
        return self._found(name, request.headers.get("range"))

    def _found(self, name: str, asked: str | None) -> web.Response:
        held = self.objects[name]
        if asked is None:
            return web.Response(body=held)
        first, last = map(int, asked.removeprefix("bytes=").split("-"))
        return web.Response(status=206, body=held[first : last + 1])

    def _refusal(self, request: web.Request, body: bytes) -> str:
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            return "AccessDenied"
        if found["key"] != self.access_key:
            return "InvalidAccessKeyId"
        stamp = request.headers["x-amz-date"]
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - sent).total_seconds()) > _SKEW_S:
            return "RequestTimeTooSkewed"
        if request.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        fits = hmac.compare_digest(self._signature(request, found, stamp), found["signature"])
        return "" if fits and found["region"] == self.region else "SignatureDoesNotMatch"

    def _signature(self, request: web.Request, found: re.Match[str], stamp: str) -> str:
        path, _, query = request.raw_path.partition("?")
        names = found["names"].split(";")
        canonical = [request.method, path, query]
        canonical += [f"{name}:{' '.join(request.headers[name].split())}" for name in names]
        canonical += ["", found["names"], request.headers["x-amz-content-sha256"]]
        digest = hashlib.sha256("\n".join(canonical).encode("utf-8")).hexdigest()
        scope = [found["day"], found["region"], "s3", "aws4_request"]
        key = b"AWS4" + self.secret.encode()
        for part in scope:
            key = hmac.digest(key, part.encode(), "sha256")
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope), digest])
        return hmac.digest(key, text.encode(), "sha256").hex()


def _error(status: int, code: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")


@asynccontextmanager
async def s3_server() -> AsyncIterator[S3]:
    """A running one."""
    made = S3()
    runner = web.AppRunner(made.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{made.bucket}"
    try:
        yield made
    finally:
        await asyncio.shield(runner.cleanup())
