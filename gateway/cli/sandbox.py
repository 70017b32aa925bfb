"""``shengshitong sandbox``: the province that exists only on this machine.

Modules are imported inside the commands, so that ``--help`` starts without what it does not need.
"""

import dataclasses
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from backend.sandbox.options import Options
    from backend.sandbox.seeding import Progress

app = typer.Typer(
    help="The sandbox province: ten departments and a WeChat server that stand in for the real "
    "ones, with an invented population. `sandbox serve` starts them; `sandbox status` shows them.",
    no_args_is_help=True,
)

DataDir = Annotated[
    Path | None,
    typer.Option("--data", help="Folder that holds everything. (default: SST_DATA_DIR or .data)"),
]
Target = Annotated[
    str, typer.Argument(help="Whom: gongan, renshe, yibao … or wechat. `sandbox status` lists all.")
]


@app.command()
def seed(
    people: Annotated[
        int, typer.Option(help="How many people, the fixed cast of 27 among them.")
    ] = 2000,
    enterprises: Annotated[
        int | None, typer.Option(help="How many enterprises. (default: 15 per 100 people)")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same province.")] = 1,
    data: DataDir = None,
) -> None:
    """Make the population and every department's files anew.

    A million people take some minutes and about 3 GB of disk, but no more memory than two
    thousand. Ctrl-C leaves the former province as it was or none, never a part.
    """
    from backend.sandbox.runner import province_lock
    from backend.sandbox.seeding import seed_province

    options = dataclasses.replace(
        _options(data),
        people=people,
        seed=seed,
        enterprises=max(5, people * 15 // 100) if enterprises is None else enterprises,
    )
    with _explained(), province_lock(options), _progress() as progress:
        seed_province(options, progress)


@app.command()
def serve(
    data: DataDir = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="First port: WeChat here, the departments above; 0 takes free ones. "
            "(default: SST_SANDBOX_PORT or 18100)",
            min=0,
            max=65000,
        ),
    ] = None,
    latency: Annotated[
        bool | None,
        typer.Option(help="Let each department take its usual 30 to 120 ms, or answer at once."),
    ] = None,
) -> None:
    """Start all servers of the province and keep them running until Ctrl-C.

    Seeds 2,000 people first when there is no province yet. Prints one line of JSON with the
    address of every system when all of them answer.
    """
    from backend.sandbox.runner import run

    options = _with_gateway(_options(data))
    if port is not None:
        options = dataclasses.replace(options, base_port=port)
    if latency is not None:
        options = dataclasses.replace(options, demo_latency=latency)
    with _explained():
        raise typer.Exit(run(options))


@app.command()
def status(data: DataDir = None) -> None:
    """Show each system of the running province: address, files, calls, faults, notices."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in (
        "System",
        "名称",
        "Address",
        "Holders",
        "Licences",
        "Calls",
        "Faults",
        "Notices",
    ):
        table.add_column(heading, no_wrap=True)
    for code, url in _systems(data).items():
        try:
            state = _control(url, "GET", "state")
        except OSError:
            table.add_row(code, "—", url, "—", "—", "—", "[red]does not answer[/red]", "—")
            continue
        faults = ", ".join(f"{f['kind']}({f['operation'] or 'all'})" for f in state["faults"])
        waiting = state.get("notices", {}).get("waiting", 0)
        table.add_row(
            code,
            state["name"],
            url,
            str(state.get("holders", "")),
            str(state.get("licences", "")),
            str(sum(state["calls"].values())),
            faults or "none",
            f"{waiting} waiting" if waiting else "none waiting",
        )
    # A pipe has no width of its own; what a person greps for must not be cut.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def fault(
    system: Target,
    kind: Annotated[
        str,
        typer.Argument(
            help="slow, hang, status, truncate, wrong_signature, malformed; busy at wechat; "
            "clear ends all faults of the system."
        ),
    ],
    operation: Annotated[
        str | None, typer.Option(help="Only this operation, like licences.query. (default: all)")
    ] = None,
    calls: Annotated[
        int | None, typer.Option(help="For so many calls. (default: until cleared)", min=1)
    ] = None,
    ms: Annotated[int, typer.Option(help="slow: so many milliseconds more.", min=0)] = 3000,
    code: Annotated[int, typer.Option(help="status: this status, 500 to 599.")] = 503,
    data: DataDir = None,
) -> None:
    """Let a system fail, to see what the platform makes of it.

    For example `sandbox fault gongan hang --operation licences.query`, and later
    `sandbox fault gongan clear`.
    """
    url = _address(system, data)
    if kind == "clear":
        query = f"?operation={operation}" if operation else ""
        answer = _asked(url, "DELETE", f"faults{query}")
        print(f"{system}: {answer['cleared']} faults cleared")
        return
    order = {"kind": kind, "operation": operation, "calls": calls, "ms": ms, "status": code}
    answer = _asked(url, "POST", "faults", order)
    print(f"{system}: {len(answer['faults'])} faults on; `sandbox fault {system} clear` ends them")


@app.command()
def control(
    system: Target,
    method: Annotated[str, typer.Argument(help="GET, POST, PUT or DELETE.")],
    path: Annotated[str, typer.Argument(help="What follows /_control/, like licences.")],
    order: Annotated[str, typer.Argument(help="JSON body for POST and PUT.")] = "",
    data: DataDir = None,
) -> None:
    """Call the control interface of a system (backend/sandbox/README.md lists all it can do)."""
    try:
        body = json.loads(order) if order else None
    except ValueError:
        _fail("the order is not JSON")
    print(json.dumps(_asked(_address(system, data), method.upper(), path, body), indent=2))


@app.command()
def query(
    resource: Annotated[str, typer.Argument(help="Code of a data resource, like 301146/0001.")],
    subject: Annotated[
        list[str],
        typer.Option(help="NUMBER:NAME, or KIND:NUMBER:NAME (111 citizen, 553, 001 enterprise)."),
    ],
    asking: Annotated[
        str, typer.Option("--as", help="The system that asks, like gd-minzheng.")
    ] = "gd-minzheng",
    purpose: Annotated[
        str | None, typer.Option(help="Purpose of the grant. (default: that of the sandbox's own)")
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="Number of the case for which it is asked.")
    ] = "440000202611230001",
    gateway: Annotated[
        str, typer.Option(help="Address of the running gateway.")
    ] = "http://127.0.0.1:8000",
    data: DataDir = None,
) -> None:
    """Ask another department for data, as one of the sandbox's systems: a signed, granted call.

    For example `sandbox query 301146/0001 --as gd-minzheng --subject 44…:李晓雯`. The person finds
    it in the app under 谁用过我的数据.
    """
    from backend.sandbox.departments.registry import department
    from backend.sandbox.keys import department_key
    from gateway.cli.sharing import CallRefused, ask

    try:
        found = department(asking.removeprefix("gd-"))
    except KeyError as error:
        _fail(str(error.args[0]))
    key = department_key(_options(data).keys, found.key_id, found.key_alg)
    try:
        subjects = [_subject(each) for each in subject]
        answer = ask(gateway, found, key, resource, subjects, purpose, case)
    except CallRefused as refusal:
        _fail(str(refusal))
    print(json.dumps(answer, ensure_ascii=False, indent=2))


def _subject(text: str) -> tuple[str, str, str]:
    parts = text.split(":")
    if len(parts) == 2:
        parts = ["001" if parts[0].startswith("9") else "111", *parts]
    if len(parts) != 3:
        _fail(f"{text!r} is not NUMBER:NAME")
    return parts[0], parts[1], parts[2]


def _options(data: Path | None) -> "Options":
    from backend.sandbox.options import Options, ProvinceError

    try:
        options = Options.from_environ()
    except ProvinceError as error:
        _fail(str(error))
    if data is None:
        return options
    return dataclasses.replace(options, data_dir=data, manifests=data / "manifests")


def _with_gateway(options: "Options") -> "Options":
    """Let in the platform whose settings stand in the environment, and tell it about changes."""
    from backend.settings import Settings, SettingsError
    from backend.upstream.signing import gateway_keys

    if options.gateway_keys:
        return options
    try:
        settings = Settings.from_environ()
    except SettingsError:
        print(
            "sandbox: no key of a gateway is known (SST_GATEWAY_PUBLIC_KEYS or SST_SIGNING_KEY), "
            "so every call will be refused",
            file=sys.stderr,
        )
        return options
    keys = gateway_keys(settings.signing_key_id, settings.signing_key)
    wildcard = settings.host in ("0.0.0.0", "::")  # noqa: S104
    host = "127.0.0.1" if wildcard else settings.host
    return dataclasses.replace(
        options,
        gateway_keys={key.key_id: key.public for key in keys},
        gateway_url=options.gateway_url or f"http://{host}:{settings.port}",
    )


@contextmanager
def _explained() -> Iterator[None]:
    """One line for what a person can mend."""
    from backend.sandbox.options import ProvinceError

    try:
        yield
    except (ProvinceError, ValueError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("stopped")
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or 'the data directory'}")


@contextmanager
def _progress() -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("居民 people", total=None)

        def _show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield _show


def _systems(data: Path | None) -> dict[str, str]:
    folder = data or Path(os.environ.get("SST_DATA_DIR", ".data"))
    try:
        text = (folder / "sandbox" / "province.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        _fail(f"no province is running in {folder}; start one with `shengshitong sandbox serve`")
    found: dict[str, str] = json.loads(text)["systems"]
    return found


def _address(system: str, data: Path | None) -> str:
    systems = _systems(data)
    url = systems.get(system) or systems.get(f"gd-{system}")
    if url is None:
        _fail(f"there is no {system}; there are {', '.join(systems)}")
    return url


def _asked(url: str, method: str, path: str, order: Any = None) -> Any:
    try:
        return _control(url, method, path, order)
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read() or b"{}")
        _fail(f"{problem.get('title', error.reason)} ({problem.get('code', error.code)})")
    except OSError as error:
        _fail(f"{url} does not answer: {error}")


def _control(url: str, method: str, path: str, order: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310
        f"{url}/_control/{path}",
        method=method,
        data=json.dumps(order).encode() if order is not None else None,
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


def _fail(line: str) -> NoReturn:
    print(f"sandbox: {line}", file=sys.stderr)
    raise typer.Exit(1)
