"""Long-running processes: the gateway and the worker."""

import logging
import os
import sys
from functools import partial

import structlog

from backend.settings import Settings


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
    from sanic import Sanic
    from sanic.worker.loader import AppLoader

    from gateway.app import create_app

    configure_logs()
    settings = Settings.from_environ()
    options = {"host": settings.host, "port": settings.port, "motd": False, "access_log": False}
    if settings.workers == 1:
        create_app(settings).run(single_process=True, **options)
        return
    Sanic.start_method = "fork"
    loader = AppLoader(factory=partial(create_app, settings))
    app = loader.load()
    app.prepare(workers=settings.workers, **options)
    Sanic.serve(primary=app, app_loader=loader)


def worker() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    import asyncio

    from backend.worker import run_worker

    configure_logs()
    structlog.get_logger("worker").info("worker.started", pid=os.getpid())
    asyncio.run(run_worker(Settings.from_environ()))
