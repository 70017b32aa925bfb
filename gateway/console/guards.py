"""What keeps a page of the console safe: its cookies, the CSRF token, its headers.

The session's token lives in a cookie that no script reads and no other site sends. The CSRF token
of a form is an HMAC under the session's token: it needs no store, differs for every session, and
who has it cannot get back to the session. Before a login the same is done with a random cookie.
"""

import base64
import hashlib
import hmac
import json
import os

from sanic import HTTPResponse, Request

from backend.errors import DomainError

SESSION_COOKIE = "sst_console"
VISIT_COOKIE = "sst_console_visit"
FLASH_COOKIE = "sst_console_flash"
_PATH = "/console"
_FLASH_SECONDS = 60
_LONGEST_FLASH = 1500

# No script at all, no style but our file, nothing from another host, no frame around us.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class CsrfWrong(DomainError):
    """The form was not made for this session: another site's, or one from before the login."""

    code = "console.csrf"
    title = "The form does not belong to this session"
    detail = "页面已失效（可能在别的标签页重新登录过），请返回后重新打开再提交。"
    kind = "forbidden"


def csrf_of(secret: str) -> str:
    """The token for forms of whoever holds this secret."""
    return hmac.new(secret.encode(), b"console form", hashlib.sha256).hexdigest()[:32]


def check_csrf(secret: str, given: str) -> None:
    """Refuse a form that was not made for this session.

    Raises:
        CsrfWrong: it was not.
    """
    if not secret or not hmac.compare_digest(csrf_of(secret).encode(), given.encode()):
        raise CsrfWrong


def session_token(request: Request) -> str:
    """The session's token, empty without one."""
    return request.cookies.get(SESSION_COOKIE) or ""


def visit(request: Request) -> tuple[str, bool]:
    """The random secret of whoever is not logged in, and whether it is new."""
    held = request.cookies.get(VISIT_COOKIE) or ""
    if len(held) == 32:
        return held, False
    return base64.urlsafe_b64encode(os.urandom(24)).decode(), True


def set_cookie(request: Request, response: HTTPResponse, name: str, value: str) -> None:
    """Set one of our cookies; it ends with the browser."""
    response.add_cookie(
        name, value, path=_PATH, httponly=True, samesite="Strict", secure=_by_https(request),
        max_age=_FLASH_SECONDS if name == FLASH_COOKIE else None,
    )  # fmt: skip


def drop_cookie(request: Request, response: HTTPResponse, name: str) -> None:
    """Make the browser forget one of our cookies."""
    response.add_cookie(
        name, "", path=_PATH, httponly=True, samesite="Strict", secure=_by_https(request),
        max_age=0,
    )  # fmt: skip


def _by_https(request: Request) -> bool:
    proxied = request.app.ctx.settings.trusted_proxies > 0
    scheme = request.headers.get("x-forwarded-proto", "") if proxied else request.scheme
    return str(scheme) == "https"


def flash_value(secret: str, words: str) -> str:
    """Words for the next page, so signed that nobody can put words into our mouth."""
    body = base64.urlsafe_b64encode(json.dumps(words[:400]).encode()).decode().rstrip("=")
    return f"{body}.{_signature(secret, body)}"


def read_flash(request: Request, secret: str) -> str:
    """The words that the page before left; empty without any."""
    value = request.cookies.get(FLASH_COOKIE) or ""
    body, _, signature = value.partition(".")
    fits = hmac.compare_digest(_signature(secret, body).encode(), signature.encode())
    if not body or len(value) > 4 * _LONGEST_FLASH or not fits:
        return ""
    words: str = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return words


def _signature(secret: str, body: str) -> str:
    return hmac.new(secret.encode(), b"flash" + body.encode(), hashlib.sha256).hexdigest()[:32]
