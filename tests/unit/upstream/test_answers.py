"""What an answer has to be: JSON, not too deep, of its schema; and how long a rest is asked for."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.upstream.answers import AnswerRefused, deeper_than, read_answer, retry_after

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@settings(max_examples=300)
@given(JSON, st.integers(0, 6))
def test_depth_is_that_of_the_parsed_document(value: Any, limit: int) -> None:
    assert deeper_than(limit, orjson.dumps(value)) == (depth(value) > limit)


@given(st.binary(max_size=200))
def test_depth_of_what_is_no_json_is_no_error(body: bytes) -> None:
    deeper_than(3, body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "malformed"),
        (b"[]", "malformed"),
        (b'{"a":' + b"[" * 33 + b"]" * 33 + b"}", "too_deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
        (b"[" * 100_000, "malformed"),
        (b'{"b":1}', "schema"),
    ],
)
def test_each_refusal_has_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(AnswerRefused, match=reason):
        read_answer(body, lambda answer: "a" in answer)


def test_many_brackets_that_are_not_deep_pass() -> None:
    body = orjson.dumps({"a": [{"text": '[[[[{{{{\\"'}] * 500})
    assert len(read_answer(body, None)["a"]) == 500


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("0", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, 999_999_999.0),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_in_both_its_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, 1000.0) == seconds
