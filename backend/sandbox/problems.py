"""Refusals of a provincial system, as RFC 9457 problems with a stable code."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

MEDIA_TYPE = "application/problem+json"


class Refusal(Exception):
    """A call is refused.

    Attributes:
        status: HTTP status; code: stable dotted name; title: English.
        extra: further members of the problem (``errors``).
    """

    def __init__(self, status: int, code: str, title: str, **extra: Any) -> None:
        self.status, self.code, self.title, self.extra = status, code, title, extra
        super().__init__(code)

    def body(self) -> bytes:
        """The problem as JSON."""
        return problem(self.status, self.code, self.title, self.extra)


def problem(status: int, code: str, title: str, extra: Mapping[str, Any] | None = None) -> bytes:
    """An RFC 9457 problem as JSON."""
    document = {"type": "about:blank", "title": title, "status": status, "code": code}
    return orjson.dumps({**document, **(extra or {})})


def mistakes(error: ValidationError) -> list[dict[str, str]]:
    """Every mistake with its JSON pointer; never the value, which is personal."""
    return [
        {"pointer": "".join(f"/{part}" for part in one["loc"]), "message": one["msg"]}
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]
