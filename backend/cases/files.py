"""Files of applications: looked at before they are taken, sealed on disk or in an object store.

What a file is, is told by its content, never by its name. Pictures are drawn anew: what a camera
wrote beside the picture (where it was taken), or what somebody hid behind it, does not stay.
"""

import asyncio
import contextlib
import hashlib
import io
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from PIL import Image, ImageOps
from tortoise.expressions import Q

from backend.cases.errors import FileRefused, FileTooLarge, FileUnknown, StorageSilent
from backend.cases.models import Case, CaseFile
from backend.cases.parts import Parts
from backend.store.ids import uuid7
from backend.store.keyring import HEAD_BYTES, SealBroken
from backend.store.resealing import BATCH, UNKNOWN, Tally, Tell
from backend.upstream.objects import ObjectsError

LARGEST_BYTES = 8 * 1024 * 1024
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 3000
_QUALITY = 88
_PDF = "application/pdf"
_JPEG = "image/jpeg"
_FORMATS = ("JPEG", "PNG", "WEBP")
RESULT = "result"
STORING = 8
_SWEPT = 500
RESEALED = 50
_SOMEBODYS = ~Q(draft_id=None, case_id=None)
P = ParamSpec("P")
T = TypeVar("T")


class Store(Protocol):
    """Where sealed files lie: a folder (``Folder``), or a bucket (``backend.upstream.objects``).

    Each call may wait, and raises ``ObjectsError`` where the store does not do it.
    """

    def write(self, name: str, sealed: bytes) -> None:
        """Keep a file; it is there for good when this returns."""

    def read(self, name: str) -> bytes:
        """A file.

        Raises:
            FileNotFoundError.
        """

    def read_head(self, name: str, length: int) -> bytes:
        """So many first bytes of a file.

        Raises:
            FileNotFoundError.
        """

    def remove(self, name: str) -> None:
        """Forget a file; one that is not there is no error."""

    def close(self) -> None:
        """Close what is open."""


class Folder:
    """Files below one folder, spread over 256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, name: str) -> Path:
        return self._folder / name[-2:] / name

    def write(self, name: str, sealed: bytes) -> None:
        """Through another name, so that no half a file is ever read."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)

    def read(self, name: str) -> bytes:
        """The bytes of it."""
        return self._path(name).read_bytes()

    def read_head(self, name: str, length: int) -> bytes:
        """The first bytes of it."""
        with self._path(name).open("rb") as file:
            return file.read(length)

    def remove(self, name: str) -> None:
        """It may be gone already."""
        self._path(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is open."""


class Scanner(Protocol):
    """Something that looks for malicious content."""

    async def look(self, content: bytes) -> None:
        """Look at a file.

        Raises:
            FileInfected, ScannerSilent.
        """


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept."""

    id: UUID
    name: str
    media_type: str
    bytes: int
    sha256: str
    created_at: datetime

    def as_json(self) -> dict[str, str | int]:
        """As it stands in a draft and in what a department gets."""
        return {
            "id": str(self.id), "name": self.name, "media_type": self.media_type,
            "bytes": self.bytes, "sha256": self.sha256,
        }  # fmt: skip


class Files:
    """Takes, gives and forgets files."""

    def __init__(self, parts: Parts, store: Store, scanner: Scanner | None = None) -> None:
        self._parts, self._store, self._scanner = parts, store, scanner
        # One thread: pictures are drawn one after the other, beside the event loop.
        self._thread = ThreadPoolExecutor(1, "case-files")
        # A store that takes its time holds up no pictures.
        self._storing = ThreadPoolExecutor(STORING, "case-store")

    def close(self) -> None:
        """End the threads."""
        self._thread.shutdown()
        self._storing.shutdown()
        self._store.close()

    async def take(self, draft_id: UUID, material: str, name: str, content: bytes) -> Kept:
        """Take an upload in.

        Raises:
            FileRefused, FileTooLarge, FileInfected, ScannerSilent, StorageSilent.
        """
        if len(content) > LARGEST_BYTES:
            raise FileTooLarge
        if self._scanner is not None:
            await self._scanner.look(content)
        media_type, plain = await self._aside(self._thread, cleaned, content)
        return await self._keep(media_type, plain, name, material, draft_id=draft_id)

    async def keep_result(self, case: Case, name: str, content: bytes) -> UUID:
        """Keep a document that a department issued.

        Raises:
            StorageSilent: the event that brought it is not taken, and comes again.
        """
        return (await self._keep(_PDF, content, f"{name}.pdf", RESULT, case_id=case.id)).id

    async def _keep(
        self, media_type: str, content: bytes, name: str, material: str,
        draft_id: UUID | None = None, case_id: UUID | None = None,
    ) -> Kept:  # fmt: skip
        file_id = uuid7()
        await self._stored(self._seal_away, file_id, content)
        row = await CaseFile.create(
            id=file_id, draft_id=draft_id, case_id=case_id, material_code=material,
            name=self._parts.seal(name, file_id, "name"), media_type=media_type,
            bytes=len(content), sha256=hashlib.sha256(content).hexdigest(),
            created_at=self._parts.now(),
        )  # fmt: skip
        return self._kept(row)

    def _seal_away(self, file_id: UUID, content: bytes) -> None:
        self._store.write(str(file_id), self._parts.keyring.seal(content, _context(file_id)))

    async def read(
        self, file_id: UUID, *, draft_id: UUID | None = None, case_id: UUID | None = None
    ) -> tuple[Kept, bytes]:
        """A file of a draft, or of a case.

        Raises:
            FileUnknown, StorageSilent.
        """
        whose = Q(draft_id=draft_id) if draft_id is not None else Q(case_id=case_id)
        row = await CaseFile.get_or_none(whose, id=file_id)
        if row is None:
            raise FileUnknown
        try:
            content = await self._stored(self._unseal, file_id)
        except FileNotFoundError:
            raise FileUnknown from None
        return self._kept(row), content

    def _unseal(self, file_id: UUID) -> bytes:
        return self._parts.keyring.open(self._store.read(str(file_id)), _context(file_id))

    async def copied(self, file_id: UUID, source: UUID, target: UUID, material: str) -> Kept:
        """One more of a file of a draft, for a material of another one.

        Raises:
            FileUnknown.
        """
        kept, content = await self.read(file_id, draft_id=source)
        return await self._keep(kept.media_type, content, kept.name, material, draft_id=target)

    async def forget(self, file_id: UUID, draft_id: UUID) -> None:
        """Forget a file of a draft; one that is not there is no error.

        Where the store does not answer, nobody's it is from now on, and ``sweep`` forgets it.
        """
        if await CaseFile.filter(id=file_id, draft_id=draft_id, case_id=None).update(draft_id=None):
            with contextlib.suppress(StorageSilent):
                await self._forget(file_id)

    async def _forget(self, file_id: UUID) -> None:
        """The file first: nothing ever lies in the store of which no row is left."""
        await self._stored(self._store.remove, str(file_id))
        await CaseFile.filter(id=file_id, draft_id=None, case_id=None).delete()

    async def forget_draft(self, draft_id: UUID) -> None:
        """Forget every file of a draft that was not submitted."""
        mine = CaseFile.filter(draft_id=draft_id, case_id=None)
        for file_id in await mine.values_list("id", flat=True):
            await self.forget(UUID(str(file_id)), draft_id)

    async def sweep(self) -> int:
        """Forget what a silent store kept; says how many files."""
        held = CaseFile.filter(draft_id=None, case_id=None).limit(_SWEPT)
        count = 0
        with contextlib.suppress(StorageSilent):
            for file_id in await held.values_list("id", flat=True):
                await self._forget(UUID(str(file_id)))
                count += 1
        return count

    async def hand_over(self, draft_id: UUID, case_id: UUID) -> None:
        """The files of a draft are those of the case now; inside its transaction."""
        await CaseFile.filter(draft_id=draft_id, case_id=None).update(case_id=case_id)

    async def reseal(self, tell: Tell) -> Tally:
        """Seal the files anew as the tables are (``backend.store.resealing``).

        Of files that are nobody's the purge makes an end.

        Raises:
            StorageSilent: it goes on from here the next time.
        """
        tally = Tally("case_material_file (files)")
        async for file_id in self._everybodys():
            await self._count(file_id, tally)
            if tally.looked % RESEALED == 0:
                tell(tally)
        tell(tally)
        return tally

    async def _count(self, file_id: UUID, tally: Tally) -> None:
        key, newest = UNKNOWN, self._parts.keyring.newest
        tally.looked += 1
        try:
            head = await self._stored(self._store.read_head, str(file_id), HEAD_BYTES)
            key = self._parts.keyring.key_of(head) or UNKNOWN
            if key != newest:
                await self._reseal(file_id)
                key, tally.anew = newest, tally.anew + 1
        except (SealBroken, FileNotFoundError):
            if not await self._is_somebodys(file_id):
                return
            tally.is_broken(str(file_id))
        tally.keys[key] += 1

    async def _reseal(self, file_id: UUID) -> None:
        """A file never changes, but may be forgotten meanwhile: it must not come back by this."""
        await self._stored(self._seal_anew, file_id)
        if not await self._is_somebodys(file_id):
            await self._stored(self._store.remove, str(file_id))
            raise FileNotFoundError(file_id)

    def _seal_anew(self, file_id: UUID) -> None:
        sealed = self._store.read(str(file_id))
        self._store.write(str(file_id), self._parts.keyring.anew(sealed, _context(file_id)))

    @staticmethod
    async def _everybodys() -> AsyncIterator[UUID]:
        rows = CaseFile.filter(_SOMEBODYS).order_by("id").limit(BATCH)
        ids = await rows.values_list("id", flat=True)
        while ids:
            for one in ids:
                yield UUID(str(one))
            ids = await rows.filter(id__gt=ids[-1]).values_list("id", flat=True)

    @staticmethod
    async def _is_somebodys(file_id: UUID) -> bool:
        return await CaseFile.filter(_SOMEBODYS, id=file_id).exists()

    def _kept(self, row: CaseFile) -> Kept:
        name = self._parts.open(row.name, row.id, "name")
        return Kept(row.id, name, row.media_type, row.bytes, row.sha256, row.created_at)

    async def _stored(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._aside(self._storing, work, *args, **kwargs)
        except ObjectsError:
            raise StorageSilent from None

    @staticmethod
    async def _aside(
        threads: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, partial(work, *args, **kwargs))


def cleaned(content: bytes) -> tuple[str, bytes]:
    """What kind of file it is, and the file as it is kept.

    Raises:
        FileRefused, FileTooLarge.
    """
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise FileRefused
        return _PDF, content
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise FileTooLarge
            drawn = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise FileRefused from None
    drawn.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_QUALITY)
    return _JPEG, out.getvalue()


def _context(file_id: UUID) -> bytes:
    return f"case-file:{file_id}".encode()
