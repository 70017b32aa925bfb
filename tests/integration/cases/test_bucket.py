"""Materials in an S3-compatible store: sealed before they leave, none lost when it is ill."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backend.cases import errors
from backend.cases.files import Files
from backend.cases.models import CaseFile
from backend.upstream.objects import Bucket, Objects, ObjectsRefused
from tests.cases_world import ITEM_WITH_MATERIALS, CasesWorld
from tests.s3_server import S3, s3_server

PDF = b"%PDF-1.4\nin plain words\n%%EOF"


def bucket_of(store: S3) -> Bucket:
    return Bucket(store.url, store.region, store.access_key, store.secret)


@pytest.fixture
async def store(here: CasesWorld) -> AsyncIterator[S3]:
    """The world keeps its files in a bucket instead of its folder."""
    async with s3_server() as made:
        before = here.cases.files._store
        here.cases.files._store = Objects(bucket_of(made), "cases/")
        try:
            yield made
        finally:
            here.cases.files._store.close()
            here.cases.files._store = before


async def test_an_upload_is_sealed_before_it_leaves_and_comes_back(
    here: CasesWorld, store: S3
) -> None:
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    made, kept = await here.cases.supplying.upload(here.owner, made.id, "m5", "a.pdf", PDF)
    ((name, sealed),) = store.objects.items()
    assert name == f"cases/{kept.id}"
    assert b"plain" not in sealed
    _, content = await here.cases.supplying.file(here.owner, made.id, kept.id)
    assert content == PDF
    assert not list((here.folder / "cases").rglob("*-*"))

    await here.cases.supplying.remove_file(here.owner, made.id, "m5", kept.id)
    assert store.objects == {}
    assert not await CaseFile.exists()


async def test_while_the_store_is_ill_uploads_are_refused_and_nothing_is_lost(
    here: CasesWorld, store: S3
) -> None:
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    made, kept = await here.cases.supplying.upload(here.owner, made.id, "m5", "a.pdf", PDF)
    store.fault = 503
    with pytest.raises(errors.StorageSilent):
        await here.cases.supplying.upload(here.owner, made.id, "m5", "b.pdf", PDF)
    with pytest.raises(errors.StorageSilent):
        await here.cases.supplying.file(here.owner, made.id, kept.id)
    same = await here.cases.drafts.get(here.owner, made.id)
    assert len(same.content.materials["m5"]["files"]) == 1
    await here.cases.drafts.discard(here.owner, made.id)
    assert await CaseFile.filter(draft_id=None, case_id=None).count() == 1
    assert await here.cases.files.sweep() == 0

    store.fault = 0
    assert await here.cases.purge() == 1
    assert store.objects == {}
    assert not await CaseFile.exists()


async def test_a_file_that_is_gone_and_a_store_that_is_set_up_wrong_are_two_things(
    here: CasesWorld, store: S3
) -> None:
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    made, kept = await here.cases.supplying.upload(here.owner, made.id, "m5", "a.pdf", PDF)
    store.objects.clear()
    with pytest.raises(errors.FileUnknown):
        await here.cases.supplying.file(here.owner, made.id, kept.id)
    right = bucket_of(store)
    for wrong in (
        replace(right, secret_key="another"), replace(right, access_key="another"),
        replace(right, region="elsewhere"), replace(right, url=f"{right.url}-other"),
    ):  # fmt: skip
        objects = Objects(wrong)
        for call in (lambda o=objects: o.write("x", b"x"), lambda o=objects: o.read("x")):
            with pytest.raises(ObjectsRefused):
                await Files._aside(here.cases.files._storing, call)
        objects.close()


async def test_a_result_that_cannot_be_kept_is_not_taken_and_comes_again(
    here: CasesWorld, store: S3
) -> None:
    import base64
    import hashlib

    case_no = await here.delivered()
    await here.tell(case_no, "accepted")
    document = {
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "content": base64.b64encode(PDF).decode(),
    }
    result = {"kind": "document", "name": "决定书", "document": document}
    event = here.department.event(case_no, "approved", result=result)
    store.fault = 500
    with pytest.raises(errors.StorageSilent):
        await here.take(case_no, event)
    assert (await here.cases.views.get(here.owner, case_no)).card.state == "accepted"
    store.fault = 0
    assert (await here.take(case_no, event)).state == "approved"
    _, content = await here.cases.views.result_file(here.owner, case_no)
    assert content == PDF
