"""A language model behind an OpenAI-compatible address, of which nothing personal may be asked.

``POST {SST_ASSISTANT_MODEL_URL}/chat/completions`` with ``authorization: Bearer
{SST_ASSISTANT_MODEL_KEY}`` and the model ``SST_ASSISTANT_MODEL_NAME``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from backend.settings import Settings
from backend.upstream.deadline import Deadline

LONGEST_S = 8.0
_MOST_TOKENS = 800
_MOST_BYTES = 256 * 1024


class ModelError(Exception):
    """No usable answer came in time."""


class Model:
    """Asks the model; ``enabled`` says whether there is one."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.assistant_model_url.rstrip("/")
        self._key, self._name = settings.assistant_model_key, settings.assistant_model_name
        self._client: httpx.AsyncClient | None = None
        self.enabled = bool(self._url)

    async def say(self, messages: Sequence[Mapping[str, str]], deadline: Deadline) -> str:
        """What the model answers; eight seconds are waited at most.

        Raises:
            ModelError.
        """
        if self._client is None:
            # Read when it is wanted: most provinces have no model.
            from httpx_aiohttp import AiohttpTransport

            self._client = httpx.AsyncClient(transport=AiohttpTransport(), timeout=LONGEST_S)
        left = min(deadline.remaining(), LONGEST_S)
        if left <= 0:
            raise ModelError
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        body = {
            "model": self._name, "messages": list(messages), "temperature": 0,
            "max_tokens": _MOST_TOKENS, "stream": False,
        }  # fmt: skip
        try:
            answer = await self._client.post(
                f"{self._url}/chat/completions", json=body, headers=headers, timeout=left
            )
            if not answer.is_success or len(answer.content) > _MOST_BYTES:
                raise ModelError
            return _text(answer.json())
        except (httpx.HTTPError, ValueError):
            raise ModelError from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


def _text(answer: Any) -> str:
    try:
        said = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise ModelError from None
    if not isinstance(said, str):
        raise ModelError
    return said
