"""One way to declare an endpoint: who may call it, what comes in, what goes out, what it refuses.

The declaration drives the checks, the OpenAPI description and the authorisation matrix alike, so
that none of them can forget an endpoint.
"""

import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict
from sanic import Blueprint, HTTPResponse, Request

from backend.enterprise.service import NotRepresentative, represented_key
from backend.errors import DomainError
from backend.exchange.errors import SIGNATURE_ERRORS
from backend.exchange.service import ProviderSystem
from backend.idempotency.errors import KeyMalformed, KeyReused, StillWorking
from backend.identity import sessions
from backend.identity.errors import LevelTooLow, SessionExpired, SessionMissing
from backend.identity.levels import Level
from backend.identity.service import holder_key
from backend.identity.sessions import Session
from backend.machines.service import Calling
from backend.members.service import Acting
from backend.operators import errors as operator_errors
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer
from backend.province import Province
from backend.upstream.deadline import Deadline
from gateway.edge import posts
from gateway.edge.access import Access, Machine, Member, Person, Public, Staff, System
from gateway.edge.acting import MACHINE_ERRORS, MEMBER_ERRORS, act_by_signature, act_for
from gateway.edge.answers import JsonAnswer, json_answer
from gateway.edge.bodies import read_body, read_query
from gateway.edge.once import HEADER as KEY_HEADER
from gateway.edge.once import carried_out_once
from gateway.edge.patience import deadline_of
from gateway.edge.problems import (
    MediaTypeUnsupported,
    RequestInvalid,
    RequestTooLarge,
    domain_problem,
)
from gateway.edge.ready import AT_ONCE, Asked, AtOnce, Ready, Seen, line_of
from gateway.edge.systems import sign_if_asked, signed_by
from gateway.edge.trace import METRICS, finish, new_trace_id, trace_id, traceparent
from gateway.edge.types import ERROR_FORMAT

BODY_LIMIT = 64 * 1024
# What lies below it concerns one enterprise, and asks who the caller is to that enterprise.
ENTERPRISE = "/enterprises/<uscc:str>"


class In(BaseModel):
    """Base of every request body and query: an unknown field is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)


class Out(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


BodyT = TypeVar("BodyT")
QueryT = TypeVar("QueryT")


@dataclass(slots=True)
class Call(Generic[BodyT, QueryT]):
    """What a handler gets: the request, the domain, and what the edge has already checked."""

    request: Request
    province: Province
    body: BodyT
    query: QueryT
    _session: Session | None = None
    _system: ProviderSystem | None = None
    _officer: Officer | None = None
    _acting: Acting | None = None
    _calling: Calling | None = None
    also_read: Sequence[bytes | None] = ()

    @property
    def session(self) -> Session:
        """The caller's session; only where the endpoint's access is ``Person``."""
        if self._session is None:
            raise SessionMissing
        return self._session

    @property
    def system(self) -> ProviderSystem:
        """The calling system; only where the endpoint's access is ``System``."""
        if self._system is None:
            raise SessionMissing
        return self._system

    @property
    def acting(self) -> Acting:
        """For which enterprise the caller acts; only where the endpoint's access is ``Member``."""
        if self._acting is None:
            raise NotRepresentative
        return self._acting

    @property
    def calling(self) -> Calling:
        """The program that calls; only where the endpoint's access is ``Machine``."""
        if self._calling is None:
            raise SessionMissing
        return self._calling

    @property
    def officer(self) -> Officer:
        """The logged-in console account; only where the endpoint's access is ``Staff``."""
        if self._officer is None:
            raise operator_errors.SessionMissing
        return self._officer

    @property
    def trace(self) -> str:
        """The ``traceparent`` to hand on to provincial systems."""
        return traceparent(self.request)

    def deadline(self, seconds: float) -> Deadline:
        """When an answer is of no use to the caller any more; at most so many seconds from now."""
        return deadline_of(self.request, seconds)

    @property
    def caller(self) -> str:
        """Who calls, by id; only where the endpoint's access is not ``Public``."""
        if self._system is not None:
            return f"system:{self._system.code}"
        if self._officer is not None:
            return self._officer.actor
        return f"person:{self.session.subject}"

    def require(self, level: int) -> None:
        """Refuse a session below a level that is only known from data.

        Raises:
            LevelTooLow: with the level that is needed.
        """
        if self.session.level < level:
            raise LevelTooLow(Level(level))


Answer = HTTPResponse | BaseModel | None
Handler = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A declared endpoint."""

    method: str
    path: str
    name: str
    access: Access
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel] | None
    status: int
    media_type: str
    errors: tuple[type[DomainError], ...]
    body_limit: int
    once: bool

    @property
    def keyed(self) -> bool:
        """Whether it takes an ``Idempotency-Key``: it changes something for a known caller."""
        return self.method == "POST" and not isinstance(self.access, Public) and not self.once


ENDPOINTS: list[Endpoint] = []


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    access: Access,
    summary: str,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    media_type: str = "application/json",
    errors: tuple[type[DomainError], ...] = (),
    body_limit: int = BODY_LIMIT,
    ready: Ready | None = None,
    once: bool = False,
    short_way: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare an endpoint on a channel's blueprint.

    The handler is ``async def name(call: Call[Body, Query], **path parameters)`` and returns an
    instance of ``answer``, a ready response, or ``None`` for 204.

    Args:
        path: Sanic path relative to the blueprint, ``/<licence_id:str>``.
        status: of a model answer.
        media_type: of an answer that is no model; several are separated by comma and blank.
        errors: refusals that the handler itself may raise, for the description.
        body_limit: bytes.
        ready: of a person's GET that most callers find in the cache, without parameters but for
            one at its end: gives that answer, and the handler is not called.
        once: of a POST that is carried out once however often it is sent, because of what it is
            about; each is answered with what came of it, and no ``Idempotency-Key`` is remembered.
        short_way: of a POST that is always answered with JSON, in one piece: a plain request goes
            past Sanic's router (``gateway.edge.connection``).
    """

    def declare(handler: Handler) -> Handler:
        prefix = blueprint.url_prefix or ""
        if isinstance(access, Member) != (ENTERPRISE in f"{prefix}{path}"):
            raise TypeError(f"{prefix}{path}: what is of an enterprise is a Member's, no more")
        made = Endpoint(
            method, f"{prefix}{path}", f"{blueprint.name}.{handler.__name__}", access, summary,
            body, query, answer, status, media_type,
            _all_errors(method, access, body, query, errors, once), body_limit, once,
        )  # fmt: skip
        ENDPOINTS.append(made)
        serve = _serving(made, handler)
        if ready is not None:
            AT_ONCE[line_of(made.path)] = _at_once(made, cast(Person, access), ready)
        if short_way:
            posts.declare(made.path, serve)
        # WeChat's client knows no PATCH, so PUT does the same there.
        methods = ["PATCH", "PUT"] if method == "PATCH" else [method]
        blueprint.add_route(
            serve, path, methods=methods, name=handler.__name__, error_format=ERROR_FORMAT
        )
        return handler

    return declare


def _all_errors(
    method: str,
    access: Access,
    body: type[BaseModel] | None,
    query: type[BaseModel] | None,
    errors: tuple[type[DomainError], ...],
    once: bool,
) -> tuple[type[DomainError], ...]:
    common: list[type[DomainError]] = []
    if isinstance(access, Person):
        common += [SessionMissing, SessionExpired]
        common += [LevelTooLow] if access.level > Level.WECHAT else []
    if isinstance(access, Member):
        common += MEMBER_ERRORS
    if isinstance(access, System | Machine):
        common += SIGNATURE_ERRORS.values()
    if isinstance(access, Machine):
        common += MACHINE_ERRORS
    if isinstance(access, Staff):
        common += [operator_errors.SessionMissing, operator_errors.SessionExpired, RoleMissing]
    if body is not None or query is not None:
        common.append(RequestInvalid)
    if body is not None:
        common += [RequestTooLarge, MediaTypeUnsupported]
    if method == "POST" and not isinstance(access, Public) and not once:
        common += [KeyMalformed, KeyReused, StillWorking]
    return tuple(dict.fromkeys([*common, *errors]))


def _serving(made: Endpoint, handler: Handler) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    async def serve(request: Request, **parameters: str) -> HTTPResponse:
        started = time.perf_counter()
        try:
            response = await _answer(made, handler, request, parameters)
        except DomainError as error:
            response = domain_problem(request, error)
        trace = trace_id(request)
        if isinstance(response, JsonAnswer):
            response.trace_id = trace
        else:
            response.headers["x-request-id"] = trace
        if isinstance(made.access, System):
            sign_if_asked(request, response)
        finish(request, made.name, response.status, started)
        return response

    return serve


def _at_once(made: Endpoint, access: Person, ready: Ready) -> AtOnce:
    async def answer(
        province: Province, last: str, headers: Mapping[str, str], seen: Seen
    ) -> JsonAnswer | None:
        started = time.perf_counter()
        authorization = headers.get("authorization", "")
        try:
            session, read = await _person(province, authorization, access)
        except DomainError:
            return None
        found = await ready(Asked(province, session, read, last, headers.get("if-none-match")))
        if found is None:
            seen[made.name, authorization] = session, read
            return None
        found.trace_id = new_trace_id(headers.get("traceparent"))
        METRICS.observe(made.name, found.status, time.perf_counter() - started)
        return found

    return answer


def _seen(
    request: Request, made: Endpoint, authorization: str
) -> tuple[Session, Sequence[bytes | None]] | None:
    """What ``_person`` gave a moment ago, when this request was tried on the short way."""
    context = vars(request.conn_info.ctx) if request.conn_info is not None else {}
    seen: Seen = context.pop("seen", {})
    return seen.get((made.name, authorization))


async def _answer(
    made: Endpoint, handler: Handler, request: Request, parameters: dict[str, str]
) -> HTTPResponse:
    call: Call[Any, Any] = Call(request, request.app.ctx.province, None, None)
    if isinstance(made.access, Person):
        header = request.headers.get("authorization", "")
        seen = _seen(request, made, header) if made.method == "GET" else None
        call._session, call.also_read = seen or await _person(call.province, header, made.access)
        if isinstance(made.access, Member):
            await act_for(call, made.access, parameters["uscc"])
    elif isinstance(made.access, Machine):
        await act_by_signature(call, made.access)
    elif isinstance(made.access, System):
        call._system = await signed_by(request, call.province)
    elif isinstance(made.access, Staff):
        call._officer = await officer_of(call.province, bearer(request), made.access)
    if made.query is not None:
        call.query = read_query(made.query, request)
    if made.body is not None:
        call.body = read_body(made.body, request, made.body_limit)
    key = request.headers.get(KEY_HEADER) if made.method == "POST" else None
    if key is None or not made.keyed:
        return await _carry_out(made, handler, call, parameters)
    return await carried_out_once(
        call.province.idempotency, request, f"{call.caller} {made.name}", key,
        lambda: _carry_out(made, handler, call, parameters),
    )  # fmt: skip


async def _carry_out(
    made: Endpoint, handler: Handler, call: Call[Any, Any], parameters: dict[str, str]
) -> HTTPResponse:
    result = await handler(call, **parameters)
    if call._acting is not None and made.method != "GET":
        await call.province.members.acted(call._acting, made.name)
    if isinstance(result, HTTPResponse):
        return result
    return JsonAnswer(b"", 204) if result is None else json_answer(result, made.status)


def bearer(request: Request) -> str:
    """The token of the ``Authorization`` header, empty without one."""
    header: str = request.headers.get("authorization", "")
    return header[7:] if header.startswith("Bearer ") else ""


async def officer_of(province: Province, token: str, access: Staff) -> Officer:
    """The console account behind a token.

    Raises:
        SessionMissing, SessionExpired: of ``backend.operators.errors``.
        RoleMissing: its role is not one of those that may.
    """
    officer = await province.operators.officer_of(token)
    if officer.role not in access.roles:
        raise RoleMissing(sorted(access.roles))
    return officer


async def _person(
    province: Province, authorization: str, access: Person
) -> tuple[Session, Sequence[bytes | None]]:
    """The session behind an ``Authorization`` header, and the values of ``access.also_read``."""
    if not authorization.startswith("Bearer "):
        raise SessionMissing
    token = sessions.parse(authorization[7:])
    keys = [token.key, *[key(token.subject) for key in access.also_read]]
    if isinstance(access, Member):
        keys += [holder_key(token.subject), represented_key(token.subject)]
    found = await province.hot.mget(keys)
    session = sessions.check(token, found[0])
    if session.level < access.door:
        raise LevelTooLow(access.level)
    return session, found[1:]
