"""The table of tickets: nothing ends unanswered but what was taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.consultation.errors import ActNotPossible
from backend.consultation.kinds import KINDS
from backend.consultation.states import ACT_NAMES, STATE_NAMES, TICKET, Act, State, after


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_a_closed_ticket_was_answered_since_it_was_opened(
    acts: list[Act],
) -> None:
    state, done = State.SUBMITTED, [Act.REOPEN]
    for act in acts:
        try:
            state = after(state, act)
        except ActNotPossible:
            assert (state, act) not in TICKET
            continue
        done.append(act)
    if state is State.CLOSED:
        last_opened = len(done) - 1 - done[::-1].index(Act.REOPEN)
        assert Act.ANSWER in done[last_opened:]


@pytest.mark.parametrize("act", list(Act))
def test_nothing_follows_on_what_was_taken_back(act: Act) -> None:
    with pytest.raises(ActNotPossible):
        after(State.WITHDRAWN, act)


def test_everything_has_a_name_and_every_kind_its_prefix() -> None:
    assert STATE_NAMES.keys() == set(State)
    assert ACT_NAMES.keys() == set(Act)
    assert len({kind.prefix for kind in KINDS.values()}) == len(KINDS)
