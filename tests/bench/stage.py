"""A gateway to measure: its own Valkey and database, its secrets known, one worker on one core."""

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backend.exchange.service import Manifest
from backend.province import Province, open_province
from backend.settings import Settings
from backend.store.database import migrate
from backend.store.embedded import EmbeddedValkey, free_port
from tests.bench.load import CLIENT_CORE, SERVER_CORE, process


@dataclass
class Stage:
    """Where a bench plays.

    Attributes:
        folder: of its own, removed afterwards.
        database_url: another database than SQLite in that folder.
    """

    folder: Path
    valkey: EmbeddedValkey
    port: int = field(default_factory=free_port)
    bare_port: int = field(default_factory=free_port)
    key: bytes = field(default_factory=lambda: os.urandom(32))
    database_url: str = ""

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bare_url(self) -> str:
        """The bare server's address."""
        return f"http://127.0.0.1:{self.bare_port}/"

    def environ(self) -> dict[str, str]:
        """The gateway's environment."""
        key = base64.b64encode(self.key).decode()
        return {
            "SST_DATA_DIR": str(self.folder),
            "SST_PORT": str(self.port),
            "SST_SANDBOX": "1",
            # One person is thousands here.
            "SST_ENTERPRISE_PER_MINUTE": "999999",
            "SST_KEYRING": f"bench:{key}",
            "SST_INDEX_KEY": key,
            "SST_SIGNING_KEY": key,
            "DATABASE_URL": self.database_url or f"sqlite://{self.folder}/bench.db",
            "REDIS_URL": self.valkey.url,
        }

    @asynccontextmanager
    async def province(self) -> AsyncIterator[Province]:
        """The domain on the stage's stores, in this process."""
        province = await open_province(Settings.from_environ(self.environ()))
        try:
            yield province
        finally:
            await province.close()

    def prepare(self, manifests: Sequence[Manifest] = ()) -> None:
        """Make the tables and register systems."""

        async def work() -> None:
            await migrate(self.environ()["DATABASE_URL"])
            async with self.province() as province:
                for manifest in manifests:
                    await province.exchange.register(manifest)

        asyncio.run(work())

    @contextmanager
    def gateway(self, workers: int = 1) -> Iterator[int]:
        """Run the gateway, one worker on one core or several wherever they find room.

        Gives its process id.
        """
        environ = {**self.environ(), "SST_WORKERS": str(workers)}
        core = SERVER_CORE if workers == 1 else None
        arguments = ["-m", "gateway.cli", "gateway"]
        with process(arguments, environ, f"{self.url}/healthz", core) as pid:
            yield pid

    @contextmanager
    def bare(self) -> Iterator[int]:
        """Run the bare Sanic; gives its process id."""
        with process(["-m", "tests.bench.bare", str(self.bare_port)], {}, self.bare_url) as pid:
            yield pid


@contextmanager
def stage() -> Iterator[Stage]:
    """A fresh stage; Valkey runs on the client's core, as it would on another machine."""
    with tempfile.TemporaryDirectory(prefix="sst-bench-") as name:
        folder = Path(name)
        valkey = EmbeddedValkey(folder / "valkey", free_port(), persist=False)
        valkey.start()
        assert valkey.process is not None
        os.sched_setaffinity(valkey.process.pid, {CLIENT_CORE})
        valkey.wait_ready()
        try:
            yield Stage(folder, valkey)
        finally:
            valkey.stop()
