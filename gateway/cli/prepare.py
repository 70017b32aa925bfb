"""Brings the database up to date and, in the sandbox, lets its departments join."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from backend.settings import Settings

BACKEND = Path(__file__).resolve().parents[2] / "backend"


def state_digest(sandbox: Path, base_port: int) -> str:
    """A digest of all that :func:`prepare` works from: while it stays, it has nothing to do.

    The manifests themselves are made anew by the starting province; what they are made from, the
    departments' descriptions, their keys and their addresses, is known before.
    """
    sources = (
        "exchange/*.py",
        "policies/*.*",
        "*/migrations/*.py",
        "onboarding/*.py",
        "sandbox/departments/**/*.yaml",
        "sandbox/points/*.*",
        "sandbox/one_things/*.yaml",
    )
    files = [file for pattern in sources for file in BACKEND.glob(pattern)]
    files += (sandbox / "keys").glob("*")
    total = hashlib.sha256(f"{base_port}\0".encode())
    for file in sorted(files):
        total.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


async def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Migrate; in the sandbox, let the departments whose manifests lie there join and share.

    Outside the sandbox a system joins by its own people alone (``shengshitong provider``).

    Raises:
        DomainError: a manifest is refused or does not conform; who joined before stays.
    """
    from backend.province import open_province
    from backend.sandbox.options import Options
    from backend.store.database import migrate
    from gateway.cli.contacts import appoint_contacts
    from gateway.cli.dividing import divide_in_sandbox
    from gateway.cli.joining import join
    from gateway.cli.one_things import register_one_things
    from gateway.cli.points import register_points
    from gateway.cli.policies import publish_policies
    from gateway.cli.sharing import share_in_sandbox

    await migrate(settings.database_url)
    if not settings.sandbox:
        return
    files = [file for kind in ("*.yaml", "*.json") for file in settings.manifests.glob(kind)]
    province = await open_province(settings)
    try:
        officers = await join(province, sorted(files), say)
        await share_in_sandbox(province, officers, say)
        await register_one_things(province, officers, say)
        await divide_in_sandbox(province, officers, say)
        await publish_policies(province, officers, say)
        await appoint_contacts(province, officers, say)
        await register_points(province, officers, Options.from_environ().seed, say)
    finally:
        await province.close()
