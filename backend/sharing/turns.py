"""Whose turn an application for data is: who decides, in whose inbox it lies, who is told."""

from tortoise.expressions import Q

from backend.operators.service import Officer, Role
from backend.sharing.errors import ActNotPossible, OwnWork
from backend.sharing.models import ShareApplication, ShareStep
from backend.sharing.parts import needs_department, needs_role
from backend.sharing.states import Act, Stage

_AFTER_APPROVAL = {
    Stage.HEAD: Stage.REVIEW,
    Stage.REVIEW: Stage.PROVIDER,
    Stage.PROVIDER: Stage.GRANTED,
}


async def needs_decider(officer: Officer, row: ShareApplication) -> None:
    """Whose turn it is, and that they decided nothing of it before.

    Raises:
        RoleMissing, OwnWork: it is somebody else's turn.
        ActNotPossible: it is nobody's turn.
    """
    if row.state == Stage.HEAD:
        needs_role(officer, Role.HEAD)
        needs_department(officer, row.requester_uscc)
    elif row.state == Stage.REVIEW:
        needs_role(officer, Role.OPERATOR)
    elif row.state == Stage.PROVIDER:
        needs_role(officer, Role.HEAD)
        needs_department(officer, row.provider_uscc)
    else:
        raise ActNotPossible(row.state)
    prepared = Q(act__in=["draft", Act.EDIT.value, Act.SUBMIT.value])
    decided = Q(act=Act.APPROVE.value) & ~Q(state=_AFTER_APPROVAL[Stage(row.state)].value)
    theirs = ShareStep.filter(about=row.id, account_id=officer.account_id)
    if await theirs.filter(prepared | decided).exists():
        raise OwnWork


def waiting_for(officer: Officer) -> Q:
    """Applications that wait for this officer's own decision."""
    mine = officer.department_uscc
    if officer.role is Role.HEAD:
        return Q(state=Stage.HEAD, requester_uscc=mine) | Q(
            state=Stage.PROVIDER, provider_uscc=mine
        )
    if officer.role is Role.CLERK:
        return Q(state__in=[Stage.DRAFT, Stage.RETURNED], requester_uscc=mine)
    if officer.role is Role.OPERATOR:
        asked = Q(state=Stage.PROVIDER, extension_asked__isnull=False, extended=False)
        return Q(state=Stage.REVIEW) | asked
    return Q(state="nobody")


def concerned(row: ShareApplication, stage: Stage, act: Act) -> list[tuple[Role, str | None, str]]:
    """Who is told of an act: role, department (None for the platform), and in what words."""
    requester, provider = row.requester_uscc, row.provider_uscc
    if act is Act.ASK_EXTENSION:
        return [(Role.OPERATOR, None, "申请延长答复期限")]
    if act is Act.EXTEND:
        return [(Role.HEAD, provider, "答复期限已延长"), (Role.CLERK, requester, "答复期限已延长")]
    told: dict[Stage, list[tuple[Role, str | None, str]]] = {
        Stage.HEAD: [(Role.HEAD, requester, "待您审批")],
        Stage.REVIEW: [(Role.OPERATOR, None, "待符合性审查")],
        Stage.PROVIDER: [(Role.HEAD, provider, "待答复")],
        Stage.RETURNED: [(Role.CLERK, requester, "需要补正")],
        Stage.GRANTED: [(Role.CLERK, requester, "已同意"), (Role.HEAD, requester, "已同意")],
        Stage.REFUSED: [(Role.CLERK, requester, "未获同意"), (Role.HEAD, requester, "未获同意")],
        Stage.WITHDRAWN: [(Role.HEAD, requester, "已撤回")],
        Stage.DRAFT: [],
    }
    return told[stage]
