"""What can go wrong between the platform and the systems registered with it."""

from collections.abc import Sequence
from typing import Any

from backend.errors import DomainError


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
        places = ";".join(f"{e['pointer'] or '/'} {e['message']}" for e in errors[:5])
        super().__init__(f"接入清单 {source} 有 {len(errors)} 处需要更正:{places}")

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

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"接入地址 {host} 不允许:只有沙箱可以使用本机或内网地址")


class SignatureMissing(ExchangeError):
    """A call of a system came without a signature."""

    code = "exchange.signature_missing"
    title = "The request is not signed"
    detail = "请求没有签名,请按 RFC 9421 签名后再试。"
    kind = "unauthenticated"


class SignatureInvalid(ExchangeError):
    """The signature does not fit the request, the time or a registered key.

    Attributes:
        reason: the word of ``SignatureRefused``.
    """

    code = "exchange.signature_invalid"
    title = "The signature is not valid"
    detail = "请求签名无效,请检查密钥、时间和报文摘要。"
    kind = "unauthenticated"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()

    def context(self) -> dict[str, Any]:
        """Which check failed."""
        return {"reason": self.reason}


class SignatureReplayed(ExchangeError):
    """The same signed request came before."""

    code = "exchange.signature_replayed"
    title = "The request was replayed"
    detail = "这个请求已经处理过,请用新的随机数重新签名。"
    kind = "unauthenticated"


class KeyTaken(ExchangeError):
    """A key id in the manifest belongs to another system already."""

    code = "exchange.key_taken"
    title = "Key id taken"
    kind = "conflict"

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(f"密钥编号 {key_id} 已由其他系统登记,请换一个编号")
