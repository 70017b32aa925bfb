"""The state machines of sharing under any order of acts."""

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend.sharing.errors import ActNotPossible
from backend.sharing.states import (
    APPLICATION,
    CORRECTION,
    DISPUTE,
    GRANT,
    Act,
    CorrectionState,
    DisputeState,
    GrantAct,
    GrantState,
    Stage,
    after,
)

ENDS = {Stage.GRANTED, Stage.REFUSED, Stage.WITHDRAWN}
TABLES: list[tuple[Any, StrEnum]] = [
    (APPLICATION, Stage.DRAFT),
    (GRANT, GrantState.ACTIVE),
    (CORRECTION, CorrectionState.OPEN),
    (DISPUTE, DisputeState.NEGOTIATION),
]


class ApplicationMachine(RuleBasedStateMachine):
    """An application and the grant that may come of it, pushed about at random."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage.DRAFT
        self.grant: GrantState | None = None
        self.approved: list[Stage] = []

    @rule(act=st.sampled_from(list(Act)))
    def act(self, act: Act) -> None:
        before = self.stage
        try:
            self.stage = after(APPLICATION, before, act)
        except ActNotPossible:
            assert (before, act) not in APPLICATION
            return
        if act is Act.APPROVE:
            self.approved.append(before)
        if act in (Act.SUBMIT, Act.RETURN):
            self.approved.clear()
        if self.stage is Stage.GRANTED:
            self.grant = GrantState.ACTIVE

    @precondition(lambda self: self.grant is not None)
    @rule(act=st.sampled_from(list(GrantAct)))
    def act_on_grant(self, act: GrantAct) -> None:
        before = self.grant
        assert before is not None
        try:
            self.grant = after(GRANT, before, act)
        except ActNotPossible:
            assert (before, act) not in GRANT
        if before is GrantState.REVOKED:
            assert self.grant is GrantState.REVOKED

    @invariant()
    def a_grant_has_passed_everybody(self) -> None:
        if self.grant is not None:
            assert self.stage is Stage.GRANTED
            assert self.approved == [Stage.HEAD, Stage.REVIEW]

    @invariant()
    def nothing_follows_on_an_end(self) -> None:
        if self.stage in ENDS:
            assert not any((self.stage, act) in APPLICATION for act in Act)


TestApplications = ApplicationMachine.TestCase


@pytest.mark.parametrize(("table", "first"), TABLES)
def test_every_state_can_be_reached_and_is_a_state(table: Any, first: StrEnum) -> None:
    reached, todo = {first}, [first]
    while todo:
        state = todo.pop()
        for (before, _), following in table.items():
            if before == state and following not in reached:
                reached.add(following)
                todo.append(following)
    assert reached == set(type(first))


@given(st.sampled_from(list(Stage)), st.sampled_from(list(Act)))
def test_only_the_provider_refuses_and_consents(stage: Stage, act: Act) -> None:
    if (stage, act) in APPLICATION and act in (Act.CONSENT, Act.REFUSE):
        assert stage is Stage.PROVIDER
