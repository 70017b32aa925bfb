"""Sections of the home page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import JSON, Reply, Vice
from tests.integration.conformance.vices.wrong import Wrong, answers, finds, refuses

SECTIONS = "sections.query"


def _data(**changed: Any) -> Callable[[], Vice]:
    def _change(document: dict[str, Any], query: Any) -> None:
        if document["data"]:
            document["data"].update(changed)

    return answers(_change)


def _unknown_section(reply: Reply, query: Any) -> Reply:
    if isinstance(query, dict) and query.get("section") == "no_such_section":
        return Reply(500, b"{}", JSON)
    return reply


VICES = [
    Wrong("has no figure", {"section.fields"}, _data(points=None), operation=SECTIONS),
    Wrong("writes figures out", {"section.format"}, _data(points="三分"), operation=SECTIONS),
    Wrong("has no month", {"section.format"}, _data(last_deposit_month="2026-13"), "gjj", SECTIONS),
    Wrong("counts thirds", {"section.format"}, _data(balance=1.333), "gjj", SECTIONS, "小数"),
    Wrong(
        "has nothing",
        {"section.given"},
        answers(lambda document, query: document.update(data=None)),
        operation=SECTIONS,
    ),
    Wrong("breaks on others", {"section.unknown"}, refuses(_unknown_section), operation=SECTIONS),
]


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
