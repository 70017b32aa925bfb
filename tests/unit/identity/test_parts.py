"""Whom an address stands for, and how an answer's time is rounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.identity.parts import network_of
from backend.identity.real_name import ANSWER_STEP_S, rest_of_step


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_an_ipv6_customer_is_one_whatever_the_last_half_says(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.floats(0, 60))
def test_an_answer_comes_at_a_multiple_of_the_step(elapsed: float) -> None:
    rest = rest_of_step(elapsed)
    steps = (elapsed + rest) / ANSWER_STEP_S
    assert 0 <= rest <= ANSWER_STEP_S
    assert steps == pytest.approx(round(steps), abs=1e-6)
