"""Fixtures that every test may use: real stores, each test on its own database."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, settings

from backend.store.embedded import EmbeddedCluster, EmbeddedValkey
from backend.store.redis import Redis, open_redis
from tests import sealing, servers
from tests.models import Models
from tests.provinces import Platform, beyond, one_machine, seed_sandbox
from tests.servers import Backing, Postgres
from tests.wire import Wire

# As in the Makefile: whatever starts here need not compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says nothing about what it tests: a busy machine may stand still.
settings.register_profile(
    "unhurried",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

BACKINGS = ("one-machine", "beyond")
# Every client reads the certificates of all authorities anew, which takes longer than a test's
# requests; nobody here speaks https.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked ``one_store`` runs on one machine's stores alone."""
    test = metafunc.definition
    if test.get_closest_marker("one_store") is None:
        return
    (stores,) = {"backing", "platform"}.intersection(metafunc.fixturenames)
    test.add_marker(pytest.mark.parametrize(stores, BACKINGS[:1], indirect=True, scope="session"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a whole province is a section of its own."""
    for item in items:
        if "platform" in getattr(item, "fixturenames", ()):
            item.add_marker("platform")


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """One Valkey server; its contents are shared by the session."""
    server = servers.start_valkey(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A Valkey Cluster of three primaries."""
    cluster = servers.start_cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session", params=BACKINGS)
def backing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backing:
    """Every test that asks for this runs twice: on SQLite with one Valkey, and beyond it."""
    directory = tmp_path_factory.mktemp("backing")
    if request.param == "one-machine":
        server: EmbeddedValkey = request.getfixturevalue("valkey")
        return Backing(request.param, server.url, directory, [server])
    cluster: EmbeddedCluster = request.getfixturevalue("valkey_cluster")
    database: Postgres = request.getfixturevalue("postgres")
    return Backing(request.param, cluster.url, directory, cluster.nodes, database)


@pytest.fixture
def database_url(backing: Backing) -> Iterator[str]:
    """The address of a migrated, empty database of this test's own."""
    url = backing.fresh_database()
    yield url
    backing.drop_database(url)


@pytest.fixture(scope="session")
def models() -> Models:
    """The models, which :func:`database` connects."""
    return Models()


@pytest.fixture
async def database(database_url: str, models: Models) -> AsyncIterator[str]:
    """The same, opened in this process: models can be used."""
    await models.connect(database_url)
    try:
        with sealing.watched() as seen:
            yield database_url
        await sealing.compare(seen)
    finally:
        await models.disconnect()


@pytest.fixture(scope="session")
async def redis_client(backing: Backing) -> AsyncIterator[Redis]:
    """A client for all tests: to learn what a cluster consists of takes longer than many a test."""
    async with open_redis(backing.redis_url) as client:
        yield client


@pytest.fixture
def redis(backing: Backing, redis_client: Redis) -> Redis:
    """A client of an empty Redis."""
    backing.flush()
    return redis_client


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's files with a small population, drawn once and copied by each platform."""
    return seed_sandbox(tmp_path_factory.mktemp("seeded"))


@pytest.fixture(scope="session", params=BACKINGS)
def platform(
    request: pytest.FixtureRequest, seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A whole running province, once on one machine's stores and once beyond them.

    It is started once a session and shared: a test that needs people whom nobody else has touched
    takes others from the population.
    """
    folder = tmp_path_factory.mktemp("platform")
    if request.param == "one-machine":
        running = one_machine(folder, seeded)
    else:
        running = beyond(folder, seeded, request.getfixturevalue("postgres"))
    with running as found:
        yield found


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running gateway."""
    async with httpx.AsyncClient(
        base_url=platform.url, timeout=15, verify=NO_AUTHORITIES
    ) as client:
        yield client


@pytest.fixture
async def wire(platform: Platform) -> AsyncIterator[Wire]:
    """A fresh connection to the running gateway."""
    place = urlsplit(platform.url)
    made = Wire(*await asyncio.open_connection(place.hostname, place.port))
    yield made
    await made.close()
