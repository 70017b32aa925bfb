"""Brings the database up to date and registers the systems whose manifests lie in the folder."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from backend.settings import Settings

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province

BACKEND = Path(__file__).resolve().parents[2] / "backend"


def state_digest(sandbox: Path, base_port: int) -> str:
    """A digest of all that :func:`prepare` works from: while it stays, it has nothing to do.

    The manifests themselves are made anew by the starting province; what they are made from, the
    departments' descriptions, their keys and their addresses, is known before.
    """
    sources = ("exchange/*.py", "*/migrations/*.py", "sandbox/departments/**/*.yaml")
    files = [file for pattern in sources for file in BACKEND.glob(pattern)]
    files += (sandbox / "keys").glob("*")
    total = hashlib.sha256(f"{base_port}\0".encode())
    for file in sorted(files):
        total.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


async def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Migrate, then register every manifest of ``settings.manifests``.

    Raises:
        DomainError: a manifest is refused; what was registered before it stays.
    """
    from backend.store.database import migrate

    await migrate(settings.database_url)
    await register(settings, sorted(settings.manifests.glob("*.yaml")), say)


async def register(settings: Settings, files: list[Path], say: Callable[[str], None]) -> None:
    """Register systems by their manifest files, and take their service items into the catalogue.

    Raises:
        DomainError: a manifest is refused; what was registered before it stays.
    """
    from backend.exchange.service import load_manifest
    from backend.province import open_province
    from gateway.cli.sharing import share_in_sandbox

    province = await open_province(settings)
    try:
        for file in files:
            manifest = await asyncio.to_thread(load_manifest, file)
            changed = await province.exchange.register(manifest)
            say(
                f"{manifest.system.name}：{'已登记 · registered' if changed else '没有变化 · same'}"
            )
        await province.exchange.reload()
        officers = await demo_accounts(province, say)
        await share_in_sandbox(province, officers, say)
    finally:
        await province.close()


async def demo_accounts(province: "Province", say: Callable[[str], None]) -> "dict[str, Officer]":
    """The console's demo accounts, made where missing; none outside the sandbox."""
    from backend.operators.service import DemoDepartment

    departments = [
        DemoDepartment(one.code, one.short_name, one.manifest.system.department.uscc)
        for one in province.exchange.systems()
    ]
    officers = await province.operators.prepare_demo(departments)
    if officers:
        say(f"控制台演示账号 {len(officers)} 个已就绪 · console accounts")
    return officers
