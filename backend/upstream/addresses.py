"""Where systems may be called: public addresses, looked up once per connection and pinned.

An operator approves the address of a system by its name; what the name means is decided by whoever
holds the zone, at any time. So the name is resolved when a connection is made, every address it
gives is judged, and the connection goes to the very address that was judged: a name that says a
public address to the check and a private one to the socket (DNS rebinding) gains nothing. TLS
still checks the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
# Why an address may not be called, as logs and metrics say it.
Reason = Literal[
    "loopback", "link_local", "private", "shared", "multicast", "reserved", "embedded", "name"
]
# Gives the addresses of a host as text, or raises OSError.
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

_SHARED = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598
# IPv6 forms that carry an IPv4 address which a router on the way may take out again: compatible
# and mapped (RFC 4291), translated (RFC 6052, 8215), Teredo (RFC 4380), 6to4 (RFC 3056).
_EMBEDDING = [
    ipaddress.ip_network(text)
    for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32",
                 "2002::/16")
]  # fmt: skip
_UNIQUE_LOCAL = ipaddress.ip_network("fc00::/7")
# What a network that the platform's own operator named can lift; never loopback or link-local.
_LIFTED = ("private", "shared")
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class AddressForbidden(OSError):
    """The address of a system is one that must not be called; ``reason`` is a stable word."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(f"address forbidden: {reason}")


class Addresses:
    """Which addresses may be called, and what a name means.

    Args:
        allow_private: True in the sandbox, where systems answer on this machine.
        lookup: how names are resolved; the system's resolver unless a test says otherwise.
        networks: private networks on which departments may be called all the same.
    """

    def __init__(
        self,
        allow_private: bool = False,
        lookup: Lookup | None = None,
        networks: Sequence[IPNetwork] = (),
    ) -> None:
        self._allow_private, self._lookup = allow_private, lookup or _system_lookup
        self._networks = tuple(networks)

    def check_host(self, host: str) -> None:
        """Refuse a host that can be judged by its text alone: what registration can know.

        Raises:
            AddressForbidden: an address that may not be called, or a name of a local network.
        """
        if self._allow_private:
            return
        address = _literal(host)
        if address is not None:
            self._judge(address)
        elif _is_local_name(host):
            raise AddressForbidden("name")

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to, in the order to try them.

        One address among them that may not be called refuses the name altogether: an honest name
        has none, and which one a later question gets is not ours to choose.

        Raises:
            AddressForbidden: it may not be called.
            OSError: the name cannot be resolved.
        """
        self.check_host(host)
        literal = _literal(host)
        if literal is not None:
            return [str(literal)]
        found = await self._lookup(host, port)
        if not found:
            raise OSError("the name has no address")
        if not self._allow_private:
            for text in found:
                self._judge(ipaddress.ip_address(text.partition("%")[0]))
        return list(dict.fromkeys(found))

    def _judge(self, address: IPAddress) -> None:
        reason = why_forbidden(address)
        if reason in _LIFTED and any(address in network for network in self._networks):
            return
        if reason is not None:
            raise AddressForbidden(reason)


def why_forbidden(address: IPAddress) -> Reason | None:
    """Why an address may not be called from the outside world's point of view, or None."""
    if isinstance(address, ipaddress.IPv6Address):
        # ``::1`` and ``::`` lie within the first of them, but have names of their own.
        if not (address.is_loopback or address.is_unspecified) and _embeds(address):
            return "embedded"
        if address in _UNIQUE_LOCAL or address.is_site_local:
            return "private"
    elif address in _SHARED:
        return "shared"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link_local"
    if address.is_multicast:
        return "multicast"
    if address.is_unspecified or address.is_reserved:
        return "reserved"
    if address.is_private:
        return "private"
    return None if address.is_global else "reserved"


def host_of(base_url: str) -> str:
    """The host part of an address, lower case."""
    return (urlsplit(base_url).hostname or "").lower()


def _embeds(address: ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _EMBEDDING)


def _literal(host: str) -> IPAddress | None:
    """The address that a host is written as; the old forms of inet_aton (0x7f.1) among them."""
    bare = _bare(host)
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, UnicodeEncodeError):
        return None


def _bare(host: str) -> str:
    return host.strip("[]").partition("%")[0]


def _is_local_name(host: str) -> bool:
    name = host.lower().rstrip(".")
    # A name without a dot is one of this machine or its network.
    return "." not in name or name == "localhost" or name.endswith(_LOCAL_NAMES)


async def _system_lookup(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    return [str(address[0]) for *_, address in found]
