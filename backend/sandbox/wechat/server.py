"""The WeChat server: real paths, methods, parameters and error codes."""

import json
import logging
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from backend.sandbox.faults import MALFORMED_BODY, Fault, Latency, Switchboard, hold, send
from backend.sandbox.problems import MEDIA_TYPE, Refusal
from backend.sandbox.wechat.codes import CodeBook
from backend.sandbox.wechat.errors import Code, WechatError
from backend.sandbox.wechat.faces import LIFETIME_S, FaceBooth
from backend.sandbox.wechat.tokens import TokenDesk

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOGINS_PER_MINUTE = 100
MAX_BODY = 64 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """Who stands behind a login code."""

    openid: str
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """What stands behind a phone code; ``openid`` None fits every user."""

    number: str
    country_code: str = "86"
    openid: str | None = None


@dataclass(slots=True)
class WechatState:
    """Everything that the server remembers."""

    app_id: str
    secret: str
    clock: Callable[[], float] = time.time
    tokens: TokenDesk = field(init=False)
    logins: CodeBook[Login] = field(init=False)
    phones: CodeBook[Phone] = field(init=False)
    faces: FaceBooth = field(init=False)
    blocked: set[str] = field(default_factory=set)
    logins_per_minute: int = LOGINS_PER_MINUTE
    recent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    templates: set[str] | None = None
    quota: dict[tuple[str, str], int] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = TokenDesk(self.clock)
        self.logins = CodeBook(self.clock)
        self.phones = CodeBook(self.clock)
        self.faces = FaceBooth(self.clock)

    def log_in(self, code: str) -> Login:
        """Redeem a login code.

        Raises:
            WechatError: 40029, 40163, 45011 over the limit per user and minute, 40226 blocked.
        """
        login = self.logins.redeem(code)
        if login.openid in self.blocked:
            raise WechatError(Code.USER_BLOCKED)
        now, recent = self.clock(), self.recent[login.openid]
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) >= self.logins_per_minute:
            raise WechatError(Code.TOO_OFTEN)
        recent.append(now)
        return login


class WechatServer:
    """The API on top of a state."""

    def __init__(self, state: WechatState, board: Switchboard | None = None) -> None:
        self.state = state
        self.board = board or Switchboard(Latency())
        get, post = _Route.get, _Route.post
        self._routes: Mapping[str, _Route] = {
            "/sns/jscode2session": get(self._code_to_session, with_token=False),
            "/cgi-bin/token": get(self._token, with_token=False),
            "/cgi-bin/stable_token": post(self._stable_token, with_token=False),
            "/wxa/business/getuserphonenumber": post(self._phone),
            "/cityservice/face/identify/getverifyid": post(self._verify_id),
            "/cityservice/face/identify/queryverifyinfo": post(self._verify_info),
            "/cityservice/face/identify/getuseridkey": post(self._user_id_key),
            "/cityservice/face/identify/getinfo": post(self._classic_info),
            "/cgi-bin/message/subscribe/send": post(self._send_message),
        }

    @property
    def operations(self) -> list[str]:
        """The paths, which are also what faults may be limited to."""
        return list(self._routes)

    def app(self) -> web.Application:
        """The aiohttp application without its control interface."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[_refusals])
        for path, route in self._routes.items():
            app.router.add_route("*", path, self._handler(path, route))

        async def _stop(app: web.Application) -> None:
            self.board.clear()

        app.on_shutdown.append(_stop)
        return app

    def _handler(self, path: str, route: "_Route") -> Handler:
        async def _handle(request: web.Request) -> web.StreamResponse:
            fault = self.board.arrives(path)
            await hold(fault)
            await self.board.latency.wait()
            if fault is not None and fault.spec.kind == "status":
                return await _send(request, fault.spec.status, b"", fault)
            answer = await self._answer(request, route, fault)
            malformed = fault is not None and fault.spec.kind == "malformed"
            body = MALFORMED_BODY if malformed else orjson.dumps(answer)
            return await _send(request, 200, body, fault)

        return _handle

    async def _answer(
        self, request: web.Request, route: "_Route", fault: Fault | None
    ) -> dict[str, Any]:
        try:
            if fault is not None and fault.spec.kind == "busy":
                raise WechatError(Code.BUSY)
            if request.method != route.method:
                get = route.method == "GET"
                raise WechatError(Code.GET_REQUIRED if get else Code.POST_REQUIRED)
            if route.with_token:
                self.state.tokens.check(request.query.get("access_token", ""))
            given = request.query if route.method == "GET" else await _json_body(request)
            return route.answer(given)
        except WechatError as error:
            return {
                "errcode": error.errcode,
                "errmsg": f"{error.errmsg} rid: {secrets.token_hex(8)}",
            }

    def _check_app(self, given: Mapping[str, Any]) -> None:
        app_id, secret = _text(given, "appid"), _text(given, "secret")
        if not app_id:
            raise WechatError(Code.APPID_MISSING)
        if app_id != self.state.app_id:
            raise WechatError(Code.INVALID_APPID)
        if not secret:
            raise WechatError(Code.SECRET_MISSING)
        if secret != self.state.secret:
            raise WechatError(Code.INVALID_SECRET)

    def _code_to_session(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._check_app(given)
        if _text(given, "grant_type") != "authorization_code":
            raise WechatError(Code.INVALID_GRANT_TYPE)
        if not (code := _text(given, "js_code")):
            raise WechatError(Code.CODE_MISSING)
        login = self.state.log_in(code)
        session = {"openid": login.openid, "session_key": secrets.token_urlsafe(18)[:22] + "=="}
        return session | ({"unionid": login.unionid} if login.unionid else {})

    def _token(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if _text(given, "grant_type") != "client_credential":
            raise WechatError(Code.INVALID_GRANT_TYPE)
        self._check_app(given)
        token = self.state.tokens.issue()
        return {"access_token": token.value, "expires_in": self.state.tokens.remaining(token)}

    def _stable_token(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if _text(given, "grant_type") != "client_credential":
            raise WechatError(Code.INVALID_GRANT_TYPE)
        self._check_app(given)
        token = self.state.tokens.stable(given.get("force_refresh") is True)
        return {"access_token": token.value, "expires_in": self.state.tokens.remaining(token)}

    def _phone(self, given: Mapping[str, Any]) -> dict[str, Any]:
        phone = self.state.phones.redeem(_text(given, "code"))
        if phone.openid and _text(given, "openid") not in ("", phone.openid):
            raise WechatError(Code.INVALID_CODE)
        international = phone.country_code != "86"
        return _ok(
            phone_info={
                "phoneNumber": f"+{phone.country_code}-{phone.number}"
                if international
                else phone.number,
                "purePhoneNumber": phone.number,
                "countryCode": phone.country_code,
                "watermark": {
                    "timestamp": int(self.state.clock()),
                    "appid": self.state.app_id,
                },
            }
        )

    def _verify_id(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if not (openid := _text(given, "openid")):
            raise WechatError(Code.INVALID_OPENID)
        cert_info = given.get("cert_info")
        if not isinstance(cert_info, dict):
            raise WechatError(Code.INVALID_ARGUMENTS)
        verify_id = self.state.faces.open(openid, _text(given, "out_seq_no"), cert_info)
        return _ok(verify_id=verify_id, expires_in=LIFETIME_S)

    def _verify_info(self, given: Mapping[str, Any]) -> dict[str, Any]:
        names = ("verify_id", "out_seq_no", "cert_hash", "openid")
        return _ok(verify_ret=self.state.faces.result(*(_text(given, name) for name in names)))

    def _user_id_key(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name, number = _text(given, "name"), _text(given, "id_card_number")
        if not name or not number:
            raise WechatError(Code.INVALID_ARGUMENTS)
        return _ok(user_id_key=self.state.faces.key_for(name, number), expires_in=LIFETIME_S)

    def _classic_info(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return _ok(**self.state.faces.classic_result(_text(given, "verify_result")))

    def _send_message(self, given: Mapping[str, Any]) -> dict[str, Any]:
        openid, template = _text(given, "touser"), _text(given, "template_id")
        if not openid:
            raise WechatError(Code.INVALID_OPENID)
        known = self.state.templates
        if not template or (known is not None and template not in known):
            raise WechatError(Code.INVALID_TEMPLATE)
        if not _is_message_data(given.get("data")):
            raise WechatError(Code.BAD_ARGUMENT)
        left = self.state.quota.get((openid, template), 0)
        if left < 1:
            raise WechatError(Code.REFUSED_BY_USER)
        self.state.quota[openid, template] = left - 1
        self.state.sent.append(dict(given))
        return _ok(msgid=secrets.randbits(48))


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    answer: Callable[[Mapping[str, Any]], dict[str, Any]]
    with_token: bool

    @classmethod
    def get(
        cls, answer: Callable[[Mapping[str, Any]], dict[str, Any]], with_token: bool = True
    ) -> "_Route":
        return cls("GET", answer, with_token)

    @classmethod
    def post(
        cls, answer: Callable[[Mapping[str, Any]], dict[str, Any]], with_token: bool = True
    ) -> "_Route":
        return cls("POST", answer, with_token)


async def _json_body(request: web.Request) -> dict[str, Any]:
    """WeChat reads the body as JSON whatever its content type says."""
    raw = await request.read()
    if not raw:
        raise WechatError(Code.EMPTY_BODY)
    try:
        found = json.loads(raw)
    except ValueError:
        raise WechatError(Code.BAD_JSON) from None
    if not isinstance(found, dict):
        raise WechatError(Code.BAD_JSON)
    return found


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    return value if isinstance(value, str) else ""


def _is_message_data(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and bool(data)
        and all(isinstance(part, dict) and "value" in part for part in data.values())
    )


def _ok(**members: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **members}


async def _send(
    request: web.Request, status: int, body: bytes, fault: Fault | None
) -> web.StreamResponse:
    return await send(request, status, body, {"content-type": "application/json"}, fault)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of the control interface as problems."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.Response(status=refusal.status, body=refusal.body(), content_type=MEDIA_TYPE)
