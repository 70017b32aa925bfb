"""The other side of the door: calls of provincial systems, known by their signatures."""

from sanic import Request

from backend.exchange.service import ProviderSystem
from backend.province import Province


async def signed_by(request: Request, province: Province) -> ProviderSystem:
    """The registered system that signed this request.

    Raises:
        SignatureMissing, SignatureInvalid, SignatureReplayed: see ``backend.exchange.errors``.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    return await province.exchange.authenticate(
        request.method, request.path, request.query_string, headers, request.body
    )
