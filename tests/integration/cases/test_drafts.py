"""Drafts: filled in, kept, gone on with elsewhere; materials in every way; what is refused."""

import io
from typing import Any

import pytest
from PIL import Image

from backend.audit.models import AuditEntry
from backend.cases import errors
from backend.cases.files import cleaned
from backend.cases.models import CaseDraft, CaseFile
from backend.cases.service import Supply, digest_of
from backend.catalogue.errors import ItemNotFound
from backend.presentation.models import LicenceUsage
from tests.cases_world import (
    COMMITMENT,
    ENTERPRISE_ITEM,
    ITEM,
    ITEM_WITH_MATERIALS,
    CasesWorld,
    items,
    picture,
    with_materials,
)
from tests.catalogue_items import full_item


async def test_an_edited_field_loses_where_it_came_from(here: CasesWorld) -> None:
    drafts = here.cases.drafts
    made = await drafts.open(here.owner, ITEM, "self", "", "")
    assert made.content.values == {"name": "张建国"}
    assert made.content.provenance["/name"]["signed"] is False
    same = await drafts.save(here.owner, made.id, 1, {"name": "张建国", "copies": 1}, None, None)
    assert "/name" in same.content.provenance
    other = await drafts.save(here.owner, made.id, 2, {"name": "张健国"}, None, None)
    assert other.content.provenance == {}
    back = await drafts.save(here.owner, made.id, 3, {"name": "张建国"}, None, None)
    assert back.content.provenance == {}


async def test_a_draft_goes_on_on_another_device(here: CasesWorld) -> None:
    drafts = here.cases.drafts
    made = await here.draft()
    elsewhere = await drafts.get(here.owner, made.id)
    assert elsewhere.content.values["copies"] == 2
    assert [one.id for one in await drafts.list(here.owner)] == [made.id]
    await drafts.save(here.owner, made.id, elsewhere.version, {"copies": 3}, None, None)
    with pytest.raises(errors.DraftChanged) as changed:
        await drafts.save(here.owner, made.id, made.version, {"copies": 4}, None, None)
    assert changed.value.version == made.version + 1


async def test_nothing_readable_lies_in_the_database(here: CasesWorld) -> None:
    made = await here.draft(purpose="其他", purpose_text="出国探亲用")
    row = await CaseDraft.get(id=made.id)
    assert "出国探亲" not in bytes(row.content).decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"copies": 9}, "/copies"),
        ({"purpose": "其他"}, "/purpose_text"),
        ({"copies": None}, "/copies"),
    ],
)
async def test_what_is_wrong_is_told_and_not_submitted(
    here: CasesWorld, values: dict[str, Any], pointer: str
) -> None:
    made = await here.draft(**values)
    assert not made.ready
    with pytest.raises(errors.DraftIncomplete) as refused:
        await here.cases.submission.submit(here.owner, made.id, made.version, "")
    assert [one["pointer"] for one in refused.value.errors] == [pointer]


async def test_who_may_not_apply(here: CasesWorld) -> None:
    drafts = here.cases.drafts
    with pytest.raises(ItemNotFound):
        await drafts.open(here.owner, ITEM[:-3] + "999", "self", "", "")
    with pytest.raises(errors.WrongApplicant):
        await drafts.open(here.owner, ENTERPRISE_ITEM, "self", "", "")
    with pytest.raises(errors.ForWhomUnknown):
        await drafts.open(here.owner, ITEM, "child", "0198c0de-0000-7000-8000-000000000001", "")
    made = await here.draft()
    with pytest.raises(errors.DraftUnknown):
        await drafts.get(here.people.friend, made.id)
    with pytest.raises(errors.DraftUnknown):
        await here.cases.submission.submit(here.people.friend, made.id, made.version, "")


async def test_an_item_published_anew_has_to_be_looked_at(here: CasesWorld) -> None:
    made = await here.draft()
    licence_type = here.people.issuer.manifest.licence_types[0].code
    newer = items(licence_type)
    newer[0] = full_item(**{**newer[0], "task_version": 2})
    await here.exchange.register(here.department.manifest(newer))
    # This worker looks at the catalogue's generation once a second.
    here.catalogue._checked = 0.0
    await here.catalogue.generation()
    await here.catalogue.close()
    assert (await here.cases.drafts.get(here.owner, made.id)).item_changed
    with pytest.raises(errors.ItemChanged):
        await here.cases.submission.submit(here.owner, made.id, made.version, "")
    looked = await here.cases.drafts.save(here.owner, made.id, made.version, {}, None, None)
    assert looked.ready
    assert looked.offer.version == 2


async def test_materials_reach_the_department_in_every_way(here: CasesWorld) -> None:
    made = await with_materials(here)
    made, kept = await here.cases.supplying.upload(
        here.owner, made.id, "m5", "推荐信.jpg", picture()
    )
    done = await here.cases.submission.submit(here.owner, made.id, made.version, "")
    await here.cases.drain()
    sent = {
        one["code"]: one
        for one in here.department.records[done.case_no].submissions[0]["materials"]
    }
    assert {code: one["how"] for code, one in sent.items()} == {
        "m1": "shared", "m2": "licence", "m3": "promised", "m4": "commitment", "m5": "upload",
    }  # fmt: skip
    assert sent["m2"]["licence"]["facts"]["sex"] == "男"
    assert sent["m4"]["commitment"]["text"] == COMMITMENT
    file_id = kept.id
    found, content = await here.cases.views.material("gd-cases", done.case_no, file_id)
    assert found.sha256 == sent["m5"]["files"][0]["sha256"]
    assert content.startswith(b"\xff\xd8")
    read = await AuditEntry.get(action="cases.material_read")
    assert (read.actor, read.subject) == (
        "system:gd-cases", f"person:{here.owner.person_id}",
    )  # fmt: skip
    with pytest.raises(errors.CaseUnknown):
        await here.cases.views.material("gd-other", done.case_no, file_id)
    # The holder reads in their log what was handed over, and to whom.
    usage = await LicenceUsage.get(subject=here.owner.subject)
    assert usage.how == "confirmed"
    assert usage.verifier_id == "gd-cases"


async def test_ways_that_are_not_offered(here: CasesWorld) -> None:
    who = here.owner
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    for code, supply, refusal in (
        ("m9", Supply("none"), errors.MaterialUnknown),
        ("m2", Supply("promised"), errors.WayNotOffered),
        ("m1", Supply("shared"), errors.WayNotOffered),
        ("m3", Supply("promised", due_on=here.calendar.today()), errors.PromiseInvalid),
        ("m4", Supply("commitment", agreed=digest_of("别的")), errors.CommitmentChanged),
    ):
        with pytest.raises(refusal):
            await here.cases.supplying.supply(who, made.id, made.version, code, supply, "")


async def test_a_licence_that_lost_its_validity_is_not_handed_over(here: CasesWorld) -> None:
    made = await with_materials(here)
    await here.people.notice(status="REVOKED")
    with pytest.raises(errors.LicenceUnfit):
        await here.cases.submission.submit(here.owner, made.id, made.version, "")


async def test_files_are_drawn_anew_and_gone_when_taken_away(here: CasesWorld) -> None:
    who = here.owner
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    made, kept = await here.cases.supplying.upload(
        who, made.id, "m5", "a.jpg", picture(exif=exif.tobytes())
    )
    found, content = await here.cases.supplying.file(who, made.id, kept.id)
    assert found.media_type == "image/jpeg"
    assert b"where it was taken" not in content
    folder = here.folder / "cases"
    (sealed,) = [path for path in folder.rglob("*") if path.is_file()]
    assert content not in sealed.read_bytes()
    await here.cases.supplying.remove_file(who, made.id, "m5", kept.id)
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert not await CaseFile.exists()


@pytest.mark.parametrize(
    "content", [b"GIF89a" + b"0" * 100, b"%PDF-1.7 cut off", picture()[:50], b"<svg/>", b""]
)
def test_what_is_no_picture_and_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(errors.FileRefused):
        cleaned(content)


def test_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    Image.new("L", (9000, 9000)).save(out, "PNG")
    with pytest.raises(errors.FileTooLarge):
        cleaned(out.getvalue())


async def test_drafts_that_nobody_touches_go_with_their_files(here: CasesWorld) -> None:
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    made, _ = await here.cases.supplying.upload(here.owner, made.id, "m5", "a.jpg", picture())
    assert await here.cases.purge() is None
    await here.wait(days=91)
    assert await here.cases.purge() == 1
    assert await here.cases.drafts.list(here.owner) == []
    assert not [path for path in (here.folder / "cases").rglob("*") if path.is_file()]


async def test_what_was_promised_is_handed_in_later(here: CasesWorld) -> None:
    made, who, acts = await with_materials(here), here.owner, here.cases.acts
    case_no = (await here.cases.submission.submit(who, made.id, made.version, "")).case_no
    await here.cases.drain()
    await here.tell(case_no, "accepted")
    assert "supplement" in (await here.cases.views.get(who, case_no)).actions
    late = await acts.begin_supplement(who, case_no)
    assert [one.code for one in late.wanted] == ["m3"]
    with pytest.raises(errors.DraftIncomplete):
        await acts.supplement(who, case_no, late.id, late.version, "")
    late, _ = await here.cases.supplying.upload(who, late.id, "m3", "体检表.jpg", picture())
    await acts.supplement(who, case_no, late.id, late.version, "")
    view = await here.cases.views.get(who, case_no)
    assert view.content.materials["m3"]["how"] == "upload"
    assert "supplement" not in view.actions
    with pytest.raises(errors.ActNotPossible):
        await acts.begin_supplement(who, case_no)
