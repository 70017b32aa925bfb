"""Anybody who holds the receipt of an application can see whether it is genuine."""

from sanic import Blueprint

from backend.cases.errors import ReceiptUnknown
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("public_case_receipts", url_prefix="/api/v1/public/case-receipts")


class ReceiptOut(Out):
    """What was received; the applicant is masked, how the case stands is nobody's business."""

    case_no: str
    item_name: str
    department_name: str
    applicant: str
    submitted_at: Moment
    delivered: bool


@endpoint(
    bp, "GET", "/<case_no:str>/<code:str>", access=PUBLIC, summary="Whether a receipt is genuine",
    answer=ReceiptOut, errors=(ReceiptUnknown,),
)  # fmt: skip
async def check(call: Call[None, None], case_no: str, code: str) -> ReceiptOut:
    """By the number and the code that are printed on it."""
    found = await call.province.cases.receipts.check(case_no, code)
    return ReceiptOut(
        case_no=found.case_no, item_name=found.item_name, department_name=found.department_name,
        applicant=found.applicant, submitted_at=found.submitted_at, delivered=found.delivered,
    )  # fmt: skip
