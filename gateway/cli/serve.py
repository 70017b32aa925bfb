"""Long-running processes: the gateway and the worker."""

import asyncio
import gc
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import structlog
import uvloop

from backend.settings import Settings
from gateway.cli.forks import become_one_of

BEAT_S = 10.0
# For so long a thread waits for the interpreter while another one computes; Python's own is 5 ms.
# SQLite's steps run in a thread and want it several times each, and every writer waits for them.
HAND_OVER_S = 0.0001


def configure_logs() -> None:
    """JSON lines on stderr: event names and ids, never what people typed."""
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


def gateway() -> None:
    """Serve the gateway until SIGTERM or SIGINT; requests under way are finished first."""
    # Nothing of what is loaded now is garbage; the application lets the collector go on.
    gc.disable()
    sys.setswitchinterval(HAND_OVER_S)
    from gateway.app import create_app
    from gateway.edge.connection import Connection

    configure_logs()
    settings = Settings.from_environ()
    app = create_app(settings)
    options: dict[str, Any] = {"protocol": Connection, "motd": False, "access_log": False}
    if settings.workers == 1:
        app.run(settings.host, settings.port, single_process=True, **options)
        return
    with socket.create_server((settings.host, settings.port)) as shared:
        become_one_of(settings.workers)
        app.run(sock=shared, single_process=True, **options)


def worker() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    configure_logs()
    sys.setswitchinterval(HAND_OVER_S)
    structlog.get_logger("worker").info("worker.started", pid=os.getpid())
    uvloop.run(_beating_worker(Settings.from_environ()))


async def _beating_worker(settings: Settings) -> None:
    from backend.worker import run_worker

    _beat(alive_file(settings.data_dir), asyncio.get_running_loop())
    await run_worker(settings)


def alive_file(data_dir: Path) -> Path:
    """The file that a worker touches as long as its event loop turns."""
    return data_dir / "worker.alive"


def _beat(file: Path, loop: asyncio.AbstractEventLoop) -> None:
    file.touch()
    loop.call_later(BEAT_S, _beat, file, loop)
