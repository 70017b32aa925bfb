"""Long-running processes: the gateway and the worker."""

import asyncio
import gc
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from backend.errors import StoresUnusable
from backend.settings import Settings, SettingsError
from gateway.cli.forks import become_one_of

BEAT_S = 10.0
# For so long a thread waits for the interpreter while another one computes; Python's own is 5 ms.
# SQLite's steps run in a thread and want it several times each, and every writer waits for them.
HAND_OVER_S = 0.0001
# What colours a terminal, or is a library's own command line: structlog, httpx and cel import it
# where it is installed. A process that serves has no terminal, and 13 MB more without.
FOR_TERMINALS = ("rich", "click", "greenlet")
COMMAND_LINES = ("cel.cli",)


@contextmanager
def without_terminal() -> Iterator[None]:
    """Import what follows as if nothing for terminals were installed.

    Who has to do without a library gets an ``ImportError`` and is prepared for it; a command line
    that its package imports unasked is an empty module.
    """
    hidden: dict[str, ModuleType | None] = dict.fromkeys(FOR_TERMINALS)
    hidden |= {name: ModuleType(name) for name in COMMAND_LINES}
    hidden = {name: module for name, module in hidden.items() if name not in sys.modules}
    # Python takes None for a module that cannot be imported; the type does not say so.
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def configure_logs() -> None:
    """JSON lines on stderr: event names and ids, never what people typed."""
    import structlog

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def serve(name: str) -> None:
    """Serve as ``gateway`` or ``worker``; a missing setting ends it with one line."""
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.exit(f"省事通：{error}")
    try:
        (gateway if name == "gateway" else worker)(settings)
    except StoresUnusable as error:
        sys.exit(f"省事通：{error}")


def gateway(settings: Settings) -> None:
    """Serve the gateway until SIGTERM or SIGINT; requests under way are finished first."""
    # Nothing of what is loaded now is garbage; the application lets the collector go on.
    gc.disable()
    sys.setswitchinterval(HAND_OVER_S)
    with without_terminal():
        from gateway.app import create_app
        from gateway.edge.connection import Connection

        configure_logs()
        app = create_app(settings)
    logging.getLogger("sanic.error").addFilter(_is_news)
    options: dict[str, Any] = {"protocol": Connection, "motd": False, "access_log": False}
    if settings.workers == 1:
        app.run(settings.host, settings.port, single_process=True, **options)
        return
    with socket.create_server((settings.host, settings.port)) as shared:
        become_one_of(settings.workers)
        app.run(sock=shared, single_process=True, **options)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether Sanic should log it with its traceback: not what ``serve`` says in a line."""
    return not (record.exc_info and isinstance(record.exc_info[1], StoresUnusable))


def worker(settings: Settings) -> None:
    """Run the worker until SIGTERM or SIGINT."""
    gc.disable()
    sys.setswitchinterval(HAND_OVER_S)
    with without_terminal():
        import structlog
        import uvloop

        from backend.worker import run_worker

        configure_logs()
    # What has been loaded by now stays.
    gc.freeze()
    gc.enable()
    structlog.get_logger("worker").info("worker.started", pid=os.getpid())
    uvloop.run(_beating(run_worker, settings))


async def _beating(work: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    _beat(alive_file(settings.data_dir), asyncio.get_running_loop())
    await work(settings)


def alive_file(data_dir: Path) -> Path:
    """The file that a worker touches as long as its event loop turns."""
    return data_dir / "worker.alive"


def _beat(file: Path, loop: asyncio.AbstractEventLoop) -> None:
    file.touch()
    loop.call_later(BEAT_S, _beat, file, loop)
