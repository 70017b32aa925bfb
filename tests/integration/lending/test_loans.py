"""用证授权 on real stores: used, counted, refused for each reason, taken back at once."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend.errors import DomainError
from backend.lending.errors import (
    EndInvalid,
    GranteeUnknown,
    InvitationUnknown,
    LoanExpired,
    LoanRevoked,
    LoanUnknown,
    LoanUsedUp,
    OwnInvitation,
    TooManyOpen,
    TooManyTries,
)
from backend.lending.models import Loan as LoanRow
from backend.lending.parts import over_key
from backend.lending.service import LoanState, Use
from backend.presentation.errors import FieldsUnknown, LicenceNotValid
from backend.presentation.models import LicenceUsage
from backend.wallet.service import china_day
from tests.identity_world import LI, NOBODY, ZHANG
from tests.lending_world import LendingWorld


async def use(here: LendingWorld, loan_id: UUID) -> Use:
    return await here.lending.loans.use(here.friend, loan_id, "")


async def test_a_person_uses_what_was_lent_and_the_holder_reads_it(here: LendingWorld) -> None:
    loan = await here.lend()
    (seen,) = await here.lending.loans.borrowed(here.friend)
    assert (seen.id, seen.owner, seen.grantee, seen.state) == (loan.id, "张**", "李**", "active")
    assert "代办车辆年检" in (await here.told(here.friend))[0]
    found = await use(here, loan.id)
    assert [(fact.name, fact.value) for fact in found.facts] == [
        ("holder_name", ZHANG.name), ("sex", "男"),
    ]  # fmt: skip
    assert found.left == 1
    await here.presentations.drain()
    (row,) = await LicenceUsage.all()
    assert (str(row.id), row.how, row.grant_id) == (found.receipt_id, "grant", loan.id)
    assert row.subject == here.owner.subject
    assert row.fields_shown == [["holder_name", "持证主体"], ["sex", "性别"]]
    assert "李**（个人）查看了您的第1证" in (await here.told(here.owner))[0]
    assert await here.audited() == ["lending.lent"]


async def test_it_is_used_so_often_and_no_more_whoever_asks_at_once(here: LendingWorld) -> None:
    loan = await here.lend(times=3)
    found = await asyncio.gather(*(use(here, loan.id) for _ in range(8)), return_exceptions=True)
    refused = [each for each in found if isinstance(each, BaseException)]
    assert len(refused) == 5
    assert all(isinstance(each, LoanUsedUp) for each in refused)
    (given,) = await here.lending.loans.given(here.owner)
    assert (given.used, given.state) == (3, LoanState.USED_UP)
    with pytest.raises(LoanUsedUp):
        await use(here, loan.id)


async def test_taken_back_it_is_over_for_everybody(here: LendingWorld) -> None:
    loan = await here.lend()
    await here.lending.loans.revoke(here.owner, loan.id)
    await here.lending.loans.revoke(here.owner, loan.id)
    with pytest.raises(LoanRevoked):
        await use(here, loan.id)
    assert "已收回" in (await here.told(here.friend))[0]
    assert await here.audited() == ["lending.lent", "lending.revoked"]


async def test_the_mark_alone_ends_a_loan(here: LendingWorld) -> None:
    loan = await here.lend()
    await here.identity.redis.set(over_key(loan.id), b"1")
    with pytest.raises(LoanRevoked):
        await use(here, loan.id)
    assert (await LoanRow.get(id=loan.id)).used == 0


async def test_it_ends_with_its_last_day(here: LendingWorld) -> None:
    loan = await here.lend(until=china_day(int(here.clock())))
    await use(here, loan.id)
    here.clock.on(days=1)
    with pytest.raises(LoanExpired):
        await use(here, loan.id)


async def test_given_back_its_owner_is_told(here: LendingWorld) -> None:
    loan = await here.lend()
    await here.lending.loans.give_back(here.friend, loan.id)
    with pytest.raises(LoanRevoked):
        await use(here, loan.id)
    assert "已退回" in (await here.told(here.owner))[0]


async def test_an_invitation_is_good_for_one_person(here: LendingWorld) -> None:
    loan = await here.invite()
    assert loan.invitation is not None
    assert loan.state is LoanState.INVITED
    loans = here.lending.loans
    with pytest.raises(OwnInvitation):
        await loans.accept(here.owner, loan.invitation)
    got = await loans.accept(here.friend, loan.invitation.lower())
    assert (got.state, got.grantee) == ("active", "李**")
    assert (await use(here, loan.id)).left == 1
    with pytest.raises(InvitationUnknown):
        await loans.accept(here.stranger, loan.invitation)


async def test_an_invitation_ends_in_days_or_when_it_is_taken_back(here: LendingWorld) -> None:
    late, withdrawn = await here.invite(), await here.invite()
    await here.lending.loans.revoke(here.owner, withdrawn.id)
    here.clock.on(days=4)
    for loan in (late, withdrawn):
        with pytest.raises(InvitationUnknown):
            await here.lending.loans.accept(here.friend, loan.invitation or "")


async def test_codes_and_phones_are_not_tried_out(here: LendingWorld) -> None:
    for _ in range(10):
        with pytest.raises(InvitationUnknown):
            await here.lending.loans.accept(here.friend, "22222222222A")
    with pytest.raises(TooManyTries):
        await here.lending.loans.accept(here.friend, "22222222222A")
    for _ in range(10):
        with pytest.raises(GranteeUnknown):
            await here.lend(name="李小文")
    with pytest.raises(TooManyTries):
        await here.lend()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"phone": NOBODY.phone}, GranteeUnknown),
        ({"phone": "12"}, GranteeUnknown),
        ({"phone": None, "system": "gd-unknown"}, GranteeUnknown),
        ({"phone": ZHANG.phone, "name": ZHANG.name}, OwnInvitation),
        ({"facts": ["income"]}, FieldsUnknown),
    ],
)
async def test_what_cannot_be_lent(
    here: LendingWorld, changes: dict[str, object], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        await here.lend(**changes)
    assert not await LoanRow.all().exists()


@pytest.mark.parametrize("days", [-1, 367])
async def test_the_last_day_is_within_a_year(here: LendingWorld, days: int) -> None:
    with pytest.raises(EndInvalid):
        await here.lend(until=china_day(int(here.clock())) + timedelta(days=days))


async def test_nobody_else_uses_or_ends_it(here: LendingWorld) -> None:
    loan = await here.lend()
    loans = here.lending.loans
    for forbidden in (
        loans.use(here.stranger, loan.id, ""), loans.use(here.owner, loan.id, ""),
        loans.revoke(here.friend, loan.id), loans.give_back(here.owner, loan.id),
        loans.one_given(here.friend, loan.id), loans.use(here.friend, uuid4(), ""),
    ):  # fmt: skip
        with pytest.raises(LoanUnknown):
            await forbidden


async def test_a_withdrawn_licence_is_used_by_nobody(here: LendingWorld) -> None:
    loan = await here.lend()
    await use(here, loan.id)
    await here.notice(status="REVOKED")
    with pytest.raises(LicenceNotValid):
        await use(here, loan.id)
    with pytest.raises(LicenceNotValid):
        await here.lend()
    assert (await LoanRow.get(id=loan.id)).used == 1


async def test_systems_are_named_to_choose_from(here: LendingWorld) -> None:
    named = dict(here.lending.loans.systems())
    assert {"gd-gongan", "issuer-1"} <= set(named)
    assert here.lending.loans.systems(" 第1厅 ") == [("issuer-1", named["issuer-1"])]
    assert here.lending.loans.systems("没有的单位") == []


async def test_a_system_uses_what_was_lent_to_it(here: LendingWorld) -> None:
    loan = await here.lend(phone=None, name=None, system="gd-gongan", times=1)
    system = here.identity.exchange.system("gd-gongan")
    other = here.identity.exchange.system("issuer-1")
    assert system is not None
    assert other is not None
    loans = here.lending.loans
    assert [each.id for each in await loans.of_system(system)] == [loan.id]
    assert await loans.of_system(other) == []
    with pytest.raises(LoanUnknown):
        await loans.use_by_system(other, loan.id, "", "")
    found = await loans.use_by_system(system, loan.id, "年检 440000202611 王五", "")
    assert found.left == 0
    await here.presentations.drain()
    page = await here.presentations.usages(here.owner.subject, None, None)
    assert page.usages[0].purpose == "代办车辆年检（年检 440000202611 王五）"
    assert page.usages[0].verifier_id == "gd-gongan"


async def test_nothing_personal_stands_in_the_clear(here: LendingWorld) -> None:
    await here.invite()
    await here.lend()
    text = str([vars(row) for row in await LoanRow.all()])
    for word in (ZHANG.name, LI.name, LI.phone, ZHANG.id_number, "代办车辆年检", "张*", "李*"):
        assert word not in text


async def test_no_more_is_lent_at_a_time_than_people_need(
    here: LendingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.lending.loans.MOST_OPEN", 2)
    first, _ = await here.invite(), await here.lend()
    with pytest.raises(TooManyOpen):
        await here.invite()
    await here.lending.loans.revoke(here.owner, first.id)
    await here.invite()
