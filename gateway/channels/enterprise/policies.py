"""专属政策: what fits an enterprise and why, for whoever represents it."""

from sanic import Blueprint

from backend.identity.service import Level
from gateway.channels.doors import ENTERPRISE_ERRORS
from gateway.channels.policies.mine import POLICIES

bp = Blueprint("enterprise_policies", url_prefix="/api/v1/enterprise/enterprises")

POLICIES.declare(bp, Level.FACE, "/<uscc:str>/policies", ENTERPRISE_ERRORS)
