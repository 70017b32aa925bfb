"""Puts the console into the gateway: its pages, its style sheet, its way of saying no."""

import importlib
import pkgutil

import orjson
from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound

from gateway.console import guards, pages
from gateway.console.frame import plain_page
from gateway.console.rendering import style, style_digest
from gateway.edge.problems import Problems
from gateway.edge.types import App

_FOR_EVER = "public, max-age=31536000, immutable"


def install(app: App) -> None:
    """Serve the console below ``/console``."""
    for blueprint in console_blueprints():
        app.blueprint(blueprint)
    app.add_route(_style, "/console/assets/<name:str>", name="console_style")
    app.add_route(_nothing, "/console/<path:path>", name="console_nothing")


def console_blueprints() -> list[Blueprint]:
    """The blueprint ``bp`` of every file of ``gateway/console/pages``."""
    found = pkgutil.walk_packages(pages.__path__, pages.__name__ + ".")
    modules = [importlib.import_module(module.name) for module in found]
    return [module.bp for module in modules if hasattr(module, "bp")]


async def _style(_: Request, name: str) -> HTTPResponse:
    if name != f"{style_digest()}.css":
        raise NotFound
    headers = {**guards.HEADERS, "cache-control": _FOR_EVER}
    return HTTPResponse(style(), headers=headers, content_type="text/css; charset=utf-8")


async def _nothing(_: Request, path: str) -> HTTPResponse:
    raise NotFound


class ConsoleProblems(Problems):
    """Problems as JSON for programs; below ``/console`` the same sentences as a page."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """Sanic calls this for what no declared page or endpoint has answered."""
        response = super().default(request, exception)
        if request is None or not f"{request.path}/".startswith("/console/"):
            return response
        said = orjson.loads(response.body or b"{}")
        inside = bool(guards.session_token(request))
        body = plain_page(request, response.status, said["detail"], said["code"], False, inside)
        headers = {**guards.HEADERS, "cache-control": "no-store"}
        return HTTPResponse(body, response.status, headers, "text/html; charset=utf-8")
