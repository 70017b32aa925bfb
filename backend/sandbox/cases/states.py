"""How a case moves at a department: which event is possible in which state, and where it leads.

The names are those of the interface (行政许可法 art. 32–45).
"""

from collections.abc import Mapping
from dataclasses import dataclass

WORKING = frozenset({"accepted", "in_review", "in_decision"})
OPEN = WORKING | {"submitted", "correction", "special_procedure"}
_SAME = "<same>"

STATE_NAMES: Mapping[str, str] = {
    "submitted": "待受理",
    "correction": "待补正",
    "not_accepted": "不予受理",
    "transferred": "已转办",
    "accepted": "已受理",
    "in_review": "审查中",
    "in_decision": "决定中",
    "special_procedure": "特别程序",
    "approved": "准予",
    "denied": "不予许可",
    "delivering": "送达中",
    "closed": "已办结",
    "correction_timeout": "补正不来办结",
    "withdrawn": "已撤回",
    "terminated": "已终止",
}


@dataclass(frozen=True, slots=True)
class Step:
    """An event: its Chinese name, from which states, into which one."""

    name: str
    sources: frozenset[str]
    target: str


def _step(name: str, target: str, *sources: str) -> Step:
    return Step(name, frozenset(sources), target)


STEPS: Mapping[str, Step] = {
    "accepted": _step("受理", "accepted", "submitted"),
    "not_accepted": _step("不予受理", "not_accepted", "submitted"),
    "transferred": _step("转办", "transferred", "submitted"),
    "correction_requested": _step("补正告知", "correction", "submitted"),
    "supplemented": _step("收到补正", "submitted", "correction"),
    "correction_timeout": _step("补正不来", "correction_timeout", "correction"),
    "withdrawn": _step("撤回", "withdrawn", "submitted", "correction"),
    "review_started": _step("开始审查", "in_review", "accepted"),
    "decision_started": _step("进入决定", "in_decision", "in_review"),
    "special_started": _step("特别程序开始", "special_procedure", *WORKING),
    "special_ended": _step("特别程序结束", "in_review", "special_procedure"),
    "extended": _step("延长期限", _SAME, *WORKING),
    "approved": _step("准予", "approved", "in_decision"),
    "denied": _step("不予许可", "denied", "in_decision"),
    "delivering": _step("送达中", "delivering", "approved", "denied"),
    "result_delivered": _step("已送达", "closed", "approved", "denied", "delivering"),
    "terminated": _step("终止", "terminated", *WORKING, "special_procedure"),
}


def after(event: str, state: str) -> str | None:
    """The state after an event; None where the state does not allow it."""
    step = STEPS[event]
    if state not in step.sources:
        return None
    return state if step.target == _SAME else step.target
