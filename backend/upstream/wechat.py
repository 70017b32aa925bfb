"""WeChat's server interface for our mini-program, as far as the platform asks for it.

What wechatpy 1.8 does not know (phone numbers, face verification) is added in ``wechat_client``.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import Redis
from backend.upstream.wechat_errors import (
    WeChatError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUnsure,
)
from backend.upstream.wechat_token import AccessTokens

if TYPE_CHECKING:
    from backend.upstream.wechat_client import Client

__all__ = [
    "ClassicResult",
    "FaceCheck",
    "FaceKey",
    "WeChat",
    "WeChatError",
    "WeChatRefused",
    "WeChatUnreachable",
    "WeChatUnsure",
    "cert_hash",
]

VERIFY_PASSED = 10000


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


class WeChat:
    """What the platform asks WeChat for; nothing of WeChat's session key is kept.

    Raises (all methods):
        WeChatUnreachable, WeChatRefused
    """

    def __init__(self, settings: Settings, redis: Redis, keyring: KeyRing) -> None:
        self._settings = settings
        self._tokens = AccessTokens(redis, keyring, settings.wechat_app_id)
        self.enabled = bool(settings.wechat_app_id)

    @cached_property
    def _client(self) -> "Client":
        # Read when it is wanted: wechatpy and aiohttp bring 12 MB, and browsers need none of it.
        from backend.upstream.wechat_client import Client

        own = self._settings
        return Client(own.wechat_app_id, own.wechat_secret, own.wechat_base_url, self._tokens)

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
        if "_client" in vars(self):
            await self._client.close()


def cert_hash(name: str, id_number: str) -> str:
    """SHA-256 over type, name and number, each in base64, as queryverifyinfo compares them."""
    parts = {"cert_type": "IDENTITY_CARD", "cert_name": name, "cert_no": id_number}
    text = "&".join(
        f"{key}={base64.b64encode(value.encode()).decode()}" for key, value in parts.items()
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatUnreachable
    return value
