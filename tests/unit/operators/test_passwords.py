"""Rules for new passwords, and their hashes."""

import contextlib

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from backend.operators.errors import PasswordWeak
from backend.operators.passwords import (
    LONGEST,
    SHORTEST,
    Passwords,
    check_rules,
    one_time_password,
)

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "至少 12 位"),
        ("x7" * 65, "不能超过 128 位"),
        ("my-yibao.clerk-secret", "不能包含用户名"),
        ("MY-YIBAO.CLERK-SECRET", "不能包含用户名"),
        ("aaaaaaaaaaaabbb", "5 个不同的字符"),
        ("Qwertyuiop123", "太常见"),
        ("pass-word-2026", "太常见"),
        ("１２３４５６７８９０１２", "太常见"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule(password: str, why: str) -> None:
    with pytest.raises(PasswordWeak) as caught:
        check_rules(password, "yibao.clerk")
    assert why in caught.value.detail


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "床前明月光疑是地上霜举头望", "x7!kQ2-pLm9z", "aaabcdefghij"],
)
def test_a_good_one_is_taken(password: str) -> None:
    check_rules(password, "yibao.clerk")


@given(st.text(min_size=SHORTEST, max_size=LONGEST))
def test_the_rules_take_or_refuse_whatever_is_typed(password: str) -> None:
    with contextlib.suppress(PasswordWeak):
        check_rules(password, "yibao.clerk")


def test_one_time_passwords_keep_the_rules_and_differ() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        check_rules(password, "yibao.clerk")
        assert not set("0O1lI") & set(password)


async def test_the_costs_are_those_of_argon2id() -> None:
    kept = await Passwords().hash("correct horse battery")
    costs = extract_parameters(kept)
    assert costs.type is Type.ID
    assert (costs.memory_cost, costs.time_cost) == (64 * 1024, 3)


async def test_a_hash_fits_its_password_however_it_is_composed() -> None:
    words = Passwords(CHEAP)
    kept = await words.hash("caf\u00e9 au lait, bien s\u00fbr")
    assert await words.fits(kept, "cafe\u0301 au lait, bien su\u0302r")
    assert not await words.fits(kept, "cafe au lait, bien sur")
    assert not await words.fits(None, "caf\u00e9 au lait, bien s\u00fbr")
    assert not await words.fits("not a hash", "x")
