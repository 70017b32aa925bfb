"""The built h5 front end and the API explorer, served from the gateway's own origin."""

from urllib.parse import unquote

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import html, redirect

from backend.settings import Settings
from gateway.edge.types import App

LONGEST_PATH = 200
ENTERPRISE_PAGE = "/#/enterprise/picker"
_NOT_BUILT = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>省事通</title>'
    "<p>页面还没有构建。请在项目目录运行 <code>make run</code>。"
    '接口文档在 <a href="/docs">/docs</a>。</p></html>'
)
_DOCS = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>省事通 接口文档</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>"""
_START = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null});"

# Nothing is loaded from anywhere else, nothing may frame us, nothing is sniffed. uni-app sets
# element styles at run time, hence 'unsafe-inline' for styles only.
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_FOR_EVER = "public, max-age=31536000, immutable"


def install(app: App, settings: Settings) -> None:
    """Serve the front end at ``/`` and the API explorer at ``/docs``."""
    bp = Blueprint("site")
    bp.add_route(_enterprise, "/enterprise", name="enterprise")
    bp.add_route(_docs, "/docs", name="docs")
    bp.add_route(_docs_start, "/docs/start.js", name="docs_start")
    if settings.docs_dir.is_dir():
        bp.static("/docs/assets", settings.docs_dir, name="docs_assets")
    if settings.h5_dir.is_dir():
        bp.static("/", settings.h5_dir, index="index.html", name="h5")
    else:
        bp.add_route(_not_built, "/", name="not_built")
    bp.middleware(_refuse, "request")
    bp.middleware(_protect, "response")
    app.blueprint(bp)


def _refuse(request: Request) -> None:
    """Names that no file can have: the file system would answer with an error of its own."""
    if len(request.path) > LONGEST_PATH or "\0" in unquote(request.path):
        raise NotFound


def _protect(request: Request, response: HTTPResponse) -> None:
    response.headers.update(_HEADERS)
    # The build puts a digest into the names below /assets, so they never change.
    for_ever = request.path.startswith("/assets/") and response.status == 200
    response.headers["cache-control"] = _FOR_EVER if for_ever else "no-cache"


async def _enterprise(_: Request) -> HTTPResponse:
    return redirect(ENTERPRISE_PAGE)


async def _docs(_: Request) -> HTTPResponse:
    return html(_DOCS)


async def _docs_start(_: Request) -> HTTPResponse:
    return HTTPResponse(_START, content_type="text/javascript")


async def _not_built(_: Request) -> HTTPResponse:
    return html(_NOT_BUILT, status=503)
