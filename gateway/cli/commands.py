"""The command line: what a person can ask of the platform, each in a few words.

Modules are imported inside the commands, so that ``--help`` and every process of a running
province start without what they do not need.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.cli import audit, conform, operators, provider, reseal, sandbox, verify
from gateway.cli.speaking import tell_places

if TYPE_CHECKING:
    from backend.settings import Settings

app = typer.Typer(
    help="省事通 Shengshitong: a provincial government super-app on your machine. "
    "Start with `shengshitong run`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(operators.app, name="operators")
app.add_typer(audit.app, name="audit")
app.add_typer(provider.app, name="provider")
app.command()(conform.conform)
app.command()(verify.verify)
app.command()(reseal.reseal)

DataDir = Annotated[Path, typer.Option("--data", help="Folder that holds everything it keeps.")]
Port = Annotated[int, typer.Option(help="Port of the gateway.", min=1, max=65535)]
Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")]


@app.command()
def run(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    data: DataDir = Path(".data"),
    people: Annotated[int, typer.Option(help="People of the sandbox province.", min=3)] = 2000,
    enterprises: Annotated[int, typer.Option(help="Its enterprises.", min=2)] = 300,
    seed: Annotated[int, typer.Option(help="Same seed, same province.")] = 44,
) -> None:
    """Start a whole province on this machine: gateway, worker, cache and ten departments.

    Prints the addresses and some demo people to log in as. Ctrl-C ends every process; nothing is
    lost, and the next start takes seconds.
    """
    from gateway.cli.instance import CannotRun, Instance, Population
    from gateway.cli.run import run as run_instance

    population = Population(people, enterprises, seed)
    try:
        code = run_instance(Instance(data.resolve(), host, port, population))
    except CannotRun as refusal:
        fail(str(refusal))
    raise typer.Exit(code)


@app.command()
def smoke(
    keep: Annotated[bool, typer.Option(help="Keep the folder of the instance.")] = False,
) -> None:
    """Drive the main journey over HTTP on a fresh instance; print one JSON line."""
    from gateway.cli.smoke import smoke as drive

    raise typer.Exit(drive(keep))


@app.command()
def gateway() -> None:
    """Serve the gateway (settings from the environment)."""
    from gateway.cli.serve import serve

    serve("gateway")


@app.command()
def worker() -> None:
    """Do what is due without anybody asking (settings from the environment)."""
    from gateway.cli.serve import serve

    serve("worker")


@app.command()
def migrate() -> None:
    """Bring the database of DATABASE_URL up to date."""
    from backend.store.database import migrate as migrate_database

    finish(migrate_database(settings().database_url))


@app.command()
def prepare() -> None:
    """Migrate; in the sandbox, let the departments of SST_MANIFESTS join. Before a first start."""
    from gateway.cli.prepare import prepare as prepare_all

    finish(prepare_all(settings(), partial(print, flush=True)))


@app.command()
def secrets() -> None:
    """Print new random secrets as an environment file, for docker/.env or a secret store."""
    from gateway.cli.secrets import server_secrets

    for name, value in server_secrets().items():
        print(f"{name}={value}")


@app.command()
def gateway_key() -> None:
    """Print the gateway's public keys, by which a provincial system knows its calls.

    One of each kind: it signs to a system with the kind of key that the system itself uses.
    """
    from backend.upstream.signing import gateway_keys

    held = settings()
    for key in gateway_keys(held.signing_key_id, held.signing_key):
        print(f"{key.key_id} {key.alg} {key.public_base64}")


def settings() -> "Settings":
    """The settings from the environment; where it holds no secrets, of the province of ``run``.

    A setting that is missing or wrong ends the command with one line.
    """
    from backend.settings import Settings, SettingsError

    environ = {name: value for name, value in os.environ.items() if value}
    if "SST_KEYRING" not in environ:
        from gateway.cli.instance import environ_beside

        environ = environ_beside(Path(environ.get("SST_DATA_DIR", ".data"))) | environ
    try:
        return Settings.from_environ(environ)
    except SettingsError as error:
        fail(str(error))


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end; a refusal ends the command with one line."""
    from backend.errors import DomainError, StoresUnusable

    try:
        asyncio.run(work)
    except StoresUnusable as error:
        fail(str(error))
    except DomainError as refusal:
        tell_places(refusal.context(), refusal.detail)
        fail(f"{refusal.detail} ({refusal.code})")
    except OSError as error:
        fail(f"{error.strerror or error}:{error.filename or ''} (cannot reach a file or a store)")


def fail(line: str) -> NoReturn:
    """Say why and end with code 1."""
    print(f"省事通：{line}", file=sys.stderr, flush=True)
    raise typer.Exit(1)
