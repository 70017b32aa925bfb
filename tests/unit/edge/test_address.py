"""Whose address counts, with and without proxies in front."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sanic import Request

from gateway.edge.address import client_address

PEER = "192.0.2.1"


def seen(forwarded: str | None, trusted: int) -> str:
    """The address of a request from ``PEER`` with this header."""
    headers: dict[str, str] = {} if forwarded is None else {"x-forwarded-for": forwarded}
    settings = SimpleNamespace(trusted_proxies=trusted)
    app = SimpleNamespace(ctx=SimpleNamespace(settings=settings))
    request: Any = SimpleNamespace(ip=PEER, headers=headers, app=app)
    return client_address(cast(Request, request))


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        (None, 0, PEER),
        ("203.0.113.9", 0, PEER),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("203.0.113.9", 2, PEER),
        (None, 1, PEER),
        ("", 1, PEER),
        ("nonsense", 1, PEER),
        ("198.51.100.1, <script>", 1, PEER),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_only_what_a_trusted_proxy_wrote_is_believed(
    forwarded: str | None, trusted: int, address: str
) -> None:
    assert seen(forwarded, trusted) == address
