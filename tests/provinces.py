"""A whole province for tests: departments, worker and gateway as processes, on free ports."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.store.embedded import EmbeddedValkey, free_port
from gateway.cli.instance import Instance, Population
from gateway.cli.run import started
from tests.servers import ROOT, Postgres, migrated_file, start_cluster

POPULATION = Population(people=300, enterprises=90, seed=44)


@dataclass(frozen=True)
class Platform:
    """A running province.

    Attributes:
        name: ``one-machine`` or ``beyond``, what it stands on.
        url: of the gateway.
        systems: address of each provincial system by code (``gd-gongan``, ``wechat``); below it
            ``/_control/…`` is the sandbox's control interface.
        nodes: its Valkey servers, for tests that look at what is really stored.
        environ: settings of its processes, for tests that start one more.
    """

    name: str
    url: str
    systems: dict[str, str]
    data_dir: Path
    nodes: list[EmbeddedValkey]
    environ: dict[str, str]

    @property
    def logs(self) -> Path:
        """What every process wrote."""
        return self.data_dir / "logs"


def seed_sandbox(folder: Path) -> Path:
    """Draw the population once; returns the sandbox folder for platforms to copy."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "gateway.cli", "sandbox", "seed", "--data", str(folder)),
            *("--people", str(POPULATION.people), "--enterprises", str(POPULATION.enterprises)),
            *("--seed", str(POPULATION.seed)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "sandbox"


@contextmanager
def one_machine(folder: Path, seeded: Path) -> Iterator[Platform]:
    """On SQLite and the embedded Valkey, as ``make run`` starts it."""
    with running("one-machine", single(folder, seeded)) as platform:
        yield platform


def single(folder: Path, seeded: Path) -> Instance:
    """One that was never started, on SQLite and the embedded Valkey."""
    instance = _instance(folder, seeded)
    assert instance.secrets  # made before the database: without them one that is there is lost
    shutil.copyfile(migrated_file(), instance.database)
    return instance


@contextmanager
def beyond(folder: Path, seeded: Path, postgres: Postgres) -> Iterator[Platform]:
    """On PostgreSQL and a Valkey Cluster of its own."""
    database = postgres.migrated()
    cluster = start_cluster(folder / "cluster")
    try:
        instance = _instance(folder, seeded)
        instance.database_url = postgres.url(database)
        instance.redis_url = cluster.url
        with running("beyond", instance, cluster.nodes) as platform:
            yield platform
    finally:
        cluster.stop()


def _instance(folder: Path, seeded: Path) -> Instance:
    shutil.copytree(seeded, folder / "sandbox")
    blocks = random.sample(range(18100, 30000, 100), 60)
    return Instance(
        folder, port=free_port(), population=POPULATION, first_ports=blocks, latency=False
    )


@contextmanager
def running(
    name: str, instance: Instance, nodes: list[EmbeddedValkey] | None = None
) -> Iterator[Platform]:
    """Start it; every process has ended afterwards, and it may be started again."""
    said: list[str] = []
    with instance.claimed(), started(instance, said.append, signals=False):
        yield Platform(
            name,
            instance.url,
            instance.systems()["systems"],
            instance.data_dir,
            nodes or [instance.valkey],
            instance.environ(),
        )
