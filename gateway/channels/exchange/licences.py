"""证照共享 (GB/T 36906): licences for systems, under a grant per system and licence type.

Every call names its 用途 and the 五要素; a licence that is handed out is in its holder's usage log.
A grant is applied for like any data resource, with the ``resource`` that the type list names.
"""

import base64
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from backend.exchange.service import LicenceTypeSpec, ProviderSystem
from backend.lending import errors
from backend.lending.service import Ask, Given
from backend.numbers.service import Holder
from backend.presentation.errors import LicenceNotValid
from backend.sharing.errors import (
    AddressNotAllowed,
    FieldNotGranted,
    GrantExpired,
    GrantMissing,
    GrantRevoked,
    GrantSuspended,
    LogUnavailable,
    ModeNotOffered,
    PurposeDiffers,
    QuotaUsedUp,
    RequestReused,
    SubjectKindWrong,
)
from backend.wallet.service import (
    STATUS_LABELS,
    FaceUnavailable,
    IdentifierNotOffered,
    china_time,
)
from gateway.channels.exchange.blueprint import make_blueprint
from gateway.channels.exchange.resources import Names, RequestId, SubjectIn
from gateway.channels.licences import Status
from gateway.channels.public.copies import CopyCheckOut, check_out
from gateway.channels.shown import FieldSeen
from gateway.edge.access import SYSTEM
from gateway.edge.address import client_address
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = make_blueprint("exchange_licences", "/licences")

_TEXT = r"^[^\x00-\x1f\x7f]+$"
_GRANT_ERRORS = (
    errors.LicenceTypeUnknown, errors.HolderHasNone, errors.SourceSilent,
    errors.IdentifierInvalid, errors.IdentifierUnknown, IdentifierNotOffered, GrantMissing,
    ModeNotOffered, PurposeDiffers, GrantExpired, GrantSuspended, GrantRevoked,
    AddressNotAllowed, FieldNotGranted, SubjectKindWrong, QuotaUsedUp, RequestReused,
    LogUnavailable,
)  # fmt: skip


def _word(most: int, description: str) -> Any:
    return Field(min_length=1, max_length=most, pattern=_TEXT, description=description)


class AskIn(In):
    """用途, the 五要素, and whose licences of which type."""

    request_id: RequestId
    use_for: str = _word(200, "用途, that of the grant")
    org_name: str = _word(100, "用证单位")
    username: str = _word(60, "用证人")
    item_name: str = _word(100, "事项名称")
    item_code: str = _word(64, "事项编码")
    business_code: str = _word(64, "办件号")
    holder: SubjectIn | None = Field(None, description="持证主体; none with an identifier alone")
    type_code: str | None = Field(None, pattern=r"^[0-9A-Z]{21}$", description="证照类型代码")
    identifier: str | None = Field(None, max_length=128, description="电子证照标识: only this one")
    number: str | None = Field(None, max_length=100, description="证照编号: only this one")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        """By holder and type, or by identifier (基于持证主体代码, 基于证照标识)."""
        if self.holder is None and self.identifier is None:
            raise ValueError("请给出持证主体和证照类型，或给出电子证照标识")
        if self.holder is not None and self.type_code is None:
            raise ValueError("按持证主体查询时请给出证照类型")
        return self


class DataIn(AskIn):
    """The same, and which facts."""

    fields: Names | None = Field(None, description="fewer than were granted; null for all")


class VerifyIn(AskIn):
    """The same, and what the caller holds to be true."""

    facts: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        min_length=1, max_length=50, examples=[{"holder_name": "李晓雯"}]
    )


class FileIn(In):
    """A file that somebody handed over."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of its bytes")


class TypeOut(Out):
    """A licence type, and what to apply for."""

    type_code: str
    name: str
    definer: str
    issuer: str
    trust_grade: str
    resource: str = Field(description="code for an application for sharing")
    fields: list[dict[str, str]]


class TypesOut(Out):
    """证照类型清单, by code."""

    items: list[TypeOut]


class LicenceGiven(Out):
    """A licence without its facts."""

    identifier: str
    type_code: str
    name: str
    issuer: str
    version: str
    status: Status
    status_label: str
    as_of: str
    receipt_id: str = Field(description="by which the holder finds this reading in their log")
    at: Moment


class LicenceDataOut(LicenceGiven):
    """A licence with the granted facts."""

    fields: list[FieldSeen]


class SearchOut(Out):
    """Every licence of the type that fits."""

    items: list[LicenceGiven]


class DataOut(Out):
    """Every licence of the type that fits, with the granted facts."""

    items: list[LicenceDataOut]


class VerifyOut(Out):
    """Which of the facts are true of the licence; no value is handed out."""

    licence: LicenceGiven
    matches: dict[str, bool]


class FileOut(Out):
    """A 加注件 for this case, or a picture."""

    licence: LicenceGiven
    media_type: str = Field(examples=["application/pdf"])
    content: str = Field(description="base64")


@endpoint(
    bp, "GET", "/types", access=SYSTEM, summary="Licence types (证照类型清单)", answer=TypesOut,
)  # fmt: skip
async def types(call: Call[None, None]) -> TypesOut:
    """With the resource by which a grant is applied for."""
    return TypesOut(items=[_type(*each) for each in call.province.lending.systems.types()])


@endpoint(
    bp, "POST", "/search",
    access=SYSTEM, summary="Search licences of a holder (证照检索)", body=AskIn,
    answer=SearchOut, errors=_GRANT_ERRORS,
)  # fmt: skip
async def search(call: Call[AskIn, None]) -> SearchOut:
    """Which there are, and how they stand; none of their facts."""
    found = await call.province.lending.systems.search(
        call.system, _ask(call.body), client_address(call.request), call.trace
    )
    return SearchOut(items=[LicenceGiven.model_validate(_given(each)) for each in found])


@endpoint(
    bp, "POST", "/data",
    access=SYSTEM, summary="Data of licences, by holder or identifier", body=DataIn,
    answer=DataOut, errors=_GRANT_ERRORS,
)  # fmt: skip
async def data(call: Call[DataIn, None]) -> DataOut:
    """The granted facts; the holder is told."""
    found = await call.province.lending.systems.data(
        call.system, _ask(call.body, call.body.fields), client_address(call.request), call.trace
    )
    return DataOut(items=[_data(each) for each in found])


@endpoint(
    bp, "POST", "/files",
    access=SYSTEM, summary="A licence as a stamped file, by holder or identifier", body=AskIn,
    answer=FileOut, errors=(*_GRANT_ERRORS, LicenceNotValid, FaceUnavailable),
)  # fmt: skip
async def file(call: Call[AskIn, None]) -> FileOut:
    """A 加注件, never the original; needs a grant for every field."""
    given, drawn = await call.province.lending.systems.file(
        call.system, _ask(call.body), client_address(call.request), call.trace
    )
    return FileOut(
        licence=LicenceGiven.model_validate(_given(given)), media_type="application/pdf",
        content=base64.b64encode(drawn).decode(),
    )  # fmt: skip


@endpoint(
    bp, "POST", "/thumbnails",
    access=SYSTEM, summary="A licence as a small picture (缩略图)", body=AskIn,
    answer=FileOut, errors=(*_GRANT_ERRORS, FaceUnavailable),
)  # fmt: skip
async def thumbnail(call: Call[AskIn, None]) -> FileOut:
    """Masked and watermarked, to recognise it by; needs a grant for every field."""
    given, drawn = await call.province.lending.systems.thumbnail(
        call.system, _ask(call.body), client_address(call.request), call.trace
    )
    return FileOut(
        licence=LicenceGiven.model_validate(_given(given)), media_type="image/png",
        content=base64.b64encode(drawn).decode(),
    )  # fmt: skip


@endpoint(
    bp, "POST", "/verifications",
    access=SYSTEM, summary="Whether facts are true of a licence (核验信息)", body=VerifyIn,
    answer=VerifyOut, errors=_GRANT_ERRORS,
)  # fmt: skip
async def verify(call: Call[VerifyIn, None]) -> VerifyOut:
    """Fact by fact; they have to be granted."""
    body = call.body
    given, matches = await call.province.lending.systems.verify(
        call.system, _ask(body), body.facts, client_address(call.request), call.trace
    )
    return VerifyOut(licence=LicenceGiven.model_validate(_given(given)), matches=matches)


@endpoint(
    bp, "POST", "/file-verifications",
    access=SYSTEM, summary="Whether a file is genuine (核验文件)", body=FileIn,
    answer=CopyCheckOut, errors=(errors.CopyUnknown,),
)  # fmt: skip
async def verify_file(call: Call[FileIn, None]) -> CopyCheckOut:
    """By its digest: exactly what the platform handed out, byte for byte."""
    return check_out(await call.province.lending.copies.check_file(call.body.sha256))


def _ask(body: AskIn, fields: list[str] | None = None) -> Ask:
    who = body.holder
    holder = Holder(who.code_type, who.code, who.name) if who else None
    return Ask(
        request_id=body.request_id, use_for=body.use_for, org_name=body.org_name,
        username=body.username, item_name=body.item_name, item_code=body.item_code,
        business_code=body.business_code, holder=holder, type_code=body.type_code,
        identifier=body.identifier, number=body.number, fields=fields,
    )  # fmt: skip


def _type(kind: LicenceTypeSpec, system: ProviderSystem, resource: str) -> TypeOut:
    return TypeOut(
        type_code=kind.code, name=kind.name, definer=kind.definer.name, issuer=system.name,
        trust_grade=kind.trust_grade, resource=resource,
        fields=[{"name": each.name, "label": each.label} for each in kind.fields],
    )  # fmt: skip


def _given(given: Given) -> dict[str, Any]:
    licence, card = given.card.licence, given.card
    return {
        "identifier": licence.identifier, "type_code": licence.type_code, "name": licence.name,
        "issuer": licence.issuer_name, "version": licence.version, "status": card.status.value,
        "status_label": STATUS_LABELS[card.status], "as_of": china_time(card.as_of),
        "receipt_id": given.receipt_id, "at": given.at,
    }  # fmt: skip


def _data(given: Given) -> LicenceDataOut:
    fields = [{"name": f.name, "label": f.label, "value": f.value} for f in given.facts]
    return LicenceDataOut.model_validate({**_given(given), "fields": fields})
