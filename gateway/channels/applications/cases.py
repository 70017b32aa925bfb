"""Applications that were submitted: where they stand, what can be done now."""

from typing import Any

from sanic import HTTPResponse

from backend.cases import errors
from backend.enterprise.service import RegisterUnavailable
from backend.members.service import ItemNotGranted, Scope
from backend.wallet.service import FaceUnavailable, IssuersSilent
from gateway.channels.applications.case_shapes import (
    CaseCardOut,
    CaseOut,
    CasesOut,
    ListQuery,
    ReasonIn,
    SupplementIn,
    card_out,
    case_out,
)
from gateway.channels.applications.draft_shapes import DraftOut, draft_out
from gateway.channels.applications.ids import file_answer
from gateway.channels.doors import Shared
from gateway.edge.endpoint import Call

CASES = Shared()
ENTERPRISE_ERRORS = (ItemNotGranted,)
_ONE = (errors.CaseUnknown,)
_ACT = (*_ONE, errors.ActNotPossible, errors.ForWhomUnknown, RegisterUnavailable)


@CASES.endpoint(
    "GET", "", summary="My applications", query=ListQuery, answer=CasesOut,
    errors=(errors.CursorRefused,),
)  # fmt: skip
async def list_cases(call: Call[None, ListQuery], uscc: str = "") -> CasesOut:
    """Those that I submitted, and those that others submitted in my name."""
    ended = {"all": None, "open": False, "ended": True}[call.query.state]
    items = call.acting.items if uscc else ()
    page = await call.province.cases.views.page(call.session, call.query.cursor, ended, uscc, items)
    return CasesOut(
        items=[CaseCardOut.model_validate(card_out(one)) for one in page.cards],
        next_cursor=page.next_cursor,
    )


@CASES.endpoint("GET", "/<case_no:str>", summary="One application", answer=CaseOut, errors=_ONE)
async def get_case(call: Call[None, None], case_no: str, uscc: str = "") -> CaseOut:
    """What happened, what comes, until when, whom to call."""
    await _covered(call, case_no, uscc)
    found = case_out(await call.province.cases.views.get(call.session, case_no, uscc=uscc))
    if uscc and not call.acting.may(Scope.CASES_APPLY):
        found.actions.clear()
    giving, ended = call.province.evaluations.giving, "evaluate" in found.actions
    if ended and not await giving.may_judge(call.session, "case", str(found.id)):
        found.actions.remove("evaluate")
    return found


@CASES.endpoint(
    "POST", "/<case_no:str>/supplement/draft",
    summary="Begin to answer a notice of correction", answer=DraftOut,
    errors=_ACT,
)  # fmt: skip
async def begin_supplement(call: Call[None, None], case_no: str, uscc: str = "") -> DraftOut:
    """The draft that was begun, or a new one; it has the items of the notice in ``asked``."""
    await _covered(call, case_no, uscc)
    return draft_out(
        await call.province.cases.acts.begin_supplement(call.session, case_no, uscc=uscc)
    )


@CASES.endpoint(
    "POST", "/<case_no:str>/supplement", summary="Hand in what was asked for",
    body=SupplementIn, answer=CaseOut,
    errors=(
        *_ACT, errors.DraftUnknown, errors.DraftChanged,
        errors.DraftIncomplete, errors.LicenceUnfit, errors.CommitmentChanged, IssuersSilent,
    ),
)  # fmt: skip
async def supplement(call: Call[SupplementIn, None], case_no: str, uscc: str = "") -> CaseOut:
    """The state follows when the department confirms it."""
    await _covered(call, case_no, uscc)
    body = call.body
    case = await call.province.cases.acts.supplement(
        call.session, case_no, body.draft_id, body.version, call.trace, uscc=uscc
    )
    return case_out(await call.province.cases.views.get(call.session, case.case_no, uscc=uscc))


@CASES.endpoint(
    "POST", "/<case_no:str>/withdrawal", summary="Take an application back",
    body=ReasonIn, answer=CaseOut, errors=_ACT,
)  # fmt: skip
async def withdraw(call: Call[ReasonIn, None], case_no: str, uscc: str = "") -> CaseOut:
    """Before it is accepted; the state follows when the department confirms it."""
    await _covered(call, case_no, uscc)
    await call.province.cases.acts.withdraw(call.session, case_no, call.body.reason, uscc=uscc)
    return case_out(await call.province.cases.views.get(call.session, case_no, uscc=uscc))


@CASES.endpoint(
    "POST", "/<case_no:str>/urge", summary="Ask the department to hurry",
    body=ReasonIn, answer=CaseOut, errors=(*_ACT, errors.UrgedBefore),
)  # fmt: skip
async def urge(call: Call[ReasonIn, None], case_no: str, uscc: str = "") -> CaseOut:
    """Once a day."""
    await _covered(call, case_no, uscc)
    await call.province.cases.acts.urge(call.session, case_no, call.body.reason, uscc=uscc)
    return case_out(await call.province.cases.views.get(call.session, case_no, uscc=uscc))


@CASES.endpoint(
    "GET", "/<case_no:str>/receipt.pdf", summary="The receipt",
    media_type="application/pdf", errors=(*_ONE, FaceUnavailable),
)  # fmt: skip
async def receipt(call: Call[None, None], case_no: str, uscc: str = "") -> HTTPResponse:
    """Stamped; anybody can check it by its code."""
    await _covered(call, case_no, uscc)
    drawn = await call.province.cases.receipts.pdf(call.session, case_no, uscc=uscc)
    return file_answer(drawn, "application/pdf", f"{case_no}.pdf")


@CASES.endpoint(
    "GET", "/<case_no:str>/result.pdf", summary="The result document",
    media_type="application/pdf",
    errors=(*_ONE, errors.ResultMissing, errors.FileUnknown, errors.StorageSilent),
)  # fmt: skip
async def result(call: Call[None, None], case_no: str, uscc: str = "") -> HTTPResponse:
    """As the department issued it."""
    await _covered(call, case_no, uscc)
    kept, content = await call.province.cases.views.result_file(call.session, case_no, uscc=uscc)
    return file_answer(content, kept.media_type, f"{case_no}-result.pdf")


async def _covered(call: Call[Any, Any], case_no: str, uscc: str) -> None:
    """Refuse a case of an enterprise in an item that the caller's grant does not name.

    Raises:
        CaseUnknown, ItemNotGranted.
    """
    if uscc and call.acting.items:
        item_code = await call.province.cases.views.item_of(case_no, uscc)
        if item_code not in call.acting.items:
            raise ItemNotGranted
