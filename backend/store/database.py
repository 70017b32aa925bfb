"""Database wiring: Tortoise ORM on SQLite (one machine) or PostgreSQL (beyond).

Each domain package with tables is a Tortoise app of its own, with its migrations beside its
models. A package joins by one line in ``PACKAGES``; ``make migrations`` writes what changed.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url

# Also for its adapters, which ours below has to come after.
from backend.store import sqlite
from backend.store.migrating import spare_classes


def _as_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ")


# SQLite keeps and compares times as text: without one zone for all of them, 14:00+08:00 comes
# after 07:00+00:00.
sqlite3.register_adapter(datetime, _as_utc)

PACKAGES = (
    "exchange", "catalogue", "identity", "messages", "audit", "operators", "idempotency",
    "calendar", "onboarding", "sharing", "presentation", "lending", "wallet",
    "evaluation", "consultation", "appointments", "divisions",
    "cases", "one_thing", "policies", "members", "machines", "contacts",
)  # fmt: skip
# A server that hangs must not keep people waiting for ever.
CONNECT_S, STATEMENT_S = 3.0, 5.0


def tortoise_config(url: str) -> dict[str, Any]:
    """The configuration of Tortoise for a database address (``sqlite://path``, ``postgres://…``)."""
    return {
        "connections": {"default": _connection(url)},
        "apps": {
            package: {
                "models": [f"backend.{package}.models"],
                "migrations": f"backend.{package}.migrations",
                "default_connection": "default",
            }
            for package in PACKAGES
        },
        "use_tz": True,
        "timezone": "Asia/Shanghai",
    }


def _connection(url: str) -> dict[str, Any]:
    """An address as Tortoise takes it; PostgreSQL's with what asyncpg has to leave undone.

    After each use of a connection asyncpg has the server forget the session's settings, locks and
    cursors: a round trip more for every statement. Ours have none. A transaction that was left open
    is rolled back all the same.
    """
    expanded = expand_db_url(url)
    if url.startswith("sqlite://"):
        expanded["engine"] = sqlite.__name__
    else:
        expanded["credentials"]["reset"] = _nothing_to_forget
    return expanded


async def _nothing_to_forget(_: object) -> None:
    """Leave the session as it is."""


# For Tortoise's own command, which compares models with migrations and needs no database.
TORTOISE_ORM = tortoise_config("sqlite://:memory:")


async def open_database(
    url: str, only: str | None = None, statement_s: float = STATEMENT_S
) -> None:
    """Make the models usable in this process; connections are opened by the first query.

    Args:
        only: a package whose models are enough; to import those of all takes a second.
        statement_s: how long PostgreSQL may take for a statement, in seconds; SQLite lies here.
    """
    _make_folder(url)
    config = tortoise_config(url)
    if not url.startswith("sqlite://"):
        limits = {"timeout": CONNECT_S, "command_timeout": statement_s}
        config["connections"]["default"]["credentials"].update(limits)
    if only is not None:
        config["apps"] = {only: config["apps"][only]}
    await Tortoise.init(config=config, _enable_global_fallback=True)


async def close_database() -> None:
    """Close every connection of this process."""
    await Tortoise.close_connections()


async def migrate(url: str) -> None:
    """Bring the schema up to date; does nothing when it is."""
    # Read here: no process that serves ever migrates.
    from tortoise.migrations.api import migrate as run_migrations

    _make_folder(url)
    spare_classes()
    try:
        await run_migrations(config=tortoise_config(url))
    finally:
        # The thread of an open SQLite database would keep a process from ending that failed here.
        await close_database()


def _make_folder(url: str) -> None:
    if url.startswith("sqlite://"):
        path = url.removeprefix("sqlite://").partition("?")[0]
        Path(path).parent.mkdir(parents=True, exist_ok=True)
