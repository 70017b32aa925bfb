"""What can go wrong between the platform and the systems registered with it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from backend.errors import DomainError, PlacesWrong


class ExchangeError(DomainError):
    """Base of the package's errors."""

    code = "exchange.failed"
    title = "Exchange failed"


class ManifestRefused(ExchangeError):
    """A manifest cannot be accepted.

    Attributes:
        source: the file's name.
        errors: ``{"pointer": RFC 6901, "message": Chinese}`` for each place.
    """

    code = "exchange.manifest_refused"
    title = "Manifest refused"
    kind = "invalid"

    def __init__(self, source: str, errors: Sequence[dict[str, str]]) -> None:
        self.source = source
        self.errors = list(errors)
        places = "；".join(f"{e['pointer']} {e['message']}".strip() for e in errors[:5])
        more = "等" if len(errors) > 5 else ""
        super().__init__(f"{source} 有 {len(errors)} 处需要更正：{places}{more}。")

    def __str__(self) -> str:
        return self.detail

    def context(self) -> dict[str, Any]:
        """The list of mistakes."""
        return {"errors": self.errors}


class AddressRefused(ExchangeError):
    """The address of a system points where the platform must not call."""

    code = "exchange.address_refused"
    title = "Address refused"
    kind = "invalid"

    def __init__(self, host: str, reason: str = "private") -> None:
        self.host, self.reason = host, reason
        super().__init__(
            f"接入地址 {host} 不允许：不能使用本机地址，也不能使用平台未开放的内网地址。"
        )

    def context(self) -> dict[str, Any]:
        """Which rule it breaks."""
        return {"reason": self.reason}


class SignatureInvalid(ExchangeError):
    """A call of a system is not let in: base of the eight reasons, each with a code of its own.

    Attributes:
        reason: the word of ``SignatureRefused``, a label in the metrics.
    """

    code = "exchange.signature_invalid"
    title = "The signature is not valid"
    detail = "请求签名无效，请检查密钥、时间和报文摘要。"
    kind = "unauthenticated"
    reason: ClassVar[str] = "invalid"


class SignatureMissing(SignatureInvalid):
    """``signature``, ``signature-input`` or ``content-digest`` is not there."""

    code = "exchange.signature_missing"
    title = "The request is not signed"
    detail = (
        "请求没有签名，请按 RFC 9421 带上 signature、signature-input 和 content-digest 三个请求头。"
    )
    reason = "missing"


class SignatureMalformed(SignatureInvalid):
    """The headers are not of the form, or cover less than they have to."""

    code = "exchange.signature_malformed"
    title = "The signature headers are malformed"
    detail = (
        "签名请求头的格式不对：标签应为 sst，须覆盖 @method、@path、@query、content-digest，"
        "并带 created、expires、nonce（至少 16 个字符）、keyid 和 alg（ed25519 或 sm2-sm3）。"
    )
    reason = "malformed"


class SignatureKeyUnknown(SignatureInvalid):
    """No published manifest holds a key of this id."""

    code = "exchange.signature_key_unknown"
    title = "The key is not known"
    detail = "平台没有登记这个 keyid 的公钥，请核对密钥编号，或先在接入清单中登记并发布。"
    reason = "unknown_key"


class SignatureKeyRevoked(SignatureInvalid):
    """The key was revoked."""

    code = "exchange.signature_key_revoked"
    title = "The key has been revoked"
    detail = "这把密钥已被吊销，请改用仍然有效的密钥签名；没有的请登记新密钥。"
    reason = "revoked_key"


class SignatureExpired(SignatureInvalid):
    """``created`` or ``expires`` is more than 300 seconds away from now."""

    code = "exchange.signature_expired"
    title = "The signature is of another time"
    detail = "签名时间不在有效期内：created 与平台时间相差不得超过 300 秒，请校准时钟后重新签名。"
    reason = "expired"


class SignatureDigestWrong(SignatureInvalid):
    """``content-digest`` is not that of the body."""

    code = "exchange.signature_digest"
    title = "The digest is not that of the body"
    detail = "content-digest 与收到的报文不一致，请对实际发送的字节计算 SHA-256 摘要后再签名。"
    reason = "digest"


class SignatureWrong(SignatureInvalid):
    """The signature is not of the named key over this request."""

    code = "exchange.signature_wrong"
    title = "The signature does not verify"
    detail = (
        "签名验证不通过，请核对私钥与 keyid、alg 是否配对，"
        "签名基串的方法、路径和查询串是否与实际发送的一致。"
    )
    reason = "wrong"


class SignatureReplayed(SignatureInvalid):
    """The same signed request came before."""

    code = "exchange.signature_replayed"
    title = "The request was replayed"
    detail = "这个请求已经处理过，请用新的随机数重新签名。"
    reason = "replayed"


# What every call of a system may be refused with, by reason.
SIGNATURE_ERRORS: dict[str, type[SignatureInvalid]] = {
    error.reason: error
    for error in (
        SignatureMissing,
        SignatureMalformed,
        SignatureKeyUnknown,
        SignatureKeyRevoked,
        SignatureExpired,
        SignatureDigestWrong,
        SignatureWrong,
        SignatureReplayed,
    )
}


class KeyTaken(ExchangeError):
    """A key id in the manifest belongs to another system already."""

    code = "exchange.key_taken"
    title = "Key id taken"
    kind = "conflict"

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(f"密钥编号 {key_id} 已由其他系统登记，请换一个编号。")


class CodesTaken(ExchangeError, PlacesWrong):
    """Codes in the manifest belong to other systems already.

    Attributes:
        errors: ``{"pointer", "element", "message"}`` for each; the message says whose it is.
    """

    code = "exchange.codes_taken"
    title = "Codes taken"
    kind = "conflict"

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        super().__init__(errors, "；".join(error["message"] for error in errors[:5]) + "。")


class WindowInvalid(ExchangeError):
    """A maintenance window cannot be announced like this; the sentence says why."""

    code = "exchange.window_invalid"
    title = "The maintenance window is not valid"
    detail = "维护时间有误，请检查。"
    kind = "invalid"


class WindowUnknown(ExchangeError):
    """There is no such maintenance window, or it is over."""

    code = "exchange.window_unknown"
    title = "No such maintenance window"
    detail = "没有找到这条维护公告，它可能已经结束或取消。"
    kind = "not_found"
