"""Fetches from the platform what an applicant uploaded, as a department does it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import aiohttp

from backend.sandbox.problems import Refusal
from backend.upstream.signing import SigningKey, sign_request

PATH = "/api/v1/provider/cases/{case_no}/materials/{id}"
LARGEST = 20 * 1024 * 1024


class FileFetcher:
    """Signed reading of uploaded materials.

    Args:
        gateway_url: address of the platform; None: there is none to ask.
    """

    def __init__(self, key: SigningKey, gateway_url: str | None) -> None:
        self._key, self._url = key, gateway_url.rstrip("/") if gateway_url else None

    async def fetch(self, case_no: str, file: Mapping[str, Any]) -> bytes:
        """The content of a file that the submission names.

        Raises:
            Refusal: the platform does not give it, or gives another one.
        """
        if self._url is None:
            raise Refusal(503, "control.platform_unknown", "The platform's address is not set")
        path = PATH.format(case_no=case_no, id=file["id"])
        headers = sign_request(self._key, "GET", path, "", b"")
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._url + path, headers=headers) as answer,
            ):
                status, content = answer.status, await answer.content.read(LARGEST)
        except (aiohttp.ClientError, TimeoutError):
            raise Refusal(502, "control.platform_silent", "The platform did not answer") from None
        if status != 200:
            raise Refusal(502, "control.file_refused", f"The platform answered {status}")
        if hashlib.sha256(content).hexdigest() != file["sha256"]:
            raise Refusal(502, "control.file_differs", "The file is not the one that was named")
        return content
