"""What the first page says of what is due."""

from datetime import date

import pytest

from backend.home.service import renewal_text


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (0, "今天到期，请尽快换证"),
        (20, "12月17日到期，还有 20 天，请提前换证"),
    ],
)
def test_a_licence_that_ends_is_told_once(left: int, words: str) -> None:
    assert renewal_text(date(2026, 12, 17), left) == words
