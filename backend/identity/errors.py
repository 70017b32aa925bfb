"""Refusals of the identity package."""

from typing import Any

from backend.errors import DomainError
from backend.identity.levels import Level


class IdentityError(DomainError):
    """Base of everything that can go wrong around who someone is."""


class SessionMissing(IdentityError):
    """No access token, or one that is not ours."""

    code = "identity.session_missing"
    title = "Not logged in"
    detail = "请先登录。"
    kind = "unauthenticated"


class SessionExpired(IdentityError):
    """The token was ours, but has run out or was ended from another device."""

    code = "identity.session_expired"
    title = "The session has ended"
    detail = "登录已过期，请重新登录。"
    kind = "unauthenticated"


_UNLOCKS = {
    Level.PHONE: "请先绑定手机号。",
    Level.SELF_DECLARED: "请先填写本人信息。",
    Level.REAL_NAME: "请先完成实名认证，大约需要一分钟。",
    Level.FACE: "请先刷脸确认是您本人，大约需要半分钟。",
    Level.CERTIFICATE: "请使用数字证书登录，或到政务服务窗口办理。",
}


class LevelTooLow(IdentityError):
    """The session is real, but not sure enough for what was asked."""

    code = "identity.level_too_low"
    title = "A higher assurance level is required"
    kind = "forbidden"

    def __init__(self, required: Level) -> None:
        self.required = required
        super().__init__(_UNLOCKS.get(required, "请先登录。"))

    def context(self) -> dict[str, Any]:
        return {"required_level": int(self.required)}
