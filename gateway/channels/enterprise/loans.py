"""用证授权 to a company: whoever acts for it uses what people lent to it."""

from typing import Any

from sanic import Blueprint, HTTPResponse

from backend.identity.errors import LevelTooLow
from backend.lending import errors
from backend.members.service import Scope
from backend.numbers.service import Holder
from backend.presentation.errors import TooOften
from gateway.channels.citizen.loans import (
    USE_ERRORS,
    LoansOut,
    UseOut,
    lent_code,
    loan_uuid,
    loans_out,
    use_out,
)
from gateway.channels.citizen.presentations import CodeOut
from gateway.edge.access import Member
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("enterprise_loans", url_prefix="/api/v1/enterprise/enterprises/<uscc:str>/borrowed")

LICENCES = Member(scope=Scope.LICENCES)


@endpoint(
    bp, "GET", "",
    access=LICENCES, summary="What people lent to it", answer=LoansOut,
)  # fmt: skip
async def list_borrowed(call: Call[None, None], uscc: str) -> LoansOut:
    """Newest first; what is over, too."""
    company = _company(call)
    return loans_out(await call.province.lending.loans.borrowed(call.session, company))


@endpoint(
    bp, "POST", "/<loan_id:str>/uses",
    access=LICENCES, summary="Use what somebody lent to it", answer=UseOut, status=201,
    errors=(LevelTooLow, *USE_ERRORS),
)  # fmt: skip
async def use(call: Call[None, None], uscc: str, loan_id: str) -> UseOut:
    """Counts one use; the holder is told which company, and who acted for it."""
    company, found = _company(call), loan_uuid(loan_id)
    return use_out(await call.province.lending.loans.use(call.session, found, call.trace, company))


@endpoint(
    bp, "POST", "/<loan_id:str>/codes",
    access=LICENCES, summary="A code to show what somebody lent to it", answer=CodeOut, status=201,
    errors=(LevelTooLow, TooOften, *USE_ERRORS),
)  # fmt: skip
async def make_code(call: Call[None, None], uscc: str, loan_id: str) -> HTTPResponse:
    """For the agreed fields and purpose; counted when somebody looks."""
    return await lent_code(call, loan_uuid(loan_id), _company(call))


@endpoint(
    bp, "DELETE", "/<loan_id:str>",
    access=LICENCES, summary="Give back what somebody lent to it",
    errors=(errors.LoanUnknown,),
)  # fmt: skip
async def give_back(call: Call[None, None], uscc: str, loan_id: str) -> None:
    """The holder is told."""
    company = _company(call)
    await call.province.lending.loans.give_back(call.session, loan_uuid(loan_id), company)


def _company(call: Call[Any, Any]) -> Holder:
    """The company for which the caller acts."""
    return call.acting.enterprise.holder
