"""Refusals of the assistant.

AssistantError
├── AskedTooOften        so many questions of one account
├── ConversationUnknown  it was never begun, or is over
├── ChoiceUnknown        it was not offered
├── NothingAsked         there is nothing to hand over
└── LibraryUnavailable   there is nothing to answer from
"""

from backend.errors import DomainError, WaitFor


class AssistantError(DomainError):
    """Base of the package's errors."""


class AskedTooOften(AssistantError, WaitFor):
    """So many questions came from one account; says how long to wait."""

    code = "assistant.asked_too_often"
    title = "Asked too often"
    detail = "您问得太快了，请稍等一会儿再问；急事请拨打 12345。"
    kind = "too_many"


class ConversationUnknown(AssistantError):
    """There is no such conversation of this account, or it is over: the answer is the same."""

    code = "assistant.conversation_unknown"
    title = "No such conversation"
    detail = "这段对话已经结束（半小时不说话就会清除），请重新提问。"
    kind = "gone"


class ChoiceUnknown(AssistantError):
    """It is not among what was offered last."""

    code = "assistant.choice_unknown"
    title = "No such choice"
    detail = "没有这个选项，请在列出的事项里选，或者重新提问。"
    kind = "invalid"


class NothingAsked(AssistantError):
    """A conversation without a question cannot be handed over."""

    code = "assistant.nothing_asked"
    title = "Nothing was asked"
    detail = "请先说说您的问题，再转给工作人员。"
    kind = "invalid"


class LibraryUnavailable(AssistantError):
    """The index is missing and could not be made."""

    code = "assistant.library_unavailable"
    title = "Nothing to answer from"
    detail = "智能客服暂时不能回答，请稍后再试，或者拨打 12345。"
    kind = "unavailable"
