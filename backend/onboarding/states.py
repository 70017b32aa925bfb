"""The life of a revision: its states, the acts that lead from one to the next, and who may act.

Nothing else in the package writes a state: :func:`backend.onboarding.records.move` takes an act of
this table, and the database accepts it only from a state in which the table knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.operators.service import Role


class State(StrEnum):
    """Where a revision of a system's manifest stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    SANDBOX = "sandbox"
    CONFORMANT = "conformant"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


STATE_NAMES: Mapping[State, str] = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "已提交",
    State.IN_REVIEW: "审核中",
    State.SANDBOX: "沙箱测试",
    State.CONFORMANT: "测试通过",
    State.PUBLISHED: "已发布",
    State.SUSPENDED: "已暂停",
    State.RETIRED: "已退出",
    State.SUPERSEDED: "已被取代",
    State.DISCARDED: "已放弃",
}

OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.SANDBOX, State.CONFORMANT})
SERVING = frozenset({State.PUBLISHED, State.SUSPENDED})


class Act(StrEnum):
    """What can be done to a revision. CREATE is the beginning of each."""

    CREATE = "create"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    TAKE = "take"
    RETURN = "return"
    APPROVE = "approve"
    CONFORM = "conform"
    PUBLISH = "publish"
    RESTORE = "restore"
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"
    DISCARD = "discard"


ACT_NAMES: Mapping[Act, str] = {
    Act.CREATE: "新建",
    Act.SUBMIT: "提交",
    Act.WITHDRAW: "撤回",
    Act.TAKE: "开始审核",
    Act.RETURN: "退回",
    Act.APPROVE: "同意进入沙箱测试",
    Act.CONFORM: "通过符合性测试",
    Act.PUBLISH: "发布",
    Act.RESTORE: "恢复早先版本",
    Act.SUPERSEDE: "由新版本取代",
    Act.SUSPEND: "暂停",
    Act.RESUME: "恢复服务",
    Act.RETIRE: "退出",
    Act.DISCARD: "放弃",
}

_DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})
_REVIEW = frozenset({Role.OPERATOR})
_SECURITY = frozenset({Role.SECURITY_ADMIN})


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the transition table.

    Attributes:
        before: the states in which the act is possible.
        after: where it leads.
        roles: who may do it; empty where only the platform itself does, as part of another act.
        reason: whether a reason has to be given.
        other_hand: whether it is refused to the account that submitted the revision.
    """

    before: frozenset[State]
    after: State
    roles: frozenset[Role] = frozenset()
    reason: bool = False
    other_hand: bool = False


STEPS: Mapping[Act, Step] = {
    Act.SUBMIT: Step(frozenset({State.DRAFT}), State.SUBMITTED, _DEPARTMENT),
    Act.WITHDRAW: Step(OPEN - {State.DRAFT}, State.DRAFT, _DEPARTMENT, reason=True),
    Act.TAKE: Step(frozenset({State.SUBMITTED}), State.IN_REVIEW, _REVIEW, other_hand=True),
    Act.RETURN: Step(
        frozenset({State.IN_REVIEW, State.SANDBOX, State.CONFORMANT}),
        State.DRAFT,
        _REVIEW,
        reason=True,
    ),
    Act.APPROVE: Step(frozenset({State.IN_REVIEW}), State.SANDBOX, _REVIEW, other_hand=True),
    Act.CONFORM: Step(frozenset({State.SANDBOX}), State.CONFORMANT),
    Act.PUBLISH: Step(frozenset({State.CONFORMANT}), State.PUBLISHED, _REVIEW, other_hand=True),
    Act.RESTORE: Step(
        frozenset({State.IN_REVIEW}), State.PUBLISHED, _REVIEW, reason=True, other_hand=True
    ),
    Act.SUPERSEDE: Step(frozenset({State.PUBLISHED}), State.SUPERSEDED),
    Act.SUSPEND: Step(frozenset({State.PUBLISHED}), State.SUSPENDED, _SECURITY, reason=True),
    Act.RESUME: Step(frozenset({State.SUSPENDED}), State.PUBLISHED, _SECURITY, reason=True),
    Act.RETIRE: Step(SERVING, State.RETIRED, _REVIEW, reason=True),
    Act.DISCARD: Step(OPEN, State.DISCARDED, _DEPARTMENT),
}


def possible(state: State) -> list[Act]:
    """The acts that the table knows from a state, in its order."""
    return [act for act, step in STEPS.items() if state in step.before]
