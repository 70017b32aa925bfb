"""公示: which benefits are about to be granted, for anyone to read."""

from sanic import Blueprint

from gateway.channels.policies.shapes import PublicisedOut, PublicityOut
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("public_policy_publicity", url_prefix="/api/v1/public/policy-publicity")


@endpoint(bp, "GET", "", access=PUBLIC, summary="What is publicised", answer=PublicityOut)
async def list_publicised(call: Call[None, None]) -> PublicityOut:
    """At most 200, those that end first; nobody's number, nobody's account."""
    found = await call.province.policies.objections.publicised()
    return PublicityOut(
        items=[
            PublicisedOut(
                id=str(one.id), code=one.code, title=one.title, department=one.department,
                holder=one.holder, amount=one.amount, until=one.until, contact=one.contact,
            )
            for one in found
        ]
    )  # fmt: skip
