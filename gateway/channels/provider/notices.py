"""What issuers tell unasked: that the licences of a holder have changed."""

from uuid import UUID

from pydantic import AwareDatetime, Field
from sanic import Blueprint

from backend.numbers.service import Holder
from backend.wallet.service import LicenceRecord, LicencesAnswer, NoticeRefused, WalletContended
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("provider_notices", url_prefix="/api/v1/provider")

# Two hundred licences with long faces.
NOTICE_LIMIT = 512 * 1024
_LEGAL_ENTITY = "001"


class HolderIn(In):
    """Whose licences changed."""

    code_type: str = Field(pattern=r"^[0-9]{3}$", examples=["111"])
    code: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=200)


class NoticeIn(In):
    """All licences that this holder has at the sender now; an empty list when there are none."""

    notice_id: UUID
    holder: HolderIn
    revision: int = Field(ge=0, lt=2**63, description="grows with every change of this holder")
    as_of: AwareDatetime
    licences: list[LicenceRecord] = Field(max_length=200)


class NoticeOut(Out):
    """Whether it changed anything: not if a newer revision is known, or no wallet is kept."""

    applied: bool


@endpoint(
    bp, "POST", "/licence-notices",
    access=SYSTEM, summary="Licences of a holder changed", body=NoticeIn, answer=NoticeOut,
    errors=(NoticeRefused, WalletContended),
    body_limit=NOTICE_LIMIT,
)  # fmt: skip
async def take_notice(call: Call[NoticeIn, None]) -> NoticeOut:
    """Replaces what the wallet holds of the sender; sending it again does no harm."""
    notice, wallet = call.body, call.province.wallet
    holder = Holder(notice.holder.code_type, notice.holder.code, notice.holder.name)
    tell: list[UUID] = []
    if holder.code_type == _LEGAL_ENTITY:
        subject = wallet.enterprise_subject(holder.code)
    else:
        # Of a child without an account there may be a wallet, too: a guardian carries it.
        subject = await call.province.lending.family.subject_of_number(holder.code)
        tell = await call.province.lending.family.told_of(holder.code)
    answer = LicencesAnswer(revision=notice.revision, as_of=notice.as_of, licences=notice.licences)
    return NoticeOut(applied=await wallet.apply_notice(call.system, subject, holder, answer, tell))
