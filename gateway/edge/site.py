"""The built h5 front end, served from the gateway's own origin."""

from sanic import HTTPResponse, Request, Sanic
from sanic.response import html, redirect

from backend.settings import Settings

ENTERPRISE_PAGE = "/#/enterprise/picker/index"
_NOT_BUILT = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>省事通</title>'
    "<p>页面还没有构建。请在项目目录运行 <code>make run</code>。"
    '接口文档在 <a href="/docs">/docs</a>。</p></html>'
)


def install(app: Sanic, settings: Settings) -> None:
    """Serve the front end at ``/`` and the API explorer's files below ``/docs/assets``."""
    app.add_route(_enterprise, "/enterprise")
    if settings.docs_dir.is_dir():
        app.static("/docs/assets", settings.docs_dir, name="docs")
    if settings.h5_dir.is_dir():
        app.static("/", settings.h5_dir, index="index.html", name="h5")
    else:
        app.add_route(_not_built, "/")


async def _enterprise(_: Request) -> HTTPResponse:
    return redirect(ENTERPRISE_PAGE)


async def _not_built(_: Request) -> HTTPResponse:
    return html(_NOT_BUILT, status=503)
