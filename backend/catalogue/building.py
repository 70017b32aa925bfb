"""The catalogue as files, made once per generation by whoever comes first, read by every worker.

A folder of that generation's number appears with everything in it or not at all
(``store.folders``). A large catalogue is made by a process of its own, because the event loop of a
worker would feel it.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path

from backend.catalogue.models import CatalogueGeneration, ServiceItem
from backend.catalogue.snapshot import CARD_COLUMNS, write_snapshot
from backend.store.database import close_database, open_database
from backend.store.folders import sweep, take_lock, unfinished

# From so many items on, starting a process costs less than what it takes off the worker.
LARGE = 2_000
_KEPT = 2
_TRIES = 5


class Builder:
    """Finds the folder of the catalogue's current state, and has it made where there is none.

    Args:
        root: folder of the folders.
        database_url: for the process that makes a large one; without it, all is made here.
    """

    def __init__(self, root: Path, database_url: str | None = None) -> None:
        self._root, self._database_url = root, database_url

    async def folder(self) -> Path:
        """The folder of the current generation; waits for it to be made."""
        found = self._root / str(await generation())
        if found.is_dir():
            return found
        if self._database_url is None or await ServiceItem.all().count() < LARGE:
            return await build(self._root)
        return await self._apart(self._database_url)

    async def _apart(self, database_url: str) -> Path:
        arguments = ["-m", "backend.catalogue.building", str(self._root)]
        # By the environment: an address may hold a password, and arguments are for all to see.
        environ = {**os.environ, "DATABASE_URL": database_url}
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=environ, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await child.communicate()
        if child.returncode:
            raise ChildProcessError(f"the catalogue's builder ended with {child.returncode}")
        return self._root / said.decode().strip()


async def generation() -> int:
    """The number of the catalogue's current state in the database."""
    row = await CatalogueGeneration.get_or_none(id=1)
    return row.generation if row else 0


async def build(root: Path) -> Path:
    """Make the folder of the current generation unless it is there; gives it."""
    lock = await take_lock(root)
    try:
        for _ in range(_TRIES):
            number = await generation()
            folder = root / str(number)
            if folder.is_dir():
                return folder
            records = await ServiceItem.all().values(*CARD_COLUMNS, "keywords", "words")
            # A change in between would be in the records, or half of it, but not in the number.
            if await generation() == number:
                await asyncio.to_thread(_write, root, number, records)
                return folder
        raise RuntimeError("the catalogue changes faster than it can be read")
    finally:
        os.close(lock)


def _write(root: Path, number: int, records: list[dict[str, object]]) -> None:
    """Only to be called with the lock: whatever is unfinished now has nobody who will finish it."""
    sweep(root)
    with unfinished(root) as place:
        write_snapshot(place, number, records)
        place.rename(root / str(number))
    others = sorted(int(path.name) for path in root.iterdir() if path.name.isdecimal())
    # The one before is kept for workers that are just opening it; open files outlive their names.
    for old in others[:-_KEPT]:
        shutil.rmtree(root / str(old), ignore_errors=True)


async def _main(root: Path) -> None:
    await open_database(os.environ["DATABASE_URL"], only="catalogue")
    try:
        print((await build(root)).name)
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
