"""What follows on what in a benefit: a table, so that an illegal step cannot be written.

免申即享 begins as a candidate that the machine found; a person at the department checks it. The two
other kinds begin with the claim of whoever wants it. No state in which somebody gets nothing is
reached by a machine alone, save that the beneficiary let the time pass (个人信息保护法 art. 24).
"""

from collections.abc import Mapping
from enum import StrEnum

from backend.policies.errors import ActNotPossible


class State(StrEnum):
    """Where a benefit stands."""

    CANDIDATE = "candidate"
    REFUSED = "refused"
    PUBLICISED = "publicised"
    OFFERED = "offered"
    DECLINED = "declined"
    PAYING = "paying"
    FAILED = "failed"
    PAID = "paid"
    OBJECTED = "objected"
    RECOVERING = "recovering"
    CONTESTED = "contested"
    RECOVERED = "recovered"


class Act(StrEnum):
    """What is done to it."""

    FIND = "find"  # the machine found a candidate
    REVIEW = "review"  # somebody asks for a person to look
    APPROVE = "approve"
    REFUSE = "refuse"
    PUBLICISE = "publicise"
    UPHOLD = "uphold"  # the publicity passed without an objection that held
    CONFIRM = "confirm"
    CLAIM = "claim"
    DECLINE = "decline"
    PAY = "pay"
    FAIL = "fail"
    CHANGE_ACCOUNT = "change_account"
    OBJECT = "object"
    DISMISS = "dismiss"  # the objection does not hold
    ACCEPT = "accept"  # the objection to a recovery holds
    RECOVER = "recover"
    RECOVERED = "recovered"
    VERIFY = "verify"  # the later check of 承诺即享 found it right


STATE_NAMES: Mapping[State, str] = {
    State.CANDIDATE: "部门核验中", State.REFUSED: "核验未通过", State.PUBLICISED: "公示中",
    State.OFFERED: "待您确认", State.DECLINED: "已放弃", State.PAYING: "兑付中",
    State.FAILED: "兑付未成功", State.PAID: "已兑付", State.OBJECTED: "异议处理中",
    State.RECOVERING: "追回中", State.CONTESTED: "追回异议处理中",
    State.RECOVERED: "已追回",
}  # fmt: skip
ACT_NAMES: Mapping[Act, str] = {
    Act.FIND: "比对发现", Act.REVIEW: "申请人工复核", Act.APPROVE: "部门核验通过",
    Act.REFUSE: "部门核验不通过", Act.PUBLICISE: "部门核验通过，开始公示",
    Act.UPHOLD: "公示期满", Act.CONFIRM: "本人确认",
    Act.CLAIM: "本人领取", Act.DECLINE: "本人放弃", Act.PAY: "已兑付", Act.FAIL: "兑付未成功",
    Act.CHANGE_ACCOUNT: "更换账户", Act.OBJECT: "提出异议",
    Act.DISMISS: "异议不成立", Act.ACCEPT: "异议成立",
    Act.RECOVER: "决定追回", Act.RECOVERED: "已追回", Act.VERIFY: "事后核查通过",
}  # fmt: skip

TABLE: Mapping[tuple[State | None, Act], State] = {
    (None, Act.FIND): State.CANDIDATE,
    (None, Act.REVIEW): State.CANDIDATE,
    (None, Act.CLAIM): State.PAYING,
    (State.CANDIDATE, Act.APPROVE): State.OFFERED,
    (State.CANDIDATE, Act.PUBLICISE): State.PUBLICISED,
    (State.CANDIDATE, Act.REFUSE): State.REFUSED,
    (State.REFUSED, Act.REVIEW): State.CANDIDATE,
    (State.PUBLICISED, Act.UPHOLD): State.OFFERED,
    (State.PUBLICISED, Act.OBJECT): State.OBJECTED,
    (State.OBJECTED, Act.DISMISS): State.OFFERED,
    (State.OBJECTED, Act.REFUSE): State.REFUSED,
    (State.OFFERED, Act.CONFIRM): State.PAYING,
    (State.OFFERED, Act.DECLINE): State.DECLINED,
    (State.DECLINED, Act.REVIEW): State.CANDIDATE,
    (State.PAYING, Act.PAY): State.PAID,
    (State.PAYING, Act.FAIL): State.FAILED,
    (State.FAILED, Act.CHANGE_ACCOUNT): State.PAYING,
    (State.PAID, Act.VERIFY): State.PAID,
    (State.PAID, Act.RECOVER): State.RECOVERING,
    (State.RECOVERING, Act.OBJECT): State.CONTESTED,
    (State.CONTESTED, Act.DISMISS): State.RECOVERING,
    (State.CONTESTED, Act.ACCEPT): State.PAID,
    (State.RECOVERING, Act.RECOVERED): State.RECOVERED,
}


def after(state: State | None, act: Act) -> State:
    """The state that follows; None stands before the first.

    Raises:
        ActNotPossible: the act does not follow on the state.
    """
    following = TABLE.get((state, act))
    if following is None:
        raise ActNotPossible
    return following
