"""Where a request comes from, as far as that can be believed."""

import ipaddress

from sanic import Request


def client_address(request: Request) -> str:
    """The address of the client.

    ``X-Forwarded-For`` is a list to which each proxy appends whom it saw; everything before the
    proxies that we trust (``SST_TRUSTED_PROXIES``, how many stand in front) was written by the
    client and is worth nothing. With none, the header is not looked at.
    """
    peer = request.ip or "0.0.0.0"  # noqa: S104 (a request without a socket, as in a test client)
    trusted: int = request.app.ctx.settings.trusted_proxies
    if trusted <= 0:
        return peer
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
    if len(hops) < trusted:
        return peer
    return _valid(hops[-trusted]) or peer


def _valid(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
