"""Face verification as WeChat offers it: the classic flow and the one with ``verify_id``."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.sandbox.wechat.errors import Code, WechatError

LIFETIME_S = 3600
PASSED = 10000
# What a query hears before the person has shown their face.
NOT_DONE = 90199
CLASSIC_PASSED = 0
CLASSIC_FAILED = 10003


@dataclass(slots=True)
class _Session:
    openid: str
    out_seq_no: str
    cert_hash: str
    expires: float
    verify_ret: int = NOT_DONE


def cert_hash(cert_type: str, cert_name: str, cert_no: str) -> str:
    """``cert_hash`` of the documentation: hex SHA-256 over the three fields in base64."""
    fields = {"cert_type": cert_type, "cert_name": cert_name, "cert_no": cert_no}
    joined = "&".join(
        f"{name}={base64.b64encode(value.encode()).decode()}" for name, value in fields.items()
    )
    return hashlib.sha256(joined.encode()).hexdigest()


class FaceBooth:
    """Keeps verifications; the control interface plays the person in front of the camera."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._results: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self.default_ret = NOT_DONE

    def open(self, openid: str, out_seq_no: str, cert_info: dict[str, Any]) -> str:
        """``getverifyid``: a session for these facts.

        Raises:
            WechatError: 40097 a fact is missing or the document is no identity card.
        """
        facts = [cert_info.get(name) for name in ("cert_type", "cert_name", "cert_no")]
        if not all(isinstance(fact, str) and fact for fact in [*facts, out_seq_no]):
            raise WechatError(Code.INVALID_ARGUMENTS)
        kind, name, number = (str(fact) for fact in facts)
        if kind != "IDENTITY_CARD":
            raise WechatError(Code.INVALID_ARGUMENTS)
        verify_id = secrets.token_urlsafe(48)
        self._sessions[verify_id] = _Session(
            openid,
            out_seq_no,
            cert_hash(kind, name, number),
            self._clock() + LIFETIME_S,
            self.default_ret,
        )
        return verify_id

    def decide(self, verify_id: str, verify_ret: int) -> None:
        """The person has shown their face.

        Raises:
            KeyError: no such session.
        """
        self._sessions[verify_id].verify_ret = verify_ret

    def result(self, verify_id: str, out_seq_no: str, given_hash: str, openid: str) -> int:
        """``queryverifyinfo``: 10000 when passed.

        Raises:
            WechatError: 40097 unknown or expired session, or facts other than it was opened with.
        """
        session = self._sessions.get(verify_id)
        if session is None or session.expires <= self._clock():
            raise WechatError(Code.INVALID_ARGUMENTS)
        if (session.out_seq_no, session.cert_hash) != (out_seq_no, given_hash):
            raise WechatError(Code.INVALID_ARGUMENTS)
        if session.openid != openid:
            raise WechatError(Code.INVALID_OPENID)
        return session.verify_ret

    def key_for(self, name: str, id_number: str) -> str:
        """``getuseridkey``: a key that stands for name and number in the client."""
        key = secrets.token_urlsafe(32)
        self._keys[key] = (name, id_number)
        return key

    def classic(self, openid: str, name: str, id_number: str, passed: bool) -> str:
        """The ``verifyResult`` that ``wx.startFacialRecognitionVerify`` would give the client."""
        token = secrets.token_urlsafe(48)
        now = int(self._clock())
        self._results[token] = {
            "identify_ret": CLASSIC_PASSED if passed else CLASSIC_FAILED,
            "identify_time": now,
            "validate_data": "",
            "openid": openid,
            "name_utf8_md5": _md5(name),
            "id_card_number_md5": _md5(id_number),
            "finish_time": now,
        }
        return token

    def classic_result(self, verify_result: str) -> dict[str, Any]:
        """``getinfo``.

        Raises:
            WechatError: 40097 not a result that was given out.
        """
        found = self._results.get(verify_result)
        if found is None:
            raise WechatError(Code.INVALID_ARGUMENTS)
        return found


def _md5(text: str) -> str:
    # WeChat's own format; nothing is protected by it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
