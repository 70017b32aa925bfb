"""Where the fault run plays: a whole province on PostgreSQL and a Valkey that may be killed."""

import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.settings import Settings
from backend.store.embedded import free_port
from gateway.cli.instance import Instance
from gateway.cli.processes import Child
from gateway.cli.run import RunningProvince, started
from tests.provinces import POPULATION, seed_sandbox
from tests.servers import Postgres, migrate


@dataclass
class Place:
    """A running province and what is needed to hurt it."""

    instance: Instance
    province: RunningProvince
    postgres: Postgres | None

    @property
    def url(self) -> str:
        """Of the gateway."""
        return self.instance.url

    @property
    def systems(self) -> dict[str, str]:
        """Address of each department."""
        found: dict[str, str] = self.instance.systems()["systems"]
        return found

    def settings(self) -> Settings:
        """As the processes have them, to look at what they wrote."""
        return Settings.from_environ(self.instance.environ())

    def child(self, name: str) -> Child:
        """One of the processes."""
        return next(c for c in self.province.supervisor._children if c.name == name)


@contextmanager
def place(folder: Path, database: str) -> Iterator[Place]:
    """A fresh one.

    Args:
        database: ``postgres`` or ``sqlite``.
    """
    seeded = seed_sandbox(folder / "seed")
    data = folder / "data"
    data.mkdir()
    shutil.copytree(seeded, data / "sandbox")
    blocks = random.sample(range(18100, 30000, 100), 60)
    instance = Instance(
        data, port=free_port(), population=POPULATION, first_ports=blocks, latency=False
    )
    postgres = Postgres(durable=True) if database == "postgres" else None
    try:
        if postgres is not None:
            postgres.start()
            instance.database_url = postgres.url(postgres.create())
            migrate(instance.database_url)
        with instance.claimed(), started(instance, lambda _: None, signals=False) as province:
            over = threading.Event()
            watch = province.supervisor.watch
            thread = threading.Thread(target=watch, args=(over.is_set,), daemon=True)
            thread.start()
            try:
                yield Place(instance, province, postgres)
            finally:
                over.set()
                thread.join(10)
    finally:
        if postgres is not None:
            postgres.stop()
