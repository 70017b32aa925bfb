"""我的政策: what fits a citizen and why, on which data; it can be switched off."""

from sanic import Blueprint

from backend.identity.service import Level
from backend.policies.errors import EntitlementUnknown
from gateway.channels.policies.mine import POLICIES
from gateway.channels.policies.shapes import ObjectedOut, WordsIn
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("citizen_policies", url_prefix="/api/v1/citizen/policies")


@endpoint(
    bp, "POST", "/publicity/<benefit_id:str>/objection", access=Person(Level.REAL_NAME),
    summary="Object to what is publicised", body=WordsIn, answer=ObjectedOut,
    errors=(EntitlementUnknown,),
)  # fmt: skip
async def object_publicly(call: Call[WordsIn, None], benefit_id: str) -> ObjectedOut:
    """Anybody with a real name may; the grant rests, and the answer has a date."""
    found = await call.province.policies.objections.object_publicly(
        call.session.person_id, benefit_id, call.body.words
    )
    return ObjectedOut(title=found.title, answer_by=found.answer_by)


POLICIES.declare(bp)
