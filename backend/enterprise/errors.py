"""Refusals of the enterprise package.

EnterpriseError
├── EnterpriseUnknown     no register has an enterprise in business under this code
├── NotRepresentative     nobody says that this person represents this enterprise
└── RegisterUnavailable   the register does not answer, and nobody is let in on an old word
"""

from backend.errors import DomainError


class EnterpriseError(DomainError):
    """Base of everything that the enterprise package refuses."""


class EnterpriseUnknown(EnterpriseError):
    """No register has it, or it is closed; also for what is no code at all."""

    code = "enterprise.unknown"
    title = "No enterprise in business under this code"
    detail = (
        "没有查到这个统一社会信用代码的企业，或企业已注销、吊销。请对照营业执照核对 18 位代码。"
    )
    kind = "unprocessable"


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
    retry_after = 5
