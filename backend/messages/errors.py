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


class TopicUnknown(MessagesError):
    """No such topic."""

    code = "messages.topic_unknown"
    title = "No such topic"
    detail = "没有这一类消息，请刷新页面后重试。"
    kind = "invalid"


class QuietHoursEmpty(MessagesError):
    """Quiet hours that begin where they end, or outside of the day."""

    code = "messages.quiet_hours_empty"
    title = "Quiet hours have no length"
    detail = "免打扰的开始和结束时间不能相同，请重新选择。"
    kind = "invalid"


class TemplateUnknown(MessagesError):
    """A subscribe template that is none of ours."""

    code = "messages.template_unknown"
    title = "No such subscribe template"
    detail = "没有这个消息模板，请刷新页面后重试。"
    kind = "invalid"


class TooManyTemplates(MessagesError):
    """More templates than WeChat asks for at once, or one of them twice."""

    code = "messages.too_many_templates"
    title = "Too many templates"
    detail = "一次最多订阅五类消息，每类一次，请减少后重试。"
    kind = "invalid"


class NotInWeChat(MessagesError):
    """The session did not begin with a WeChat log-in: there is nobody to send to."""

    code = "messages.not_in_wechat"
    title = "The session has no WeChat account"
    detail = "请在微信小程序中登录后再订阅微信通知。"
    kind = "conflict"
