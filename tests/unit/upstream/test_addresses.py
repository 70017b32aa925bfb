"""Where systems may be called: every private range refused, names pinned to what was judged."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from backend.upstream.addresses import Addresses, AddressForbidden, why_forbidden
from backend.upstream.connector import Connector, Operation, Target
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamUnreachable
from backend.upstream.signing import SigningKey, sign_answer
from backend.upstream.transport import AddressRefused, SystemTransport, Tls
from tests.unit.upstream.certificates import make_certificate

KEY = SigningKey.from_seed("gd-test-1", b"s" * 32)
PUBLIC = "93.184.216.34"

FORBIDDEN = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.0.1", "private"),
    ("169.254.169.254", "link_local"),
    ("fe80::1", "link_local"),
    ("100.64.0.1", "shared"),
    ("100.127.255.255", "shared"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("ff02::1", "multicast"),
    ("0.0.0.0", "reserved"),  # noqa: S104
    ("::", "reserved"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("192.0.2.1", "private"),
    ("198.18.0.1", "private"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fec0::1", "private"),
    ("::ffff:10.0.0.1", "embedded"),
    ("::ffff:8.8.8.8", "embedded"),
    ("::10.0.0.1", "embedded"),
    ("64:ff9b::a00:1", "embedded"),
    ("64:ff9b:1::a00:1", "embedded"),
    ("2002:a00:1::", "embedded"),
    ("2001:0:a00:1::", "embedded"),
]


@pytest.mark.parametrize(("address", "reason"), FORBIDDEN)
def test_each_range_is_refused_by_its_name(address: str, reason: str) -> None:
    assert why_forbidden(ipaddress.ip_address(address)) == reason


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "100.128.0.1", "2400:3200::1"])
def test_public_addresses_pass(address: str) -> None:
    assert why_forbidden(ipaddress.ip_address(address)) is None


@given(st.ip_addresses())
def test_nothing_that_is_not_global_passes(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if why_forbidden(address) is None:
        assert address.is_global
        assert not any((address.is_multicast, address.is_private, address.is_loopback))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "localhost", "a.localhost", "a.local",
     "db.internal", "LOCALHOST.", "gateway"],
)  # fmt: skip
def test_what_the_text_alone_gives_away_is_refused_at_registration(host: str) -> None:
    with pytest.raises(AddressForbidden):
        Addresses().check_host(host)
    Addresses(allow_private=True).check_host(host)


def test_a_public_name_passes_registration() -> None:
    Addresses().check_host("api.gd.gov.cn")
    Addresses().check_host(PUBLIC)


class Resolver:
    """Gives one list of addresses after the other, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressForbidden, match="private"):
        await Addresses(lookup=Resolver([PUBLIC, "10.0.0.1"])).resolve("api.gov.cn", 443)
    with pytest.raises(OSError, match="no address"):
        await Addresses(lookup=Resolver([])).resolve("api.gov.cn", 443)


async def test_an_address_is_not_looked_up() -> None:
    resolver = Resolver(["10.0.0.1"])
    assert await Addresses(lookup=resolver).resolve(PUBLIC, 443) == [PUBLIC]
    assert resolver.asked == 0


GOVERNMENT = [ipaddress.ip_network(text) for text in ("10.128.0.0/10", "fd12:3456::/32")]


@pytest.mark.parametrize(
    ("address", "called"),
    [
        ("10.128.0.1", True), ("10.191.255.255", True), ("fd12:3456::1", True), (PUBLIC, True),
        ("10.0.0.1", False), ("10.192.0.1", False), ("192.168.0.1", False), ("fd12:3457::1", False),
        ("127.0.0.1", False), ("::1", False), ("169.254.169.254", False), ("fe80::1", False),
        ("::ffff:10.128.0.1", False), ("224.0.0.1", False),
    ],
)  # fmt: skip
async def test_a_network_that_was_opened_is_called_and_no_other(address: str, called: bool) -> None:
    opened = Addresses(lookup=Resolver([address]), networks=GOVERNMENT)
    if called:
        opened.check_host(address)
        assert await opened.resolve("zwfw.gov.cn", 443) == [address]
        return
    with pytest.raises(AddressForbidden):
        opened.check_host(address)
    with pytest.raises(AddressForbidden):
        await opened.resolve("zwfw.gov.cn", 443)


@pytest.mark.parametrize(
    "everything", ["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16", "::/0"],
)  # fmt: skip
def test_not_even_a_network_that_holds_everything_opens_this_machine(everything: str) -> None:
    opened = Addresses(networks=[ipaddress.ip_network(everything)])
    for host in ("127.0.0.1", "169.254.169.254", "::1", "fe80::1", "localhost"):
        with pytest.raises(AddressForbidden):
            opened.check_host(host)


class Here(Addresses):
    """Judges as ever, and then says that what it judged good lies on this machine."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(lookup=resolver)

    async def resolve(self, host: str, port: int) -> list[str]:
        await super().resolve(host, port)
        return ["127.0.0.1"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[int, Tls]]:
    """A system over TLS whose certificate is for ``api.gov.cn``."""

    async def answer(request: web.Request) -> web.Response:
        asked = {name.lower(): value for name, value in request.headers.items()}
        headers = sign_answer(KEY, 200, b"{}", asked)
        return web.Response(body=b"{}", headers=headers, content_type="application/json")

    authority = make_certificate(tmp_path, "api.gov.cn")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    app = web.Application()
    app.router.add_post("/v1/x", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ours).start()
    yield runner.addresses[0][1], Tls(ssl.create_default_context(cafile=str(authority)))
    await runner.cleanup()


def target(host: str, port: int) -> Target:
    operations = {"x": Operation("/v1/x", 5.0)}
    return Target("gd-x", f"https://{host}:{port}", {KEY.key_id: KEY.public}, operations, 2.0, 4)


async def test_a_name_is_looked_up_once_for_a_connection(server: tuple[int, Tls]) -> None:
    port, tls = server
    resolver = Resolver([PUBLIC])
    connector = Connector(KEY, addresses=Here(resolver), tls=tls)
    system = target("api.gov.cn", port)
    for _ in range(3):
        assert await connector.call(system, "x", {}, Deadline.after(5)) == {}
    assert resolver.asked == 1
    await connector.close()


async def test_tls_checks_the_name_although_the_address_is_pinned(
    server: tuple[int, Tls],
) -> None:
    port, tls = server
    connector = Connector(KEY, addresses=Here(Resolver([PUBLIC])), tls=tls)
    with pytest.raises(UpstreamUnreachable) as caught:
        await connector.call(target("other.gov.cn", port), "x", {}, Deadline.after(5))
    assert caught.value.reason == "connect"
    await connector.close()


async def test_a_name_that_changes_its_meaning_gains_nothing() -> None:
    """DNS rebinding: public when it was approved and first judged, this machine afterwards."""
    reached = asyncio.Event()
    server = await asyncio.start_server(lambda *_: reached.set(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    resolver = Resolver([PUBLIC], ["127.0.0.1"])
    addresses = Addresses(lookup=resolver)
    addresses.check_host("api.gov.cn")
    assert await addresses.resolve("api.gov.cn", port) == [PUBLIC]
    pool = SystemTransport(addresses).pool(f"http://api.gov.cn:{port}", 1.0, 1)
    with pytest.raises(AddressRefused) as caught:
        await pool.ask(b"GET / HTTP/1.1\r\n\r\n", 1.0)
    assert caught.value.reason == "loopback"
    assert not reached.is_set()
    server.close()
    await server.wait_closed()


async def test_the_connector_says_why_an_address_is_refused() -> None:
    connector = Connector(KEY)
    with pytest.raises(UpstreamUnreachable) as caught:
        await connector.call(target("169.254.169.254", 80), "x", {}, Deadline.after(5))
    assert caught.value.reason == "address_link_local"
    await connector.close()
