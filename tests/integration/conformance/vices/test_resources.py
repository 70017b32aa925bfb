"""Data resources: what is shared, of whom, page by page."""

from typing import Any

import orjson
import pytest
from aiohttp import web

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Vice
from tests.integration.conformance.vices.wrong import OTHER_NAME, Wrong, answers, finds, reads

RESOURCES = "resources.query"


def _no_record(document: dict[str, Any], query: Any) -> None:
    for item in document["items"]:
        item["record"] = None


def _generous(document: dict[str, Any], query: Any) -> None:
    for item in document["items"]:
        if item["record"] is not None:
            item["record"]["balance"] = 1.5
            item["record"]["state"] = "正常"


def _other_index(document: dict[str, Any], query: Any) -> None:
    for item in document["items"]:
        item["subject"] = 199


def _text_for_money(document: dict[str, Any], query: Any) -> None:
    for item in document["items"]:
        if item["record"] is not None and "balance" in item["record"]:
            item["record"]["balance"] = "很多"


def _anything(raw: bytes, request: web.Request) -> bytes:
    try:
        query = orjson.loads(raw)
    except ValueError:
        return raw
    if isinstance(query, dict) and query.get("resource") == "399999/9999":
        return orjson.dumps({**query, "resource": "301146/0001"})
    return raw


def _any_cursor(raw: bytes, request: web.Request) -> bytes:
    return raw.replace(b'"cursor":"never-given"', b'"cursor":null')


def _no_limit(raw: bytes, request: web.Request) -> bytes:
    return raw.replace(b'"limit":1}', b'"limit":200}')


def _endless(document: dict[str, Any], query: Any) -> None:
    document["next_cursor"] = document["next_cursor"] or "0"


def _restless() -> Vice:
    count = iter(range(10**6))

    def _change(document: dict[str, Any], query: Any) -> None:
        if query["cursor"] and query["limit"] == 1 and document["items"]:
            document["items"][0]["record"] = {"balance": float(next(count))}

    return answers(_change)()


def _knows_all(document: dict[str, Any], query: Any) -> None:
    for item in document["items"]:
        if query["subjects"][item["subject"]]["name"] == OTHER_NAME:
            item["record"] = dict.fromkeys(query["fields"])


VICES = [
    Wrong("shares nothing", {"resource.given"}, answers(_no_record), "gjj", RESOURCES),
    Wrong("shares more", {"resource.fields", "resource.types"}, answers(_generous), "gjj",
          RESOURCES, "别的信息项"),
    Wrong("counts otherwise", {"resource.subject", "resource.given", "pagination.complete"},
          answers(_other_index), "gjj", RESOURCES),
    Wrong("writes money out", {"resource.types"}, answers(_text_for_money), "gjj", RESOURCES),
    Wrong("shares anything", {"resource.unknown"}, reads(_anything), "gjj", RESOURCES),
    Wrong("takes any cursor", {"pagination.foreign_cursor"}, reads(_any_cursor), "gjj", RESOURCES),
    Wrong("gives all at once", {"pagination.limit", "pagination.stable"}, reads(_no_limit), "gjj",
          RESOURCES, "limit"),
    Wrong("never ends", {"pagination.complete"}, answers(_endless), "gjj", RESOURCES),
    Wrong("shuffles", {"pagination.stable"}, _restless, "gjj", RESOURCES),
    Wrong("ignores names", {"resource.mismatch"}, answers(_knows_all), "gjj", RESOURCES),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
