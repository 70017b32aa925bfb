"""POSTs that go the short way: which endpoints declared it, and what of a request is plain.

``gateway.edge.connection`` reads such a request whole out of its buffer and hands it to the very
function that Sanic would call for it, so that every check and every refusal has one place.
"""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sanic import HTTPResponse

BODY_LIMIT = 16 * 1024
_DIGITS = len(str(BODY_LIMIT))
_VERSION = b" HTTP/1.1"
# Of other characters some would have to be decoded, which is Sanic's work.
_PART = re.compile(rb"[0-9A-Za-z-]{1,64}")
_PARAMETER = re.compile(r"<(\w+):str>")

# What serves a request, given its path parameters by name.
Serve = Callable[..., Coroutine[Any, Any, HTTPResponse]]


@dataclass(frozen=True, slots=True)
class _Parted:
    """An endpoint whose path holds one parameter: what stands before and behind it."""

    before: bytes
    behind: bytes
    name: str
    serve: Serve


_WHOLE: dict[bytes, Serve] = {}
_PARTED: list[_Parted] = []


def declare(path: str, serve: Serve) -> None:
    """Let plain POSTs to a path, with one parameter at most, go the short way."""
    before, *rest = _PARAMETER.split(f"POST {path}")
    if not rest:
        _WHOLE[before.encode() + _VERSION] = serve
        return
    name, behind = rest
    _PARTED.append(_Parted(before.encode(), behind.encode() + _VERSION, name, serve))


def post_for(line: bytes) -> tuple[Serve, dict[str, str]] | None:
    """What serves a request line, and the parameters in it; None when that is for Sanic to find."""
    serve = _WHOLE.get(line)
    if serve is not None:
        return serve, {}
    for each in _PARTED:
        if line.startswith(each.before) and line.endswith(each.behind):
            part = line[len(each.before) : -len(each.behind)]
            if _PART.fullmatch(part):
                return each.serve, {each.name: part.decode("ascii")}
    return None


def body_length(headers: dict[str, str]) -> int | None:
    """Bytes of the body; None when it is too large for the short way, or not said plainly."""
    said = headers.get("content-length", "")
    if not said.isdigit() or len(said) > _DIGITS or int(said) > BODY_LIMIT:
        return None
    return int(said)
