"""The table of states: what it allows, and what nobody can get around."""

from backend.cases.states import (
    ENDED,
    EVENT_LABELS,
    OPEN,
    STATE_LABELS,
    TABLE,
    Event,
    State,
    after,
)


def test_everything_has_a_name() -> None:
    assert set(STATE_LABELS) == set(State)
    assert set(EVENT_LABELS) == set(Event)


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    reached = {State.DRAFT}
    while more := {to for (state, _), to in TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)
    ends = set(ENDED)
    while more := {state for (state, _), to in TABLE.items() if to in ends} - ends:
        ends |= more
    assert set(State) == ends
    assert not OPEN & ENDED


def test_nothing_follows_on_an_end_and_nobody_withdraws_after_acceptance() -> None:
    assert all(after(state, event) is None for state in ENDED for event in Event)
    withdrawable = {state for (state, event) in TABLE if event is Event.WITHDRAWN}
    assert withdrawable == {State.SUBMITTED, State.CORRECTION}


def test_no_decision_without_acceptance() -> None:
    for event in (Event.APPROVED, Event.DENIED):
        froms = {state for (state, made) in TABLE if made is event}
        assert froms == {State.ACCEPTED, State.IN_REVIEW, State.IN_DECISION}
