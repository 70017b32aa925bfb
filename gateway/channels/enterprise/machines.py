"""软件接入: programs of an enterprise, registered by whoever manages it; and what they may call."""

import base64
import binascii
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.cases.errors import CaseUnknown, CursorRefused
from backend.errors import DomainError
from backend.machines import errors
from backend.machines.service import Application, Attachment, Client, Filed, Wish
from backend.members.service import ItemNotGranted, Scope
from gateway.channels.applications.case_shapes import (
    CaseCardOut,
    CaseOut,
    CasesOut,
    ListQuery,
    card_out,
    case_out,
)
from gateway.channels.applications.draft_shapes import ITEM_CODE
from gateway.edge.access import Machine, Member
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.problems import RequestInvalid

bp = Blueprint("enterprise_machines", url_prefix="/api/v1/enterprise")

_MANAGE = Member(scope=Scope.MACHINES)
_CLIENTS = "/enterprises/<uscc:str>/machines"
BATCH = 20
BATCH_LIMIT = 8 * 1024 * 1024
Given = Literal["cases.read", "cases.apply"]


class ClientIn(In):
    """A program: its public key, what it may do, and how often a day."""

    name: str = Field(min_length=1, max_length=50, examples=["财务系统"])
    alg: Literal["ed25519", "sm2"] = "ed25519"
    public: str = Field(max_length=100, description="public key in base64")
    scopes: list[Given] = Field(min_length=1, max_length=2)
    daily_quota: int = Field(1000, ge=1, le=100_000)


class ClientOut(Out):
    """A program; ``key_id`` is the ``keyid`` of its signatures."""

    id: UUID
    name: str
    key_id: str
    alg: str
    scopes: list[Given]
    daily_quota: int
    created_at: datetime


class ClientsOut(Out):
    """Those that may call now."""

    items: list[ClientOut]


class AttachmentIn(In):
    """A file for a material; ``content`` in base64."""

    material: str = Field(min_length=1, max_length=40, description="code of the material")
    name: str = Field(min_length=1, max_length=100)
    content: str = Field(min_length=1, description="base64")


class ApplicationIn(In):
    """An application; sent again under the same reference it is filed once."""

    reference: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", examples=["PO-2026-000318"])
    item_code: str = Field(pattern=ITEM_CODE)
    values: dict[str, Any] = Field(max_length=200, description="of the item's form, by name")
    contact_phone: str = Field(pattern=r"^\+?[0-9]{5,16}$")
    files: list[AttachmentIn] = Field(default=[], max_length=20)

    def read(self) -> Application:
        """As the domain takes it.

        Raises:
            RequestInvalid: a file is not base64.
        """
        try:
            files = [
                Attachment(one.material, one.name, base64.b64decode(one.content, validate=True))
                for one in self.files
            ]
        except (binascii.Error, ValueError):
            raise RequestInvalid([{"pointer": "/items", "message": "附件应为 base64"}]) from None
        return Application(self.reference, self.item_code, self.values, self.contact_phone, files)


class BatchIn(In):
    """Up to twenty; each counts as one request of the quota."""

    items: list[ApplicationIn] = Field(min_length=1, max_length=BATCH)


class FiledOut(Out):
    """What became of one; a refusal names the code and, where there is one, each wrong field."""

    reference: str
    state: Literal["filed", "refused"]
    case_no: str | None = None
    again: bool = False
    code: str | None = None
    detail: str | None = None
    context: dict[str, Any] | None = None


class BatchOut(Out):
    """In the order of the request."""

    items: list[FiledOut]


@endpoint(
    bp, "GET", _CLIENTS, access=_MANAGE, summary="Programs of an enterprise", answer=ClientsOut
)
async def list_clients(call: Call[None, None], uscc: str) -> ClientsOut:
    """Those that may call now."""
    found = await call.province.machines.clients.list(call.acting)
    return ClientsOut(items=[_shown(each) for each in found])


@endpoint(
    bp, "POST", _CLIENTS,
    access=_MANAGE, summary="Register a program by its key", body=ClientIn, answer=ClientOut,
    status=201, errors=(errors.KeyRefused, errors.TooManyClients),
)  # fmt: skip
async def register(call: Call[ClientIn, None], uscc: str) -> ClientOut:
    """It acts in the right of whoever registers it, and ends with that."""
    body = call.body
    wish = Wish(
        body.name, body.alg, body.public, [Scope(each) for each in body.scopes], body.daily_quota
    )
    return _shown(await call.province.machines.clients.register(call.acting, wish))


@endpoint(
    bp, "DELETE", f"{_CLIENTS}/<client_id:str>",
    access=_MANAGE, summary="End a program", errors=(errors.ClientUnknown,),
)  # fmt: skip
async def end(call: Call[None, None], uscc: str, client_id: str) -> None:
    """From its next request on, wherever that arrives."""
    try:
        wanted = UUID(client_id)
    except ValueError:
        raise errors.ClientUnknown from None
    await call.province.machines.clients.end(call.acting, wanted)


@endpoint(
    bp, "GET", "/machine/cases",
    access=Machine(Scope.CASES_READ), summary="Applications of the program's enterprise",
    query=ListQuery, answer=CasesOut, errors=(CursorRefused,),
)  # fmt: skip
async def list_cases(call: Call[None, ListQuery]) -> CasesOut:
    """Newest first."""
    acting, query = call.acting, call.query
    ended = {"all": None, "open": False, "ended": True}[query.state]
    page = await call.province.cases.views.page(
        call.session, query.cursor, ended, acting.enterprise.uscc, acting.items
    )
    return CasesOut(
        items=[CaseCardOut.model_validate(card_out(one)) for one in page.cards],
        next_cursor=page.next_cursor,
    )


@endpoint(
    bp, "GET", "/machine/cases/<case_no:str>",
    access=Machine(Scope.CASES_READ), summary="How an application stands", answer=CaseOut,
    errors=(CaseUnknown, ItemNotGranted),
)  # fmt: skip
async def read_case(call: Call[None, None], case_no: str) -> CaseOut:
    """What happened, what comes, until when."""
    views, acting = call.province.cases.views, call.acting
    uscc = acting.enterprise.uscc
    if acting.items and await views.item_of(case_no, uscc) not in acting.items:
        raise ItemNotGranted
    found = case_out(await views.get(call.session, case_no, uscc=uscc))
    found.actions.clear()
    return found


@endpoint(
    bp, "POST", "/machine/applications",
    access=Machine(Scope.CASES_APPLY), summary="File applications", body=BatchIn,
    answer=BatchOut, body_limit=BATCH_LIMIT, once=True,
)  # fmt: skip
async def file(call: Call[BatchIn, None]) -> BatchOut:
    """One after the other; a refusal of one leaves the others as they are."""
    calling, machines = call.calling, call.province.machines
    batch = [one.read() for one in call.body.items]
    await machines.clients.spend(calling.client, len(batch) - 1)
    found = []
    for wanted in batch:
        try:
            done = await machines.filing.file(calling, wanted, call.trace)
        except DomainError as refused:
            found.append(_refused(wanted.reference, refused))
        else:
            found.append(_filed(done))
    return BatchOut(items=found)


def _filed(done: Filed) -> FiledOut:
    return FiledOut(reference=done.reference, state="filed", case_no=done.case_no, again=done.again)


def _refused(reference: str, error: DomainError) -> FiledOut:
    return FiledOut(
        reference=reference, state="refused", code=error.code, detail=error.detail,
        context=error.context(),
    )  # fmt: skip


def _shown(client: Client) -> ClientOut:
    return ClientOut.model_validate(client, from_attributes=True)
