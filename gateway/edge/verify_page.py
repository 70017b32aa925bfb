"""The page that verifies licences by itself (``miniprogram/verifier``), with the keys built in.

It is one file: whoever opened it once, or saved it, checks credentials without a network. What it
relies on (keys, status lists, labels) stands in it as data when it is served.
"""

import asyncio

import orjson
from sanic import Blueprint, HTTPResponse, Request

from backend.presentation.service import VCT, Presentations, labels_of
from backend.province import Province
from backend.settings import Settings
from gateway.edge.types import App

# Enough for every credential of a small province; where there are more, the page asks for them.
MOST_LISTS = 64
_PLACE = b'<script type="application/json" id="trust">null</script>'
_NOT_BUILT = '<!doctype html><meta charset="utf-8"><p>核验页还没有构建。请执行 make run。</p>'
# The page brings its own policy, which names the digest of its script.
_HEADERS = {
    "content-security-policy": "frame-ancestors 'none'",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}


def install(app: App, settings: Settings) -> None:
    """Serve the page at ``/verify`` and as a file at ``/verify/download``."""
    page = settings.verifier_page
    built = page.read_bytes() if page.is_file() else None

    async def show(request: Request) -> HTTPResponse:
        return await _page(request, built, {})

    async def download(request: Request) -> HTTPResponse:
        return await _page(
            request, built, {"content-disposition": 'attachment; filename="verify.html"'}
        )

    bp = Blueprint("verify_page")
    bp.add_route(show, "/verify", name="show")
    bp.add_route(download, "/verify/download", name="download")
    app.blueprint(bp)


async def _page(request: Request, built: bytes | None, more: dict[str, str]) -> HTTPResponse:
    kind = "text/html; charset=utf-8"
    if built is None:
        return HTTPResponse(_NOT_BUILT, status=503, headers=_HEADERS, content_type=kind)
    trust = orjson.dumps(await _trust(request.app.ctx.province)).replace(b"<", b"\\u003c")
    filled = built.replace(_PLACE, _PLACE.replace(b"null", trust), 1)
    return HTTPResponse(filled, headers={**_HEADERS, **more}, content_type=kind)


async def _trust(province: Province) -> dict[str, object]:
    presentations: Presentations = province.presentations
    names = (await presentations.credentials.list_names())[-MOST_LISTS:]
    lists = await asyncio.gather(
        *(presentations.credentials.status_list(name) for name in names)
    )  # fmt: skip
    kinds = [
        kind for system in province.exchange.systems() for kind in system.manifest.licence_types
    ]
    return {
        "keys": presentations.keys.document,
        "lists": lists,
        "types": [{"vct": VCT + kind.code, "labels": labels_of(kind)} for kind in kinds],
    }
