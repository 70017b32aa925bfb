"""Refusals of showing and verifying.

PresentationError
├── FieldsUnknown          the licence has no such facts to show
├── LicenceNotValid        a licence that is not valid is not shown
├── HolderKeyRefused       the phone's key is none that can be bound
├── AlgorithmUnavailable   this machine cannot sign the way the type asks for
├── OfflineForbidden       its type may not be kept on a phone
├── TooManyCredentials     one licence on too many phones
├── CodeUnknown            no such code, or its minute is over
├── CodeUsed               somebody has scanned it already
├── LicenceWithdrawn       it changed between showing and scanning
├── OwnCode                one's own code is not scanned by oneself
├── RequestUnknown         no such request, or its minute is over
├── RequestDeclined        the holder does not agree
├── RequestAnswered        it was answered already
├── TooOften               codes, scans or wrong codes beyond what people need
├── StatusListUnknown      no such list
└── CursorRefused          not a cursor of ours
"""

from typing import Any

from backend.errors import DomainError, WaitFor


class PresentationError(DomainError):
    """Base of everything that showing and verifying refuse."""


class FieldsUnknown(PresentationError):
    """The licence has no such facts to show."""

    code = "presentation.fields_unknown"
    title = "The licence does not offer these fields"
    detail = "这张证照没有您选择的信息项，请重新选择。"
    kind = "unprocessable"

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"fields": self.names}


class LicenceNotValid(PresentationError):
    """A licence that is not valid is not shown."""

    code = "presentation.licence_not_valid"
    title = "The licence is not valid"
    kind = "conflict"

    def __init__(self, status: str = "", label: str = "失效") -> None:
        self.status = status
        super().__init__(f"这张证照的状态为“{label}”，不能出示。如有疑问，请联系发证机关。")

    def context(self) -> dict[str, Any]:
        return {"licence_status": self.status}


class HolderKeyRefused(PresentationError):
    """The phone's key is none that can be bound."""

    code = "presentation.holder_key"
    title = "holder_key must be a public JWK on P-256, Ed25519 or SM2"
    detail = "手机的密钥格式不受支持，请更新应用后重试。"
    kind = "unprocessable"


class AlgorithmUnavailable(PresentationError):
    """This machine cannot sign the way the licence type asks for; an operator has to mend it."""

    code = "presentation.algorithm_unavailable"
    title = "This gateway cannot sign with the algorithm of the licence type"
    detail = "离线出示暂时不可用，请使用在线亮证。"
    kind = "unavailable"


class OfflineForbidden(PresentationError):
    """The type of the licence may not be kept on a phone."""

    code = "presentation.offline_forbidden"
    title = "Licences of this type are not kept on a phone"
    detail = "发证机关规定这类证照不能存到手机离线使用，请在有网络时亮码出示。"
    kind = "forbidden"


class TooManyCredentials(PresentationError):
    """One licence on too many phones at a time."""

    code = "presentation.too_many_credentials"
    title = "Too many live credentials of this licence"
    detail = "这张证照的离线凭证已达上限，请等较早的凭证到期后再试。"
    kind = "conflict"


class CodeUnknown(PresentationError):
    """No such code, or its minute is over."""

    code = "presentation.code_unknown"
    title = "The code is unknown or has expired"
    detail = "这个码无效或已过期，请让对方刷新后重新出示。"
    kind = "not_found"


class CodeUsed(PresentationError):
    """Somebody has scanned it already."""

    code = "presentation.code_used"
    title = "The code has been used"
    detail = "这个码已经用过，一个码只能用一次，请让对方刷新后重新出示。"
    kind = "gone"


class LicenceWithdrawn(PresentationError):
    """It was changed or withdrawn between showing and scanning."""

    code = "presentation.licence_withdrawn"
    title = "The licence was withdrawn or changed since the code was shown"
    detail = "这张证照刚刚发生变化或已失效，请让对方核对后重新出示。"
    kind = "gone"


class OwnCode(PresentationError):
    """One's own code is not scanned by oneself."""

    code = "presentation.own_code"
    title = "This is your own code"
    detail = "这是您自己出示的码，请让对方来扫。"
    kind = "conflict"


class RequestUnknown(PresentationError):
    """No such request, or its minute is over."""

    code = "presentation.request_unknown"
    title = "The request is unknown or has expired"
    detail = "这次核验请求不存在或已超时，请让对方重新出示后再扫。"
    kind = "not_found"


class RequestDeclined(PresentationError):
    """The holder does not agree."""

    code = "presentation.request_declined"
    title = "The holder declined"
    detail = "持证人没有同意这次核验。"
    kind = "forbidden"


class RequestAnswered(PresentationError):
    """It was answered already."""

    code = "presentation.request_answered"
    title = "The request has been answered"
    detail = "这次核验请求已经处理过了。"
    kind = "conflict"


class TooOften(PresentationError, WaitFor):
    """Codes, scans or wrong codes beyond what people need."""

    code = "presentation.too_often"
    title = "Too many codes or scans"
    detail = "操作过于频繁，请稍后再试。"
    kind = "too_many"


class StatusListUnknown(PresentationError):
    """No such list."""

    code = "presentation.status_list_unknown"
    title = "No such status list"
    detail = "没有这份状态名单。"
    kind = "not_found"


class CursorRefused(PresentationError):
    """Not a cursor of ours."""

    code = "presentation.cursor"
    title = "The cursor is not one of ours"
    detail = "翻页参数无效，请从第一页重新查看。"
    kind = "invalid"
