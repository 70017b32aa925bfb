"""What follows on what in a ticket: a table, so that an illegal step cannot be written."""

from collections.abc import Mapping
from enum import StrEnum

from backend.consultation.errors import ActNotPossible


class State(StrEnum):
    """Where a ticket is."""

    SUBMITTED = "submitted"  # 待派单
    ASSIGNED = "assigned"  # 办理中
    ANSWERED = "answered"  # 已答复
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 已撤回


class Act(StrEnum):
    """What is done to a ticket."""

    ASSIGN = "assign"  # 派单
    GIVE_BACK = "give_back"  # 退单
    EXTEND = "extend"  # 延期
    ANSWER = "answer"  # 答复
    RATE = "rate"  # 评价
    REOPEN = "reopen"  # 重新办理
    CLOSE = "close"  # 办结
    WITHDRAW = "withdraw"  # 撤回


STATE_NAMES = {
    State.SUBMITTED: "待派单",
    State.ASSIGNED: "办理中",
    State.ANSWERED: "已答复",
    State.CLOSED: "已办结",
    State.WITHDRAWN: "已撤回",
}
ACT_NAMES = {
    Act.ASSIGN: "派单",
    Act.GIVE_BACK: "退单",
    Act.EXTEND: "延期",
    Act.ANSWER: "答复",
    Act.RATE: "满意度评价",
    Act.REOPEN: "要求重新办理",
    Act.CLOSE: "办结",
    Act.WITHDRAW: "撤回",
}

TICKET: Mapping[tuple[State, Act], State] = {
    (State.SUBMITTED, Act.ASSIGN): State.ASSIGNED,
    (State.SUBMITTED, Act.ANSWER): State.ANSWERED,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ASSIGNED, Act.GIVE_BACK): State.SUBMITTED,
    (State.ASSIGNED, Act.EXTEND): State.ASSIGNED,
    (State.ASSIGNED, Act.ANSWER): State.ANSWERED,
    (State.ASSIGNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ANSWERED, Act.RATE): State.CLOSED,
    (State.ANSWERED, Act.CLOSE): State.CLOSED,
    (State.ANSWERED, Act.REOPEN): State.SUBMITTED,
    (State.CLOSED, Act.REOPEN): State.SUBMITTED,
}


def after(state: State, act: Act) -> State:
    """The state that follows.

    Raises:
        ActNotPossible: the act does not follow on the state.
    """
    following = TICKET.get((state, act))
    if following is None:
        raise ActNotPossible
    return following
