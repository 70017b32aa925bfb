"""A department with a vice: it stands before a real one, knows its key, and does one thing wrong.

Whatever has no vice is passed on byte for byte, so that the real department refuses and signs it.
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from backend.upstream.signing import SignatureRefused, sign_answer, sign_request, verify_request
from tests.sandbox_world import GATEWAY_KEY, Running, serving

JSON, PROBLEM = "application/json", "application/problem+json"
Query = dict[str, Any]


@dataclass(slots=True)
class Reply:
    """An answer on its way out; ``signed`` False leaves it without a signature."""

    status: int
    body: bytes
    media_type: str
    signed: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    def says(self, document: Any) -> "Reply":
        """The same with another body."""
        self.body = orjson.dumps(document)
        return self


Forgive = Callable[[str, web.Request], bool]
Read = Callable[[bytes, web.Request], bytes]
Change = Callable[[Reply, Any], Reply]


@dataclass
class Vice:
    """What is done wrong.

    Attributes:
        forgives: whether a signature that is refused for this reason is let in all the same.
        reads: the body that the department takes the request for.
        answers: changes a good answer; it gets the query too.
        refuses: changes a refusal.
        closes: hangs up after each answer.
        breaks: answers 503 as soon as a caller has given up.
        counts: tells in each answer how many callers have given up.
        at_once: answers 503 to more calls than so many at the same time.
        silent_after: answers nothing any more after so many calls.
    """

    forgives: Forgive = lambda reason, request: False
    reads: Read = lambda body, request: body
    answers: Change = lambda reply, query: reply
    refuses: Change = lambda reply, query: reply
    closes: bool = False
    breaks: bool = False
    counts: bool = False
    at_once: int = 1000
    silent_after: int = 10**6


@contextlib.asynccontextmanager
async def crooked(system: Running, vice: Vice) -> AsyncIterator[str]:
    """Serve the department with its vice; yields the address."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", _Front(system, vice).handle)
    async with serving(app) as url:
        yield url


class _Front:
    def __init__(self, system: Running, vice: Vice) -> None:
        self._system, self._vice = system, vice
        self._nonces: set[str] = set()
        self._given_up, self._under_way, self._calls = 0, 0, 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._under_way += 1
        self._calls += 1
        try:
            if self._calls > self._vice.silent_after:
                await asyncio.Event().wait()
            return await self._handle(request)
        except (asyncio.CancelledError, ConnectionError, web.HTTPException):
            self._given_up += 1
            raise
        finally:
            self._under_way -= 1

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if request.path == "/v1/health":
            return await self._passed_on(request, raw)
        reason = self._reason(request, raw)
        if reason and not self._vice.forgives(reason, request):
            return self._sent(
                request, await self._inner(request, raw, _own(request), request.method), None
            )
        taken = self._vice.reads(raw, request)
        headers = _own(request)
        if reason or taken != raw:
            signed = sign_request(GATEWAY_KEY, "POST", request.path, "", taken)
            headers |= {**signed, "content-type": JSON}
        reply = await self._inner(request, taken, headers)
        if self._vice.counts and reply.status == 200:
            reply.says({**reply.document, "given_up": self._given_up})
        broken = self._vice.breaks and self._given_up
        if broken or self._under_way > self._vice.at_once:
            reply = Reply(503, b'{"type":"","title":"","status":503,"code":"x.y"}', PROBLEM)
        return self._sent(request, reply, _query(taken))

    def _reason(self, request: web.Request, raw: bytes) -> str:
        keys = {GATEWAY_KEY.key_id: GATEWAY_KEY.public}
        lower = {name.lower(): value for name, value in request.headers.items()}
        try:
            signed = verify_request(keys.get, request.method, request.path, "", lower, raw)
        except SignatureRefused as refused:
            return refused.reason
        if signed.nonce in self._nonces:
            return "replayed"
        self._nonces.add(signed.nonce)
        return ""

    async def _passed_on(self, request: web.Request, raw: bytes) -> web.Response:
        reply = await self._inner(request, raw, _own(request), request.method)
        return web.Response(status=reply.status, body=reply.body, content_type=reply.media_type)

    async def _inner(
        self, request: web.Request, raw: bytes, headers: dict[str, str], method: str = "POST"
    ) -> Reply:
        url = self._system.url + request.path
        session: aiohttp.ClientSession = self._system.session
        async with session.request(method, url, data=io.BytesIO(raw), headers=headers) as response:
            return Reply(response.status, await response.read(), response.content_type)

    def _sent(self, request: web.Request, reply: Reply, query: Any) -> web.Response:
        change = self._vice.answers if reply.status == 200 else self._vice.refuses
        reply = change(reply, query)
        headers = {"content-type": reply.media_type, **reply.headers}
        if reply.signed:
            lower = {name.lower(): value for name, value in request.headers.items()}
            headers |= sign_answer(self._system.key, reply.status, reply.body, lower)
        response = web.Response(status=reply.status, body=reply.body, headers=headers)
        if self._vice.closes:
            response.force_close()
        return response


def _own(request: web.Request) -> dict[str, str]:
    names = ("content-type", "content-digest", "signature-input", "signature", "x-timeout-ms")
    return {name: request.headers[name] for name in names if name in request.headers}


def _query(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
