"""Refusals of the messages package."""

from backend.errors import DomainError


class MessagesError(DomainError):
    """Base of the package's errors."""


class MessageNotFound(MessagesError):
    """No such message, or it is somebody else's: the answer is the same."""

    code = "messages.not_found"
    title = "No such message"
    detail = "没有找到这条消息，它可能已被清理。"
    kind = "not_found"


class CursorInvalid(MessagesError):
    """A cursor that no page of this list gave."""

    code = "messages.cursor_invalid"
    title = "The cursor is not valid"
    detail = "翻页位置已失效，请从头查看。"
    kind = "invalid"
