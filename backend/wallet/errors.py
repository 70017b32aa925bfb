"""Refusals of the wallet.

WalletError
├── LicenceNotFound    this holder has no licence of that id
├── FieldUnknown       this licence has no field of that name
├── IdentifierNotOffered  no issuer of this type can be asked by identifier
├── IssuersSilent      it may exist, but an issuer that could know does not answer
├── NoticeRefused      a change notice is about licences that the sender does not issue
├── WalletContended    others wrote to the same wallet all the time
└── FaceUnavailable    no typeface is installed to draw a face picture with
"""

from backend.errors import DomainError


class WalletError(DomainError):
    """Base of everything that the wallet refuses."""


class LicenceNotFound(WalletError):
    """This holder has no licence of that id (any more)."""

    code = "wallet.licence_not_found"
    title = "No such licence"
    detail = "没有找到这张证照，请回到证照列表刷新后再看。"
    kind = "not_found"


class IssuersSilent(WalletError):
    """The licence may exist, but an issuer that could know it does not answer."""

    code = "wallet.issuer_unavailable"
    title = "An issuer does not answer"
    kind = "unavailable"
    retry_after = 5

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(f"{'、'.join(names)}系统暂时不可用，请稍后再试。")


class IdentifierNotOffered(WalletError):
    """No issuer of this type of licence can be asked by an identifier alone."""

    code = "wallet.identifier_not_offered"
    title = "Licences of this type cannot be asked for by identifier alone"
    detail = "这类证照的颁证系统不支持只凭证照标识查询，请同时提供证照类型和持证主体。"
    kind = "unprocessable"


class FieldUnknown(WalletError):
    """This licence has no field of that name."""

    code = "wallet.field_unknown"
    title = "No such field"
    detail = "这张证照没有这一项。"
    kind = "not_found"


class NoticeRefused(WalletError):
    """A change notice names another holder, or one whom its sender issues nothing to."""

    code = "wallet.notice_refused"
    title = "The notice does not fit its sender or its holder"
    detail = "变更通知与持证主体或发证系统不符，请核对后重新发送。"
    kind = "invalid"


class WalletContended(WalletError):
    """Others wrote to the same wallet all the time; the notice is not kept: repeat it."""

    code = "wallet.contended"
    title = "The wallet is being written to"
    detail = "该持证主体的证照正在更新，请稍后重新发送通知。"
    kind = "unavailable"
    retry_after = 1


class FaceUnavailable(WalletError):
    """No typeface is installed to draw a face picture with; an operator has to mend it."""

    code = "wallet.face_unavailable"
    title = "Face pictures cannot be drawn here"
    detail = "证照图片暂时无法生成，请稍后再试；证照信息仍可查看。"
    kind = "unavailable"
