"""The other side of the door: calls of provincial systems, known by their signatures."""

from sanic import HTTPResponse, Request

from backend.exchange.service import ProviderSystem
from backend.province import Province
from gateway.edge.answers import JsonAnswer


async def signed_by(request: Request, province: Province) -> ProviderSystem:
    """The registered system that signed this request.

    Raises:
        SignatureInvalid: for each reason a class of its own, see ``backend.exchange.errors``.
    """
    return await province.exchange.authenticate(
        request.method, request.path, request.query_string, _headers(request), request.body
    )


def sign_if_asked(request: Request, response: HTTPResponse) -> None:
    """Sign an answer, a refusal too, for a system that asks (``Accept-Signature``, RFC 9421)."""
    wanted = request.headers.get("accept-signature")
    if wanted is None:
        return
    province: Province = request.app.ctx.province
    signed = province.connector.sign_answer(
        wanted, response.status, response.body or b"", _headers(request)
    )
    if isinstance(response, JsonAnswer):
        response.add(signed)
    else:
        response.headers.update(signed)


def _headers(request: Request) -> dict[str, str]:
    """The headers by name, which is in lower case as Sanic and the short way read it."""
    return dict(request.headers.items())
