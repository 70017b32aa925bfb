"""``shengshitong verify``: whether a licence that somebody shows can be relied on.

It needs no network, no database and no secret, only what was fetched beforehand: the keys, which
change about never, and status lists, which may be used for a day.
"""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from backend.presentation.jose import KeySet
    from backend.presentation.reasons import Refused
    from backend.presentation.statuslist import StatusList
    from backend.presentation.verifying import Facts

VALID, REFUSED, COULD_NOT_RUN = 0, 1, 2
KEYS_FILE, TYPES_FILE = "keys.json", "types.json"
BASE = "/api/v1/public/verification"


def verify(
    presentation: Annotated[
        list[str] | None,
        typer.Argument(help="Text, QR codes' texts, or files of them; nothing: standard input."),
    ] = None,
    keys: Annotated[Path, typer.Option(help="The published keys (keys.json).")] = Path("verify")
    / KEYS_FILE,
    status: Annotated[
        list[Path] | None,
        typer.Option(help="Status lists: files, or a folder of them; by default beside the keys."),
    ] = None,
    audience: Annotated[
        str, typer.Option(help="Whom it has to be made for: the name you told the holder.")
    ] = "",
    nonce: Annotated[str, typer.Option(help="Which question it has to answer.")] = "",
    max_age: Annotated[int, typer.Option(help="Seconds since the phone signed it.", min=1)] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    fetch_keys: Annotated[
        str, typer.Option(help="Fetch keys and lists from this gateway beforehand, and end.")
    ] = "",
) -> None:
    """Verify a licence that is shown off line, and print what it proves.

    1. With a network, once a day: `shengshitong verify --fetch-keys https://gateway`

    2. Anywhere: `shengshitong verify codes.txt --audience 示范酒店前台 --nonce 7f3a…`

    Exit code: 0 valid, 1 refused, 2 it could not be checked (no keys, nothing to read).
    """
    from backend.presentation.reasons import Refused

    if fetch_keys:
        _fetch(fetch_keys.rstrip("/"), keys)
        raise typer.Exit(VALID)
    key_set = _keys(keys)
    lists = _lists(status or [keys.parent], key_set, keys)
    try:
        facts = _checked(presentation or [], key_set, lists, audience, nonce, max_age)
    except Refused as refusal:
        _say_refused(refusal, as_json)
        raise typer.Exit(REFUSED) from None
    _say_valid(facts, _labels(keys.with_name(TYPES_FILE), facts.vct), as_json)


def _checked(
    texts: list[str], keys: "KeySet", lists: dict[str, "StatusList"],
    audience: str, nonce: str, max_age: int,
) -> "Facts":  # fmt: skip
    from backend.presentation.verifying import verify as check

    return check(
        _presentation(texts), keys, lists, audience=audience or None, nonce=nonce or None,
        now=int(time.time()), max_age_s=max_age,
    )  # fmt: skip


def _presentation(texts: list[str]) -> str:
    """What is to be verified, whole or out of QR codes."""
    from backend.presentation import packing

    read = [_file_or_text(each) for each in texts] if texts else [sys.stdin.read()]
    lines = [line.strip("\r\n") for text in read for line in text.splitlines() if line.strip()]
    if not lines:
        _fail("没有可核验的内容：请给出文本、二维码内容或文件 (nothing to verify)")
    if any(packing.is_piece(line) for line in lines):
        return packing.joined(lines)
    return "".join(line.strip() for line in lines)


def _file_or_text(argument: str) -> str:
    try:
        path = Path(argument)
        return path.read_text("utf-8") if path.is_file() else argument
    except (OSError, ValueError):
        return argument


def _keys(path: Path) -> "KeySet":
    from backend.presentation.jose import KeySet
    from backend.presentation.reasons import Refused

    try:
        return KeySet.read(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, Refused):
        _fail(
            f"读不到可用的公钥 {path}：请先联网执行 shengshitong verify --fetch-keys <网关地址>，"
            "或用 --keys 指明 (no keys)"
        )


def _labels(path: Path, vct: str) -> dict[str, str]:
    """What the facts are called, if that was fetched."""
    try:
        items = json.loads(path.read_text("utf-8"))["items"]
        return next(dict(each["labels"]) for each in items if each["vct"] == vct)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return {}


def _lists(paths: list[Path], keys: "KeySet", keys_path: Path) -> dict[str, "StatusList"]:
    """The lists that are signed with known keys, the newest of each; others say nothing."""
    from backend.presentation import statuslist
    from backend.presentation.reasons import Refused

    found: dict[str, StatusList] = {}
    for path in (file for each in paths for file in _files(each)):
        if path == keys_path:
            continue
        try:
            held = statuslist.read(path.read_text("utf-8"), keys)
        except (OSError, ValueError, Refused):
            print(f"省事通：忽略不可用的状态名单 {path} (ignored)", file=sys.stderr)
            continue
        if held.uri not in found or found[held.uri].issued_at < held.issued_at:
            found[held.uri] = held
    return found


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.jwt")) if path.is_dir() else [path]


def _fetch(origin: str, keys_path: Path) -> None:
    """Get the keys and every status list that the gateway names."""
    from urllib.error import URLError

    try:
        document = _get(f"{origin}{BASE}/keys")
        types = _get(f"{origin}{BASE}/types")
        names = json.loads(_get(f"{origin}{BASE}/status-lists"))["items"]
        lists = {name: _get(f"{origin}{BASE}/status-lists/{name}") for name in names}
        keys_path.parent.mkdir(parents=True, exist_ok=True)
        keys_path.write_bytes(document)
        keys_path.with_name(TYPES_FILE).write_bytes(types)
        for name, token in lists.items():
            (keys_path.parent / f"{name}.jwt").write_bytes(token)
    except (URLError, OSError, ValueError, KeyError) as error:
        _fail(f"无法从 {origin} 取得公钥和状态名单：{error} (cannot fetch)")
    print(f"已保存 {keys_path} 与 {len(lists)} 份状态名单，可离线使用一天 (saved)")


def _get(url: str) -> bytes:
    from urllib.request import urlopen

    if not url.startswith(("https://", "http://")):
        raise ValueError("http(s) only")
    with urlopen(url, timeout=20) as answer:  # noqa: S310 (checked above)
        body: bytes = answer.read()
    return body


def _say_refused(refusal: "Refused", as_json: bool) -> None:
    if as_json:
        _print_json({"valid": False, "reason": refusal.reason.value, "detail": refusal.words})
        return
    _console().print(f"[bold red]✗ 不予采信[/]  {refusal.words} ({refusal.reason.value})")


def _say_valid(facts: "Facts", labels: dict[str, str], as_json: bool) -> None:
    if as_json:
        _print_json(
            {
                "valid": True, "type": facts.vct, "type_name": facts.type_name,
                "authority": facts.authority, "issuer": facts.issuer, "facts": dict(facts.shown),
                "audience": facts.audience, "presented_at": facts.presented_at,
                "as_of": facts.as_of, "expires_at": facts.expires_at,
                "status_as_of": facts.status_as_of,
            }
        )  # fmt: skip
        return
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    rows: list[tuple[str, Any]] = [
        ("证照", facts.type_name), ("颁发机构", facts.authority),
        *((labels.get(name, name), _words(value)) for name, value in facts.shown.items()),
        ("出示给", facts.audience), ("出示时间", _time(facts.presented_at)),
        ("证照信息截至", _time(facts.as_of)), ("凭证有效至", _time(facts.expires_at)),
        ("状态名单截至", _time(facts.status_as_of)),
    ]  # fmt: skip
    for name, value in rows:
        table.add_row(name, str(value))
    console = _console()
    console.print("[bold green]✓ 有效[/]")
    console.print(table)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _time(moment: int) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.fromtimestamp(moment, UTC) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, markup=True, soft_wrap=True)


def _print_json(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False))


def _fail(line: str) -> NoReturn:
    print(f"省事通：{line}", file=sys.stderr, flush=True)
    raise typer.Exit(COULD_NOT_RUN)
