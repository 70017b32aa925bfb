"""我的政策: what fits a citizen and why, on which data; it can be switched off."""

from sanic import Blueprint

from gateway.channels.policies.mine import POLICIES

bp = Blueprint("citizen_policies", url_prefix="/api/v1/citizen/policies")

POLICIES.declare(bp)
