"""wechatpy's client over an async transport, with the calls of a mini-program that it lacks.

wechatpy describes the calls; its own transport (requests) would block the event loop, so a client
subclass carries them over httpx on aiohttp's pool. WeChat's interface puts secrets and tokens into
URLs: the transport is called directly, without the client layer that would log them.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
import httpx
import orjson
from httpx_aiohttp import AiohttpTransport
from wechatpy.client import WeChatClient
from wechatpy.client.api import WeChatWxa
from wechatpy.constants import WeChatErrorCode

from backend.upstream.wechat_errors import WeChatRefused, WeChatUnreachable, WeChatUnsure
from backend.upstream.wechat_token import AccessTokens

TIMEOUT_S = 5.0
ANSWER_LIMIT = 256 * 1024
_TOKEN_SPENT = frozenset(
    code.value
    for code in (
        WeChatErrorCode.INVALID_CREDENTIAL,
        WeChatErrorCode.INVALID_ACCESS_TOKEN,
        WeChatErrorCode.EXPIRED_ACCESS_TOKEN,
    )
)


class Wxa(WeChatWxa):  # type: ignore[misc]  # wechatpy carries no types
    """The calls of a mini-program, those added that wechatpy lacks."""

    # Its own base address would override the client's, so that no sandbox could stand in.
    API_BASE_URL = None

    def get_user_phone_number(self, data: Mapping[str, str]) -> Any:
        """手机号快速验证: POST /wxa/business/getuserphonenumber."""
        return self._post("wxa/business/getuserphonenumber", data=data)

    def get_verify_id(self, data: Mapping[str, object]) -> Any:
        """人脸核身: POST /cityservice/face/identify/getverifyid."""
        return self._post("cityservice/face/identify/getverifyid", data=data)

    def query_verify_info(self, data: Mapping[str, object]) -> Any:
        """人脸核身: POST /cityservice/face/identify/queryverifyinfo."""
        return self._post("cityservice/face/identify/queryverifyinfo", data=data)

    def get_user_id_key(self, data: Mapping[str, str]) -> Any:
        """人脸核身, classic: POST /cityservice/face/identify/getuseridkey."""
        return self._post("cityservice/face/identify/getuseridkey", data=data)

    def get_identify_info(self, verify_result: str) -> Any:
        """人脸核身, classic: POST /cityservice/face/identify/getinfo."""
        return self._post(
            "cityservice/face/identify/getinfo", data={"verify_result": verify_result}
        )


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy carries no types
    """wechatpy's client with an async request over httpx; API calls return awaitables."""

    wxa = Wxa()

    def __init__(self, app_id: str, secret: str, base_url: str, tokens: AccessTokens) -> None:
        super().__init__(app_id, secret, timeout=TIMEOUT_S)
        self.API_BASE_URL = base_url.rstrip("/") + "/"
        self._tokens = tokens
        self._transport: AiohttpTransport | None = None

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, Any]:
        """Make a call; an access token that WeChat no longer takes is renewed once."""
        params: dict[str, str] = dict(kwargs.get("params") or {})
        data = kwargs.get("data")
        # Calls that identify themselves by appid and secret take no access token.
        if "secret" in params:
            return _accepted(await self._send(method, url_or_endpoint, params, data))
        token = await self._token(self._tokens.current(self._new_token))
        try:
            return _accepted(
                await self._send(method, url_or_endpoint, {"access_token": token, **params}, data)
            )
        except WeChatRefused as refused:
            if refused.errcode not in _TOKEN_SPENT:
                raise
        token = await self._token(self._tokens.replace(token, self._new_token))
        return _accepted(
            await self._send(method, url_or_endpoint, {"access_token": token, **params}, data)
        )

    async def _token(self, coming: Awaitable[str]) -> str:
        """The access token; without one the call itself was surely not sent."""
        try:
            return await coming
        except WeChatUnsure:
            raise WeChatUnreachable from None

    async def _new_token(self) -> tuple[str, int]:
        params = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        answer = _accepted(await self._send("get", "cgi-bin/token", params, None))
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    async def _send(
        self, method: str, endpoint: str, params: Mapping[str, str], data: Any
    ) -> dict[str, Any]:
        url = httpx.URL(self.API_BASE_URL + endpoint, params=dict(params))
        body = b"" if data is None else orjson.dumps(data)
        headers = {"host": url.netloc.decode(), "content-length": str(len(body))}
        if body:
            headers["content-type"] = "application/json"
        request = httpx.Request(method.upper(), url, headers=headers, content=body)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return _parsed(await self._received(request))
        except (httpx.ConnectError, httpx.ConnectTimeout, aiohttp.ClientConnectorError):
            raise WeChatUnreachable from None
        except (TimeoutError, httpx.HTTPError, aiohttp.ClientError, WeChatUnreachable):
            raise WeChatUnsure from None

    async def _received(self, request: httpx.Request) -> bytes:
        if self._transport is None:
            self._transport = AiohttpTransport(
                client=lambda: aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            )
        response = await self._transport.handle_async_request(request)
        chunks, size = [], 0
        try:
            async for chunk in response.aiter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > ANSWER_LIMIT:
                    raise WeChatUnreachable
        finally:
            await response.aclose()
        if response.status_code != 200:
            raise WeChatUnreachable
        return b"".join(chunks)

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.aclose()


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise WeChatUnreachable from None
    if not isinstance(answer, dict):
        raise WeChatUnreachable
    return answer


def _accepted(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("errcode"):
        raise WeChatRefused(int(answer["errcode"]))
    return answer
