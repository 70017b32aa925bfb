"""Refusals that say too little, or too much."""

from typing import Any

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import JSON, Reply
from tests.integration.conformance.vices.wrong import Wrong, bare, finds, refuses, sets
from tests.sandbox_world import HUSBAND


def _echo(reply: Reply, query: Any) -> Reply:
    return reply.says({**reply.document, "detail": f"{HUSBAND.id_number} is wrong"})


VICES = [
    Wrong("refuses as JSON", {"error.problem_json"}, refuses(sets(media_type=JSON))),
    Wrong("has no codes", {"error.schema"}, refuses(bare("code")), words="缺少 code"),
    Wrong("refuses unsigned", {"error.signed"}, refuses(sets(signed=False)), words="缺少"),
    Wrong("repeats what it read", {"error.private"}, refuses(_echo), words="号码或姓名"),
]


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
