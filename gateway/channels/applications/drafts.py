"""Drafts of applications: filled in by the platform and the person, on any device."""

import base64
import binascii
from typing import Any
from uuid import UUID

from sanic import HTTPResponse

from backend.cases import errors
from backend.cases.service import Supply
from backend.catalogue.errors import ItemNotFound
from backend.enterprise.service import RegisterUnavailable
from backend.identity.errors import LevelTooLow
from backend.identity.service import holder_key
from backend.members.service import CasesSpent, ItemNotGranted, Scope
from backend.wallet.service import IssuersSilent, LicenceNotFound
from gateway.channels.applications.draft_shapes import (
    UPLOAD_LIMIT,
    DraftCardOut,
    DraftOut,
    DraftsOut,
    FileIn,
    FileOut,
    SaveIn,
    SubmitIn,
    SubmittedOut,
    SupplyIn,
    UploadOut,
    draft_out,
    shown_applicant,
)
from gateway.channels.applications.ids import draft_uuid, file_answer, file_uuid
from gateway.channels.doors import Shared
from gateway.edge.endpoint import Call
from gateway.edge.problems import RequestInvalid

DRAFTS = Shared()
_OPEN = (errors.DraftUnknown, ItemNotFound)
_CHANGE = (*_OPEN, errors.DraftChanged)
ACT_ERRORS = (
    ItemNotFound, errors.NotOnline, errors.WrongApplicant, LevelTooLow, errors.ForWhomUnknown,
    errors.MandateMissing, CasesSpent, RegisterUnavailable,
)  # fmt: skip


@DRAFTS.endpoint("GET", "", summary="Open drafts", answer=DraftsOut)
async def list_drafts(call: Call[None, None], uscc: str = "") -> DraftsOut:
    """To go on with, on any device; a draft that nobody touched for 90 days goes."""
    found = await call.province.cases.drafts.list(call.session, uscc)
    return DraftsOut(
        items=[
            DraftCardOut.model_validate(
                {
                    "id": one.id, "kind": one.kind, "item_code": one.offer.task_code,
                    "item_name": one.offer.name, "department_name": one.offer.department_name,
                    "for_kind": one.for_kind, "applicant": shown_applicant(one.content),
                    "ready": one.ready, "updated_at": one.updated_at,
                }
            )
            for one in found
        ]
    )  # fmt: skip


@DRAFTS.endpoint("GET", "/<draft_id:str>", summary="A draft", answer=DraftOut, errors=_OPEN)
async def get_draft(call: Call[None, None], draft_id: str, uscc: str = "") -> DraftOut:
    """As it was saved last, on whatever device."""
    return draft_out(
        await call.province.cases.drafts.get(call.session, await opened(call, draft_id, uscc))
    )


@DRAFTS.endpoint(
    "PATCH", "/<draft_id:str>", summary="Keep what was typed", body=SaveIn,
    answer=DraftOut, errors=(*_CHANGE, errors.DraftIncomplete),
)  # fmt: skip
async def save_draft(call: Call[SaveIn, None], draft_id: str, uscc: str = "") -> DraftOut:
    """Whatever is wrong with it is told, and kept all the same."""
    body = call.body
    delivery = body.result_delivery
    return draft_out(
        await call.province.cases.drafts.save(
            call.session, await opened(call, draft_id, uscc), body.version, body.values,
            body.contact_phone,
            delivery.model_dump(exclude_none=True) if delivery else None,
        )
    )  # fmt: skip


@DRAFTS.endpoint(
    "DELETE", "/<draft_id:str>", summary="Forget a draft",
    errors=(errors.DraftUnknown,),
)  # fmt: skip
async def discard_draft(call: Call[None, None], draft_id: str, uscc: str = "") -> None:
    """With its files."""
    await call.province.cases.drafts.discard(call.session, await opened(call, draft_id, uscc))


@DRAFTS.endpoint(
    "PUT", "/<draft_id:str>/materials/<code:str>",
    summary="How a material is supplied", body=SupplyIn, answer=DraftOut,
    errors=(
        *_CHANGE, errors.MaterialUnknown, errors.WayNotOffered, errors.LicenceUnfit,
        errors.CommitmentChanged, errors.PromiseInvalid, LicenceNotFound, IssuersSilent,
    ),
)  # fmt: skip
async def supply(call: Call[SupplyIn, None], draft_id: str, code: str, uscc: str = "") -> DraftOut:
    """By ``licence`` the person consents that its facts are handed over with the application."""
    body = call.body
    chosen = Supply(body.how, body.licence_id, body.due_on, body.agreed)
    return draft_out(
        await call.province.cases.supplying.supply(
            call.session, await opened(call, draft_id, uscc), body.version, code, chosen, call.trace
        )
    )


@DRAFTS.endpoint(
    "POST", "/<draft_id:str>/materials/<code:str>/files",
    summary="Upload a file for a material", body=FileIn, answer=UploadOut, status=201,
    body_limit=UPLOAD_LIMIT,
    errors=(
        *_CHANGE, errors.MaterialUnknown, errors.WayNotOffered, errors.TooManyFiles,
        errors.FileRefused, errors.FileTooLarge, errors.FileInfected, errors.ScannerSilent,
        errors.StorageSilent,
    ),
)  # fmt: skip
async def upload(call: Call[FileIn, None], draft_id: str, code: str, uscc: str = "") -> UploadOut:
    """What it is, is told by its content; pictures are drawn anew, without what cameras add."""
    try:
        content = base64.b64decode(call.body.content, validate=True)
    except (binascii.Error, ValueError):
        raise RequestInvalid([{"pointer": "/content", "message": "应为 base64"}]) from None
    draft, kept = await call.province.cases.supplying.upload(
        call.session, await opened(call, draft_id, uscc), code, call.body.name, content
    )
    return UploadOut(file=FileOut.model_validate(kept.as_json()), draft=draft_out(draft))


@DRAFTS.endpoint(
    "GET", "/<draft_id:str>/files/<file_id:str>", summary="A file of a draft",
    media_type="image/jpeg, application/pdf",
    errors=(errors.DraftUnknown, errors.FileUnknown, errors.StorageSilent),
)  # fmt: skip
async def get_file(
    call: Call[None, None], draft_id: str, file_id: str, uscc: str = ""
) -> HTTPResponse:
    """As it is kept."""
    kept, content = await call.province.cases.supplying.file(
        call.session, await opened(call, draft_id, uscc), file_uuid(file_id)
    )
    return file_answer(content, kept.media_type)


@DRAFTS.endpoint(
    "DELETE", "/<draft_id:str>/materials/<code:str>/files/<file_id:str>",
    summary="Take a file away", errors=(*_CHANGE, errors.FileUnknown),
)  # fmt: skip
async def remove_file(
    call: Call[None, None], draft_id: str, code: str, file_id: str, uscc: str = ""
) -> None:
    """It is gone from where it was kept, too."""
    await call.province.cases.supplying.remove_file(
        call.session, await opened(call, draft_id, uscc), code, file_uuid(file_id)
    )


@DRAFTS.endpoint(
    "POST", "/<draft_id:str>/submission", also_read=(holder_key,), summary="Submit an application",
    body=SubmitIn, answer=SubmittedOut, status=201, once=True,
    errors=(
        errors.DraftUnknown, errors.DraftChanged, errors.DraftIncomplete, errors.ItemChanged,
        *ACT_ERRORS, errors.LicenceUnfit, errors.CommitmentChanged, IssuersSilent,
    ),
)  # fmt: skip
async def submit(call: Call[SubmitIn, None], draft_id: str, uscc: str = "") -> SubmittedOut:
    """However often it is sent, one draft becomes one case."""
    done = await call.province.cases.submission.submit(
        call.session,
        await opened(call, draft_id, uscc),
        call.body.version,
        call.trace,
        call.also_read[0],
    )
    return SubmittedOut(
        case_no=done.case_no, submitted_at=done.submitted_at, item_name=done.item_name,
        department_name=done.department_name, again=done.again,
    )  # fmt: skip


async def opened(call: Call[Any, Any], draft_id: str, uscc: str) -> UUID:
    """The id of a draft, behind the enterprise's door one of that enterprise.

    Raises:
        DraftUnknown, ItemNotGranted.
    """
    found = draft_uuid(draft_id)
    if uscc:
        item_code = await call.province.cases.drafts.require_for(call.session, found, uscc)
        if not call.acting.may(Scope.CASES_APPLY, item_code):
            raise ItemNotGranted
    return found
