"""The hook by which SMS leave: a carrier's gateway, or whatever stands before one.

``POST {SST_SMS_URL}`` with ``{"id", "phone", "text"}`` and ``authorization: Bearer
{SST_SMS_TOKEN}``; the id is also the ``idempotency-key``: the receiver sends one SMS per id, so
that an answer that got lost can be asked for again. 2xx or 409 is taken, another 4xx is a refusal
for good, anything else is tried again.

SmsError
├── SmsUnreachable   no usable answer; may be sent again with the same id
└── SmsRefused       the hook will not send this one
"""

import httpx

from backend.settings import Settings

TIMEOUT_S = 5.0


class SmsError(Exception):
    """An SMS did not go out."""


class SmsUnreachable(SmsError):
    """No answer in time, or one of trouble."""


class SmsRefused(SmsError):
    """The hook answered that it will not send this."""


class Sms:
    """Sends through the hook; ``enabled`` says whether there is one."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._token = settings.sms_url, settings.sms_token
        self._client: httpx.AsyncClient | None = None
        self.enabled = bool(self._url)

    async def send(self, message_id: str, phone: str, text: str) -> None:
        """Send one SMS; again with the same id sends nothing more.

        Args:
            phone: E.164.

        Raises:
            SmsUnreachable, SmsRefused
        """
        if self._client is None:
            # Read when it is wanted: only the worker sends, and not before there is something.
            from httpx_aiohttp import AiohttpTransport

            self._client = httpx.AsyncClient(transport=AiohttpTransport(), timeout=TIMEOUT_S)
        headers = {"idempotency-key": message_id}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        body = {"id": message_id, "phone": phone, "text": text}
        try:
            answer = await self._client.post(self._url, json=body, headers=headers)
        except httpx.HTTPError:
            raise SmsUnreachable from None
        if answer.is_success or answer.status_code == httpx.codes.CONFLICT:
            return
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise SmsUnreachable
        raise SmsRefused

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
