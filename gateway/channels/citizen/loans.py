"""用证授权: a citizen lends a licence to a person, company or system, and uses what others lent."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from sanic import Blueprint, HTTPResponse

from backend.enterprise.service import EnterpriseUnknown, RegisterUnavailable
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level
from backend.lending import errors
from backend.lending.service import LOAN_LABELS, Loan, LoanState, Use, Wish
from backend.numbers.service import Holder
from backend.presentation.errors import FieldsUnknown, LicenceNotValid, TooOften
from backend.wallet.service import (
    STATUS_LABELS,
    IssuersSilent,
    LicenceNotFound,
    china_time,
    wallet_key,
)
from gateway.channels.citizen.presentations import (
    LICENCE_ERRORS,
    CodeOut,
    card_of,
    code_out,
    required_level,
)
from gateway.channels.shown import FieldSeen
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_loans", url_prefix="/api/v1/citizen")

OWN = Person(Level.REAL_NAME, also_read=(wallet_key,))
SELF = Person(Level.REAL_NAME)
TEXT = r"^[^\x00-\x1f\x7f]+$"
USE_ERRORS = (
    errors.LoanUnknown, errors.LoanRevoked, errors.LoanExpired, errors.LoanUsedUp,
    LicenceNotValid, LicenceNotFound, IssuersSilent, FieldsUnknown,
)  # fmt: skip


class LendIn(In):
    """What to lend. Neither person, company nor system: an invitation, which somebody accepts."""

    phone: str | None = Field(None, max_length=32, examples=["13800138000"])
    name: str | None = Field(None, max_length=100, examples=["李晓雯"])
    company: str | None = Field(
        None, max_length=40, description="USCC as typed", examples=["91440300MA5ABCD19W"]
    )
    system: str | None = Field(None, max_length=64, examples=["gd-gongan"])
    purpose: str = Field(min_length=2, max_length=60, pattern=TEXT, examples=["代办车辆年检"])
    fields: list[str] = Field(
        default_factory=list, max_length=60, description="names of the licence's offer; none: valid"
    )
    times: int = Field(default=1, ge=1, le=100)
    until: date = Field(description="the last day, at most a year from now")

    @model_validator(mode="after")
    def _names_one(self) -> "LendIn":
        if (self.phone is None) != (self.name is None):
            raise ValueError("phone and name belong together")
        if sum(each is not None for each in (self.phone, self.company, self.system)) > 1:
            raise ValueError("a person, a company or a system, one of them")
        return self


class SystemsQuery(In):
    """Words of a name."""

    q: str = Field("", max_length=50, examples=["公安"])


class SystemOut(Out):
    """A department's system."""

    code: str = Field(examples=["gd-gongan"])
    name: str = Field(examples=["广东省公安厅（公安）"])


class SystemsOut(Out):
    """Ordered by code."""

    items: list[SystemOut]


class CompanyOut(Out):
    """A company in business, by the register."""

    uscc: str = Field(examples=["91440300MA5ABCD19W"])
    name: str


class FieldLent(Out):
    """A fact that may be seen."""

    name: str
    label: str


class LoanOut(Out):
    """A loan, as either side sees it; names are masked."""

    id: UUID
    licence_id: str
    type_code: str
    type_name: str = Field(examples=["机动车驾驶证"])
    owner: str = Field(examples=["张*"])
    grantee_kind: Literal["person", "company", "system", "invitation"]
    grantee: str = Field(examples=["李**"])
    purpose: str
    fields: list[FieldLent]
    times: int
    used: int
    ends_at: Moment
    state: Literal["invited", "active", "used_up", "expired", "revoked", "returned"]
    state_label: str
    created_at: Moment
    invitation: str | None = Field(description="the code to hand over; given once, lives 3 days")


class LoansOut(Out):
    """Newest first."""

    items: list[LoanOut]


class InvitationIn(In):
    """The code that somebody handed over."""

    code: str = Field(min_length=8, max_length=32, examples=["7H3K5QZ2M4XW"])


class UseOut(Out):
    """What was lent, as it stands now."""

    receipt_id: str = Field(description="by which the holder finds this use in their log")
    at: Moment
    type_code: str
    type_name: str
    authority: str
    status: str
    status_label: str
    as_of: str
    fields: list[FieldSeen]
    left: int = Field(description="uses left")


@endpoint(
    bp, "POST", "/wallet/<licence_id:str>/loans",
    access=OWN, summary="Lend a licence", body=LendIn, answer=LoanOut, status=201,
    errors=(
        *LICENCE_ERRORS, LicenceNotValid, FieldsUnknown, errors.GranteeUnknown,
        errors.OwnInvitation, errors.EndInvalid, errors.TooManyTries, errors.TooManyOpen,
        EnterpriseUnknown, RegisterUnavailable,
    ),
)  # fmt: skip
async def lend(call: Call[LendIn, None], licence_id: str) -> LoanOut:
    """For one purpose, so often, until a day; taken back at any time."""
    card, body = await card_of(call, licence_id), call.body
    call.require(required_level(card))
    wish = Wish(
        body.purpose, body.fields, body.times, body.until, body.phone, body.name, body.system,
        body.company,
    )  # fmt: skip
    return loan_out(await call.province.lending.loans.lend(call.session, card, wish, call.trace))


@endpoint(
    bp, "GET", "/loan-systems",
    access=SELF, summary="Systems that can be lent to", query=SystemsQuery, answer=SystemsOut,
)  # fmt: skip
async def list_systems(call: Call[None, SystemsQuery]) -> SystemsOut:
    """Registered ones, by department and everyday name."""
    found = call.province.lending.loans.systems(call.query.q)
    return SystemsOut(items=[SystemOut(code=code, name=name) for code, name in found])


@endpoint(
    bp, "GET", "/loan-companies/<uscc:str>",
    access=SELF, summary="A company that can be lent to", answer=CompanyOut,
    errors=(EnterpriseUnknown, RegisterUnavailable, errors.TooManyTries),
)  # fmt: skip
async def read_company(call: Call[None, None], uscc: str) -> CompanyOut:
    """By its code as typed: its name is to be compared before anything is lent."""
    found = await call.province.lending.loans.company(call.session, uscc, call.trace)
    return CompanyOut(uscc=found.code, name=found.name)


@endpoint(bp, "GET", "/loans", access=SELF, summary="What I lent", answer=LoansOut)
async def list_given(call: Call[None, None]) -> LoansOut:
    """Newest first; what is over, too."""
    return loans_out(await call.province.lending.loans.given(call.session))


@endpoint(
    bp, "GET", "/loans/<loan_id:str>",
    access=SELF, summary="One that I lent", answer=LoanOut, errors=(errors.LoanUnknown,),
)  # fmt: skip
async def read_given(call: Call[None, None], loan_id: str) -> LoanOut:
    """Its uses are in the usage log, by ``grant_id``."""
    found = loan_uuid(loan_id)
    return loan_out(await call.province.lending.loans.one_given(call.session, found))


@endpoint(
    bp, "DELETE", "/loans/<loan_id:str>",
    access=SELF, summary="Take a loan back", errors=(errors.LoanUnknown,),
)  # fmt: skip
async def revoke(call: Call[None, None], loan_id: str) -> None:
    """Holds at once, everywhere."""
    await call.province.lending.loans.revoke(call.session, loan_uuid(loan_id))


@endpoint(bp, "GET", "/borrowed", access=SELF, summary="What others lent me", answer=LoansOut)
async def list_borrowed(call: Call[None, None]) -> LoansOut:
    """借给我的证照, newest first."""
    return loans_out(await call.province.lending.loans.borrowed(call.session))


@endpoint(
    bp, "POST", "/borrowed",
    access=SELF, summary="Accept what somebody lends", body=InvitationIn, answer=LoanOut,
    status=201,
    errors=(
        LevelTooLow, errors.InvitationUnknown, errors.OwnInvitation, errors.TooManyTries,
    ),
)  # fmt: skip
async def accept(call: Call[InvitationIn, None]) -> LoanOut:
    """By the code that they handed over; it is good for one person."""
    return loan_out(await call.province.lending.loans.accept(call.session, call.body.code))


@endpoint(
    bp, "POST", "/borrowed/<loan_id:str>/uses",
    access=SELF, summary="Use what somebody lent me", answer=UseOut, status=201,
    errors=(LevelTooLow, *USE_ERRORS),
)  # fmt: skip
async def use(call: Call[None, None], loan_id: str) -> UseOut:
    """Counts one use; the holder is told."""
    found = await call.province.lending.loans.use(call.session, loan_uuid(loan_id), call.trace)
    return use_out(found)


@endpoint(
    bp, "POST", "/borrowed/<loan_id:str>/codes",
    access=SELF, summary="A code to show what somebody lent me", answer=CodeOut, status=201,
    errors=(LevelTooLow, TooOften, *USE_ERRORS),
)  # fmt: skip
async def make_code(call: Call[None, None], loan_id: str) -> HTTPResponse:
    """For the agreed fields and purpose; counted when somebody looks, told to its holder."""
    return await lent_code(call, loan_uuid(loan_id))


@endpoint(
    bp, "DELETE", "/borrowed/<loan_id:str>",
    access=SELF, summary="Give back what somebody lent me", errors=(errors.LoanUnknown,),
)  # fmt: skip
async def give_back(call: Call[None, None], loan_id: str) -> None:
    """The holder is told."""
    await call.province.lending.loans.give_back(call.session, loan_uuid(loan_id))


async def lent_code(
    call: Call[Any, Any], loan_id: UUID, company: Holder | None = None
) -> HTTPResponse:
    """A code for what was lent to the caller, or to a company that they act for."""
    showing = await call.province.lending.loans.to_show(call.session, loan_id, call.trace, company)
    call.require(required_level(showing.card))
    made = await call.province.presentations.show(
        showing.card, showing.subject, call.session.subject, None, showing.names,
        showing.purpose, False, str(loan_id),
    )  # fmt: skip
    return code_out(made, call.province.settings.origin)


def loan_out(loan: Loan) -> LoanOut:
    """A loan for an answer."""
    return LoanOut.model_validate(_document(loan))


def _document(loan: Loan) -> dict[str, Any]:
    return {
        "id": loan.id, "licence_id": loan.licence_id, "type_code": loan.type_code,
        "type_name": loan.type_name, "owner": loan.owner, "grantee_kind": loan.grantee_kind,
        "grantee": loan.grantee, "purpose": loan.purpose,
        "fields": [{"name": name, "label": label} for name, label in loan.facts],
        "times": loan.times, "used": loan.used, "ends_at": loan.ends_at,
        "state": loan.state.value, "state_label": LOAN_LABELS[LoanState(loan.state)],
        "created_at": loan.created_at, "invitation": loan.invitation,
    }  # fmt: skip


def use_out(use: Use) -> UseOut:
    """A use for an answer."""
    card = use.card
    return UseOut(
        receipt_id=use.receipt_id, at=use.at, type_code=card.licence.type_code,
        type_name=card.kind.name, authority=card.licence.issuer_name, status=card.status.value,
        status_label=STATUS_LABELS[card.status], as_of=china_time(card.as_of),
        fields=[
            FieldSeen(name=fact.name, label=fact.label, value=fact.value) for fact in use.facts
        ],
        left=use.left,
    )  # fmt: skip


def loans_out(loans: list[Loan]) -> LoansOut:
    """Loans for an answer."""
    return LoansOut(items=[loan_out(loan) for loan in loans])


def loan_uuid(text: str) -> UUID:
    """The id in an address.

    Raises:
        LoanUnknown: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise errors.LoanUnknown from None
