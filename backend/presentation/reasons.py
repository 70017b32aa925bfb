"""Why a presentation is refused: each reason by itself, in words for people at a counter."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong; the value is part of the interface."""

    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    UNSUPPORTED = "unsupported"
    UNKNOWN_KEY = "unknown_key"
    WRONG_ISSUER = "wrong_issuer"
    ALTERED = "altered"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    DISCLOSURE_UNKNOWN = "disclosure_unknown"
    NO_KEY_BINDING = "no_key_binding"
    WRONG_HOLDER = "wrong_holder"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    NOT_FRESH = "not_fresh"
    STATUS_MISSING = "status_missing"
    STATUS_STALE = "status_stale"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"


WORDS: dict[Reason, str] = {
    Reason.MALFORMED: "内容不是有效的电子证照凭证，请让对方重新出示。",
    Reason.INCOMPLETE: "二维码没有扫全或来自不同的凭证，请把每一张都扫到。",
    Reason.UNSUPPORTED: "凭证所用的签名算法在本机不受支持。",
    Reason.UNKNOWN_KEY: "签发方的密钥不在可信名单中，请先更新公钥；仍不通过的，不予采信。",
    Reason.WRONG_ISSUER: "凭证不是由可信的签发方签发的，不予采信。",
    Reason.ALTERED: "凭证内容被改动过，不予采信。",
    Reason.NOT_YET_VALID: "凭证还没有生效。",
    Reason.EXPIRED: "凭证已过有效期，请让对方联网更新后重新出示。",
    Reason.DISCLOSURE_UNKNOWN: "出示的信息项不属于这份凭证，不予采信。",
    Reason.NO_KEY_BINDING: "缺少持证人手机的签名，无法确认是本人出示。",
    Reason.WRONG_HOLDER: "持证人手机的签名不对，凭证可能被他人复制。",
    Reason.WRONG_AUDIENCE: "这次出示是给另一个核验方的，请让对方重新出示。",
    Reason.WRONG_NONCE: "这次出示不是回应本次核验的，可能是重复使用，请让对方重新出示。",
    Reason.NOT_FRESH: "这次出示的时间不对（过早或过晚），请让对方重新出示，并核对两边时钟。",
    Reason.STATUS_MISSING: "本机没有这份凭证所属的状态名单，请先联网更新。",
    Reason.STATUS_STALE: "本机的状态名单已过期，请先联网更新。",
    Reason.WITHDRAWN: "证照已失效（撤销、注销、吊销、换发或转出），不予采信。",
    Reason.SUSPENDED: "证照目前处于暂扣或挂失状态，不予采信。",
}


class Refused(Exception):
    """A presentation, a key set or a status list that cannot be relied on."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)

    @property
    def words(self) -> str:
        """The reason in Chinese."""
        return WORDS[self.reason]
