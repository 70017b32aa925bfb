"""Whom a licence may be lent to: a person, a company, a department's system, whoever accepts."""

from uuid import UUID

from backend.enterprise.service import Enterprise
from backend.exchange.service import ProviderSystem
from backend.identity.service import Session
from backend.lending.errors import GranteeUnknown, OwnInvitation
from backend.lending.loan_states import LoanState, Wish
from backend.lending.models import Loan as LoanRow
from backend.lending.parts import Parts
from backend.messages.service import person_of
from backend.numbers.service import PhoneRefused, mask_name, normalise_phone
from backend.store.ids import uuid7

_MOST_LISTED = 200


class Grantees:
    """Finds the one that a loan is for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def addressed(
        self, session: Session, wish: Wish, trace: str
    ) -> tuple[LoanRow, UUID | None]:
        """A new loan with the one it is for, not saved yet, and the account that is told of it.

        Raises:
            GranteeUnknown, OwnInvitation, TooManyTries, EnterpriseUnknown, RegisterUnavailable.
        """
        parts, row = self._parts, LoanRow(id=uuid7(), state=LoanState.ACTIVE.value)
        name, told = "待接受邀请", None
        if wish.system is not None:
            system = parts.exchange.system(wish.system)
            if system is None:
                raise GranteeUnknown
            row.grantee_system, name = system.code, system_name(system)
        elif wish.company is not None:
            company = await self.company(session, wish.company, trace)
            row.grantee_company = parts.seal(company.uscc, row.id, "company")
            row.company_index, name = parts.company_index(company.uscc), company.name
            told = await self._representative(company)
        elif wish.phone is not None:
            row.grantee_id = told = await self._person(session, wish.phone, wish.name or "")
            name = mask_name(wish.name or "")
        else:
            row.state = LoanState.INVITED.value
        owner = await parts.identity.holder(session)
        row.owner_name = parts.seal(mask_name(owner.name), row.id, "owner")
        row.grantee_name = parts.seal(name, row.id, "grantee")
        return row, told

    async def company(self, session: Session, code: str, trace: str) -> Enterprise:
        """A company in business, by its USCC as typed.

        Raises:
            EnterpriseUnknown, RegisterUnavailable, TooManyTries.
        """
        await self._parts.try_once(session.person_id, "company")
        return await self._parts.enterprises.in_business(code, trace)

    async def _representative(self, company: Enterprise) -> UUID | None:
        """The account of the legal representative, if they have one."""
        number = company.legal_representative.id_number
        found = await self._parts.identity.subject_bearing(number)
        return person_of(found) if found else None

    async def _person(self, session: Session, phone: str, name: str) -> UUID:
        await self._parts.try_once(session.person_id, "phone")
        try:
            number = normalise_phone(phone)
        except PhoneRefused:
            raise GranteeUnknown from None
        found = await self._parts.identity.verified_by_phone(number, name.strip())
        if found is None:
            raise GranteeUnknown
        if found == session.person_id:
            raise OwnInvitation
        return found

    def systems(self, words: str) -> list[tuple[str, str]]:
        """Code and name of the systems with these words in their name."""
        named = [(each.code, system_name(each)) for each in self._parts.exchange.systems()]
        return [each for each in named if words.strip() in each[1]][:_MOST_LISTED]


def system_name(system: ProviderSystem) -> str:
    """Its department and everyday name."""
    return f"{system.manifest.system.department.name}（{system.short_name}）"
