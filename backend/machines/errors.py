"""Refusals of the machines package; a wrong signature is refused as in the provider channel.

MachinesError
├── ClientUnknown     the enterprise has no such client
├── ClientEnded       whoever registered it does not act for the enterprise any more
├── ScopeNotGiven     the client was registered without this
├── KeyRefused        not a public key of the kind that was named
├── TooManyClients    more clients than an enterprise needs
├── QuotaSpent        as often as it may today
└── ReferenceReused   a reference of an application that was filed, with other content
"""

from typing import Any

from backend.errors import DomainError
from backend.members.service import Scope


class MachinesError(DomainError):
    """Base of everything that the machines package refuses."""


class ClientUnknown(MachinesError):
    """The enterprise has no such client."""

    code = "machines.unknown"
    title = "No such client"
    detail = "没有这个软件接入，或它已被停用。"
    kind = "not_found"


class ClientEnded(MachinesError):
    """Whoever registered it does not act for the enterprise any more."""

    code = "machines.ended"
    title = "The client has ended with its owner's authorisation"
    detail = "登记这个软件的人已不能替企业办事，请由法定代表人或现任管理员重新登记。"
    kind = "forbidden"


class ScopeNotGiven(MachinesError):
    """The client was registered without this."""

    code = "machines.scope_missing"
    title = "The client was not given this scope"
    detail = "这个软件没有得到这项权限，请由法定代表人或管理员在“软件接入”中重新登记。"
    kind = "forbidden"

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"required_scope": str(self.scope)}


class KeyRefused(MachinesError):
    """Not a public key of the kind that was named."""

    code = "machines.key_refused"
    title = "Not a public key of this kind"
    detail = "公钥格式不对：Ed25519 为 32 字节、SM2 为 65 字节，均用 base64 书写。"
    kind = "unprocessable"


class TooManyClients(MachinesError):
    """More clients than an enterprise needs."""

    code = "machines.too_many"
    title = "Too many clients"
    detail = "软件接入已达上限，请先停用不再使用的。"
    kind = "conflict"


class QuotaSpent(MachinesError):
    """As often as it may today."""

    code = "machines.quota_spent"
    title = "The daily quota is spent"
    detail = "这个软件今天的调用次数已用完，请明天再试。"
    kind = "too_many"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"retry_after": self.retry_after}


class ReferenceReused(MachinesError):
    """A reference of an application that was filed, with other content."""

    code = "machines.reference_reused"
    title = "The reference belongs to another application"
    detail = "这个编号已用于另一份申请，请换一个编号。"
    kind = "conflict"
