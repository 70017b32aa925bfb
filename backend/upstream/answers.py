"""What an answer has to be before anybody reads it: JSON, not too deep, of its schema."""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

# No schema of the provider interface comes near it; parsers of other languages end at a hundred.
DEPTH_LIMIT = 32
Check = Callable[[Any], bool]

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")


class AnswerRefused(Exception):
    """An answer is not what it has to be; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_answer(body: bytes, is_valid: Check | None) -> dict[str, Any]:
    """The object that an answer holds.

    Args:
        is_valid: checks it against its schema; None where none is registered.

    Raises:
        AnswerRefused: ``malformed``, ``too_deep`` or ``schema``.
    """
    # Where there are not more brackets than levels, counting them is all that it takes.
    if body.count(b"[") + body.count(b"{") > DEPTH_LIMIT and deeper_than(DEPTH_LIMIT, body):
        raise AnswerRefused("too_deep")
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise AnswerRefused("malformed") from None
    if not isinstance(answer, dict):
        raise AnswerRefused("malformed")
    if is_valid is not None and not is_valid(answer):
        raise AnswerRefused("schema")
    return answer


def deeper_than(limit: int, body: bytes) -> bool:
    """Whether JSON is nested deeper than so many levels; it need not be well formed.

    Strings are taken out, then everything but brackets, which all become of one kind; each round
    takes the innermost level away. It is the work of a few C loops, whatever the answer holds.
    """
    plain = _ESCAPED.sub(b"", body) if b"\\" in body else body
    if b'"' in plain:
        plain = b"".join(plain.split(b'"')[::2])
    brackets = plain.translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(limit):
        if not brackets:
            return False
        shorter = brackets.replace(b"{}", b"")
        if shorter == brackets:
            return False  # not well formed: the parser will say so
        brackets = shorter
    return bool(brackets)


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a ``Retry-After`` asks for (RFC 9110 §10.2.3); None without a usable one.

    Args:
        now: Unix time, for the form that names a moment.
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None
