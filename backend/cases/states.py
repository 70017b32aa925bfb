"""What follows on what: the states of a case (办件) and the events that lead from one to another.

No national list of states was published: these are the phases that provincial systems exchange,
with the clocks of 行政许可法. Everything that does not stand in the table is refused. States
change by the department's events alone, in the order of their numbers.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Of a case; the value is part of the interface (``CaseState``)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTION = "correction"
    NOT_ACCEPTED = "not_accepted"
    TRANSFERRED = "transferred"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    IN_DECISION = "in_decision"
    SPECIAL_PROCEDURE = "special_procedure"
    APPROVED = "approved"
    DENIED = "denied"
    DELIVERING = "delivering"
    CLOSED = "closed"
    CORRECTION_TIMEOUT = "correction_timeout"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "草稿", State.SUBMITTED: "待受理", State.CORRECTION: "待补正",
    State.NOT_ACCEPTED: "不予受理", State.TRANSFERRED: "已转办", State.ACCEPTED: "已受理",
    State.IN_REVIEW: "审查中", State.IN_DECISION: "待决定",
    State.SPECIAL_PROCEDURE: "特别程序中", State.APPROVED: "准予", State.DENIED: "不予许可",
    State.DELIVERING: "送达中", State.CLOSED: "已办结", State.CORRECTION_TIMEOUT: "逾期未补正",
    State.WITHDRAWN: "已撤回", State.TERMINATED: "已终止",
}  # fmt: skip


class Event(StrEnum):
    """What happened to a case; the value is part of the interface (``CaseEvent``).

    ``SUBMIT`` is the platform's own, all others are numbered by the department.
    """

    SUBMIT = "submit"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    TRANSFERRED = "transferred"
    CORRECTION_REQUESTED = "correction_requested"
    SUPPLEMENTED = "supplemented"
    CORRECTION_TIMEOUT = "correction_timeout"
    WITHDRAWN = "withdrawn"
    REVIEW_STARTED = "review_started"
    DECISION_STARTED = "decision_started"
    SPECIAL_STARTED = "special_started"
    SPECIAL_ENDED = "special_ended"
    EXTENDED = "extended"
    APPROVED = "approved"
    DENIED = "denied"
    DELIVERING = "delivering"
    RESULT_DELIVERED = "result_delivered"
    TERMINATED = "terminated"


EVENT_LABELS: Mapping[Event, str] = {
    Event.SUBMIT: "提交申请", Event.ACCEPTED: "受理", Event.NOT_ACCEPTED: "不予受理",
    Event.TRANSFERRED: "转办", Event.CORRECTION_REQUESTED: "补正告知",
    Event.SUPPLEMENTED: "收到补正材料", Event.CORRECTION_TIMEOUT: "逾期未补正，办结",
    Event.WITHDRAWN: "撤回", Event.REVIEW_STARTED: "开始审查",
    Event.DECISION_STARTED: "进入决定环节",
    Event.SPECIAL_STARTED: "特别程序开始", Event.SPECIAL_ENDED: "特别程序结束",
    Event.EXTENDED: "延长办理期限", Event.APPROVED: "准予", Event.DENIED: "不予许可",
    Event.DELIVERING: "结果送达中", Event.RESULT_DELIVERED: "结果已送达",
    Event.TERMINATED: "终止办理",
}  # fmt: skip

# Accepted and not yet decided: departments that report no stages in between go straight on.
_HANDLED = (State.ACCEPTED, State.IN_REVIEW, State.IN_DECISION)
_BEFORE_ACCEPTANCE = (State.SUBMITTED, State.CORRECTION)

TABLE: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Event.ACCEPTED): State.ACCEPTED,
    (State.SUBMITTED, Event.NOT_ACCEPTED): State.NOT_ACCEPTED,
    (State.SUBMITTED, Event.TRANSFERRED): State.TRANSFERRED,
    (State.SUBMITTED, Event.CORRECTION_REQUESTED): State.CORRECTION,
    (State.CORRECTION, Event.SUPPLEMENTED): State.SUBMITTED,
    (State.CORRECTION, Event.CORRECTION_TIMEOUT): State.CORRECTION_TIMEOUT,
    **{(state, Event.WITHDRAWN): State.WITHDRAWN for state in _BEFORE_ACCEPTANCE},
    (State.ACCEPTED, Event.REVIEW_STARTED): State.IN_REVIEW,
    (State.ACCEPTED, Event.DECISION_STARTED): State.IN_DECISION,
    (State.IN_REVIEW, Event.DECISION_STARTED): State.IN_DECISION,
    **{(state, Event.SPECIAL_STARTED): State.SPECIAL_PROCEDURE for state in _HANDLED},
    (State.SPECIAL_PROCEDURE, Event.SPECIAL_ENDED): State.IN_REVIEW,
    **{(state, Event.EXTENDED): state for state in _HANDLED},
    **{(state, Event.APPROVED): State.APPROVED for state in _HANDLED},
    **{(state, Event.DENIED): State.DENIED for state in _HANDLED},
    **{
        (state, Event.TERMINATED): State.TERMINATED
        for state in (*_HANDLED, State.SPECIAL_PROCEDURE)
    },
    (State.APPROVED, Event.DELIVERING): State.DELIVERING,
    (State.DENIED, Event.DELIVERING): State.DELIVERING,
    (State.APPROVED, Event.RESULT_DELIVERED): State.CLOSED,
    (State.DENIED, Event.RESULT_DELIVERED): State.CLOSED,
    (State.DELIVERING, Event.RESULT_DELIVERED): State.CLOSED,
}

# Nothing follows on these.
ENDED = frozenset(set(State) - {state for state, _ in TABLE})
OPEN = frozenset(set(State) - ENDED - {State.DRAFT})


def after(state: State, event: Event) -> State | None:
    """The state that follows, None where the event does not follow on the state."""
    return TABLE.get((state, event))


class Taken(StrEnum):
    """How an event of a department was taken."""

    APPLIED = "applied"
    LATE = "late"  # applied; later ones had come before it
    HELD = "held"  # kept until the events before it are there
    DUPLICATE = "duplicate"
    CONTRADICTORY = "contradictory"  # kept for people to look at, not applied
