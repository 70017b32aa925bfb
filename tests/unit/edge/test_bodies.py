"""What a body is refused with; how requests are read is tried over HTTP."""

import time

import pytest

from gateway.edge.bodies import validate
from gateway.edge.endpoint import In
from gateway.edge.problems import RequestInvalid


class Wanted(In):
    """Something small."""

    name: str


def _errors(data: object) -> list[dict[str, str]]:
    with pytest.raises(RequestInvalid) as refusal:
        validate(Wanted, data)
    return list(refusal.value.errors)


def test_each_place_is_named() -> None:
    assert _errors({"other": 1}) == [
        {"pointer": "/name", "message": "缺少这一项"},
        {"pointer": "/other", "message": "不认识的字段"},
    ]


def test_a_heap_of_mistakes_is_counted_and_not_named() -> None:
    started = time.perf_counter()
    (one,) = _errors({"name": "x", **{f"a{number}": 1 for number in range(200_000)}})
    assert one["pointer"] == ""
    assert "有 200000 处不符合要求" in one["message"]
    assert time.perf_counter() - started < 5
