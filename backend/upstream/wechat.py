"""WeChat's server interface for our mini-program: wechatpy's API classes over an async transport.

wechatpy describes the calls; its own transport (requests) would block the event loop, so a client
subclass carries them over httpx on aiohttp's pool. What wechatpy 1.8 does not know (phone numbers,
face verification) is added. WeChat's interface puts secrets and tokens into URLs: the transport is
called directly, without the client layer that would log them.

WeChatError
├── WeChatUnreachable   no usable answer in time
│   └── WeChatUnsure    … after the request had been sent: it may have been carried out
└── WeChatRefused       an ``errcode`` other than 0
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
import orjson
from httpx_aiohttp import AiohttpTransport
from wechatpy.client import WeChatClient
from wechatpy.client.api import WeChatWxa
from wechatpy.constants import WeChatErrorCode

from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import Redis
from backend.upstream.wechat_token import AccessTokens

TIMEOUT_S = 5.0
ANSWER_LIMIT = 256 * 1024
VERIFY_PASSED = 10000
_TOKEN_SPENT = frozenset(
    code.value
    for code in (
        WeChatErrorCode.INVALID_CREDENTIAL,
        WeChatErrorCode.INVALID_ACCESS_TOKEN,
        WeChatErrorCode.EXPIRED_ACCESS_TOKEN,
    )
)


class WeChatError(Exception):
    """A call to WeChat brought nothing that can be used."""


class WeChatUnreachable(WeChatError):
    """No answer in time, or one that is not JSON."""


class WeChatUnsure(WeChatUnreachable):
    """No answer to a request that was sent: WeChat may have carried it out."""


class WeChatRefused(WeChatError):
    """WeChat answered with an error.

    Attributes:
        errcode: WeChat's number; its ``errmsg`` is not kept, it may repeat what was sent.
    """

    def __init__(self, errcode: int) -> None:
        self.errcode = errcode
        super().__init__(str(errcode))


@dataclass(frozen=True, slots=True)
class FaceCheck:
    """A face verification that WeChat has opened.

    Attributes:
        verify_id: for ``wx.requestFacialVerify``; expires_in: seconds.
    """

    verify_id: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class FaceKey:
    """Stands for a name and a number in ``wx.startFacialRecognitionVerify``.

    Attributes:
        user_id_key: so that the client never has to hold the number; expires_in: seconds.
    """

    user_id_key: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class ClassicResult:
    """What WeChat says of the result of ``wx.startFacialRecognitionVerify``.

    Attributes:
        identified_at: Unix time in seconds.
        number_md5: of the identity number, X in upper case; name_md5: of the name in UTF-8.
    """

    passed: bool
    identified_at: int
    openid: str
    number_md5: str
    name_md5: str


class _Wxa(WeChatWxa):  # type: ignore[misc]  # wechatpy carries no types
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


class _Client(WeChatClient):  # type: ignore[misc]  # wechatpy carries no types
    """wechatpy's client with an async request over httpx; API calls return awaitables."""

    wxa = _Wxa()

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


class WeChat:
    """What the platform asks WeChat for; nothing of WeChat's session key is kept.

    Raises (all methods):
        WeChatUnreachable, WeChatRefused
    """

    def __init__(self, settings: Settings, redis: Redis, keyring: KeyRing) -> None:
        tokens = AccessTokens(redis, keyring, settings.wechat_app_id)
        self._client = _Client(
            settings.wechat_app_id, settings.wechat_secret, settings.wechat_base_url, tokens
        )
        self.enabled = bool(settings.wechat_app_id)

    async def openid_for(self, code: str) -> str:
        """The openid for a code of ``wx.login`` (code2Session)."""
        return _text(await self._client.wxa.code_to_session(code), "openid")

    async def phone_for(self, code: str, openid: str | None) -> str:
        """The phone for a code of ``getPhoneNumber``, with its country code: ``+86…``.

        Args:
            openid: who has to have asked for the code; None where the session does not know.
        """
        given = {"code": code} if openid is None else {"code": code, "openid": openid}
        answer = await self._client.wxa.get_user_phone_number(given)
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise WeChatUnreachable
        return f"+{_text(info, 'countryCode')}{_text(info, 'purePhoneNumber')}"

    async def open_face_check(
        self, sequence: str, name: str, id_number: str, openid: str
    ) -> FaceCheck:
        """Open a face verification (getverifyid).

        Args:
            sequence: our own number of this check (``out_seq_no``), never used before.
        """
        certificate = {
            "cert_type": "IDENTITY_CARD", "cert_name": name, "cert_no": id_number,
        }  # fmt: skip
        answer = await self._client.wxa.get_verify_id(
            {"out_seq_no": sequence, "cert_info": certificate, "openid": openid}
        )
        return FaceCheck(_text(answer, "verify_id"), int(answer.get("expires_in", 600)))

    async def face_passed(
        self, verify_id: str, sequence: str, name: str, id_number: str, openid: str
    ) -> bool:
        """Whether a face verification was passed by this very person (queryverifyinfo)."""
        answer = await self._client.wxa.query_verify_info(
            {
                "verify_id": verify_id,
                "out_seq_no": sequence,
                "cert_hash": cert_hash(name, id_number),
                "openid": openid,
            }
        )
        return bool(answer.get("verify_ret") == VERIFY_PASSED)

    async def classic_key(self, sequence: str, name: str, id_number: str) -> FaceKey:
        """A key that stands for name and number in the classic flow (getuseridkey)."""
        answer = await self._client.wxa.get_user_id_key(
            {"name": name, "id_card_number": id_number, "out_seq_no": sequence}
        )
        return FaceKey(_text(answer, "user_id_key"), int(answer.get("expires_in", 600)))

    async def classic_result(self, verify_result: str) -> ClassicResult:
        """What became of a classic face verification (getinfo); the client's word is not taken."""
        answer = await self._client.wxa.get_identify_info(verify_result)
        return ClassicResult(
            passed=answer.get("identify_ret") == 0,
            identified_at=int(answer.get("identify_time", 0)),
            openid=str(answer.get("openid", "")),
            number_md5=str(answer.get("id_card_number_md5", "")).lower(),
            name_md5=str(answer.get("name_utf8_md5", "")).lower(),
        )

    async def send_subscribed(
        self, openid: str, template_id: str, page: str, data: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Send a 订阅消息 (subscribeMessage.send); WeChat has no key against sending it twice.

        Raises:
            WeChatUnsure: it may have been sent.
            WeChatRefused: 43101 where the person's consents are used up.
        """
        await self._client.wxa.send_subscribe_message(openid, template_id, data, page)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def cert_hash(name: str, id_number: str) -> str:
    """SHA-256 over type, name and number, each in base64, as queryverifyinfo compares them."""
    parts = {"cert_type": "IDENTITY_CARD", "cert_name": name, "cert_no": id_number}
    text = "&".join(
        f"{key}={base64.b64encode(value.encode()).decode()}" for key, value in parts.items()
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatUnreachable
    return value
