"""Refusals of the enterprise package.

EnterpriseError
├── NotRepresentative     nobody says that this person represents this enterprise
└── RegisterUnavailable   the register does not answer, and nobody is let in on an old word
"""

from typing import Any

from backend.errors import DomainError


class EnterpriseError(DomainError):
    """Base of everything that the enterprise package refuses."""


class NotRepresentative(EnterpriseError):
    """The same whether the enterprise exists or not."""

    code = "enterprise.not_representative"
    title = "Not a legal representative of this enterprise"
    detail = (
        "您不是这家企业登记的法定代表人，也没有得到它的授权，不能办理。"
        "如登记信息有变，请到市场监管部门更正后再试。"
    )
    kind = "forbidden"


class RegisterUnavailable(EnterpriseError):
    """Who represents an enterprise today cannot be told without its register."""

    code = "enterprise.register_unavailable"
    title = "The register of enterprises does not answer"
    detail = "企业登记系统暂时不可用，请稍后再试。"
    kind = "unavailable"

    def context(self) -> dict[str, Any]:
        return {"retry_after": 5}
