"""用证授权 to a company: found in the register, used by whoever acts for it, taken back at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.audit.models import AuditEntry
from backend.enterprise.service import EnterpriseUnknown, RegisterUnavailable
from backend.lending.errors import LoanRevoked, LoanUnknown, LoanUsedUp, TooManyTries
from backend.lending.models import Loan as LoanRow
from backend.lending.service import Loan
from backend.numbers.service import Holder
from backend.store.redis import Redis
from tests.lending_world import LendingWorld, lending_world
from tests.register_world import Door, register_world
from tests.sandbox_world import CLOSED_USCC, COMPANY, USCC
from tests.servers import Backing

FIRM = Holder("001", USCC, COMPANY.name)
OTHER = Holder("001", CLOSED_USCC, "别的公司")


@pytest.fixture
async def register(database: str, redis: Redis, tmp_path: Path) -> AsyncIterator[Door]:
    """The register of enterprises."""
    async with register_world(tmp_path, redis) as made:
        yield made


@pytest.fixture
async def here(
    tmp_path: Path, backing: Backing, database: str, redis: Redis, register: Door
) -> AsyncIterator[LendingWorld]:
    """Lending, with that register."""
    folder = tmp_path / "lending"
    folder.mkdir()
    async with lending_world(
        folder, database, backing.redis_url, redis, register.enterprises
    ) as made:
        yield made


async def lent(here: LendingWorld, times: int = 2) -> Loan:
    return await here.lend(phone=None, name=None, company=USCC.lower(), times=times)


async def test_a_company_uses_what_was_lent_and_the_log_names_it(here: LendingWorld) -> None:
    loans, loan = here.lending.loans, await lent(here, times=1)
    assert (loan.grantee_kind, loan.grantee) == ("company", COMPANY.name)
    assert [each.id for each in await loans.borrowed(here.friend, FIRM)] == [loan.id]
    assert await loans.borrowed(here.friend) == []
    found = await loans.use(here.friend, loan.id, "", FIRM)
    assert [fact.name for fact in found.facts] == ["holder_name", "sex"]
    with pytest.raises(LoanUsedUp):
        await loans.use(here.friend, loan.id, "", FIRM)
    await here.presentations.drain()
    (usage,) = (await here.presentations.usages(here.owner.subject, None, None)).usages
    assert usage.verifier == f"{COMPANY.name}（李**经办）"
    assert usage.verifier_id == str(here.friend.person_id)


async def test_neither_another_company_nor_the_person_alone_uses_it(here: LendingWorld) -> None:
    loans, loan = here.lending.loans, await lent(here)
    for forbidden in (
        loans.use(here.friend, loan.id, ""), loans.use(here.friend, loan.id, "", OTHER),
        loans.to_show(here.friend, loan.id, "", OTHER),
        loans.give_back(here.friend, loan.id, OTHER),
    ):  # fmt: skip
        with pytest.raises(LoanUnknown):
            await forbidden


async def test_taken_back_it_is_over_for_the_company_and_its_codes(here: LendingWorld) -> None:
    loans, loan = here.lending.loans, await lent(here)
    showing = await loans.to_show(here.friend, loan.id, "", FIRM)
    assert showing.subject == here.owner.subject
    await loans.revoke(here.owner, loan.id)
    assert await here.lending.used(str(loan.id)) is None
    with pytest.raises(LoanRevoked):
        await loans.use(here.friend, loan.id, "", FIRM)
    with pytest.raises(LoanRevoked):
        await loans.to_show(here.friend, loan.id, "", FIRM)


async def test_the_company_gives_it_back_and_the_owner_is_told(here: LendingWorld) -> None:
    loan = await lent(here)
    await here.lending.loans.give_back(here.friend, loan.id, FIRM)
    assert f"{COMPANY.name}已退回" in (await here.told(here.owner))[0]
    with pytest.raises(LoanRevoked):
        await here.lending.loans.use(here.friend, loan.id, "", FIRM)


async def test_only_a_company_in_business_is_lent_to(here: LendingWorld, register: Door) -> None:
    for code in (CLOSED_USCC, "91440300MA5ABCD19W", "1"):
        with pytest.raises(EnterpriseUnknown):
            await here.lend(phone=None, name=None, company=code)
    await register.fail("enterprises.get")
    with pytest.raises(RegisterUnavailable):
        await lent(here)
    assert not await LoanRow.all().exists()


async def test_codes_of_companies_are_not_tried_out(here: LendingWorld) -> None:
    for _ in range(10):
        assert await here.lending.loans.company(here.owner, USCC, "") == FIRM
    with pytest.raises(TooManyTries):
        await here.lending.loans.company(here.owner, USCC, "")


async def test_the_company_stands_nowhere_in_the_clear(here: LendingWorld) -> None:
    loan = await lent(here)
    await here.lending.loans.revoke(here.owner, loan.id)
    rows = [*await LoanRow.all(), *await AuditEntry.filter(action__startswith="lending.")]
    text = str([vars(row) for row in rows])
    assert "enterprise:" in text
    for word in (USCC, COMPANY.name):
        assert word not in text
