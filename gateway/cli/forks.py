"""Several workers behind one socket: a parent that only watches, and forks that serve.

Sanic's own manager of workers makes the application twice, speaks to its workers through a process
more, and never ends when it is told to before all of them are ready.
"""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_ENDS = (signal.SIGTERM, signal.SIGINT)


def become_one_of(workers: int) -> None:
    """Return as one of so many forks; the process that calls watches them and never returns.

    A signal to end goes to all of them. When one ends unasked, the others are ended too and the
    exit code is 1: whoever started the gateway starts it again as a whole.
    """
    # A signal that comes meanwhile waits until there is somebody to hand it to.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    children = set[int]()
    for _ in range(workers):
        if (child := os.fork()) == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            return
        children.add(child)
    sys.exit(_watch(children))


def _watch(children: set[int]) -> int:
    asked = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        _end_all(children)

    for one in _ENDS:
        signal.signal(one, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    code = 0
    while children:
        child, status = os.wait()
        children.discard(child)
        if not asked:
            code = 1
            _end_all(children)
        elif status and os.waitstatus_to_exitcode(status) != -signal.SIGTERM:
            code = 1
    return code


def _end_all(children: set[int]) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
