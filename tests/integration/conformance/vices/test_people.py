"""Identities and faces."""

import base64
from typing import Any

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import JSON, Reply
from tests.integration.conformance.vices.wrong import OTHER_NAME, Wrong, answers, finds, replies

MATCH = "identity.match"
FACE = "identity.face"


def _match_all(document: dict[str, Any], query: Any) -> None:
    document["result"] = "match" if document["result"] != "mismatch" else "mismatch"


def _gossips(document: dict[str, Any], query: Any) -> None:
    """Says of the dead that they are, whatever the name."""
    if query["id_number"].startswith("4401061930") and query["name"] == OTHER_NAME:
        document["result"] = "deceased"


def _old_numbers(document: dict[str, Any], query: Any) -> None:
    if document["result"] == "deceased":
        document["previous_numbers"] = ["440106195001011019"]


def _english(document: dict[str, Any], query: Any) -> None:
    if not document["passed"]:
        document["reason"] = "not the person"


def _everybody(document: dict[str, Any], query: Any) -> None:
    document.update(passed=True, reason=None)


def _pictures(reply: Reply, query: Any) -> Reply:
    if len(base64.b64decode(query["image"])) < 80:
        return Reply(500, b"{}", JSON)
    return reply


VICES = [
    Wrong("lets the dead live", {"identity.result"}, answers(_match_all), operation=MATCH),
    Wrong("gossips", {"identity.quiet"}, answers(_gossips), operation=MATCH),
    Wrong("tells numbers", {"identity.previous"}, answers(_old_numbers), operation=MATCH),
    Wrong("speaks English", {"face.reason"}, answers(_english), operation=FACE, words="中文"),
    Wrong("sees everybody", {"face.reason", "face.no_picture", "holder.unknown"},
          answers(_everybody), operation=FACE),
    Wrong("breaks on no picture", {"face.no_picture"}, replies(_pictures), operation=FACE),
    Wrong("numbers nothing", {"face.reference"}, answers(
        lambda document, query: document.update(reference="1")), operation=FACE),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
