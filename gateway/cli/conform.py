"""``shengshitong conform``: whether a system does what the provider interface asks of it.

It runs at a department: without a database, Redis or any secret of the platform. Modules are
imported inside the command, so that ``--help`` starts without what it does not need.
"""

import asyncio
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from gateway.cli.speaking import tell_places

if TYPE_CHECKING:
    from backend.conformance.service import Options, Report
    from backend.exchange.manifest import Manifest
    from backend.upstream.keys import SigningKey

PASSED, FAILED, COULD_NOT_RUN = 0, 1, 2
COLOURS = {"passed": "green", "failed": "red", "advised": "yellow", "skipped": "bright_black"}
SIGNING_KEY = "SST_SIGNING_KEY"


class AddressKind(StrEnum):
    """Which address of the manifest to call."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class KeyKind(StrEnum):
    """What kind of key to make."""

    ED25519 = "ed25519"
    SM2 = "sm2"


def conform(
    manifest: Annotated[
        Path | None, typer.Argument(help="The system's manifest, YAML or JSON.")
    ] = None,
    address: Annotated[
        AddressKind, typer.Option(help="Which address of the manifest to call.")
    ] = AddressKind.SANDBOX,
    base_url: Annotated[
        str, typer.Option(help="Call this address instead, like http://127.0.0.1:8080.")
    ] = "",
    key: Annotated[
        Path | None,
        typer.Option(help="File of the key that signs the calls; made by --new-key."),
    ] = None,
    subjects: Annotated[
        Path | None,
        typer.Option(help="File of test subjects, instead of `conformance` in the manifest."),
    ] = None,
    only: Annotated[
        str, typer.Option(help="Look at this operation alone, like licences.query.")
    ] = "",
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML here.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Print every check, not only what needs attention.")
    ] = False,
    max_seconds: Annotated[
        float, typer.Option(help="End after so many seconds, whatever the system does.", min=1)
    ] = 120,
    new_key: Annotated[
        Path | None,
        typer.Option(help="Make a signing key in this file, print its public half, and end."),
    ] = None,
    alg: Annotated[KeyKind, typer.Option(help="--new-key: its kind.")] = KeyKind.ED25519,
) -> None:
    """Check that a system conforms to the provider interface, and say what to mend.

    1. `shengshitong conform --new-key conform.key` makes a key and prints its public half.

    2. Let your system trust that public key in its sandbox, as it trusts the platform's.

    3. Name in the manifest, under `conformance`, invented people whom your sandbox knows.

    4. `shengshitong conform manifest.yaml --key conform.key --html report.html`

    Needs neither a database nor any secret of the platform. Without `--key` the platform's own key
    is used, where SST_SIGNING_KEY or the data folder of `shengshitong run` (SST_DATA_DIR, .data)
    gives it. Exit code: 0 it conforms, 1 it does not, 2 the kit could not run.
    """
    from backend.errors import DomainError

    try:
        if new_key is not None:
            _make_key(new_key, alg.value)
            raise typer.Exit(PASSED)
        if manifest is None:
            _fail("请给出清单文件：shengshitong conform manifest.yaml (no manifest)")
        report = _run(manifest, address.value, key, _options(base_url, subjects, only, max_seconds))
    except DomainError as refusal:
        tell_places(refusal.context(), refusal.detail)
        _fail(f"{refusal.detail} ({refusal.code})")
    _print(report, every)
    _write(report, junit, html)
    raise typer.Exit(PASSED if report.passed else FAILED)


def _make_key(path: Path, alg: str) -> None:
    from backend.conformance.service import new_key

    made = new_key(path, "sm2" if alg == "sm2" else "ed25519")
    print(f"{made.key_id} {made.alg} {made.public_base64}")
    print(f"省事通：私钥在 {path}，请让沙箱信任上面这个公钥。", file=sys.stderr)


def _options(base_url: str, subjects: Path | None, only: str, max_seconds: float) -> "Options":
    from backend.conformance.service import Options, load_subjects

    return Options(
        base_url=base_url.rstrip("/") or None,
        subjects=load_subjects(subjects) if subjects else None,
        only=only,
        max_seconds=max_seconds,
    )


def _run(manifest: Path, address: str, key: Path | None, options: "Options") -> "Report":
    from backend.conformance.service import load_manifest, read_key, run_conformance

    read = load_manifest(manifest)
    signing = read_key(key) if key else _platform_key(read)
    where: Literal["sandbox", "production"] = "production" if address == "production" else "sandbox"
    return asyncio.run(run_conformance(read, where, signing, options))


def _platform_key(manifest: "Manifest") -> "SigningKey":
    """The gateway's key of the kind that the system uses itself, where this is the platform."""
    import base64
    import binascii

    from backend.upstream.keys import gateway_keys
    from gateway.cli.secrets import kept_secrets

    key_id = os.environ.get("SST_SIGNING_KEY_ID")
    kept = kept_secrets(Path(os.environ.get("SST_DATA_DIR", ".data")))
    secret = os.environ.get(SIGNING_KEY) or kept.get(SIGNING_KEY)
    if secret is None:
        _fail(
            "请用 --key 给出签名密钥（shengshitong conform --new-key conform.key 可新建一个），"
            "并让系统信任它的公钥 (no key)"
        )
    try:
        seed = base64.b64decode(secret, validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != 32:
        _fail(f"{SIGNING_KEY} 应为 32 字节的 base64 文本 (not a key)")
    keys = gateway_keys(key_id or "gateway-1", seed)
    fitting = [key for key in keys if key.alg == manifest.keys[0].alg]
    return (fitting or list(keys))[0]


def _print(report: "Report", every: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from backend.conformance.service import WORDS, Outcome

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("结果", no_wrap=True)
    table.add_column("接口", no_wrap=True)
    table.add_column("检查", no_wrap=True)
    table.add_column("说明与更正", overflow="fold")
    shown = [check for check in report.checks if every or check.outcome is not Outcome.PASSED]
    for check in shown:
        colour = COLOURS[check.outcome.value]
        table.add_row(
            f"[{colour}]{WORDS[check.outcome]}[/]",
            check.operation or "—",
            check.id,
            escape(f"{check.title}。{check.mend}" if check.mend else check.title),
        )
    # A pipe has no width of its own; what a person greps for must not be cut.
    console = Console(width=None if sys.stdout.isatty() else 200)
    if shown:
        console.print(table)
        console.print()
    counts = report.counts
    said = "，".join(f"{WORDS[outcome]} {counts[outcome]}" for outcome in Outcome)
    verdict = "[green]通过 conforms[/]" if report.passed else "[red]未通过 does not conform[/]"
    console.print(
        f"{verdict}  {escape(report.name)}：共 {len(report.checks)} 项，{said}；"
        f"用时 {report.seconds:.1f} 秒",
        highlight=False,
    )


def _write(report: "Report", junit: Path | None, html: Path | None) -> None:
    from backend.conformance import service

    for path, render in ((junit, service.junit), (html, service.html)):
        if path is None:
            continue
        try:
            path.write_bytes(render(report))
        except OSError as error:
            _fail(f"无法写入 {path}：{error.strerror} (cannot write)")


def _fail(line: str) -> NoReturn:
    """Say why it could not run."""
    print(f"省事通：{line}", file=sys.stderr, flush=True)
    raise typer.Exit(COULD_NOT_RUN)
