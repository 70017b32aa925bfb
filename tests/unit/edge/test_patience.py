"""How long a caller waits: what the phone says, and never longer than we take."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.edge.patience import deadline_of


def seconds(header: str | None) -> float:
    headers = {} if header is None else {"x-timeout-ms": header}
    request = cast(Any, SimpleNamespace(headers=headers))
    return round(deadline_of(request, 1.5).remaining(), 1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, 1.5),
        ("800", 0.8),
        ("60000", 1.5),
        ("0", 0.0),
        ("-1", 1.5),
        ("1e9", 1.5),
        ("9" * 5000, 1.5),
        ("٣٠٠", 1.5),
        ("", 1.5),
        ("soon", 1.5),
    ],
)
def test_the_phone_may_ask_for_less_and_never_for_more(header: str | None, expected: float) -> None:
    assert seconds(header) == expected
