"""专属政策: what fits an enterprise and why, for whoever may see to that."""

from sanic import Blueprint

from backend.members.service import Scope
from gateway.channels.policies.mine import POLICIES

bp = Blueprint("enterprise_policies", url_prefix="/api/v1/enterprise/enterprises")

POLICIES.declare_for_enterprise(bp, "/<uscc:str>/policies", Scope.POLICIES, Scope.POLICIES)
