"""One way to declare a page of the console: who may see it, what it is called, what it does."""

import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any
from urllib.parse import quote, urlencode

from sanic import Blueprint, HTTPResponse, Request

from backend.errors import DomainError
from backend.operators.errors import SessionExpired, SessionMissing
from backend.operators.service import Officer, Role
from backend.province import Province
from gateway.console import guards
from gateway.console.forms import CSRF_FIELD, Form
from gateway.console.rendering import render
from gateway.edge.access import PUBLIC, Public, Staff
from gateway.edge.address import client_address
from gateway.edge.endpoint import officer_of
from gateway.edge.problems import STATUS, RequestInvalid
from gateway.edge.trace import finish, trace_id, traceparent
from gateway.edge.types import ERROR_FORMAT

EVERY_ROLE = tuple(Role)
HOME = "/console"
LOGIN = "/console/login"
LONGEST_NEXT = 300
# The menu is read in parts: the heading of each, and the order from which on it holds.
SECTIONS = (
    (10, "系统接入"), (20, "办事"), (30, "政策"),
    (40, "数据共享"), (50, "群众反映"), (60, "平台与账号"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A declared page.

    Attributes:
        menu: its words in the menu; empty keeps it out.
        order: place in the menu, small first; its tens say under which heading (``SECTIONS``).
    """

    method: str
    path: str
    name: str
    access: Staff | Public
    summary: str
    menu: str
    order: int

    def open_to(self, role: Role) -> bool:
        """Whether this role may call it."""
        return isinstance(self.access, Public) or role in self.access.roles


PAGES: list[Page] = []
Crumb = tuple[str, str]


@dataclass(slots=True)
class PageCall:
    """What the function of a page gets.

    Attributes:
        form: what was typed; empty on a page that was only opened.
        error: the refusal after which this page is shown again.
        secret: that the CSRF token hangs on.
    """

    request: Request
    province: Province
    page: Page
    form: Form
    secret: str
    error: DomainError | None = None
    unread: int = 0
    _officer: Officer | None = None
    _cookies: dict[str, str] = field(default_factory=dict)
    _ids: Counter[str] = field(default_factory=Counter)

    @property
    def officer(self) -> Officer:
        """Who is logged in; not on a page for anyone."""
        if self._officer is None:
            raise SessionMissing
        return self._officer

    @property
    def token(self) -> str:
        """The session's token."""
        return guards.session_token(self.request)

    @property
    def trace(self) -> str:
        """The ``traceparent`` to hand on to provincial systems."""
        return traceparent(self.request)

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return client_address(self.request)

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the address; of one given twice, the last."""
        values = self.request.args.getlist(name)
        text = str(values[-1]).strip() if values else default
        if "\0" in text:
            raise RequestInvalid([{"pointer": f"/{name}", "message": "含有不能使用的字符"}])
        return text

    def fresh_id(self, name: str) -> str:
        """An id for a form's field that no other on this page has: ``f-reason``, ``f-reason-2``."""
        self._ids[name] += 1
        number = self._ids[name]
        return f"f-{name}" if number == 1 else f"f-{name}-{number}"

    def address_with(self, **changes: str | None) -> str:
        """This page's address with some parameters changed: for pagers and filters."""
        held = {name: self.query(name) for name in self.request.args}
        held |= {name: value or "" for name, value in changes.items()}
        parameters = urlencode({name: value for name, value in held.items() if value})
        return f"{self.request.path}?{parameters}" if parameters else self.request.path

    def render(
        self, template: str, *, title: str = "", crumbs: Sequence[Crumb] = (), **values: Any
    ) -> HTTPResponse:
        """A template as the answer; after a refusal with the refusal's status.

        Args:
            title: instead of the page's own; crumbs: steps between the first page and this one.
        """
        body = render(template, {**self._common(), "title": title or self.page.summary,
                                 "crumbs": crumbs, **values})  # fmt: skip
        status = 200 if self.error is None else STATUS[self.error.kind]
        response = HTTPResponse(body, status, content_type="text/html; charset=utf-8")
        if guards.FLASH_COOKIE in self.request.cookies:
            guards.drop_cookie(self.request, response, guards.FLASH_COOKIE)
        return response

    def go(self, path: str, words: str = "") -> HTTPResponse:
        """Send the browser on after something was done.

        Args:
            words: shown on the next page.
        """
        response = HTTPResponse(b"", 303, {"location": path})
        if words:
            value = guards.flash_value(self.secret, words)
            guards.set_cookie(self.request, response, guards.FLASH_COOKIE, value)
        return response

    def _common(self) -> dict[str, Any]:
        role = self._officer.role if self._officer is not None else None
        errors = self.error.errors if isinstance(self.error, RequestInvalid) else []
        return {
            "call": self,
            "officer": self._officer,
            "menu": sections_of(role) if role is not None else [],
            "here": self.request.path,
            "csrf": guards.csrf_of(self.secret),
            "typed": self.form,
            "error": self.error,
            "errors": {one["pointer"].strip("/"): one["message"] for one in errors},
            "flash": guards.read_flash(self.request, self.secret),
            "unread": self.unread,
        }


Shown = Callable[..., Coroutine[Any, Any, HTTPResponse]]


def page(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    roles: Sequence[Role] | None,
    title: str,
    menu: str = "",
    order: int = 50,
    again: Shown | None = None,
) -> Callable[[Shown], Shown]:
    """Declare a page on a blueprint below ``/console``.

    The function is ``async def name(call: PageCall, **path parameters) -> HTTPResponse``.

    Args:
        method: GET shows and changes nothing; POST does something and carries the CSRF token.
        roles: who may; None for a page before the login.
        title: Chinese; of the page, and in the matrix.
        again: the function whose page is shown anew when this one is refused; it gets those of
            the path's parameters that it takes.
    """

    def declare(handler: Shown) -> Shown:
        access = PUBLIC if roles is None else Staff(*roles)
        full = f"{blueprint.url_prefix or ''}{path}"
        made = Page(
            method, full, f"{blueprint.name}.{handler.__name__}", access, title, menu, order
        )
        PAGES.append(made)
        serve = _serving(made, handler, again)
        blueprint.add_route(
            serve, path, methods=[method], name=handler.__name__, error_format=ERROR_FORMAT
        )
        return handler

    return declare


def menu_of(role: Role) -> list[Page]:
    """The menu of a role."""
    found = [one for one in PAGES if one.menu and one.open_to(role)]
    return sorted(found, key=lambda one: one.order)


def sections_of(role: Role) -> list[tuple[str, list[Page]]]:
    """The menu of a role under its headings, without those under which nothing stands."""
    found: dict[str, list[Page]] = {}
    for one in menu_of(role):
        title = next(title for first, title in reversed(SECTIONS) if one.order >= first)
        found.setdefault(title, []).append(one)
    return list(found.items())


def _serving(made: Page, handler: Shown, again: Shown | None) -> Shown:
    async def serve(request: Request, **parameters: str) -> HTTPResponse:
        started = time.perf_counter()
        response = await _answer(made, handler, again, request, parameters)
        response.headers.update(guards.HEADERS)
        response.headers.setdefault("cache-control", "no-store")
        response.headers["x-request-id"] = trace_id(request)
        finish(request, made.name, response.status, started)
        return response

    return serve


async def _answer(
    made: Page, handler: Shown, again: Shown | None, request: Request, parameters: dict[str, str]
) -> HTTPResponse:
    call: PageCall | None = None
    try:
        call = await _opened(made, request)
        if made.method == "POST":
            guards.check_csrf(call.secret, call.form.get(CSRF_FIELD))
        response = await handler(call, **parameters)
    except (SessionMissing, SessionExpired) as error:
        return _to_login(request, error)
    except DomainError as error:
        return await _refused(call, again, request, error, parameters)
    return _with_visit(call, response)


async def _opened(made: Page, request: Request) -> PageCall:
    """Check who calls, and take in what they bring."""
    province: Province = request.app.ctx.province
    if isinstance(made.access, Public):
        secret, new = guards.visit(request)
        call = PageCall(request, province, made, Form.of(request), secret)
        call._cookies = {guards.VISIT_COOKIE: secret} if new else {}
        return call
    token = guards.session_token(request)
    officer = await officer_of(province, token, made.access)
    unread = await province.operators.unread_notices(officer)
    if unread and request.method == "GET":
        # Whoever has opened what a notice is about need not be told of it any more.
        unread -= await province.operators.saw(officer, request.path)
    return PageCall(
        request, province, made, Form.of(request), token, unread=unread, _officer=officer
    )


def _with_visit(call: PageCall, response: HTTPResponse) -> HTTPResponse:
    for name, value in call._cookies.items():
        guards.set_cookie(call.request, response, name, value)
    return response


async def _refused(
    call: PageCall | None,
    again: Shown | None,
    request: Request,
    error: DomainError,
    parameters: dict[str, str],
) -> HTTPResponse:
    """The page that was being filled in, with the refusal above it; else a page that says it."""
    if call is None or again is None or isinstance(error, guards.CsrfWrong):
        return error_page(request, error, call)
    call.error = error
    # A form below a page has parameters of its own, which that page does not know.
    known = signature(again).parameters
    given = {name: value for name, value in parameters.items() if name in known}
    try:
        return _with_visit(call, await again(call, **given))
    except DomainError as second:
        return error_page(request, second, call)


def _to_login(request: Request, error: DomainError) -> HTTPResponse:
    """To the login and back again; what was being sent is said not to have been done."""
    if request.method != "GET":
        return error_page(request, error, None)
    back = request.path + (f"?{request.query_string}" if request.query_string else "")
    known = bool(guards.session_token(request))
    parameters = {"next": back} if back != HOME and len(back) <= LONGEST_NEXT else {}
    parameters |= {"expired": "1"} if known else {}
    tail = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
    response = HTTPResponse(b"", 303, {"location": LOGIN + tail})
    if known:
        guards.drop_cookie(request, response, guards.SESSION_COOKIE)
    return response


def error_page(request: Request, error: DomainError, call: PageCall | None) -> HTTPResponse:
    """A refusal as a page that leads back."""
    status = STATUS[error.kind]
    body = plain_page(
        request, status, error.detail, error.code, error.kind == "unauthenticated",
        call is not None and call._officer is not None,
    )  # fmt: skip
    response = HTTPResponse(body, status, content_type="text/html; charset=utf-8")
    if wait := error.context().get("retry_after"):
        response.headers["retry-after"] = str(wait)
    return response


def plain_page(
    request: Request, status: int, detail: str, code: str, to_login: bool, inside: bool
) -> bytes:
    """A page without menu: what happened, and the way on.

    Args:
        to_login: the way on is the login; inside: somebody is logged in.
    """
    values = {"status": status, "detail": detail, "code": code, "to_login": to_login,
              "inside": inside, "trace": trace_id(request)}  # fmt: skip
    return render("error.html", values)
