"""家庭 on real stores: by certificate, by invitation, each refusal, and how each ends at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.audit.models import AuditEntry
from backend.errors import DomainError
from backend.exchange.manifest_licences import LicenceField, ParentageSpec
from backend.lending.errors import (
    ChildGrownUp,
    EndInvalid,
    InvitationUnknown,
    MemberUnknown,
    NotACertificate,
    NotAParent,
    OwnInvitation,
    TooManyOpen,
    TooManyTries,
)
from backend.lending.family import MOST_LINKS
from backend.lending.members import grown_up_on
from backend.lending.models import FamilyLink
from backend.lending.service import Member
from backend.numbers.service import age_on, make_id_number
from backend.presentation.errors import LicenceWithdrawn
from backend.presentation.models import LicenceUsage
from backend.presentation.service import Seen, Verifier
from backend.wallet.records import LicencesAnswer
from backend.wallet.service import china_day
from tests.identity_world import CHILD, ZHANG, Someone
from tests.lending_world import LendingWorld, holder_of
from tests.wallet_world import record

COUNTER = Verifier("system", "gd-hotel", "示范酒店")
OLDER = Someone("张大豆", make_id_number("440106", date(2011, 6, 1), 74), "")


async def certify(here: LendingWorld, child: Someone = CHILD, **facts: str) -> None:
    """Let the issuer have a birth certificate of the owner and a child."""
    source = here.issuer
    kind = source.manifest.licence_types[0]
    born = f"{child.id_number[6:10]}-{child.id_number[10:12]}-{child.id_number[12:14]}"
    names = {"child": child.name, "born_on": born, "mother": "", "father": ZHANG.name, **facts}
    spec = kind.model_copy(
        update={
            "fields": [LicenceField(name=name, label=name) for name in names],
            "parentage": ParentageSpec(child="child", born_on="born_on",
                                       parents=["mother", "father"]),
        }
    )  # fmt: skip
    source.manifest = source.manifest.model_copy(update={"licence_types": [spec]})
    await here.identity.exchange.register(source.manifest)
    await here.identity.exchange.reload()
    source.licences = [joint(here, child, names)]


def joint(here: LendingWorld, child: Someone, names: dict[str, str], **changes: Any) -> Any:
    return record(
        here.issuer.manifest, holder_name=f"{child.name}^{ZHANG.name}",
        holder_code=f"{child.id_number}^{ZHANG.id_number}", holder_code_type="111",
        valid_to=None, extend_info=names, **changes,
    )  # fmt: skip


async def add(here: LendingWorld, number: str = CHILD.id_number) -> Member:
    card = await here.card()
    return await here.lending.family.add_child(here.owner, card, number, "")


async def carried_wallet(here: LendingWorld, member: Member, session: Any = None) -> list[str]:
    family = here.lending.family
    carried = await family.carried(session or here.owner, member.id, "wallet")
    view = await family.wallet(carried, "")
    return [card.licence.holder_name for card in view.cards if card.system.code == "issuer-1"]


async def test_a_guardian_carries_a_childs_licences(here: LendingWorld) -> None:
    await certify(here)
    child = await add(here)
    assert (child.kind, child.role, child.name) == ("child", "carried", "小**")
    assert child.ends_on == date(2034, 6, 1)
    assert await carried_wallet(here, child) == [f"{CHILD.name}^{ZHANG.name}"]
    assert [each.id for each in await here.lending.family.members(here.owner)] == [child.id]
    assert await here.audited() == ["lending.family_added", "lending.family_read"]
    row = await AuditEntry.get(action="lending.family_read")
    assert row.subject.startswith("child:k")
    text = str([vars(each) for each in await FamilyLink.all()])
    assert CHILD.name not in text
    assert CHILD.id_number not in text


async def test_it_ends_when_the_child_grows_up_without_any_job(here: LendingWorld) -> None:
    await certify(here)
    child = await add(here)
    last = date(2034, 5, 31)
    here.clock.on(days=(last - china_day(int(here.clock()))).days)
    assert await carried_wallet(here, child) == [f"{CHILD.name}^{ZHANG.name}"]
    here.clock.on(days=1)
    with pytest.raises(MemberUnknown):
        await carried_wallet(here, child)
    assert await here.lending.family.members(here.owner) == []


@pytest.mark.parametrize(
    ("facts", "number", "refusal"),
    [
        ({"father": "张建军"}, CHILD.id_number, NotAParent),
        ({"born_on": "2020-06-02"}, CHILD.id_number, NotAParent),
        # The same day, another child: the issuer has no such certificate of that number.
        ({}, make_id_number("440106", date(2020, 6, 1), 76), NotAParent),
        ({}, ZHANG.id_number, NotAParent),
        ({}, "440106202006010000", NotAParent),
    ],
)
async def test_nobody_carries_somebody_elses_child(
    here: LendingWorld, facts: dict[str, str], number: str, refusal: type[DomainError]
) -> None:
    await certify(here, CHILD, **facts)
    with pytest.raises(refusal):
        await add(here, number)
    assert not await FamilyLink.all().exists()


async def test_a_child_of_fourteen_carries_its_own(here: LendingWorld) -> None:
    await certify(here, OLDER)
    with pytest.raises(ChildGrownUp):
        await add(here, OLDER.id_number)


async def test_another_licence_or_a_withdrawn_one_proves_nothing(here: LendingWorld) -> None:
    with pytest.raises(NotACertificate):
        await add(here)
    await certify(here)
    here.issuer.licences = [{**here.issuer.licences[0], "status": "REVOKED"}]  # type: ignore[index]
    here.clock.on(hours=10)
    with pytest.raises(NotACertificate):
        await add(here)


async def test_numbers_are_not_tried_out(here: LendingWorld) -> None:
    await certify(here)
    for place in range(10):
        with pytest.raises(NotAParent):
            await add(here, make_id_number("440106", date(2020, 6, 1), 100 + place))
    with pytest.raises(TooManyTries):
        await add(here)


async def test_a_certificate_that_is_withdrawn_ends_it(here: LendingWorld) -> None:
    await certify(here)
    child = await add(here)
    await carried_wallet(here, child)
    names: dict[str, str] = here.issuer.licences[0]["extend_info"]  # type: ignore[index]
    here.issuer.revision += 1
    here.issuer.licences = [joint(here, CHILD, names, status="REVOKED")]
    system = here.identity.exchange.system("issuer-1")
    assert system is not None
    subject = await here.lending.family.subject_of_number(CHILD.id_number)
    said = LicencesAnswer.model_validate(here.issuer.answer())
    assert await here.wallet.apply_notice(system, subject, holder_of(CHILD), said)
    with pytest.raises(MemberUnknown):
        await carried_wallet(here, child)


async def invited(here: LendingWorld, days: int = 30) -> tuple[Member, Member]:
    until = china_day(int(here.clock())) + timedelta(days=days)
    mine = await here.lending.family.invite(here.owner, until)
    assert mine.invitation is not None
    return mine, await here.lending.family.accept(here.friend, mine.invitation)


async def test_a_relative_carries_for_a_time(here: LendingWorld) -> None:
    mine, theirs = await invited(here)
    assert (theirs.role, theirs.name, theirs.state) == ("carried", "张**", "active")
    assert await carried_wallet(here, theirs, here.friend) == [ZHANG.name]
    (seen,) = await here.lending.family.members(here.owner)
    assert (seen.id, seen.role, seen.name) == (mine.id, "carrier", "李**")
    assert "代您查看" in (await here.told(here.owner))[0]
    here.clock.on(days=31)
    with pytest.raises(MemberUnknown):
        await carried_wallet(here, theirs, here.friend)


@pytest.mark.parametrize("by_carrier", [False, True])
async def test_either_side_ends_it_at_once(here: LendingWorld, by_carrier: bool) -> None:
    _, theirs = await invited(here)
    who = here.friend if by_carrier else here.owner
    await here.lending.family.end(who, theirs.id)
    await here.lending.family.end(who, theirs.id)
    with pytest.raises(MemberUnknown):
        await carried_wallet(here, theirs, here.friend)
    other = here.owner if by_carrier else here.friend
    assert "已结束" in (await here.told(other))[0]
    assert (await here.audited())[-1] == "lending.family_ended"


async def test_who_is_no_member_sees_and_ends_nothing(here: LendingWorld) -> None:
    _, theirs = await invited(here)
    family = here.lending.family
    for forbidden in (
        family.carried(here.stranger, theirs.id, "wallet"),
        family.carried(here.owner, theirs.id, "wallet"),
        family.carried(here.friend, uuid4(), "wallet"),
        family.end(here.stranger, theirs.id),
    ):
        with pytest.raises(MemberUnknown):
            await forbidden


async def test_invitations_that_are_not_taken(here: LendingWorld) -> None:
    family, today = here.lending.family, china_day(int(here.clock()))
    mine = await family.invite(here.owner, today + timedelta(days=30))
    with pytest.raises(OwnInvitation):
        await family.accept(here.owner, mine.invitation or "")
    here.clock.on(days=4)
    with pytest.raises(InvitationUnknown):
        await family.accept(here.friend, mine.invitation or "")
    with pytest.raises(EndInvalid):
        await family.invite(here.owner, today)
    with pytest.raises(InvitationUnknown):
        await family.accept(here.friend, "22222222222A")


async def test_no_more_relatives_at_a_time_than_people_have(here: LendingWorld) -> None:
    family, until = here.lending.family, china_day(int(here.clock())) + timedelta(days=30)
    links = [await family.invite(here.owner, until) for _ in range(MOST_LINKS)]
    with pytest.raises(TooManyOpen):
        await family.invite(here.owner, until)
    await family.end(here.owner, links[0].id)
    await family.invite(here.owner, until)


async def test_a_code_is_worth_nothing_once_the_leave_is_withdrawn(here: LendingWorld) -> None:
    _, theirs = await invited(here)
    carried = await here.lending.family.carried(here.friend, theirs.id, "show")
    card = (await here.lending.family.wallet(carried, "")).cards[0]
    codes = [
        await here.presentations.show(
            card, carried.subject, here.friend.subject, None, ["sex"], "住宿", False, str(theirs.id)
        )
        for _ in range(2)
    ]
    seen = await here.presentations.scan(codes[0].code, COUNTER, "登记入住", "counter")
    assert isinstance(seen, Seen)
    await here.lending.family.end(here.owner, theirs.id)
    with pytest.raises(LicenceWithdrawn):
        await here.presentations.scan(codes[1].code, COUNTER, "登记入住", "counter")
    await here.presentations.drain()
    row = await LicenceUsage.get()
    assert (row.subject, row.grant_id) == (here.owner.subject, theirs.id)


async def _codes_of(here: LendingWorld, loan: UUID, count: int) -> list[str]:
    showing = await here.lending.loans.to_show(here.friend, loan, "")
    assert showing.names == ["holder_name", "sex"]
    made = [
        await here.presentations.show(
            showing.card, showing.subject, here.friend.subject, None, showing.names,
            showing.purpose, False, str(loan),
        )
        for _ in range(count)
    ]  # fmt: skip
    return [each.code for each in made]


async def test_a_code_under_a_loan_is_counted_when_it_is_looked_at(here: LendingWorld) -> None:
    loan = await here.lend(times=1)
    codes = await _codes_of(here, loan.id, 2)
    seen = await here.presentations.scan(codes[0], COUNTER, "年检", "counter")
    assert isinstance(seen, Seen)
    with pytest.raises(LicenceWithdrawn):
        await here.presentations.scan(codes[1], COUNTER, "年检", "counter")
    (given,) = await here.lending.loans.given(here.owner)
    assert given.used == 1
    await here.presentations.drain()
    assert "示范酒店查看了您的" in (await here.told(here.owner))[0]


async def test_a_look_at_nothing_takes_no_use_of_a_loan(here: LendingWorld) -> None:
    loan = await here.lend(times=1)
    codes = await _codes_of(here, loan.id, 1)
    await here.notice(status="SUSPENDED")
    with pytest.raises(LicenceWithdrawn):
        await here.presentations.scan(codes[0], COUNTER, "年检", "counter")
    (given,) = await here.lending.loans.given(here.owner)
    assert given.used == 0


def test_the_day_of_growing_up() -> None:
    for birth in (date(2020, 2, 29), date(2020, 6, 1), date(2019, 12, 31), date(2021, 3, 1)):
        day = grown_up_on(birth)
        assert age_on(birth, day) == 14
        assert age_on(birth, day - timedelta(days=1)) == 13
