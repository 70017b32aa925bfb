"""What comes in is not checked, or refused in another way than agreed."""

from typing import Any

import orjson
import pytest
from aiohttp import web

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import JSON, Change, Reply, Vice
from tests.integration.conformance.vices.wrong import (
    Wrong,
    bare,
    finds,
    holder,
    reads,
    refuses,
    replies,
    sets,
)
from tests.sandbox_world import HUSBAND


def _good(raw: bytes, request: web.Request) -> bytes:
    """Takes whatever comes for a good query."""
    husband = {"code_type": "111", "code": HUSBAND.id_number, "name": HUSBAND.name}
    try:
        query = orjson.loads(raw)
        if set(query) <= {"holder", "types"} and set(query["holder"]) == set(husband):
            assert all(isinstance(part, str) for part in query["holder"].values())
            parts = query["holder"]
            if parts["code"].isalnum() and 0 < len(parts["name"]) < 100:
                return raw if parts["code_type"].isdigit() else orjson.dumps({"holder": husband})
    except (ValueError, TypeError, KeyError, AssertionError):
        pass
    return orjson.dumps({"holder": husband})


def _without_strangers(raw: bytes, request: web.Request) -> bytes:
    try:
        query = orjson.loads(raw)
    except ValueError:
        return raw
    if isinstance(query, dict):
        query.pop("x_unknown", None)
        query.pop("x_padding", None)
        if isinstance(query.get("holder"), dict):
            query["holder"].pop("x_unknown", None)
        return orjson.dumps(query)
    return raw


def _status(old: int, new: int) -> Change:
    def _change(reply: Reply, query: Any) -> Reply:
        if reply.status == old:
            reply.status = new
            reply.says({**reply.document, "status": new})
        return reply

    return _change


def _strange(reply: Reply, query: Any) -> Reply:
    if any(ord(letter) > 0xFFFF for letter in holder(query)["name"]):
        return Reply(500, b"{}", JSON)
    return reply


VICES = [
    Wrong("ignores fields", {"input.unknown_field", "input.too_large"}, reads(_without_strangers)),
    Wrong(
        "takes anything",
        {"input.unknown_field", "input.schema", "input.malformed", "input.depth"}
        | {"input.too_large"},
        reads(_good),
    ),
    Wrong("says 422", {"input.unknown_field", "input.schema", "input.malformed", "input.depth"},
          refuses(_status(400, 422))),
    Wrong("does not say where", {"input.pointer"}, refuses(bare("errors")), words="pointer"),
    Wrong("takes any type", {"input.media_type"}, lambda: Vice(
        reads=lambda raw, request: raw + b" " if request.content_type == "text/plain" else raw)),
    Wrong("says 500 to large ones", {"input.too_large"}, refuses(_status(413, 500)), words="5 MB"),
    Wrong("answers GET", {"input.method"}, lambda: Vice(
        refuses=lambda reply, query: sets(status=200)(reply, query)
        if reply.status == 405 else reply)),
    Wrong("fears rare characters", {"input.strange_name"}, replies(_strange), words="姓名"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
