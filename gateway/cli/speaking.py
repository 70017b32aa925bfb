"""How commands speak to a gateway as a console account, and to whoever typed them."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from gateway.cli.api import Api, Refused, Unreachable

SYSTEMS = "/api/v1/provider/systems"

Code = Annotated[str, typer.Argument(help="The system's code, like gd-gongan.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; stands in the history.")]


def ask(
    context: typer.Context, method: str, path: str, body: Any = None, **query: int | str | None
) -> Any:
    """Ask the gateway about systems; ``path`` begins with a code."""
    return cast(Api, context.obj).call(method, f"{SYSTEMS}{path}", body, **query)


def proof_of(code: str, path: Path) -> tuple[str, str]:
    """The id of the key in a file, and the proof that its holder holds it."""
    import base64

    from backend.conformance.service import read_key
    from backend.exchange.service import parse_key
    from backend.onboarding.service import statement

    held = read_key(path)
    key = parse_key({"id": held.key_id, "alg": held.alg, "public": held.public_base64})
    return held.key_id, base64.b64encode(held.sign(statement(code, key))).decode()


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under heads."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        return
    made = Table(box=None, pad_edge=False, show_header=bool(heads))
    for place in range(len(rows[0])):
        made.add_column(heads[place] if heads else "", overflow="fold")
    for row in rows:
        made.add_row(*(cell.replace("[", "\\[") for cell in row))
    # A pipe has no width of its own; what a person greps for must not be cut.
    Console(width=None if sys.stdout.isatty() else 200).print(made)


@contextmanager
def explained() -> Iterator[None]:
    """One line for what was refused here or by the gateway, and the places to mend above it."""
    from backend.errors import DomainError

    try:
        yield
    except DomainError as refusal:
        tell_places(refusal.context(), refusal.detail)
        fail(f"{refusal.detail} ({refusal.code})")
    except Refused as refusal:
        tell_places(refusal.problem, str(refusal))
        for one in refusal.problem.get("breaking", ()):
            print(f"  {one['message']}\n    --acknowledge {one['id']!r}", file=sys.stderr)
        fail(str(refusal))
    except BrokenPipeError:
        # Whoever reads the lines has seen enough (``| head``); nothing is left to be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Unreachable as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}：{error.filename or ''}")


def tell_places(problem: Mapping[str, Any], said: str) -> None:
    """Print the places that a problem names, each on a line; not an only one that is said anyway.

    Args:
        said: the sentence that follows.
    """
    places = list(problem.get("errors", ()))
    if len(places) == 1 and str(places[0].get("message", "")) in said:
        return
    for one in places:
        print(f"  {one.get('pointer', '')} {one.get('message', '')}", file=sys.stderr)


def proven(key: Mapping[str, Any]) -> str:
    """How a system showed that it holds a key, in words."""
    return {"signature": "签名", "conformance": "符合性测试"}.get(key["proven"], "尚无")


def fail(line: str) -> NoReturn:
    """Say why and end with code 1."""
    print(f"省事通：{line}", file=sys.stderr, flush=True)
    raise typer.Exit(1)
