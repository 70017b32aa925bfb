"""Every check can fail: for each there is a department that does just that wrong."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from aiohttp import web

from backend.numbers.licence_identifier import parse_identifier
from backend.numbers.uscc import make_uscc
from tests.integration.conformance.conftest import Start, explained, failed, look_at
from tests.integration.conformance.crooked import JSON, Change, Forgive, Read, Reply, Vice, crooked
from tests.sandbox_world import HUSBAND

LICENCES, SECTIONS, MATCH = "licences.query", "sections.query", "identity.match"
ONE = "licences.get"
FACE, GET, REPRESENTED = "identity.face", "enterprises.get", "enterprises.represented"
CODE = "enterprises.licence_code"
RESOURCES = "resources.query"
NOTICES = "supervision.notice"
OTHER_CASE = "11440000MB9X00015F2440109001000202611230001"
OTHER_USCC = make_uscc("9", "1", "440106", "MA5TXTX9")
OTHER_NAME, NOBODY = "不是此人", "查无此人"


@dataclass(frozen=True)
class Wrong:
    """A vice and what the kit has to say of it: these checks, and no others."""

    name: str
    expected: set[str]
    vice: Callable[[], Vice]
    department: str = "gongan"
    operation: str = LICENCES
    words: str = ""


def forgives(*reasons: str) -> Callable[[], Vice]:
    """Lets in what was refused for one of these reasons."""
    forgive: Forgive = lambda reason, request: reason in reasons  # noqa: E731
    return lambda: Vice(forgives=forgive)


def answers(change: Callable[[dict[str, Any], Any], Any]) -> Callable[[], Vice]:
    """Changes the document of each good answer, in place or by returning another."""

    def _change(reply: Reply, query: Any) -> Reply:
        document = reply.document
        return reply.says(change(document, query) or document)

    return lambda: Vice(answers=_change)


def licence(**changed: Any) -> Callable[[], Vice]:
    """Changes the first licence of each answer."""

    def _change(document: dict[str, Any], query: Any) -> None:
        for one in document["licences"][:1]:
            one.update(changed)

    return answers(_change)


def replies(change: Change) -> Callable[[], Vice]:
    """Changes each good reply."""
    return lambda: Vice(answers=change)


def refuses(change: Change) -> Callable[[], Vice]:
    """Changes each refusal."""
    return lambda: Vice(refuses=change)


def reads(read: Read) -> Callable[[], Vice]:
    """Takes requests for what they are not."""
    return lambda: Vice(reads=read)


def _good(raw: bytes, request: web.Request) -> bytes:
    """Takes whatever comes for a good query."""
    holder = {"code_type": "111", "code": HUSBAND.id_number, "name": HUSBAND.name}
    try:
        query = orjson.loads(raw)
        if set(query) <= {"holder", "types"} and set(query["holder"]) == set(holder):
            assert all(isinstance(part, str) for part in query["holder"].values())
            parts = query["holder"]
            if parts["code"].isalnum() and 0 < len(parts["name"]) < 100:
                return raw if parts["code_type"].isdigit() else orjson.dumps({"holder": holder})
    except (ValueError, TypeError, KeyError, AssertionError):
        pass
    return orjson.dumps({"holder": holder})


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


def _bare(*names: str) -> Change:
    def _change(reply: Reply, query: Any) -> Reply:
        return reply.says({k: v for k, v in reply.document.items() if k not in names})

    return _change


def _set(**changed: Any) -> Change:
    def _change(reply: Reply, query: Any) -> Reply:
        for name, value in changed.items():
            setattr(reply, name, value)
        return reply

    return _change


def _echo(reply: Reply, query: Any) -> Reply:
    return reply.says({**reply.document, "detail": f"{HUSBAND.id_number} is wrong"})


def _counted() -> Vice:
    """An answer that has another field each time."""
    count = iter(range(10**6))
    return answers(lambda document, query: document.update(served=next(count)))()


def _noted_anew() -> Vice:
    """A receipt that bears another second each time."""
    seconds = iter(range(10**6))

    def _change(document: dict[str, Any], query: Any) -> None:
        passed = next(seconds)
        at = f"2026-01-01T{passed // 3600:02d}:{passed // 60 % 60:02d}:{passed % 60:02d}.000+08:00"
        document.update(received_at=at)

    return answers(_change)()


def _falling() -> Vice:
    count = iter(range(10**6))
    return answers(lambda document, query: document.update(revision=10**6 - next(count)))()


def _holder(query: Any) -> dict[str, Any]:
    found: dict[str, Any] = query.get("holder") or query
    return found


def _not_found(reply: Reply, query: Any) -> Reply:
    if _holder(query)["name"] == NOBODY:
        problem = {"type": "about:blank", "title": "x", "status": 404, "code": "x.not_found"}
        return Reply(404, orjson.dumps(problem), "application/problem+json")
    return reply


def _tells(document: dict[str, Any], query: Any) -> None:
    """The revision of the file shows to whoever knows the number."""
    if _holder(query)["name"] == OTHER_NAME:
        document["revision"] += 5


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


def _strange(reply: Reply, query: Any) -> Reply:
    if any(ord(letter) > 0xFFFF for letter in _holder(query)["name"]):
        return Reply(500, b"{}", JSON)
    return reply


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


def _hides(kind: str) -> Callable[[], Vice]:
    def _change(document: dict[str, Any], query: Any) -> None:
        document["licences"] = [one for one in document["licences"] if one["licence_name"] != kind]

    return answers(_change)


def _all_types(raw: bytes, request: web.Request) -> bytes:
    query = orjson.loads(raw) if raw.startswith(b'{"holder":{') else None
    if not isinstance(query, dict):
        return raw
    types = query.get("types")
    if isinstance(types, list) and all(isinstance(code, str) and len(code) == 21 for code in types):
        return orjson.dumps({**query, "types": None})
    return raw


def _data(**changed: Any) -> Callable[[], Vice]:
    def _change(document: dict[str, Any], query: Any) -> None:
        if document["data"]:
            document["data"].update(changed)

    return answers(_change)


def _unknown_section(reply: Reply, query: Any) -> Reply:
    if isinstance(query, dict) and query.get("section") == "no_such_section":
        return Reply(500, b"{}", JSON)
    return reply


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


def _other_enterprise(document: dict[str, Any], query: Any) -> None:
    if document["enterprise"]:
        document["enterprise"]["uscc"] = OTHER_USCC


def _someone_else(document: dict[str, Any], query: Any) -> None:
    for one in document["enterprises"]:
        one["legal_representative"]["id_number"] = "440106195001011019"


def _other_licence(document: dict[str, Any], query: Any) -> None:
    if document["licence"] is not None:
        document["licence"]["uscc"] = OTHER_USCC


def _any_request(document: dict[str, Any], query: Any) -> None:
    if document["state"] == "used":
        document["licence"] = {
            "uscc": OTHER_USCC, "name": "示范公司", "role": "agent", "items": [],
            "holder": {"name": HUSBAND.name, "id_number": HUSBAND.id_number}, "valid_until": None,
        }  # fmt: skip


def _wrong_check(document: dict[str, Any], query: Any) -> None:
    for one in document["enterprises"]:
        one["uscc"] = one["uscc"][:17] + ("0" if one["uscc"][17] != "0" else "1")


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


def _hurried(raw: bytes, request: web.Request) -> bytes:
    if request.headers["x-timeout-ms"] == "1":
        raise web.HTTPBadRequest
    return raw


FIRST_LOOK = [
    Wrong("redirects", {"answer.status"}, replies(_set(status=302)), words="重定向"),
    Wrong("trusts nobody", {"signature.accepted"}, replies(_set(status=401)), words="gateway-1"),
    Wrong("is down", {"availability.5xx"}, replies(_set(status=502)), words="502"),
    Wrong("signs nothing", {"answer.signature"}, replies(_set(signed=False)), words="缺少"),
    Wrong("answers text", {"answer.media_type"}, replies(_set(media_type="text/json")), words=JSON),
    Wrong("answers a list", {"answer.json"}, replies(_set(body=b"[]"))),
    Wrong("answers no UTF-8", {"answer.json"}, replies(_set(body=b'{"a": "\xff"}'))),
    Wrong("answers too much", {"answer.size"}, replies(_set(body=b'"' + b"x" * 2**21 + b'"'))),
    Wrong("leaves out a field", {"answer.schema"}, licence(region_code="44"), words="/licences/0"),
    Wrong(
        "has no offset",
        {"answer.schema"},
        answers(lambda document, query: document.update(as_of="2026-11-23T10:00:00")),
        words="/as_of",
    ),
]
SIGNATURES = [
    Wrong("needs no signature", {"signature.missing"}, forgives("missing")),
    Wrong("knows everybody", {"signature.unknown_key"}, forgives("unknown_key")),
    Wrong("has time", {"signature.expired", "signature.future"}, forgives("expired")),
    Wrong("ignores digests", {"signature.digest"}, forgives("digest")),
    Wrong("remembers nothing", {"signature.replayed"}, forgives("replayed")),
    Wrong("reads no parameters", {"signature.covers", "signature.nonce"}, forgives("malformed")),
    Wrong(
        "verifies nothing",
        {"signature.wrong", "signature.path", "signature.other_body"},
        forgives("wrong"),
    ),
]
INPUTS = [
    Wrong("ignores fields", {"input.unknown_field", "input.too_large"}, reads(_without_strangers)),
    Wrong(
        "takes anything",
        {"input.unknown_field", "input.schema", "input.malformed", "input.depth"}
        | {"input.too_large"},
        reads(_good),
    ),
    Wrong("says 422", {"input.unknown_field", "input.schema", "input.malformed", "input.depth"},
          refuses(_status(400, 422))),
    Wrong("does not say where", {"input.pointer"}, refuses(_bare("errors")), words="pointer"),
    Wrong("takes any type", {"input.media_type"}, lambda: Vice(
        reads=lambda raw, request: raw + b" " if request.content_type == "text/plain" else raw)),
    Wrong("says 500 to large ones", {"input.too_large"}, refuses(_status(413, 500)), words="5 MB"),
    Wrong("answers GET", {"input.method"}, lambda: Vice(
        refuses=lambda reply, query: _set(status=200)(reply, query)
        if reply.status == 405 else reply)),
    Wrong("fears rare characters", {"input.strange_name"}, replies(_strange), words="姓名"),
]  # fmt: skip
REFUSALS = [
    Wrong("refuses as JSON", {"error.problem_json"}, refuses(_set(media_type=JSON))),
    Wrong("has no codes", {"error.schema"}, refuses(_bare("code")), words="缺少 code"),
    Wrong("refuses unsigned", {"error.signed"}, refuses(_set(signed=False)), words="缺少"),
    Wrong("repeats what it read", {"error.private"}, refuses(_echo), words="号码或姓名"),
]
ANSWERS = [
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
LICENCE = [
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
IDENTIFIED = [
    Wrong("loses it by identifier", {"licence.by_identifier"}, answers(_by_identifier(None)),
          operation=ONE, words="应查得到"),
    Wrong("differs by identifier", {"licence.by_identifier"}, answers(
        _by_identifier({"licence_number": "1"})), operation=ONE, words="/licence/licence_number"),
    Wrong("knows any identifier", {"holder.unknown"}, _any_identifier, operation=ONE),
]  # fmt: skip
SECTION = [
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
PEOPLE = [
    Wrong("lets the dead live", {"identity.result"}, answers(_match_all), operation=MATCH),
    Wrong("gossips", {"identity.quiet"}, answers(_gossips), operation=MATCH),
    Wrong("tells numbers", {"identity.previous"}, answers(_old_numbers), operation=MATCH),
    Wrong("speaks English", {"face.reason"}, answers(_english), operation=FACE, words="中文"),
    Wrong("sees everybody", {"face.reason", "face.no_picture", "holder.unknown"},
          answers(_everybody), operation=FACE),
    Wrong("breaks on no picture", {"face.no_picture"}, replies(_pictures), operation=FACE),
    Wrong("numbers nothing", {"face.reference"}, answers(
        lambda document, query: document.update(reference="1")), operation=FACE),
    Wrong("finds no enterprise", {"enterprise.given"}, answers(
        lambda document, query: document.update(enterprise=None)), "shijian", GET),
    Wrong("finds another", {"enterprise.fits"}, answers(_other_enterprise),
          "shijian", GET),
    Wrong("finds another's", {"enterprise.fits"}, answers(_someone_else), "shijian", REPRESENTED),
    Wrong("invents codes", {"enterprise.given", "enterprise.uscc"}, answers(_wrong_check),
          "shijian", REPRESENTED),
    Wrong("shows another's licence", {"licence_code.fits"}, answers(_other_licence),
          "shijian", CODE),
    Wrong("takes a code twice", {"licence_code.once"}, answers(_any_request), "shijian", CODE),
]  # fmt: skip
RESOURCE = [
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
NOTICE = [
    Wrong("mixes up cases", {"notice.receipt"}, answers(
        lambda document, query: document.update(case_no=OTHER_CASE)), "weijian", NOTICES,
        "/case_no"),
    Wrong("takes no notice", {"notice.receipt"}, answers(
        lambda document, query: document.update(taken=False)), "weijian", NOTICES, "reason"),
    Wrong("notes it twice", {"replay.same_answer", "retry.safe"}, _noted_anew, "weijian", NOTICES,
          "received_at"),
]  # fmt: skip
ENDURANCE = [
    Wrong("hangs up", {"transport.keep_alive"}, lambda: Vice(closes=True), words="keep-alive"),
    Wrong("takes few", {"limits.concurrency"}, lambda: Vice(at_once=12), words="concurrency"),
    Wrong("breaks", {"cancel.survives", "retry.safe"}, lambda: Vice(breaks=True)),
    Wrong("counts", {"retry.safe"}, lambda: Vice(counts=True), words="取消之后重试"),
    Wrong("minds the time", {"time.budget"}, reads(_hurried), words="x-timeout-ms"),
]


ALL = [
    *FIRST_LOOK, *SIGNATURES, *INPUTS, *REFUSALS, *ANSWERS, *LICENCE, *IDENTIFIED,
    *SECTION, *PEOPLE, *RESOURCE, *NOTICE, *ENDURANCE,
]  # fmt: skip


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    system = await start(wrong.department)
    async with crooked(system, wrong.vice()) as url:
        report = await look_at(system, url, wrong.operation)
    assert failed(report) == wrong.expected, explained(report)
    assert any(wrong.words in check.mend for check in report.failed)
    assert not report.passed
