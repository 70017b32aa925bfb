"""Who is told of what becomes of an application: whose turn it is, and who waits."""

import pytest

from backend.operators.service import Role
from backend.sharing.models import ShareApplication
from backend.sharing.states import Act, Stage
from backend.sharing.turns import concerned

ASKS, OWNS = "91440000MA0000000A", "91440000MA0000000B"
ROW = ShareApplication(requester_uscc=ASKS, provider_uscc=OWNS)
CLERK, HEAD, OWNER, PLATFORM = (
    (Role.CLERK, ASKS), (Role.HEAD, ASKS), (Role.HEAD, OWNS), (Role.OPERATOR, None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "act", "told"),
    [
        (Stage.HEAD, Act.SUBMIT, [HEAD]),
        (Stage.REVIEW, Act.APPROVE, [PLATFORM]),
        (Stage.PROVIDER, Act.APPROVE, [OWNER]),
        (Stage.PROVIDER, Act.ASK_EXTENSION, [PLATFORM]),
        (Stage.PROVIDER, Act.EXTEND, [OWNER, CLERK]),
        (Stage.RETURNED, Act.RETURN, [CLERK]),
        (Stage.GRANTED, Act.CONSENT, [CLERK, HEAD]),
        (Stage.REFUSED, Act.REFUSE, [CLERK, HEAD]),
        (Stage.WITHDRAWN, Act.WITHDRAW, [HEAD]),
        (Stage.DRAFT, Act.EDIT, []),
    ],
)
def test_whose_turn_it_is_and_who_waits_is_told(
    stage: Stage, act: Act, told: list[tuple[Role, str | None]]
) -> None:
    found = concerned(ROW, stage, act)
    assert [(role, department) for role, department, _ in found] == told
    assert all(words for _, _, words in found)


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_its_words(stage: Stage) -> None:
    assert bool(concerned(ROW, stage, Act.APPROVE)) is (stage is not Stage.DRAFT)
