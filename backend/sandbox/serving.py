"""One server in a process of its own: what a child of the runner does until it is told to stop."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvloop
from aiohttp import web

BACKLOG = 1024
# Long enough that a gateway's pooled connection is not closed under its hands.
KEEP_ALIVE_S = 75.0
SHUTDOWN_S = 1.0


@dataclass(frozen=True, slots=True)
class Lifeline:
    """Pipes between the runner and a child.

    Attributes:
        ready: the child writes a byte here when it answers.
        runner: comes to its end when the runner is gone, however it went.
    """

    ready: int
    runner: int


def serve(make_app: Callable[[], web.Application], listener: socket.socket, line: Lifeline) -> None:
    """Serve until SIGTERM, SIGINT or the end of the runner."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(make_app, listener, line))


async def _serve(
    make_app: Callable[[], web.Application], listener: socket.socket, line: Lifeline
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    loop.add_reader(line.runner, stopping.set)
    runner = web.AppRunner(
        make_app(),
        access_log=None,
        handler_cancellation=True,
        keepalive_timeout=KEEP_ALIVE_S,
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    await web.SockSite(runner, listener, backlog=BACKLOG).start()
    os.write(line.ready, b"1")
    os.close(line.ready)
    await stopping.wait()
    loop.remove_reader(line.runner)
    await runner.cleanup()
