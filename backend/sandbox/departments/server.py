"""A department's HTTP server: provider interface 1, exactly as a real department would offer it.

Every call is checked for its signature, its nonce and its input; every answer, a refusal too, is
signed and bound to the call. Faults and waiting times come in only at the marked places.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import orjson
from aiohttp import web
from pydantic import ValidationError

from backend.exchange.manifest import Manifest, OperationName
from backend.sandbox.casework import EVENTS, Casework
from backend.sandbox.departments import inputs
from backend.sandbox.departments.changes import Registrar
from backend.sandbox.departments.control import add_control_routes
from backend.sandbox.departments.faces import FaceDesk
from backend.sandbox.departments.licence_codes import LicenceDesk
from backend.sandbox.departments.licence_control import add_licence_control
from backend.sandbox.departments.nonces import NonceLedger
from backend.sandbox.departments.notices import NoticeSender
from backend.sandbox.departments.operations import SPECS, Desk
from backend.sandbox.departments.payments import PaymentDesk
from backend.sandbox.departments.store import Store
from backend.sandbox.desk.licence_app import LicenceApp
from backend.sandbox.faults import MALFORMED_BODY, Fault, Latency, Switchboard, hold, send
from backend.sandbox.problems import MEDIA_TYPE, Refusal, mistakes, problem
from backend.upstream.signing import (
    PublicKey,
    SignatureRefused,
    SigningKey,
    sign_answer,
    verify_request,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY = max(spec.max_body for spec in SPECS.values())
HEALTH = "health"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer before it is signed."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass(slots=True)
class DepartmentServer:
    """One department's server; ``app()`` is the aiohttp application.

    Attributes:
        key: what the department signs with.
        gateway_keys: who may call, key id → public key.
        gateway_url: where change notices go; None keeps them waiting.
    """

    manifest: Manifest
    store: Store
    key: SigningKey
    gateway_keys: Mapping[str, PublicKey]
    latency: Latency = field(default_factory=Latency)
    gateway_url: str | None = None
    nonces: NonceLedger = field(default_factory=NonceLedger)

    def app(self) -> web.Application:
        """The application with the interface, health and the sandbox's control interface."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_problems])
        board = Switchboard(self.latency)
        desk = Desk(self.store, self.manifest, FaceDesk())
        notices = NoticeSender(desk, self.key, self.gateway_url)
        front = _Front(self, desk, board)
        for name, operation in self.manifest.operations.items():
            app.router.add_post(operation.path, front.handler(name))
        app.router.add_get("/v1/health", front.health)
        cases = self._casework(desk, board, notices)
        if "payments.submit" in self.manifest.operations:
            prefix = f"{self.manifest.system.department.code.upper()}-P-"
            desk.also_answers({"payments.submit": PaymentDesk(self.store, prefix).submit})
        add_control_routes(app, desk, board, notices, (EVENTS,) if cases else ())
        if "enterprises.licence_code" in self.manifest.operations:
            licences = LicenceDesk(self.store)
            desk.also_answers({"enterprises.licence_code": licences.read})
            add_licence_control(app, licences)
            LicenceApp(licences).register(app)
        if cases is not None:
            cases.register(app)

        async def _run(app: web.Application) -> None:
            notices.start()
            if cases is not None:
                cases.start()

        async def _stop(app: web.Application) -> None:
            # Calls that hang would hold up the shutdown.
            board.clear()
            await notices.stop()
            if cases is not None:
                await cases.stop()

        app.on_startup.append(_run)
        app.on_shutdown.append(_stop)
        return app

    def _casework(self, desk: Desk, board: Switchboard, notices: NoticeSender) -> Casework | None:
        """The cases of a department that takes applications."""
        if "cases.submit" not in self.manifest.operations:
            return None
        return Casework(desk, Registrar(desk, notices), self.key, self.gateway_url, board)


class _Front:
    """What a call passes on its way in and out."""

    def __init__(self, server: DepartmentServer, desk: Desk, board: Switchboard) -> None:
        self._server, self._desk, self._board = server, desk, board
        # A key that nobody knows under the id that everybody knows.
        self._wrong_key = SigningKey.from_seed(server.key.key_id, os.urandom(32), server.key.alg)

    def handler(self, name: OperationName) -> Handler:
        """The handler of one operation."""

        async def _handle(request: web.Request) -> web.StreamResponse:
            fault = self._board.arrives(name)
            try:
                body = await self._body(request, name)
                early = await _before(fault)
                prepared = early or await self._answer(request, name, body)
                prepared = _broken(fault) or prepared
            except Refusal as refusal:
                prepared = Prepared(refusal.status, refusal.body(), MEDIA_TYPE)
            except Exception:
                # What broke stays in the log; the caller learns that it was not their fault.
                log.exception("provider.failed")
                body = problem(500, "provider.internal", "The system failed")
                prepared = Prepared(500, body, MEDIA_TYPE)
            return await self._send(request, prepared, fault)

        return _handle

    async def health(self, request: web.Request) -> web.StreamResponse:
        """``GET /v1/health``: unsigned, and ill with the whole system."""
        fault = self._board.arrives(HEALTH)
        prepared = await _before(fault) or Prepared(200, b'{"status":"ok"}')
        return web.Response(
            status=prepared.status, body=prepared.body, content_type=prepared.media_type
        )

    async def _body(self, request: web.Request, name: OperationName) -> bytes:
        limit = SPECS[name].max_body
        if request.content_type != "application/json":
            raise Refusal(415, "provider.media_type_unsupported", "Send application/json")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = None
        if body is None or len(body) > limit:
            raise Refusal(413, "provider.body_too_large", f"The body is larger than {limit} bytes")
        return body

    async def _answer(self, request: web.Request, name: OperationName, body: bytes) -> Prepared:
        self._check_signature(request, body)
        query = _parsed(name, body)
        await self._board.latency.wait()
        return Prepared(200, orjson.dumps(await self._desk.answer(name, query)))

    def _check_signature(self, request: web.Request, body: bytes) -> None:
        headers = _lower(request)
        path, _, query = request.raw_path.partition("?")
        try:
            signed = verify_request(
                self._server.gateway_keys.get, request.method, path, query, headers, body
            )
        except SignatureRefused as refused:
            code = f"provider.signature_{refused.reason}"
            raise Refusal(401, code, "The signature was not accepted") from None
        if not self._server.nonces.first_use(signed.key_id, signed.nonce, signed.expires):
            raise Refusal(401, "provider.nonce_replayed", "This request was sent before")

    async def _send(
        self, request: web.Request, prepared: Prepared, fault: Fault | None
    ) -> web.StreamResponse:
        kind = fault.spec.kind if fault else ""
        body = MALFORMED_BODY if kind == "malformed" else prepared.body
        key = self._wrong_key if kind == "wrong_signature" else self._server.key
        headers = sign_answer(key, prepared.status, body, _lower(request))
        headers["content-type"] = prepared.media_type
        return await send(request, prepared.status, body, headers, fault)


async def _before(fault: Fault | None) -> Prepared | None:
    """What a fault does before the call is looked at: wait, or answer in its place."""
    await hold(fault)
    return None if fault is None or fault.spec.after else _broken(fault)


def _broken(fault: Fault | None) -> Prepared | None:
    """What ``status`` answers in the place of anything else."""
    if fault is None or fault.spec.kind != "status":
        return None
    status = fault.spec.status
    body = problem(status, "provider.unavailable", "The system is out of order")
    return Prepared(status, body, MEDIA_TYPE)


def _parsed(name: OperationName, body: bytes) -> inputs.Input:
    try:
        return SPECS[name].model.model_validate_json(body)
    except ValidationError as error:
        found = mistakes(error)
    if any(mistake["pointer"] == "" for mistake in found):
        raise Refusal(400, "provider.body_malformed", "The body is not a JSON object")
    raise Refusal(400, "provider.input_invalid", "The input breaks the schema", errors=found)


def _lower(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Unknown addresses and refusals of the control interface as problems."""
    try:
        return await handler(request)
    except Refusal as refusal:
        status, body = refusal.status, refusal.body()
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        status = error.status
        body = problem(status, f"provider.http_{status}", error.reason)
    return web.Response(status=status, body=body, content_type=MEDIA_TYPE)
