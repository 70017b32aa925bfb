"""What people are told about: topics, each with what a push says of it.

A push passes through others' hands (WeChat, a carrier) and lies on a locked screen: it says the
topic and nothing else. Title and text of the message are never part of it (个人信息保护法 art. 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """Ways out of the app; the inbox inside it gets everything."""

    WECHAT = "wechat"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that a person may choose channels for.

    Attributes:
        name: as the page of preferences calls it; about: one sentence below it.
        push: all that a push says, at most 20 characters (WeChat's ``thing``).
        channels: where it is pushed as long as the person has chosen nothing.
        urgent: goes out in quiet hours too: waiting would do harm.
    """

    code: str
    name: str
    about: str
    push: str
    channels: frozenset[Channel]
    urgent: bool = False


_WECHAT = frozenset({Channel.WECHAT})
_BOTH = frozenset(Channel)

TOPICS: Mapping[str, Topic] = {
    topic.code: topic
    for topic in (
        Topic(
            "security", "账号安全", "新设备登录、手机号变更", "您的账号有安全提醒，请查看",
            _BOTH, urgent=True,
        ),
        Topic("case", "办件进展", "受理、补正、办结和证照送达", "您的办件有新进展，请查看", _BOTH),
        Topic("appointment", "预约提醒", "预约成功、到号前提醒", "您的预约有新提醒，请查看", _BOTH),
        Topic(
            "voice", "咨询投诉与评价", "答复、回访和整改结果", "您反映的事有答复，请查看", _WECHAT,
        ),
        Topic(
            "policy", "政策与待遇", "待确认、到账、需要处理的待遇", "您的待遇有新进展，请查看",
            _WECHAT,
        ),
        Topic(
            "licence", "证照与授权", "谁看了证照、授权变化", "您的证照有使用提醒，请查看", _WECHAT,
        ),
        Topic("notice", "其他通知", "与您有关的其他消息", "您有一条新通知，请查看", frozenset()),
    )
}  # fmt: skip

OTHER = "notice"

# First part of a message's kind → its topic; what is not listed is ``notice``.
_OF_KIND = {
    "new_device": "security", "phone_moved": "security", "phone_changed": "security",
    "session_ended": "security", "security": "security",
    "case": "case", "appointment": "appointment",
    "consultation": "voice", "evaluation": "voice", "complaint": "voice",
    "licence_shown": "licence", "loan": "licence", "family": "licence", "copy": "licence",
    "licence": "licence", "policy": "policy",
}  # fmt: skip


def topic_of(kind: str) -> Topic:
    """The topic of a message by its kind (``case.accepted``)."""
    return TOPICS[_OF_KIND.get(kind.partition(".")[0], OTHER)]


def every_kind() -> list[str]:
    """The first parts of all kinds that have a topic of their own."""
    return list(_OF_KIND)


def kinds_of(topic: str) -> list[str]:
    """The first parts of kinds that belong to a topic other than ``notice``."""
    return [kind for kind, code in _OF_KIND.items() if code == topic]
