"""加注件 on real stores: new each time, traceable, withdrawn, never more than its licence."""

import io
from hashlib import sha256
from uuid import uuid4

import pytest
from PIL import Image

from backend.lending.errors import CopyOver, CopyUnknown, LicenceChanged, TooManyOpen
from backend.lending.models import LicenceCopy
from backend.lending.service import Copy
from backend.presentation.errors import LicenceNotValid
from tests.identity_world import ZHANG
from tests.lending_world import LendingWorld
from tests.wallet_world import ADDRESS

PURPOSE, RECIPIENT = "办理租房备案", "示范房产中介有限公司"


async def make(here: LendingWorld, recipient: str = RECIPIENT, days: int = 30) -> Copy:
    return await here.lending.copies.make(here.owner, await here.card(), PURPOSE, recipient, days)


async def test_anyone_with_the_code_learns_that_it_is_genuine(here: LendingWorld) -> None:
    first, second = await make(here), await make(here)
    assert first.code != second.code
    found = await here.lending.copies.check(first.code.lower())
    assert (found.state, found.holder, found.purpose) == ("valid", "张**", PURPOSE)
    assert (found.recipient, found.type_name) == (RECIPIENT, "第1证")
    assert (await here.lending.copies.check((await make(here, "李晓雯")).code)).recipient == "李**"
    assert await here.audited() == ["lending.copy_made"] * 3
    text = str([vars(row) for row in await LicenceCopy.all()])
    for word in (ZHANG.name, ZHANG.id_number, PURPOSE, RECIPIENT, first.code, "张*"):
        assert word not in text


@pytest.mark.one_store
@pytest.mark.parametrize("code", ["", "x", "A" * 24, "A" * 25, "0" * 24])
async def test_a_code_that_is_none(here: LendingWorld, code: str) -> None:
    with pytest.raises(CopyUnknown):
        await here.lending.copies.check(code)


async def test_withdrawn_expired_and_of_a_licence_that_is_not_valid(here: LendingWorld) -> None:
    copies = here.lending.copies
    withdrawn, expired, hollow = await make(here), await make(here, days=1), await make(here)
    await copies.withdraw(here.owner, withdrawn.id)
    await copies.withdraw(here.owner, withdrawn.id)
    assert (await copies.check(withdrawn.code)).state == "withdrawn"
    await here.notice(status="LOST")
    assert (await copies.check(hollow.code)).state == "licence_invalid"
    here.clock.on(days=2)
    assert (await copies.check(expired.code)).state == "expired"
    with pytest.raises(LicenceNotValid):
        await make(here)
    assert [each.state for each in await copies.all(here.owner)] == [
        "valid", "expired", "withdrawn",
    ]  # fmt: skip


async def test_no_more_good_copies_at_a_time_than_people_need(
    here: LendingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.lending.copies.MOST_COPIES", 2)
    first, _ = await make(here), await make(here, days=1)
    with pytest.raises(TooManyOpen):
        await make(here)
    await here.lending.copies.withdraw(here.owner, first.id)
    await make(here)
    with pytest.raises(TooManyOpen):
        await make(here)
    here.clock.on(days=2)
    await make(here)


async def test_an_issuer_that_does_not_answer_confirms_nothing(here: LendingWorld) -> None:
    copy = await make(here)
    await here.wallet.forget(here.owner.subject)
    here.issuer.mode = "fail"
    assert (await here.lending.copies.check(copy.code)).state == "unconfirmed"


async def test_a_renewed_licence_makes_its_copies_old(here: LendingWorld) -> None:
    copy = await make(here)
    await here.notice(version="002")
    assert (await here.lending.copies.check(copy.code)).state == "licence_invalid"
    with pytest.raises(LicenceChanged):
        await here.lending.copies.file(here.owner, copy.id, await here.card(), pdf=False)


async def test_nobody_else_fetches_or_withdraws(here: LendingWorld) -> None:
    copy, card, copies = await make(here), await here.card(), here.lending.copies
    for forbidden in (
        copies.file(here.friend, copy.id, card, pdf=False),
        copies.withdraw(here.friend, copy.id),
        copies.licence_of(here.friend, copy.id),
        copies.withdraw(here.owner, uuid4()),
    ):
        with pytest.raises(CopyUnknown):
            await forbidden
    await copies.withdraw(here.owner, copy.id)
    with pytest.raises(CopyOver):
        await copies.file(here.owner, copy.id, card, pdf=True)


async def test_the_files_are_stamped_and_known_again(here: LendingWorld) -> None:

    copy, card, copies = await make(here), await here.card(), here.lending.copies
    png = await copies.file(here.owner, copy.id, card, pdf=False)
    assert png == await copies.file(here.owner, copy.id, card, pdf=False)
    picture = Image.open(io.BytesIO(png))
    assert picture.width == 1074
    assert picture.height > 1000
    assert picture.info == {}
    other = await copies.file(here.owner, (await make(here)).id, card, pdf=False)
    assert other != png
    pdf = await copies.file(here.owner, copy.id, card, pdf=True)
    assert pdf.startswith(b"%PDF-1.4")
    for word in (ZHANG.name, ZHANG.id_number, ADDRESS, PURPOSE):
        for encoding in ("utf-8", "utf-16-be"):
            assert word.encode(encoding) not in pdf
    for file in (png, pdf):
        assert (await copies.check_file(sha256(file).hexdigest())).state == "valid"
    with pytest.raises(CopyUnknown):
        await copies.check_file(sha256(pdf + b" ").hexdigest())
