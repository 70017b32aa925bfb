"""What operators and developers ask the gateway itself: health, metrics, descriptions."""

from importlib.metadata import version

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import HTTPResponse, Request, Sanic
from sanic.response import html

from gateway.edge.endpoint import ENDPOINTS
from gateway.edge.openapi import describe

_DOCS = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>省事通 接口文档</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>"""
_START = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null});"


def install(app: Sanic) -> None:
    """Add ``/healthz``, ``/metrics``, ``/openapi.json`` and ``/docs``."""
    app.add_route(_health, "/healthz")
    app.add_route(_metrics, "/metrics")
    app.add_route(_openapi, "/openapi.json")
    app.add_route(_docs, "/docs")
    app.add_route(_docs_start, "/docs/start.js")


async def _health(request: Request) -> HTTPResponse:
    """200 while the stores answer: what load balancers ask."""
    await request.app.ctx.province.redis.ping()
    return HTTPResponse(b'{"status":"ok"}', content_type="application/json")


async def _metrics(_: Request) -> HTTPResponse:
    return HTTPResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


async def _openapi(_: Request) -> HTTPResponse:
    document = describe(ENDPOINTS, version("shengshitong"))
    return HTTPResponse(orjson.dumps(document), content_type="application/json")


async def _docs(_: Request) -> HTTPResponse:
    return html(_DOCS)


async def _docs_start(_: Request) -> HTTPResponse:
    return HTTPResponse(_START, content_type="text/javascript")
