"""核发 and withdrawal by an issuer's notice: in wallet, codes, copies, loans, lists and messages.

Each thing is looked at as soon as the notice has been answered: nothing here waits for a job.
"""

from typing import cast

import pytest

from backend.audit.service import Audit
from backend.lending.errors import LicenceChanged
from backend.numbers.service import Holder
from backend.presentation import statuslist
from backend.presentation.errors import CodeUsed, LicenceNotValid, LicenceWithdrawn
from backend.presentation.service import NewCode, Verifier
from backend.wallet.service import IssuersSilent, LicenceStatus, Wallet, china_day, wallet_key
from tests.identity_world import CHILD, ZHANG
from tests.integration.lending.test_family import add, certify
from tests.lending_world import LendingWorld, holder_of
from tests.presentation_world import Phone
from tests.wallet_world import record

WITHDRAWN = ["LOST", "SUSPENDED", "REVOKED", "CANCELLED"]
COUNTER = Verifier("system", "gd-hotel", "示范酒店")


async def code(here: LendingWorld) -> NewCode:
    """A code of the owner's on a screen."""
    subject = here.owner.subject
    blob = cast(bytes, await here.identity.redis.get(wallet_key(subject)))
    return await here.presentations.show(
        await here.card(), subject, subject, blob, ["sex"], "住宿登记", False
    )


def another_worker(here: LendingWorld) -> Wallet:
    """A wallet service that has nothing but the stores in common with the first."""
    of = here.identity
    return Wallet(of.redis, of.keyring, of.index, of.exchange, Audit(), clock=here.clock)


async def set_places(here: LendingWorld) -> list[int]:
    """What off-line verifiers read of the credentials that were issued."""
    found, credentials = [], here.presentations.credentials
    for name in await credentials.list_names():
        listed = statuslist.read(
            await credentials.status_list(name), here.presentations.keys.key_set
        )
        found += [status for status in map(listed.at, range(statuslist.PLACES)) if status]
    return found


@pytest.mark.parametrize("status", WITHDRAWN)
async def test_what_is_withdrawn_is_withdrawn_everywhere_when_the_notice_is_answered(
    here: LendingWorld, status: str
) -> None:
    loan = await here.lend()
    copy = await here.lending.copies.make(here.owner, await here.card(), "租房备案", "示范中介", 9)
    shown = await code(here)
    phone, card, subject = Phone(), await here.card(), here.owner.subject
    await here.presentations.credential(card, subject, subject, phone.jwk)

    await here.notice(status=status)

    other = another_worker(here)
    view = await other.open(subject, holder_of(ZHANG))
    assert [each.status.value for each in view.cards] == [status]
    with pytest.raises(LicenceWithdrawn):
        await here.presentations.scan(shown.code, COUNTER, "住宿登记", "c")
    assert (await here.lending.copies.check(copy.code)).state == "licence_invalid"
    with pytest.raises(LicenceChanged):
        await here.lending.copies.file(here.owner, copy.id, await here.card(), pdf=False)
    with pytest.raises(LicenceNotValid):
        await here.lending.loans.use(here.friend, loan.id, "")
    # The same place in the list of either signature.
    assert len(await set_places(here)) == 2
    assert "第1证" in (await here.told(here.owner))[0]
    await other.close()


async def test_a_new_licence_is_in_the_wallet_and_its_holder_is_told_once(
    here: LendingWorld,
) -> None:
    here.issuer.licences = []
    holder, subject = holder_of(ZHANG), here.owner.subject
    assert (await here.wallet.open(subject, holder)).cards == []
    for _ in range(2):
        await here.notice(issue_date="2020-01-01")
    other = another_worker(here)
    assert [card.status for card in (await other.open(subject, holder)).cards] == [
        LicenceStatus.VALID
    ]
    (told,) = await here.told(here.owner)
    assert told.startswith("第1厅为您签发的第1证已放入证照包")
    await other.close()


async def test_told_of_what_was_issued_just_now_also_without_a_wallet(here: LendingWorld) -> None:
    await here.notice(issue_date="2020-01-01")
    assert await here.told(here.owner) == []
    await here.notice(issue_date=china_day(int(here.clock())).isoformat())
    assert len(await here.told(here.owner)) == 1
    # Of people who never opened theirs nothing is kept.
    assert await here.identity.redis.get(wallet_key(here.owner.subject)) is None


async def test_a_renewal_supersedes_what_was_shown_and_copied(here: LendingWorld) -> None:
    copy = await here.lending.copies.make(here.owner, await here.card(), "租房备案", "示范中介", 9)
    shown = await code(here)
    await here.notice(version="002")
    assert (await here.card()).licence.version == "002"
    with pytest.raises(LicenceWithdrawn):
        await here.presentations.scan(shown.code, COUNTER, "住宿登记", "c")
    with pytest.raises(CodeUsed):
        await here.presentations.scan(shown.code, COUNTER, "住宿登记", "c")
    assert (await here.lending.copies.check(copy.code)).state == "licence_invalid"
    assert "已为您换发第1证" in (await here.told(here.owner))[0]


async def test_given_back_and_gone(here: LendingWorld) -> None:
    await here.card()
    await here.notice(status="SUSPENDED")
    await here.notice()
    assert "已恢复有效" in (await here.told(here.owner))[0]
    here.issuer.revision += 1
    here.issuer.licences = []
    system = here.identity.exchange.system("issuer-1")
    assert system is not None
    subject, holder = here.owner.subject, holder_of(ZHANG)
    assert await here.wallet.ask_again(system, subject, holder, tell=[here.owner.person_id])
    assert "移出" in (await here.told(here.owner))[0]
    assert len(await here.told(here.owner)) == 3


async def test_an_approved_case_puts_its_licence_into_the_wallet(here: LendingWorld) -> None:
    here.issuer.licences = []
    subject, holder = here.owner.subject, holder_of(ZHANG)
    await here.wallet.open(subject, holder)
    here.issuer.change(holder=holder)
    system = here.identity.exchange.system("issuer-1")
    assert system is not None
    assert await here.wallet.ask_again(system, subject, holder, tell=[here.owner.person_id])
    assert len((await here.wallet.open(subject, holder)).cards) == 1
    assert len(await here.told(here.owner)) == 1
    here.issuer.mode = "fail"
    with pytest.raises(IssuersSilent):
        await here.wallet.ask_again(system, subject, holder)


async def test_of_a_childs_licence_whoever_carries_it_is_told(here: LendingWorld) -> None:
    await certify(here)
    await add(here)
    family = here.lending.family
    assert await family.told_of(CHILD.id_number) == [here.owner.person_id]
    assert await family.told_of(ZHANG.id_number) == [here.owner.person_id]
    child = Holder("111", CHILD.id_number, CHILD.name)
    subject = await family.subject_of_number(CHILD.id_number)
    today = china_day(int(here.clock())).isoformat()
    system = here.identity.exchange.system("issuer-1")
    assert system is not None
    new = record(here.issuer.manifest, child, serial="20260000000077", issue_date=today)
    here.issuer.licences = [new]
    here.issuer.revision += 1
    tell = await family.told_of(CHILD.id_number)
    await here.wallet.ask_again(system, subject, child, tell=tell)
    assert any("签发" in text for text in await here.told(here.owner))
