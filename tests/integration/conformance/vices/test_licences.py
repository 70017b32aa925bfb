"""Licences: identifiers, issuers, holders, dates, states."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from aiohttp import web

from backend.numbers.licence_identifier import parse_identifier
from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Vice
from tests.integration.conformance.vices.wrong import Wrong, answers, finds, licence, reads


def _reissued(changed: str) -> Callable[[], Vice]:
    def _change(document: dict[str, Any], query: Any) -> None:
        for one in document["licences"][:1]:
            identifier = parse_identifier(one["licence_identifier"])
            one["licence_identifier"] = str(identifier.next_version())
            if changed == "all":
                one["licence_version"] = f"{identifier.version + 1:03d}"

    return answers(_change)


def _change_check(document: dict[str, Any], query: Any) -> None:
    for one in document["licences"][:1]:
        text = one["licence_identifier"]
        one["licence_identifier"] = text[:-1] + ("0" if text[-1] != "0" else "1")


def _twice(document: dict[str, Any], query: Any) -> None:
    document["licences"] += document["licences"][:1]


def _all_types(raw: bytes, request: web.Request) -> bytes:
    query = orjson.loads(raw) if raw.startswith(b'{"holder":{') else None
    if not isinstance(query, dict):
        return raw
    types = query.get("types")
    if isinstance(types, list) and all(isinstance(code, str) and len(code) == 21 for code in types):
        return orjson.dumps({**query, "types": None})
    return raw


def _falling() -> Vice:
    count = iter(range(10**6))
    return answers(lambda document, query: document.update(revision=10**6 - next(count)))()


def _hides(kind: str) -> Callable[[], Vice]:
    def _change(document: dict[str, Any], query: Any) -> None:
        document["licences"] = [one for one in document["licences"] if one["licence_name"] != kind]

    return answers(_change)


VICES = [
    Wrong("miscounts", {"licence.identifier"}, _reissued("identifier"), words="版本号"),
    Wrong(
        "writes a wrong check character",
        {"licence.identifier"},
        answers(_change_check),
        words="校验位",
    ),
    Wrong("copies", {"licence.unique"}, answers(_twice)),
    Wrong("calls it otherwise", {"licence.type"}, licence(licence_name="身份证"), words="登记的"),
    Wrong("invents an issuer", {"licence.issuer", "licence.identifier"}, licence(
        issuer_code="11440000MB9X00111A"), words="GB 32100"),
    Wrong("gives another's", {"licence.holder"}, licence(holder_code="440106195001011019")),
    Wrong("gives another name", {"licence.holder"}, licence(holder_name="王五"), words="姓名"),
    Wrong("loses a holder", {"licence.holder"}, licence(holder_name="王伟^李娜"), words="人数"),
    Wrong("ends before it began", {"licence.dates"}, licence(
        valid_from="2020-01-01", issue_date="2019-01-01", valid_to="2019-06-01",
        status="EXPIRED"), words="valid_to"),
    Wrong("issues tomorrow", {"licence.dates"}, licence(
        issue_date="2098-01-01", valid_from="2098-01-01", valid_to=None, status="VALID")),
    Wrong("never expires", {"licence.status"}, licence(
        issue_date="2001-01-01", valid_from="2001-01-01", valid_to="2011-01-01",
        status="VALID"), words="EXPIRED"),
    Wrong("expires early", {"licence.status"}, licence(valid_to=None, status="EXPIRED")),
    Wrong("adds facts", {"licence.fields"}, licence(extend_info={"shoe_size": 44}), words="登记"),
    Wrong("gives all types", {"licence.types_filter"}, reads(_all_types), words="types"),
    Wrong("goes back", {"licence.revision", "replay.same_answer", "retry.safe", "holder.mismatch"},
          _falling),
    Wrong("has lost one", {"licence.given"}, _hides("机动车驾驶证")),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
