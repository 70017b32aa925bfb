"""用证授权 to a system: licences that people lent to it, for one purpose, so often, until then."""

from pydantic import Field

from backend.lending import errors
from gateway.channels.citizen.loans import USE_ERRORS, LoansOut, UseOut, loan_out, use_out
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, endpoint

bp = make_blueprint("exchange_loans", "/loans")
_TEXT = r"^[^\x00-\x1f\x7f]+$"


class UseIn(In):
    """用途 and the 五要素 as far as they belong to the case; the holder reads them."""

    username: str = Field(min_length=1, max_length=60, pattern=_TEXT, description="用证人")
    item_name: str = Field(min_length=1, max_length=100, pattern=_TEXT)
    item_code: str = Field(min_length=1, max_length=64, pattern=_TEXT)
    business_code: str = Field(min_length=1, max_length=64, pattern=_TEXT, description="办件号")


@endpoint(bp, "GET", "", access=SYSTEM, summary="Licences lent to this system", answer=LoansOut)
async def list_loans(call: Call[None, None]) -> LoansOut:
    """Those that hold still, newest first."""
    loans = await call.province.lending.loans.of_system(call.system)
    return LoansOut(items=[loan_out(loan) for loan in loans])


@endpoint(
    bp, "POST", "/<loan_id:str>/uses",
    access=SYSTEM, summary="Use a licence that was lent to this system", body=UseIn,
    answer=UseOut, status=201, errors=USE_ERRORS,
)  # fmt: skip
async def use(call: Call[UseIn, None], loan_id: str) -> UseOut:
    """Counts one use; the holder is told."""
    body, found = call.body, identifier(loan_id, errors.LoanUnknown)
    words = f"{body.item_name} {body.business_code} {body.username}"
    return use_out(
        await call.province.lending.loans.use_by_system(call.system, found, words, call.trace)
    )
