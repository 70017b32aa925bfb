"""专属服务: whom an enterprise may call."""

from pydantic import Field
from sanic import Blueprint

from backend.members.service import Scope
from gateway.edge.access import Member
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("enterprise_contacts", url_prefix="/api/v1/enterprise/enterprises")


class ContactOut(Out):
    """Somebody of a department who answers for this enterprise (服务专员)."""

    name: str = Field(examples=["林晓岚"])
    title: str = Field(examples=["天河区企业服务专员"])
    department_name: str
    phone: str = Field(examples=["020-38622000"])
    helps_with: str = Field(examples=["变更登记、年度报告、信用修复"])
    hours: str = Field(examples=["工作日 9:00-17:00"])


class ContactsOut(Out):
    """The nearest first; none where nobody was appointed."""

    items: list[ContactOut]


@endpoint(
    bp, "GET", "/<uscc:str>/contacts",
    access=Member(scope=Scope.VIEW), summary="Whom the enterprise may call", answer=ContactsOut,
)  # fmt: skip
async def list_contacts(call: Call[None, None], uscc: str) -> ContactsOut:
    """Appointed by departments and districts for its place, its trade, or itself."""
    found = await call.province.contacts.of(call.acting.enterprise)
    items = [
        ContactOut(
            name=one.name, title=one.title, department_name=one.department_name,
            phone=one.phone, helps_with=one.helps_with, hours=one.hours,
        )
        for one in found
    ]  # fmt: skip
    return ContactsOut(items=items)
