"""``shengshitong provider``: how a system joins, from a terminal, over the gateway's API.

Modules are imported inside the commands, so that ``--help`` starts without what it does not need.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from gateway.cli.api import Api
from gateway.cli.provider_parts import addresses, keys, maintenance
from gateway.cli.speaking import (
    SYSTEMS,
    Code,
    Reason,
    ask,
    explained,
    fail,
    proof_of,
    proven,
    table,
)

POLL_S = 1.0
# The platform gives a run up after ten minutes.
LONGEST_RUN_S = 600.0

app = typer.Typer(
    help="Provincial systems: join, change, rotate keys, announce maintenance. Speaks to the API "
    "of a gateway as the console account that logged in.",
    no_args_is_help=True,
)
app.add_typer(keys, name="keys")
app.add_typer(addresses, name="addresses")
app.add_typer(maintenance, name="maintenance")

Number = Annotated[int, typer.Argument(help="The revision's number.", min=1)]
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
        table(("系统", "名称", "状态", "在用", "办理中"), rows)


@app.command()
def status(context: typer.Context, code: Code) -> None:
    """What serves, what is under way, keys, addresses and maintenance of a system."""
    with explained():
        one = ask(context, "GET", f"/{code}")
        print(f"{one['name']}（{one['code']}，{one['department']}）：{one['state_name']}")
        print(f"在用 {_revision(one['published'])}，办理中 {_revision(one['opened'])}")
        for title, what, columns in (
            ("密钥", "keys", ("id", "alg", "state_name", "proven")),
            ("接入地址", "addresses", ("origin", "state_name", "reason")),
            ("维护公告", "maintenance", ("starts_at", "ends_at", "words")),
        ):
            items = ask(context, "GET", f"/{code}/{what}")["items"]
            items = [{**item, "proven": proven(item)} if what == "keys" else item for item in items]
            print(f"\n{title}：{'无' if not items else ''}")
            table((), [tuple(str(item[column]) for column in columns) for item in items])


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
    from backend.exchange.service import load_manifest

    with explained():
        read = load_manifest(manifest)
        proofs = dict(proof_of(read.system.code, path) for path in key or ())
        made = ask(context, "POST", "", {"manifest": read.model_dump(mode="json")})
        at = f"/{read.system.code}/revisions/{made['number']}"
        errors = ask(context, "GET", f"{at}/checks")["errors"]
        table(("位置", "要素", "原因"),
               [(e["pointer"], e["element"], e["message"]) for e in errors])  # fmt: skip
        if not draft and not errors:
            made = ask(context, "POST", f"{at}/submissions", {"note": note, "proofs": proofs})
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
        table(("时间", "版本", "操作", "人员", "说明"), rows)


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
        found = ask(context, "GET", f"/{code}/revisions/{number}/diff", against=against)
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
        run = ask(context, "POST", f"/{code}/revisions/{number}/conformance-runs")
        gives_up = time.monotonic() + LONGEST_RUN_S
        while run["state"] == "running":
            if time.monotonic() > gives_up:
                fail("测试没有结束，运行它的网关可能已重启，请重新开始一次")
            time.sleep(POLL_S)
            run = ask(context, "GET", f"/{code}/conformance-runs/{run['id']}")
        checks = run["report"].get("checks", [])
        rows = [
            (one["operation"] or "系统", one["title"], one["outcome"], one["mend"])
            for one in checks
            if one["outcome"] in ("failed", "advised")
        ]
        table(("接口", "检查", "结果", "整改"), rows)
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
        made = ask(context, "POST", f"/{code}/rollbacks", {"revision": number, "reason": reason})
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
    with explained():
        key_id, text = proof_of(code, key)
    print(f"{key_id} {text}")


def _act(
    context: typer.Context, code: str, number: int, what: str, body: dict[str, Any] | None = None
) -> None:
    with explained():
        made = ask(context, "POST", f"/{code}/revisions/{number}/{what}", body)
        print(f"第 {made['number']} 版：{made['state_name']}")


def _change(context: typer.Context, code: str, what: str, body: dict[str, Any]) -> None:
    with explained():
        made = ask(context, "POST", f"/{code}/{what}", body)
        print(f"{made['name']}：{made['state_name']}")


def _pages(context: typer.Context, path: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = cast(Api, context.obj).call("GET", path, cursor=cursor, limit=100)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _revision(view: dict[str, Any] | None) -> str:
    return f"第 {view['number']} 版 {view['state_name']}" if view else "—"
