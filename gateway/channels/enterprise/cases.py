"""Applications of an enterprise, for whoever represents it today."""

from sanic import Blueprint

from backend.identity.service import Level
from gateway.channels.applications.cases import CASES
from gateway.channels.doors import ENTERPRISE_ERRORS

bp = Blueprint("enterprise_cases", url_prefix="/api/v1/enterprise/enterprises")

CASES.declare(bp, Level.FACE, "/<uscc:str>/cases", ENTERPRISE_ERRORS)
