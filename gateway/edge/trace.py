"""What every request and answer passes: trace id, security headers, access log and metrics."""

import os
import re
import time

import structlog
from prometheus_client import Counter, Histogram
from sanic import HTTPResponse, Request, Sanic

log = structlog.get_logger("gateway")

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")

REQUESTS = Counter("sst_requests_total", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram(
    "sst_request_seconds", "Time to answer", ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)  # fmt: skip

# Nothing is loaded from anywhere else, nothing may frame us, nothing is sniffed. uni-app sets
# element styles at run time, hence 'unsafe-inline' for styles only.
_CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", _CONTENT_SECURITY),
    ("permissions-policy", "camera=(self), geolocation=(self), microphone=()"),
)


def install(app: Sanic) -> None:
    """Put the tracing on an application."""
    app.register_middleware(_begin, "request")
    app.register_middleware(_finish, "response")


def _begin(request: Request) -> None:
    given = _TRACEPARENT.match(request.headers.get("traceparent", ""))
    request.ctx.trace_id = given[1] if given else os.urandom(16).hex()
    request.ctx.started = time.perf_counter()


def _finish(request: Request, response: HTTPResponse) -> None:
    trace_id = getattr(request.ctx, "trace_id", None)
    if trace_id is None:  # refused before the request was whole
        return
    headers = response.headers
    headers["x-request-id"] = trace_id
    for name, value in _HEADERS:
        headers[name] = value
    name = request.route.name if request.route is not None else "none"
    seconds = time.perf_counter() - request.ctx.started
    REQUESTS.labels(name, response.status).inc()
    SECONDS.labels(name).observe(seconds)
    if response.status >= 400:
        log.info(
            "request.refused", endpoint=name, status=response.status,
            ms=round(seconds * 1000, 1), trace_id=trace_id,
        )  # fmt: skip


def traceparent(request: Request) -> str:
    """The ``traceparent`` (W3C) to hand on to provincial systems."""
    return f"00-{request.ctx.trace_id}-{os.urandom(8).hex()}-01"
