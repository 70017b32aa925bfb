"""智能客服 for whoever acts for an enterprise."""

from sanic import Blueprint

from backend.members.service import Scope
from gateway.channels.assistant.talk import HANDING_OVER, TALK

bp = Blueprint("enterprise_assistant", url_prefix="/api/v1/enterprise/enterprises")

TALK.declare_for_enterprise(bp, "/<uscc:str>/assistant", Scope.VIEW, Scope.VIEW)
HANDING_OVER.declare_for_enterprise(bp, "/<uscc:str>/assistant", Scope.VIEW, Scope.VIEW)
