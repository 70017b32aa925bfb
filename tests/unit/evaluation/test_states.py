"""The table of orders: an order closes only by answer, call-back and re-check, in this order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evaluation.errors import ActNotPossible
from backend.evaluation.states import ACT_NAMES, ORDER, STAGE_NAMES, Act, Stage, after
from backend.evaluation.tags import LEVELS, tags_for


@given(st.lists(st.sampled_from(Act), max_size=30))
def test_whatever_is_tried_a_closed_order_was_answered_heard_and_looked_at(acts: list[Act]) -> None:
    stage, done = Stage.WAITING, []
    for act in acts:
        try:
            stage = after(stage, act)
        except ActNotPossible:
            assert (stage, act) not in ORDER
            continue
        done.append(act)
    if stage is Stage.CLOSED:
        assert done[0] is Act.DISPATCH
        assert done[-3:] == [Act.ANSWER, Act.CALL_BACK, Act.CLOSE]
    for before, following in pairwise(done):
        if before is Act.ANSWER:
            assert following is Act.CALL_BACK


@pytest.mark.parametrize("act", list(Act))
def test_nothing_follows_on_the_end(act: Act) -> None:
    with pytest.raises(ActNotPossible):
        after(Stage.CLOSED, act)


def test_everything_has_a_name_and_every_level_its_tags() -> None:
    assert STAGE_NAMES.keys() == set(Stage)
    assert ACT_NAMES.keys() == set(Act)
    assert all(tags_for(level) for level in LEVELS)
