"""``shengshitong provider``: how a system joins, from a terminal, over the gateway's API.

Modules are imported inside the commands, so that ``--help`` starts without what it does not need.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast
from urllib.parse import quote

import typer

from gateway.cli.api import Api, Refused, Unreachable

SYSTEMS = "/api/v1/provider/systems"
POLL_S = 1.0

app = typer.Typer(
    help="Provincial systems: join, change, rotate keys, announce maintenance. Speaks to the API "
    "of a gateway as the console account that logged in.",
    no_args_is_help=True,
)
keys = typer.Typer(help="Keys of a system.", no_args_is_help=True)
addresses = typer.Typer(help="Addresses of a system.", no_args_is_help=True)
maintenance = typer.Typer(help="Maintenance windows of a system.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(addresses, name="addresses")
app.add_typer(maintenance, name="maintenance")

Code = Annotated[str, typer.Argument(help="The system's code, like gd-gongan.")]
Number = Annotated[int, typer.Argument(help="The revision's number.", min=1)]
Reason = Annotated[str, typer.Option("--reason", help="Why; stands in the history.")]
Acknowledged = Annotated[
    list[str] | None,
    typer.Option("--acknowledge", help="Id of a breaking change that you have seen; repeat it."),
]


@app.callback()
def connect(
    context: typer.Context,
    gateway: Annotated[
        str, typer.Option(help="Address of the gateway.", envvar="SST_GATEWAY")
    ] = "http://127.0.0.1:8000",
    token_file: Annotated[
        Path | None,
        typer.Option(help="Keeps the session; only its owner reads it.", envvar="SST_TOKEN_FILE"),
    ] = None,
) -> None:
    """Where to find the gateway, and who asks."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    context.obj = Api(gateway.rstrip("/"), token_file or home / "shengshitong" / "token")


@app.command()
def login(
    context: typer.Context,
    username: Annotated[str, typer.Argument(help="Like gd-yibao.clerk.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="SST_PASSWORD")],
    code: Annotated[str, typer.Option(prompt="TOTP code", help="Six digits.")],
) -> None:
    """Open a session; it ends after 15 idle minutes."""
    with explained():
        opened = cast(Api, context.obj).login(username, password, code)
        print(f"已登录：{opened['officer']['name']}（{opened['officer']['role']}）")


@app.command("list")
def list_systems(context: typer.Context) -> None:
    """All systems that you may see."""
    with explained():
        rows = [
            (one["code"], one["name"], one["state_name"], _revision(one["published"]),
             _revision(one["opened"]))
            for one in _pages(context, SYSTEMS)
        ]  # fmt: skip
        _table(("系统", "名称", "状态", "在用", "办理中"), rows)


@app.command()
def status(context: typer.Context, code: Code) -> None:
    """What serves, what is under way, keys, addresses and maintenance of a system."""
    with explained():
        one = _ask(context, "GET", f"/{code}")
        print(f"{one['name']}（{one['code']}，{one['department']}）：{one['state_name']}")
        print(f"在用 {_revision(one['published'])}，办理中 {_revision(one['opened'])}")
        for title, what, columns in (
            ("密钥", "keys", ("id", "alg", "state_name", "proven")),
            ("接入地址", "addresses", ("origin", "state_name", "reason")),
            ("维护公告", "maintenance", ("starts_at", "ends_at", "words")),
        ):
            items = _ask(context, "GET", f"/{code}/{what}")["items"]
            print(f"\n{title}：{'无' if not items else ''}")
            _table((), [tuple(str(item[column]) for column in columns) for item in items])


@app.command()
def submit(
    context: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The manifest, YAML or JSON.")],
    note: Annotated[str, typer.Option(help="For the reviewers.")] = "",
    key: Annotated[
        list[Path] | None,
        typer.Option(help="File of a private key of the manifest, to prove that you hold it."),
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Save it without submitting.")] = False,
) -> None:
    """Save a manifest as a new revision and submit it for review."""
    from backend.errors import DomainError
    from backend.exchange.service import load_manifest

    with explained():
        try:
            read = load_manifest(manifest)
            proofs = dict(_proof_of(read.system.code, path) for path in key or ())
        except DomainError as refusal:
            fail(f"{refusal.detail} ({refusal.code})")
        made = _ask(context, "POST", "", {"manifest": read.model_dump(mode="json")})
        at = f"/{read.system.code}/revisions/{made['number']}"
        errors = _ask(context, "GET", f"{at}/checks")["errors"]
        _table(("位置", "要素", "原因"),
               [(e["pointer"], e["element"], e["message"]) for e in errors])  # fmt: skip
        if not draft and not errors:
            made = _ask(context, "POST", f"{at}/submissions", {"note": note, "proofs": proofs})
        print(f"{read.system.name} 第 {made['number']} 版：{made['state_name']}")
        if errors:
            fail("有要素不符合发布要求，草稿已保存但没有提交")


@app.command()
def history(context: typer.Context, code: Code) -> None:
    """Who did what to a system, when and why."""
    with explained():
        rows = [
            (one["at"][:19], str(one["revision"] or ""), one["act_name"],
             one["username"] or "平台", one["reason"])
            for one in _pages(context, f"{SYSTEMS}/{code}/history")
        ]  # fmt: skip
        _table(("时间", "版本", "操作", "人员", "说明"), rows)


@app.command()
def diff(
    context: typer.Context,
    code: Code,
    number: Number,
    against: Annotated[
        int | None, typer.Option(help="Compare with this revision. (default: what serves)")
    ] = None,
) -> None:
    """What a revision changes, and what of it would break something."""
    with explained():
        found = _ask(context, "GET", f"/{code}/revisions/{number}/diff", against=against)
        for change in found["changes"]:
            print(change["text"])
        if not found["changes"]:
            print("没有变更")
        for one in found["breaking"]:
            print(f"影响：{one['message']}\n      --acknowledge {one['id']!r}")


@app.command()
def review(context: typer.Context, code: Code, number: Number) -> None:
    """Take up the review of a submitted revision."""
    _act(context, code, number, "reviews")


@app.command()
def approve(
    context: typer.Context,
    code: Code,
    number: Number,
    reason: Reason = "",
    acknowledge: Acknowledged = None,
) -> None:
    """Let a revision go on to its sandbox."""
    body = {"reason": reason, "acknowledged": acknowledge or []}
    _act(context, code, number, "approvals", body)


@app.command("return")
def send_back(context: typer.Context, code: Code, number: Number, reason: Reason) -> None:
    """Return a revision to its department, with reasons."""
    _act(context, code, number, "returns", {"reason": reason})


@app.command()
def withdraw(context: typer.Context, code: Code, number: Number, reason: Reason) -> None:
    """Take a submitted revision back to draft."""
    _act(context, code, number, "withdrawals", {"reason": reason})


@app.command()
def discard(context: typer.Context, code: Code, number: Number) -> None:
    """Give a revision up."""
    _act(context, code, number, "discards")


@app.command()
def conformance(context: typer.Context, code: Code, number: Number) -> None:
    """Let the platform run the conformance kit against the sandbox address; wait for the report."""
    with explained():
        run = _ask(context, "POST", f"/{code}/revisions/{number}/conformance-runs")
        while run["state"] == "running":
            time.sleep(POLL_S)
            run = _ask(context, "GET", f"/{code}/conformance-runs/{run['id']}")
        checks = run["report"].get("checks", [])
        rows = [
            (one["operation"] or "系统", one["title"], one["outcome"], one["mend"])
            for one in checks
            if one["outcome"] in ("failed", "advised")
        ]
        _table(("接口", "检查", "结果", "整改"), rows)
        print(f"符合性测试{run['state_name']}，共 {len(checks)} 项检查")
        if run["state"] != "passed":
            raise typer.Exit(1)


@app.command()
def publish(context: typer.Context, code: Code, number: Number, reason: Reason = "") -> None:
    """Let a conformant revision serve."""
    _act(context, code, number, "publications", {"reason": reason})


@app.command()
def rollback(context: typer.Context, code: Code, number: Number, reason: Reason) -> None:
    """Propose to go back to an earlier revision; another officer confirms with `restore`."""
    with explained():
        made = _ask(context, "POST", f"/{code}/rollbacks", {"revision": number, "reason": reason})
        print(f"第 {made['number']} 版：恢复第 {number} 版的内容，待确认")


@app.command()
def restore(
    context: typer.Context,
    code: Code,
    number: Number,
    reason: Reason,
    acknowledge: Acknowledged = None,
) -> None:
    """Confirm a rollback."""
    body = {"reason": reason, "acknowledged": acknowledge or []}
    _act(context, code, number, "restorations", body)


@app.command()
def suspend(
    context: typer.Context,
    code: Code,
    reason: Reason,
    words: Annotated[str, typer.Option(help="What people are told.")] = "",
) -> None:
    """Call a system no more for the present."""
    _change(context, code, "suspensions", {"reason": reason, "words": words})


@app.command()
def resume(context: typer.Context, code: Code, reason: Reason) -> None:
    """Call a suspended system again."""
    _change(context, code, "resumptions", {"reason": reason})


@app.command()
def retire(context: typer.Context, code: Code, reason: Reason) -> None:
    """Take a system out of service for good."""
    _change(context, code, "retirements", {"reason": reason})


@app.command()
def proof(
    code: Code,
    key: Annotated[Path, typer.Argument(help="Key file with id, alg and private.")],
) -> None:
    """Print the proof that you hold a key: its signature over the possession statement."""
    from backend.errors import DomainError

    try:
        key_id, text = _proof_of(code, key)
    except DomainError as refusal:
        fail(f"{refusal.detail} ({refusal.code})")
    print(f"{key_id} {text}")


@keys.command("list")
def list_keys(context: typer.Context, code: Code) -> None:
    """Every key that the system ever had."""
    with explained():
        _show_keys(_ask(context, "GET", f"/{code}/keys"))


@keys.command("add")
def add_key(
    context: typer.Context,
    code: Code,
    key: Annotated[Path, typer.Argument(help="Key file with id, alg and private.")],
) -> None:
    """Begin a rotation: add a key, which counts once it is approved."""
    from backend.conformance.service import read_key
    from backend.errors import DomainError

    with explained():
        try:
            held = read_key(key)
            key_id, text = _proof_of(code, key)
        except DomainError as refusal:
            fail(f"{refusal.detail} ({refusal.code})")
        body = {"id": key_id, "alg": held.alg, "public": held.public_base64, "proof": text}
        _show_keys(_ask(context, "POST", f"/{code}/keys", body))


@keys.command("approve")
def approve_key(context: typer.Context, code: Code, key_id: str) -> None:
    """Let a new key count beside the old one."""
    with explained():
        _show_keys(_ask(context, "POST", f"/{code}/keys/{quote(key_id)}/approvals"))


@keys.command("retire")
def retire_key(context: typer.Context, code: Code, key_id: str) -> None:
    """End a rotation: the old key counts no more."""
    with explained():
        _show_keys(_ask(context, "POST", f"/{code}/keys/{quote(key_id)}/retirements"))


@keys.command("revoke")
def revoke_key(context: typer.Context, code: Code, key_id: str, reason: Reason) -> None:
    """Trust a key no more, at once and on every worker."""
    with explained():
        path = f"/{code}/keys/{quote(key_id)}/revocations"
        _show_keys(_ask(context, "POST", path, {"reason": reason}))


@addresses.command("list")
def list_addresses(context: typer.Context, code: Code) -> None:
    """Every address that the system asked for."""
    with explained():
        _show_addresses(_ask(context, "GET", f"/{code}/addresses"))


@addresses.command("approve")
def approve_address(context: typer.Context, code: Code, origin: str, reason: Reason = "") -> None:
    """Let the platform call the system there, like https://zwfw.example.gov.cn:443."""
    with explained():
        body = {"origin": origin, "reason": reason}
        _show_addresses(_ask(context, "POST", f"/{code}/addresses/approvals", body))


@addresses.command("refuse")
def refuse_address(context: typer.Context, code: Code, origin: str, reason: Reason) -> None:
    """Refuse an address, or take its approval back."""
    with explained():
        body = {"origin": origin, "reason": reason}
        _show_addresses(_ask(context, "POST", f"/{code}/addresses/refusals", body))


@maintenance.command("list")
def list_windows(context: typer.Context, code: Code) -> None:
    """Windows that run or are to come."""
    with explained():
        items = _ask(context, "GET", f"/{code}/maintenance")["items"]
        rows = [(one["id"], one["starts_at"], one["ends_at"], one["words"]) for one in items]
        _table(("编号", "开始", "结束", "说明"), rows)


@maintenance.command("announce")
def announce(
    context: typer.Context,
    code: Code,
    starts_at: Annotated[str, typer.Argument(help="RFC 3339: 2026-12-01T22:00:00+08:00")],
    ends_at: Annotated[str, typer.Argument(help="RFC 3339")],
    words: Annotated[str, typer.Argument(help="What people are told.")],
) -> None:
    """Announce ahead that the system will not answer."""
    with explained():
        body = {"starts_at": starts_at, "ends_at": ends_at, "words": words}
        made = _ask(context, "POST", f"/{code}/maintenance", body)
        print(f"已公告：{made['id']}")


@maintenance.command("cancel")
def cancel(context: typer.Context, code: Code, window: str, reason: Reason) -> None:
    """Take an announcement back, or end the maintenance early."""
    with explained():
        path = f"/{code}/maintenance/{quote(window)}/cancellations"
        _ask(context, "POST", path, {"reason": reason})
        print("已取消")


def _ask(
    context: typer.Context, method: str, path: str, body: Any = None, **query: int | str | None
) -> Any:
    return cast(Api, context.obj).call(method, f"{SYSTEMS}{path}", body, **query)


def _act(
    context: typer.Context, code: str, number: int, what: str, body: dict[str, Any] | None = None
) -> None:
    with explained():
        made = _ask(context, "POST", f"/{code}/revisions/{number}/{what}", body)
        print(f"第 {made['number']} 版：{made['state_name']}")


def _change(context: typer.Context, code: str, what: str, body: dict[str, Any]) -> None:
    with explained():
        made = _ask(context, "POST", f"/{code}/{what}", body)
        print(f"{made['name']}：{made['state_name']}")


def _pages(context: typer.Context, path: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = cast(Api, context.obj).call("GET", path, cursor=cursor, limit=100)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _proof_of(code: str, path: Path) -> tuple[str, str]:
    import base64

    from backend.conformance.service import read_key
    from backend.exchange.service import parse_key
    from backend.onboarding.service import statement

    held = read_key(path)
    key = parse_key({"id": held.key_id, "alg": held.alg, "public": held.public_base64})
    return held.key_id, base64.b64encode(held.sign(statement(code, key))).decode()


def _revision(view: dict[str, Any] | None) -> str:
    return f"第 {view['number']} 版 {view['state_name']}" if view else "—"


def _show_keys(found: dict[str, Any]) -> None:
    rows = [(one["id"], one["alg"], one["state_name"], one["proven"]) for one in found["items"]]
    _table(("编号", "算法", "状态", "持有证明"), rows)


def _show_addresses(found: dict[str, Any]) -> None:
    rows = [(one["origin"], one["state_name"], one["reason"]) for one in found["items"]]
    _table(("地址", "状态", "说明"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        return
    table = Table(box=None, pad_edge=False, show_header=bool(heads))
    for place in range(len(rows[0])):
        table.add_column(heads[place] if heads else "", overflow="fold")
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    # A pipe has no width of its own; what a person greps for must not be cut.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@contextmanager
def explained() -> Iterator[None]:
    """One line for what was refused, and the places to mend below it."""
    try:
        yield
    except Refused as refusal:
        for one in refusal.problem.get("errors", ()):
            print(f"  {one.get('pointer', '')} {one.get('message', '')}", file=sys.stderr)
        for one in refusal.problem.get("breaking", ()):
            print(f"  {one['message']}\n    --acknowledge {one['id']!r}", file=sys.stderr)
        fail(str(refusal))
    except Unreachable as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}：{error.filename or ''}")


def fail(line: str) -> NoReturn:
    """Say why and end with code 1."""
    print(f"省事通：{line}", file=sys.stderr, flush=True)
    raise typer.Exit(1)
