"""``shengshitong reseal``: brings over to the first key of the ring what older keys sealed."""

import os
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from backend.audit.service import Detail
    from backend.province import Province
    from backend.store.keyring import KeyRing
    from backend.store.resealing import Tally


def reseal() -> None:
    """Seal anew, with the first key of SST_KEYRING, what its other keys sealed.

    Gateways and workers may serve meanwhile. It may be stopped and run again at any time. Ends with
    0 when only the first key is left in use: the others may leave the ring then.
    """
    from gateway.cli.commands import finish

    finish(_reseal())


async def _reseal() -> None:
    from backend.province import open_province
    from backend.store.folders import take_lock
    from backend.store.keyring import KeyRing
    from backend.worker import STATEMENT_S
    from gateway.cli.commands import settings

    held = settings()
    keyring, progress = KeyRing(held.keyring, held.cipher), _Progress()
    # Two of them would write the same half of a file.
    lock = await take_lock(held.data_dir / "cases")
    try:
        province = await open_province(held, STATEMENT_S)
        try:
            await _go_through(province, keyring, progress)
        finally:
            await province.close()
    finally:
        os.close(lock)
    _report(list(progress.tallies.values()), keyring.newest)


class _Progress:
    """What was done so far, said on one line where somebody looks on."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}

    def __call__(self, tally: "Tally") -> None:
        """Take a step of a place."""
        self.tallies[tally.place] = tally
        if sys.stdout.isatty():
            print(f"\r\x1b[K{_said(tally)}", end="", flush=True)

    def end(self, tally: "Tally") -> None:
        """Take the end of a place: where nobody looks on, each has a line."""
        self.tallies[tally.place] = tally
        if sys.stdout.isatty():
            print("\r\x1b[K", end="", flush=True)
        elif tally.looked:
            print(_said(tally), flush=True)


def _said(tally: "Tally") -> str:
    return f"{tally.place}：已查看 looked at {tally.looked}，已重新加密 sealed anew {tally.anew}"


async def _go_through(province: "Province", keyring: "KeyRing", progress: _Progress) -> None:
    """Everything; however it ends, the audit says how far it came."""
    from backend.audit.service import COMMAND_LINE
    from backend.store.resealing import all_sealed, reseal_table

    whole = False
    try:
        progress.end(await _drained(province))
        for sealed in all_sealed():
            progress.end(await reseal_table(keyring, sealed, progress))
        progress.end(await province.cases.files.reseal(progress))
        whole = True
    finally:
        tallies = progress.tallies.values()
        detail: Detail = {
            "key": keyring.newest,
            "looked": sum(one.looked for one in tallies),
            "anew": sum(one.anew for one in tallies),
            "broken": sum(one.broken for one in tallies),
            "whole": whole,
        }
        await province.audit.record(COMMAND_LINE, "keyring.reseal", "keyring", detail)


async def _drained(province: "Province") -> "Tally":
    """Looks at licences wait, sealed, in streams that do not expire: into the tables with them."""
    from backend.store.keyring import SealBroken
    from backend.store.resealing import Tally

    tally = Tally("looks")
    try:
        await province.presentations.drain()
    except SealBroken:
        tally.is_broken("Redis")
    return tally


def _report(tallies: "list[Tally]", newest: str) -> None:
    from backend.operators.service import ABSOLUTE_SECONDS
    from gateway.cli.speaking import table

    rows = [
        (one.place, key or "不在钥匙环里 (in no ring)", str(count))
        for one in tallies
        for key, count in sorted(one.keys.items())
    ]
    table(("位置 place", "钥匙 key", "条数 values"), rows)
    for one in tallies:
        for name in one.named:
            print(f"无法打开 does not open: {one.place} {name}", file=sys.stderr)
        if one.broken > len(one.named):
            more = one.broken - len(one.named)
            print(f"无法打开 does not open: {one.place} +{more}", file=sys.stderr)
    if all(one.is_done(newest) for one in tallies):
        hours = ABSOLUTE_SECONDS // 3600
        print(
            f"只剩钥匙 {newest} 在用，启用满 {hours} 小时后可以撤下其他钥匙"
            f" · only the first key is left in use: the others may go {hours} h after it came first"
        )
        return
    print(
        f"省事通：除 {newest} 外还有钥匙在用，或有内容无法打开，请先不要撤下旧钥匙"
        " (not only the first key is in use: keep the others)",
        file=sys.stderr,
    )
    raise typer.Exit(1)
