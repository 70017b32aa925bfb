"""智能客服 for citizens; a person is written to only in one's own name."""

from sanic import Blueprint

from backend.identity.service import Level
from gateway.channels.assistant.talk import HANDING_OVER, TALK

bp = Blueprint("citizen_assistant", url_prefix="/api/v1/citizen/assistant")

TALK.declare(bp, Level.WECHAT)
HANDING_OVER.declare(bp)
