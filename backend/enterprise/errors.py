"""Refusals of the enterprise package.

EnterpriseError
├── EnterpriseUnknown     no register has an enterprise in business under this code
├── NotRepresentative     nobody says that this person represents this enterprise
├── LicenceCodeUnknown    no electronic business licence shows this code
├── LicenceCodeUsed       the code was used before
├── LicenceCodeExpired    the code is too old
├── LicenceSystemSilent   the system of electronic business licences does not answer
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


class LicenceCodeUnknown(EnterpriseError):
    """No electronic business licence shows this code."""

    code = "enterprise.licence_code_unknown"
    title = "No electronic business licence shows this code"
    detail = "没有查到这个电子营业执照码。请在“电子营业执照”里重新出示，再扫码或照着输入。"
    kind = "unprocessable"


class LicenceCodeUsed(EnterpriseError):
    """The code was used before: each opens one door, once."""

    code = "enterprise.licence_code_used"
    title = "The code of the electronic business licence was used before"
    detail = "这个电子营业执照码已经用过了，每个码只能用一次。请重新出示一个。"
    kind = "conflict"


class LicenceCodeExpired(EnterpriseError):
    """The code is too old, or its holder may show the licence no longer."""

    code = "enterprise.licence_code_expired"
    title = "The code of the electronic business licence has expired"
    detail = "这个电子营业执照码已经过期。请重新出示一个，马上扫码或输入。"
    kind = "conflict"


class LicenceSystemSilent(EnterpriseError):
    """Whether the code was used up meanwhile cannot be told: a new one is needed."""

    code = "enterprise.licence_system_silent"
    title = "The system of electronic business licences does not answer"
    detail = (
        "市场监管部门的电子营业执照系统暂时没有应答，没有登录成。"
        "请稍后重新出示一个码再试；急办请拨打 12345。"
    )
    kind = "unavailable"
    retry_after = 5
