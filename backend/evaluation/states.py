"""差评闭环: 核实 → 整改 → 反馈 → 回访 → 复核 (国办发〔2019〕51号), as a table."""

from collections.abc import Mapping
from enum import StrEnum

from backend.evaluation.errors import ActNotPossible


class Stage(StrEnum):
    """Where an order is."""

    WAITING = "waiting"  # 待派发: an anonymous one, until it may be shown
    ASSIGNED = "assigned"  # 待整改: the clock runs
    ANSWERED = "answered"  # 待回访
    HEARD = "heard"  # 待复核: the evaluator was asked
    CLOSED = "closed"  # 已办结


class Act(StrEnum):
    """What is done to an order."""

    DISPATCH = "dispatch"  # 派发
    EXTEND = "extend"  # 延期
    ANSWER = "answer"  # 反馈
    CALL_BACK = "call_back"  # 回访
    RETURN = "return"  # 复核退回
    CLOSE = "close"  # 复核通过


STAGE_NAMES = {
    Stage.WAITING: "待派发",
    Stage.ASSIGNED: "待整改",
    Stage.ANSWERED: "待回访",
    Stage.HEARD: "待复核",
    Stage.CLOSED: "已办结",
}
ACT_NAMES = {
    Act.DISPATCH: "派发",
    Act.EXTEND: "延期",
    Act.ANSWER: "反馈整改情况",
    Act.CALL_BACK: "回访",
    Act.RETURN: "复核退回",
    Act.CLOSE: "复核通过",
}

# Nothing leads to CLOSED but a re-check after a call-back after an answer.
ORDER: Mapping[tuple[Stage, Act], Stage] = {
    (Stage.WAITING, Act.DISPATCH): Stage.ASSIGNED,
    (Stage.ASSIGNED, Act.EXTEND): Stage.ASSIGNED,
    (Stage.ASSIGNED, Act.ANSWER): Stage.ANSWERED,
    (Stage.ANSWERED, Act.CALL_BACK): Stage.HEARD,
    (Stage.HEARD, Act.CLOSE): Stage.CLOSED,
    (Stage.HEARD, Act.RETURN): Stage.ASSIGNED,
}


def after(stage: Stage, act: Act) -> Stage:
    """The stage that follows.

    Raises:
        ActNotPossible: the act does not follow on the stage.
    """
    following = ORDER.get((stage, act))
    if following is None:
        raise ActNotPossible
    return following
