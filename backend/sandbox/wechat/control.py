"""What tests do to the WeChat server: play the phone, the person and the operator."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from backend.sandbox.control import PREFIX, BoardControl, Order, json_answer, read_order
from backend.sandbox.problems import Refusal
from backend.sandbox.wechat.codes import LIFETIME_S
from backend.sandbox.wechat.faces import PASSED
from backend.sandbox.wechat.server import LOGINS_PER_MINUTE, Login, Phone, WechatServer

FAULTS = ("slow", "hang", "status", "truncate", "malformed", "busy")
Openid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class LoginCodeOrder(Order):
    """``POST /_control/login-code``: what ``wx.login`` would give; ``expires_in`` in seconds."""

    openid: Openid
    unionid: str | None = None
    expires_in: float = Field(LIFETIME_S, ge=0)


class PhoneCodeOrder(Order):
    """``POST /_control/phone-code``: what the phone-number button would give."""

    phone: Annotated[str, StringConstraints(pattern=r"^\d{5,15}$")]
    country_code: Annotated[str, StringConstraints(pattern=r"^\d{1,4}$")] = "86"
    openid: Openid | None = None
    expires_in: float = Field(LIFETIME_S, ge=0)


class VerifyOrder(Order):
    """``POST /_control/verify``: the person shows their face in the current flow."""

    verify_id: str
    verify_ret: int = PASSED


class DefaultVerifyOrder(Order):
    """``PUT /_control/verify``: the result of sessions that are opened from now on."""

    verify_ret: int


class ClassicOrder(Order):
    """``POST /_control/verify-result``: the client's ``verifyResult`` of the classic flow."""

    openid: Openid
    name: str
    id_number: str
    passed: bool = True


class UserOrder(Order):
    """``POST /_control/users``: block a user as high-risk (40226), or no longer."""

    openid: Openid
    blocked: bool


class LimitOrder(Order):
    """``PUT /_control/limits``: logins per user and minute before 45011."""

    logins_per_minute: int = Field(LOGINS_PER_MINUTE, ge=0)


class TokenOrder(Order):
    """``POST /_control/tokens``: end all tokens as expired (42001) or as unknown (40001)."""

    end: Literal["expired", "invalid"]


class SubscriptionOrder(Order):
    """``POST /_control/subscriptions``: the person accepts so many messages of a template."""

    openid: Openid
    template_id: str
    count: int = Field(1, ge=0)


class TemplatesOrder(Order):
    """``PUT /_control/templates``: the templates that exist; null: any."""

    template_ids: list[str] | None


class WechatControl:
    """``/_control/`` of the WeChat server."""

    def __init__(self, server: WechatServer) -> None:
        self._state = server.state
        self._board = BoardControl(server.board, server.operations, FAULTS)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        self._board.register(app)
        app.add_routes(
            [
                web.get(f"{PREFIX}/state", self.state),
                web.post(f"{PREFIX}/login-code", self.login_code),
                web.post(f"{PREFIX}/phone-code", self.phone_code),
                web.post(f"{PREFIX}/verify", self.verify),
                web.put(f"{PREFIX}/verify", self.default_verify),
                web.post(f"{PREFIX}/verify-result", self.classic),
                web.post(f"{PREFIX}/users", self.user),
                web.put(f"{PREFIX}/limits", self.limits),
                web.post(f"{PREFIX}/tokens", self.end_tokens),
                web.post(f"{PREFIX}/subscriptions", self.subscribe),
                web.put(f"{PREFIX}/templates", self.templates),
                web.get(f"{PREFIX}/messages", self.messages),
                web.delete(f"{PREFIX}/messages", self.forget_messages),
            ]
        )

    async def state(self, request: web.Request) -> web.Response:
        """Everything about the server at a glance."""
        return json_answer(
            {
                "system": "wechat",
                "name": "微信",
                **self._board.state(),
                "messages": len(self._state.sent),
            }
        )

    async def login_code(self, request: web.Request) -> web.Response:
        """Mint a login code."""
        order = await read_order(request, LoginCodeOrder)
        login = Login(order.openid, order.unionid)
        return json_answer({"code": self._state.logins.mint(login, order.expires_in)}, 201)

    async def phone_code(self, request: web.Request) -> web.Response:
        """Mint a phone code."""
        order = await read_order(request, PhoneCodeOrder)
        phone = Phone(order.phone, order.country_code, order.openid)
        return json_answer({"code": self._state.phones.mint(phone, order.expires_in)}, 201)

    async def verify(self, request: web.Request) -> web.Response:
        """Decide a face verification."""
        order = await read_order(request, VerifyOrder)
        try:
            self._state.faces.decide(order.verify_id, order.verify_ret)
        except KeyError:
            raise Refusal(404, "control.verify_id_unknown", "No such verification") from None
        return json_answer(order.model_dump())

    async def default_verify(self, request: web.Request) -> web.Response:
        """Decide all verifications to come."""
        order = await read_order(request, DefaultVerifyOrder)
        self._state.faces.default_ret = order.verify_ret
        return json_answer(order.model_dump())

    async def classic(self, request: web.Request) -> web.Response:
        """Mint a result of the classic flow."""
        order = await read_order(request, ClassicOrder)
        token = self._state.faces.classic(order.openid, order.name, order.id_number, order.passed)
        return json_answer({"verify_result": token}, 201)

    async def user(self, request: web.Request) -> web.Response:
        """Block or unblock a user."""
        order = await read_order(request, UserOrder)
        change = self._state.blocked.add if order.blocked else self._state.blocked.discard
        change(order.openid)
        return json_answer(order.model_dump())

    async def limits(self, request: web.Request) -> web.Response:
        """Set the login limit."""
        order = await read_order(request, LimitOrder)
        self._state.logins_per_minute = order.logins_per_minute
        return json_answer(order.model_dump())

    async def end_tokens(self, request: web.Request) -> web.Response:
        """End all tokens."""
        order = await read_order(request, TokenOrder)
        self._state.tokens.end_all(order.end == "expired")
        return json_answer(order.model_dump())

    async def subscribe(self, request: web.Request) -> web.Response:
        """Let a user accept messages."""
        order = await read_order(request, SubscriptionOrder)
        self._state.quota[order.openid, order.template_id] = order.count
        return json_answer(order.model_dump())

    async def templates(self, request: web.Request) -> web.Response:
        """Say which templates exist."""
        order = await read_order(request, TemplatesOrder)
        known = order.template_ids
        self._state.templates = None if known is None else set(known)
        return json_answer(order.model_dump())

    async def messages(self, request: web.Request) -> web.Response:
        """What was sent."""
        items: list[dict[str, Any]] = self._state.sent
        return json_answer({"items": items})

    async def forget_messages(self, request: web.Request) -> web.Response:
        """Forget what was sent."""
        self._state.sent.clear()
        return json_answer({"items": []})


def create_app(server: WechatServer) -> web.Application:
    """The WeChat server with its control interface."""
    app = server.app()
    WechatControl(server).register(app)
    return app
