"""Every refusal and failure as an RFC 9457 problem; a 5xx never shows internals."""

import traceback
from typing import Any

import orjson
import structlog
from sanic import HTTPResponse, Request
from sanic.exceptions import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RequestTimeout,
    SanicException,
    ServiceUnavailable,
)
from sanic.handlers import ErrorHandler

from backend.errors import DomainError, Kind
from backend.store.outages import is_outage
from gateway.edge.answers import JsonAnswer
from gateway.edge.trace import METRICS, trace_id

log = structlog.get_logger("gateway")

STATUS: dict[Kind, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unsupported": 415,
    "unprocessable": 422,
    "too_many": 429,
    "unavailable": 503,
}


class RequestInvalid(DomainError):
    """The request does not have the described shape; ``errors`` says where, by JSON pointer."""

    code = "request.invalid"
    title = "The request is not valid"
    detail = "提交的内容有误，请检查后重试。"
    kind = "invalid"

    def __init__(self, errors: list[dict[str, str]], detail: str | None = None) -> None:
        self.errors = errors
        super().__init__(detail)

    def context(self) -> dict[str, Any]:
        return {"errors": self.errors}


class RequestTooLarge(DomainError):
    """The body is larger than this endpoint takes."""

    code = "request.too_large"
    title = "The body is too large"
    detail = "提交的内容太大，请压缩后重试。"
    kind = "too_large"


class MediaTypeUnsupported(DomainError):
    """The body is not JSON."""

    code = "request.media_type"
    title = "The body must be application/json"
    detail = "请求格式不受支持，请以 JSON 格式提交。"
    kind = "unsupported"


class StoreSilent(DomainError):
    """Redis or the database is away for a moment."""

    code = "platform.store_silent"
    title = "A store does not answer"
    detail = "系统正在恢复，请过几秒再试。没有提示成功的操作，再点一次就好。"
    kind = "unavailable"
    retry_after = 3


# What Sanic itself refuses, in our words: (status, code, title, detail).
_FRAMEWORK: list[tuple[type[SanicException], int, str, str, str]] = [
    (NotFound, 404, "request.not_found", "Nothing is here", "没有找到您要的内容，请返回首页。"),
    (MethodNotAllowed, 405, "request.method", "Method not allowed", "不支持这样的操作。"),
    (PayloadTooLarge, 413, "request.too_large", "The body is too large", RequestTooLarge.detail),
    (RequestTimeout, 408, "request.timeout", "The request took too long", "网络太慢，请重试。"),
    # Of Sanic's watch: no answer within RESPONSE_TIMEOUT.
    (
        ServiceUnavailable,
        503,
        "platform.no_answer_in_time",
        "No answer in time",
        "系统现在很忙，请过一会儿再试。没有提示成功的操作，再点一次就好。",
    ),
    (BadRequest, 400, "request.malformed", "The request is malformed", "请求有误，请检查后重试。"),
]


def problem(
    request: Request | None, status: int, code: str, title: str, detail: str, **context: Any
) -> HTTPResponse:
    """Render one problem; ``retry_after`` (seconds) also becomes the header of that name."""
    trace = trace_id(request) if request is not None else ""
    body = {
        "type": f"urn:shengshitong:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": trace,
        **context,
    }
    more: list[tuple[bytes, bytes]] = []
    if "retry_after" in context:
        more.append((b"retry-after", str(context["retry_after"]).encode()))
    if status == 401:
        more.append((b"www-authenticate", b"Bearer"))
    answer = JsonAnswer(orjson.dumps(body), status, "application/problem+json", tuple(more))
    answer.trace_id = trace
    return answer


class Problems(ErrorHandler):
    """Turns what was raised into a problem."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """Sanic calls this for what was not raised inside a declared endpoint."""
        response = self._render(request, exception)
        METRICS.observe("none", response.status, 0.0)
        return response

    def _render(self, request: Request, exception: Exception) -> HTTPResponse:
        if isinstance(exception, DomainError):
            return domain_problem(request, exception)
        for kind, status, code, title, detail in _FRAMEWORK:
            if isinstance(exception, kind):
                return problem(request, status, code, title, detail)
        if isinstance(exception, SanicException) and exception.status_code < 500:
            status = exception.status_code
            return problem(request, status, "request.refused", "Refused", "请求被拒绝。")
        if is_outage(exception):
            trace = trace_id(request) if request is not None else None
            log.warning("store.silent", error=type(exception).__name__, trace_id=trace)
            return domain_problem(request, StoreSilent())
        return _internal(request, exception)

    @staticmethod
    def log(request: Request, exception: Exception) -> None:
        """Sanic's own log line would carry the message, and a message may carry personal data."""


def domain_problem(request: Request, error: DomainError) -> HTTPResponse:
    """Render a refusal of the domain."""
    return problem(
        request, STATUS[error.kind], error.code, error.title, error.detail, **error.context()
    )


def _internal(request: Request, exception: Exception) -> HTTPResponse:
    # Only the kind and the place are logged: database drivers put values into their messages.
    frames = traceback.extract_tb(exception.__traceback__)[-6:]
    log.error(
        "request.failed",
        error=type(exception).__name__,
        at=[f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in frames],
        trace_id=trace_id(request) if request is not None else None,
    )
    return problem(
        request,
        500,
        "internal",
        "Internal error",
        "系统出了点问题，请稍后再试；需要帮助请拨打 12345。",
    )
