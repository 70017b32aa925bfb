"""Applications of an enterprise, for whoever may see them or act in them today."""

from sanic import Blueprint

from backend.members.service import Scope
from gateway.channels.applications.cases import CASES, ENTERPRISE_ERRORS

bp = Blueprint("enterprise_cases", url_prefix="/api/v1/enterprise/enterprises")

CASES.declare_for_enterprise(
    bp, "/<uscc:str>/cases", Scope.CASES_READ, Scope.CASES_APPLY, ENTERPRISE_ERRORS
)
