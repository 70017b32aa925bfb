"""How long a caller still waits: told with the request, and carried on to every system asked."""

from sanic import Request

from backend.upstream.deadline import Deadline

HEADER = "x-timeout-ms"


def deadline_of(request: Request, seconds: float) -> Deadline:
    """The moment after which an answer is of no use to the caller.

    Args:
        seconds: the longest that we take; ``X-Timeout-Ms`` may ask for less, never for more.
    """
    given = request.headers.get(HEADER)
    if given is not None and len(given) <= 6 and given.isascii() and given.isdigit():
        seconds = min(seconds, max(int(given), 1) / 1000)
    return Deadline.after(seconds)
