"""Answers of any kind: their time, their constancy, what they tell of strangers."""

from typing import Any

import orjson
import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Reply, Vice
from tests.integration.conformance.vices.wrong import (
    OTHER_NAME,
    Wrong,
    answers,
    finds,
    holder,
    replies,
)

NOBODY = "查无此人"


def _counted() -> Vice:
    """An answer that has another field each time."""
    count = iter(range(10**6))
    return answers(lambda document, query: document.update(served=next(count)))()


def _not_found(reply: Reply, query: Any) -> Reply:
    if holder(query)["name"] == NOBODY:
        problem = {"type": "about:blank", "title": "x", "status": 404, "code": "x.not_found"}
        return Reply(404, orjson.dumps(problem), "application/problem+json")
    return reply


def _tells(document: dict[str, Any], query: Any) -> None:
    """The revision of the file shows to whoever knows the number."""
    if holder(query)["name"] == OTHER_NAME:
        document["revision"] += 5


VICES = [
    Wrong(
        "lives tomorrow",
        {"answer.as_of"},
        answers(lambda document, query: document.update(as_of="2099-01-01T00:00:00+08:00")),
    ),
    Wrong("changes its mind", {"replay.same_answer", "retry.safe", "holder.mismatch"},
          _counted),
    Wrong("finds nobody", {"holder.unknown", "holder.mismatch"}, replies(_not_found), words="404"),
    Wrong("tells known numbers", {"holder.mismatch"}, answers(_tells), words="/revision"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
