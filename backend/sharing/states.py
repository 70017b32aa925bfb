"""What follows on what: the states of applications, grants, corrections and disputes.

Each is a table of (state, act) → state; everything that does not stand in it is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from backend.sharing.errors import ActNotPossible


class Stage(StrEnum):
    """Of an application: 草稿, 待本单位负责人, 待符合性审查, 待提供部门, 待补正, then an end."""

    DRAFT = "draft"
    HEAD = "head"
    REVIEW = "review"
    PROVIDER = "provider"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """On an application."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    CONSENT = "consent"
    REFUSE = "refuse"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    WITHDRAW = "withdraw"


_OPEN = (Stage.DRAFT, Stage.HEAD, Stage.REVIEW, Stage.PROVIDER, Stage.RETURNED)

APPLICATION: Mapping[tuple[Stage, Act], Stage] = {
    (Stage.DRAFT, Act.EDIT): Stage.DRAFT,
    (Stage.RETURNED, Act.EDIT): Stage.RETURNED,
    (Stage.DRAFT, Act.SUBMIT): Stage.HEAD,
    (Stage.RETURNED, Act.SUBMIT): Stage.HEAD,
    (Stage.HEAD, Act.APPROVE): Stage.REVIEW,
    (Stage.HEAD, Act.RETURN): Stage.RETURNED,
    (Stage.REVIEW, Act.APPROVE): Stage.PROVIDER,
    (Stage.REVIEW, Act.RETURN): Stage.RETURNED,
    (Stage.PROVIDER, Act.CONSENT): Stage.GRANTED,
    (Stage.PROVIDER, Act.REFUSE): Stage.REFUSED,
    (Stage.PROVIDER, Act.RETURN): Stage.RETURNED,
    (Stage.PROVIDER, Act.ASK_EXTENSION): Stage.PROVIDER,
    (Stage.PROVIDER, Act.EXTEND): Stage.PROVIDER,
    **{(stage, Act.WITHDRAW): Stage.WITHDRAWN for stage in _OPEN},
}


class GrantState(StrEnum):
    """Of a grant: 有效, 暂停, 终止."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class GrantAct(StrEnum):
    """On a grant (令809号 art. 27)."""

    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


GRANT: Mapping[tuple[GrantState, GrantAct], GrantState] = {
    (GrantState.ACTIVE, GrantAct.SUSPEND): GrantState.SUSPENDED,
    (GrantState.SUSPENDED, GrantAct.RESUME): GrantState.ACTIVE,
    (GrantState.ACTIVE, GrantAct.REVOKE): GrantState.REVOKED,
    (GrantState.SUSPENDED, GrantAct.REVOKE): GrantState.REVOKED,
}


class CorrectionState(StrEnum):
    """Of a correction request: 待核实, then 已更正 or 经核实无误."""

    OPEN = "open"
    CORRECTED = "corrected"
    UPHELD = "upheld"


class CorrectionAct(StrEnum):
    """On a correction request (令809号 art. 26)."""

    CORRECT = "correct"
    UPHOLD = "uphold"


CORRECTION: Mapping[tuple[CorrectionState, CorrectionAct], CorrectionState] = {
    (CorrectionState.OPEN, CorrectionAct.CORRECT): CorrectionState.CORRECTED,
    (CorrectionState.OPEN, CorrectionAct.UPHOLD): CorrectionState.UPHELD,
}


class DisputeState(StrEnum):
    """Of a dispute: 协商, 主管部门协调, 本级政府决定, 已解决."""

    NEGOTIATION = "negotiation"
    AUTHORITY = "authority"
    GOVERNMENT = "government"
    SETTLED = "settled"


class DisputeAct(StrEnum):
    """On a dispute (令809号 art. 28)."""

    ESCALATE = "escalate"
    SETTLE = "settle"


DISPUTE: Mapping[tuple[DisputeState, DisputeAct], DisputeState] = {
    (DisputeState.NEGOTIATION, DisputeAct.ESCALATE): DisputeState.AUTHORITY,
    (DisputeState.AUTHORITY, DisputeAct.ESCALATE): DisputeState.GOVERNMENT,
    (DisputeState.NEGOTIATION, DisputeAct.SETTLE): DisputeState.SETTLED,
    (DisputeState.AUTHORITY, DisputeAct.SETTLE): DisputeState.SETTLED,
    (DisputeState.GOVERNMENT, DisputeAct.SETTLE): DisputeState.SETTLED,
}

StateT = TypeVar("StateT", bound=StrEnum)
ActT = TypeVar("ActT", bound=StrEnum)


def after(table: Mapping[tuple[StateT, ActT], StateT], state: StateT, act: ActT) -> StateT:
    """The state that follows.

    Raises:
        ActNotPossible: the act does not follow on the state.
    """
    following = table.get((state, act))
    if following is None:
        raise ActNotPossible(state)
    return following
