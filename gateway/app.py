"""``create_app``: the one place where the gateway is wired."""

import asyncio
import gc
import importlib
import pkgutil
from types import ModuleType

import structlog
from sanic import Blueprint, Sanic

from backend.province import open_province
from backend.settings import Settings
from gateway import channels
from gateway.console import install as console
from gateway.edge import documents, site, verify_page
from gateway.edge.types import App

log = structlog.get_logger("gateway")

REGISTRY_POLL_S = 2.0
# A request makes about a hundred objects, none of them in a circle: the collector's own default
# would look for circles after every few requests.
YOUNG_OBJECTS = 20_000
# No endpoint takes more than a material of 8 MB in base64. What is larger is still read to its end,
# up to here, so that the phone gets its 413; of even more, Sanic breaks the connection.
REQUEST_LIMIT = 16 * 1024 * 1024
# The longest that anybody waits for an answer to begin, in seconds; a proxy in front waits longer.
LONGEST_S = 25.0


def create_app(settings: Settings, name: str = "shengshitong") -> App:
    """The gateway as a Sanic application.

    Args:
        settings: of this process.
        name: Sanic's name of the application; tests that make several give each its own.
    """
    app = Sanic(name, error_handler=console.ConsoleProblems(), configure_logging=False)
    app.config.update(
        ACCESS_LOG=False,
        REQUEST_MAX_SIZE=REQUEST_LIMIT,
        KEEP_ALIVE_TIMEOUT=75,
        RESPONSE_TIMEOUT=LONGEST_S,
        GRACEFUL_SHUTDOWN_TIMEOUT=10.0,
        FALLBACK_ERROR_FORMAT="json",
    )
    app.ctx.settings = settings
    for blueprint in channel_blueprints():
        app.blueprint(blueprint)
    console.install(app)
    documents.install(app)
    verify_page.install(app, settings)
    site.install(app, settings)
    app.before_server_start(_open)
    app.after_server_stop(_close)
    return app


def channel_blueprints() -> list[Blueprint]:
    """The blueprint ``bp`` of every file below ``gateway/channels``."""
    return [module.bp for module in _modules(channels) if hasattr(module, "bp")]


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [importlib.import_module(module.name) for module in found]


async def _open(app: App) -> None:
    app.ctx.province = await open_province(app.ctx.settings)
    # What has been loaded by now stays: the collector need not walk through it for ever.
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    app.ctx.registry_watch = asyncio.create_task(_watch_registry(app))


async def _watch_registry(app: App) -> None:
    """Learn of systems that register and of items that change while this worker runs.

    It begins at once: the first who asks need not wait until the catalogue has been read.
    """
    while True:
        try:
            await app.ctx.province.catalogue.look()
            await app.ctx.province.exchange.reload()
            await app.ctx.province.exchange.share_states()
            await app.ctx.province.sharing.reload()
        except Exception as error:  # noqa: BLE001 (the watch must outlive a database restart)
            log.warning("registry.unreadable", error=type(error).__name__)
        await asyncio.sleep(REGISTRY_POLL_S)


async def _close(app: App) -> None:
    app.ctx.registry_watch.cancel()
    await app.ctx.province.close()
