"""A licence by its identifier."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Vice
from tests.integration.conformance.vices.wrong import Wrong, answers, finds

ONE = "licences.get"


def _by_identifier(changed: dict[str, Any] | None) -> Callable[[Any, Any], None]:
    def _change(document: dict[str, Any], query: Any) -> None:
        if document.get("licence") is not None:
            document["licence"] = changed and {**document["licence"], **changed}

    return _change


def _any_identifier() -> Vice:
    last: list[Any] = []

    def _change(document: dict[str, Any], query: Any) -> None:
        if document.get("licence") is not None:
            last.append(document["licence"])
        elif "licence" in document:
            document["licence"] = last[0]

    return answers(_change)()


VICES = [
    Wrong("loses it by identifier", {"licence.by_identifier"}, answers(_by_identifier(None)),
          operation=ONE, words="应查得到"),
    Wrong("differs by identifier", {"licence.by_identifier"}, answers(
        _by_identifier({"licence_number": "1"})), operation=ONE, words="/licence/licence_number"),
    Wrong("knows any identifier", {"holder.unknown"}, _any_identifier, operation=ONE),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
