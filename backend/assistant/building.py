"""The index as files, made by a process of its own, once for all workers of a machine.

``python -m backend.assistant.building <folder>``: the folder holds ``sources.jsonl`` and
``places.json``; in the end it holds the index. So neither the dictionary of rjieba nor the work of
cutting thousands of texts is ever felt by a worker that answers.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import orjson

from backend.assistant.index import source_bytes, source_of, write_index
from backend.assistant.sources import Source
from backend.store.folders import sweep, take_lock, unfinished

_SOURCES, _PLACES = "sources.jsonl", "places.json"
_KEPT = 2


class _Lines:
    """The sources of a file, read anew by every pass over them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Source]:
        with self._path.open("rb") as lines:
            for line in lines:
                yield source_of(orjson.loads(line))


async def build(
    root: Path, name: str, batches: AsyncIterator[Sequence[Source]], places: Sequence[str]
) -> Path:
    """The folder of that name with the index in it, made if it is not there.

    Args:
        batches: the sources, read only if they are needed.

    Raises:
        ChildProcessError: the index could not be made.
    """
    folder = root / name
    lock = await take_lock(root)
    try:
        if not folder.is_dir():
            await asyncio.to_thread(sweep, root)
            with unfinished(root) as place:
                await _filled(place, batches, places)
                await _cut(place)
                place.rename(folder)
            await asyncio.to_thread(_forget, root, folder)
    finally:
        os.close(lock)
    return folder


async def _filled(
    place: Path, batches: AsyncIterator[Sequence[Source]], places: Sequence[str]
) -> None:
    (place / _PLACES).write_bytes(orjson.dumps(list(places)))
    async for some in batches:
        await asyncio.to_thread(_append, place / _SOURCES, some)


def _append(path: Path, some: Sequence[Source]) -> None:
    with path.open("ab") as lines:
        lines.writelines(source_bytes(one) + b"\n" for one in some)


async def _cut(place: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.assistant.building", str(place)
    )
    try:
        code = await child.wait()
    except BaseException:
        child.kill()
        await child.wait()
        raise
    if code:
        raise ChildProcessError(f"the maker of the assistant's index ended with {code}")


def _forget(root: Path, made: Path) -> None:
    others = [one for one in root.iterdir() if one.is_dir() and one != made]
    # The one before is kept for workers that are just opening it; open files outlive their names.
    for old in sorted(others, key=lambda one: one.stat().st_mtime)[: 1 - _KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _main(place: Path) -> None:
    sources, places = place / _SOURCES, place / _PLACES
    write_index(place, _Lines(sources), orjson.loads(places.read_bytes()))
    sources.unlink()
    places.unlink()


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
