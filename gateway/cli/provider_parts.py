"""``shengshitong provider keys``, ``addresses`` and ``maintenance``: what a system has by parts."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.cli.speaking import Code, Reason, ask, explained, proof_of, proven, table

keys = typer.Typer(help="Keys of a system.", no_args_is_help=True)
addresses = typer.Typer(help="Addresses of a system.", no_args_is_help=True)
maintenance = typer.Typer(help="Maintenance windows of a system.", no_args_is_help=True)


@keys.command("list")
def list_keys(context: typer.Context, code: Code) -> None:
    """Every key that the system ever had."""
    with explained():
        _show_keys(ask(context, "GET", f"/{code}/keys"))


@keys.command("add")
def add_key(
    context: typer.Context,
    code: Code,
    key: Annotated[Path, typer.Argument(help="Key file with id, alg and private.")],
) -> None:
    """Begin a rotation: add a key, which counts once it is approved."""
    from backend.conformance.service import read_key

    with explained():
        held = read_key(key)
        key_id, text = proof_of(code, key)
        body = {"id": key_id, "alg": held.alg, "public": held.public_base64, "proof": text}
        _show_keys(ask(context, "POST", f"/{code}/keys", body))


@keys.command("approve")
def approve_key(context: typer.Context, code: Code, key_id: str) -> None:
    """Let a new key count beside the old one."""
    with explained():
        _show_keys(ask(context, "POST", f"/{code}/keys/{quote(key_id)}/approvals"))


@keys.command("retire")
def retire_key(context: typer.Context, code: Code, key_id: str) -> None:
    """End a rotation: the old key counts no more."""
    with explained():
        _show_keys(ask(context, "POST", f"/{code}/keys/{quote(key_id)}/retirements"))


@keys.command("revoke")
def revoke_key(context: typer.Context, code: Code, key_id: str, reason: Reason) -> None:
    """Trust a key no more, at once and on every worker."""
    with explained():
        path = f"/{code}/keys/{quote(key_id)}/revocations"
        _show_keys(ask(context, "POST", path, {"reason": reason}))


@addresses.command("list")
def list_addresses(context: typer.Context, code: Code) -> None:
    """Every address that the system asked for."""
    with explained():
        _show_addresses(ask(context, "GET", f"/{code}/addresses"))


@addresses.command("approve")
def approve_address(context: typer.Context, code: Code, origin: str, reason: Reason = "") -> None:
    """Let the platform call the system there, like https://zwfw.example.gov.cn:443."""
    with explained():
        body = {"origin": origin, "reason": reason}
        _show_addresses(ask(context, "POST", f"/{code}/addresses/approvals", body))


@addresses.command("refuse")
def refuse_address(context: typer.Context, code: Code, origin: str, reason: Reason) -> None:
    """Refuse an address, or take its approval back."""
    with explained():
        body = {"origin": origin, "reason": reason}
        _show_addresses(ask(context, "POST", f"/{code}/addresses/refusals", body))


@maintenance.command("list")
def list_windows(context: typer.Context, code: Code) -> None:
    """Windows that run or are to come."""
    with explained():
        items = ask(context, "GET", f"/{code}/maintenance")["items"]
        rows = [(one["id"], one["starts_at"], one["ends_at"], one["words"]) for one in items]
        table(("编号", "开始", "结束", "说明"), rows)


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
        made = ask(context, "POST", f"/{code}/maintenance", body)
        print(f"已公告：{made['id']}")


@maintenance.command("cancel")
def cancel(context: typer.Context, code: Code, window: str, reason: Reason) -> None:
    """Take an announcement back, or end the maintenance early."""
    with explained():
        path = f"/{code}/maintenance/{quote(window)}/cancellations"
        ask(context, "POST", path, {"reason": reason})
        print("已取消")


def _show_keys(found: dict[str, Any]) -> None:
    rows = [(one["id"], one["alg"], one["state_name"], proven(one)) for one in found["items"]]
    table(("编号", "算法", "状态", "持有证明"), rows)


def _show_addresses(found: dict[str, Any]) -> None:
    rows = [(one["origin"], one["state_name"], one["reason"]) for one in found["items"]]
    table(("地址", "状态", "说明"), rows)
