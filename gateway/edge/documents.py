"""What operators and developers ask the gateway itself: health, metrics, descriptions."""

import asyncio
from functools import cache
from importlib.metadata import version

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import HTTPResponse, Request

from backend.exchange.service import manifest_schema, provider_interface
from gateway.edge.behind import behind
from gateway.edge.endpoint import ENDPOINTS
from gateway.edge.openapi import describe
from gateway.edge.types import App


def install(app: App) -> None:
    """Add health, metrics and the descriptions of our interfaces and of a manifest."""
    app.add_route(_health, "/healthz")
    app.add_route(_metrics, "/metrics")
    app.add_route(_openapi, "/openapi.json")
    app.add_route(_interface, "/provider-interface.yaml")
    app.add_route(_manifest_schema, "/manifest-schema.json")


async def _health(request: Request) -> HTTPResponse:
    """200 while the stores answer: what load balancers ask."""
    await request.app.ctx.province.redis.ping()
    return HTTPResponse(b'{"status":"ok"}', content_type="application/json")


async def _metrics(request: Request) -> HTTPResponse:
    """What this process did, and what the worker says of itself."""
    registry = await behind(request.app.ctx.province.jobs)
    return HTTPResponse(
        generate_latest() + generate_latest(registry), content_type=CONTENT_TYPE_LATEST
    )


async def _openapi(_: Request) -> HTTPResponse:
    # The first time it takes half a second of work, during which others want to be served.
    return HTTPResponse(await asyncio.to_thread(_description), content_type="application/json")


@cache
def _description() -> bytes:
    return orjson.dumps(describe(ENDPOINTS, version("shengshitong")))


async def _interface(_: Request) -> HTTPResponse:
    """What a provincial system implements, for any language to make a server from."""
    return HTTPResponse(provider_interface(), content_type="application/yaml")


async def _manifest_schema(_: Request) -> HTTPResponse:
    """What a manifest may hold: JSON Schema 2020-12, for editors and for whoever makes one."""
    return HTTPResponse(orjson.dumps(manifest_schema()), content_type="application/schema+json")
