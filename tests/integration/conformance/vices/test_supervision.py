"""Receipts of notices from supervision."""

from typing import Any

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Vice
from tests.integration.conformance.vices.wrong import Wrong, answers, finds

NOTICES = "supervision.notice"
OTHER_CASE = "11440000MB9X00015F2440109001000202611230001"


def _noted_anew() -> Vice:
    """A receipt that bears another second each time."""
    seconds = iter(range(10**6))

    def _change(document: dict[str, Any], query: Any) -> None:
        passed = next(seconds)
        at = f"2026-01-01T{passed // 3600:02d}:{passed // 60 % 60:02d}:{passed % 60:02d}.000+08:00"
        document.update(received_at=at)

    return answers(_change)()


VICES = [
    Wrong("mixes up cases", {"notice.receipt"}, answers(
        lambda document, query: document.update(case_no=OTHER_CASE)), "weijian", NOTICES,
        "/case_no"),
    Wrong("takes no notice", {"notice.receipt"}, answers(
        lambda document, query: document.update(taken=False)), "weijian", NOTICES, "reason"),
    Wrong("notes it twice", {"replay.same_answer", "retry.safe"}, _noted_anew, "weijian", NOTICES,
          "received_at"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
