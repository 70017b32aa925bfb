"""Files of applications, in a folder and in a bucket, sealed anew while people use them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from backend.cases import errors
from backend.cases.files import Files
from backend.cases.models import CaseFile
from backend.store.keyring import KeyRing
from backend.store.resealing import UNKNOWN, Tally
from backend.upstream.objects import Bucket, Objects
from tests.cases_world import ITEM_WITH_MATERIALS, CasesWorld
from tests.s3_server import S3, s3_server

PDF = b"%PDF-1.4\nin plain words\n%%EOF"
OLD, NEW = bytes([1]) * 32, bytes([2]) * 32
BEFORE, BOTH, AFTER = KeyRing({"o": OLD}), KeyRing({"n": NEW, "o": OLD}), KeyRing({"n": NEW})


@pytest.fixture(params=["folder", "bucket"])
async def store(request: pytest.FixtureRequest, here: CasesWorld) -> AsyncIterator[S3 | None]:
    """Where the world keeps its files; None is its folder."""
    if request.param == "folder":
        yield None
        return
    async with s3_server() as made:
        files = here.cases.files
        before = files._store
        bucket = Bucket(made.url, made.region, made.access_key, made.secret)
        files._store = Objects(bucket, "cases/")
        try:
            yield made
        finally:
            files._store.close()
            files._store = before


@pytest.fixture
def files(here: CasesWorld, store: S3 | None) -> Files:
    """Those of the world, after its first key."""
    use(here, BEFORE)
    return here.cases.files


def use(here: CasesWorld, ring: KeyRing) -> None:
    """From now on the files stand on this ring."""
    here.cases.files._parts = replace(here.cases.files._parts, keyring=ring)


async def uploads(here: CasesWorld, count: int = 3) -> tuple[UUID, list[UUID]]:
    """A draft with so many files."""
    draft = await here.draft(item_code=ITEM_WITH_MATERIALS)
    kept = [
        await here.cases.files.take(draft.id, "m5", f"{number}.pdf", PDF) for number in range(count)
    ]
    return draft.id, [one.id for one in kept]


async def reseal(here: CasesWorld, ring: KeyRing = BOTH) -> Tally:
    """Seal them anew under this ring, with nobody looking on."""
    use(here, ring)
    told: list[Tally] = []
    tally = await here.cases.files.reseal(told.append)
    assert told[-1] is tally
    return tally


async def test_the_new_key_alone_opens_them_and_a_second_run_does_nothing(
    here: CasesWorld, files: Files, store: S3 | None
) -> None:
    draft, ids = await uploads(here)
    tally = await reseal(here)
    assert (tally.looked, tally.anew, tally.broken, tally.keys) == (3, 3, 0, {"n": 3})
    before = store.objects.copy() if store else {}
    again = await reseal(here)
    assert (again.looked, again.anew, again.keys) == (3, 0, {"n": 3})
    assert again.is_done("n")
    assert (store.objects if store else {}) == before
    use(here, AFTER)
    for one in ids:
        assert await files._stored(files._unseal, one) == PDF
    assert await CaseFile.filter(draft_id=draft).count() == 3


async def test_a_file_that_is_forgotten_meanwhile_does_not_come_back(
    here: CasesWorld, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, (forgotten, other) = await uploads(here, 2)
    read: Callable[[str], bytes] = files._store.read

    def late(name: str) -> bytes:
        sealed = read(name)
        if name == str(forgotten):
            files._store.remove(name)
        return sealed

    async def forget(work: Callable[..., object], *args: object) -> object:
        found = await stored(work, *args)
        if work == files._seal_anew and args == (forgotten,):
            await CaseFile.filter(id=forgotten, draft_id=draft).delete()
        return found

    stored = files._stored
    monkeypatch.setattr(files._store, "read", late)
    monkeypatch.setattr(files, "_stored", forget)
    tally = await reseal(here)
    assert (tally.anew, tally.broken, tally.keys) == (1, 0, {"n": 1})
    with pytest.raises(FileNotFoundError):
        await stored(read, str(forgotten))
    assert AFTER.key_of(await stored(read, str(other))) == "n"


async def test_what_is_missing_or_does_not_open_is_named_and_left(
    here: CasesWorld, files: Files
) -> None:
    _, (missing, rubbish, whole) = await uploads(here)
    await files._stored(files._store.remove, str(missing))
    await files._stored(files._store.write, str(rubbish), "张建国".encode())
    tally = await reseal(here)
    assert {*tally.named} == {str(missing), str(rubbish)}
    assert (tally.anew, tally.keys) == (1, {"n": 1, UNKNOWN: 2})
    assert not tally.is_done("n")
    assert await files._stored(files._store.read, str(rubbish)) == "张建国".encode()
    assert AFTER.key_of(await files._stored(files._store.read, str(whole))) == "n"


async def test_files_that_are_nobodys_are_left_to_the_purge(here: CasesWorld, files: Files) -> None:
    await uploads(here, 1)
    await CaseFile.all().update(draft_id=None)
    tally = await reseal(here)
    assert (tally.looked, tally.is_done("n")) == (0, True)
    assert await files.sweep() == 1


@pytest.mark.parametrize("store", ["bucket"], indirect=True)
async def test_a_silent_bucket_ends_it_and_the_next_run_goes_on(
    here: CasesWorld, files: Files, store: S3
) -> None:
    await uploads(here, 2)
    store.fault = 503
    with pytest.raises(errors.StorageSilent):
        await reseal(here)
    store.fault = 0
    assert (await reseal(here)).keys == {"n": 2}
