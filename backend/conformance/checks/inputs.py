"""Requests that break the interface are refused with a 4xx that says where, never with a 5xx."""

import asyncio
from typing import Any

import orjson

from backend.conformance.case import Case, Told
from backend.conformance.interface import Mutation
from backend.conformance.rules import Advice, Group, Mend, NotChecked

group = Group()
TOO_LARGE = 5 * 1024 * 1024
DEPTH = 20_000
STRANGE_NAMES = ("𬭚䶮", "😀", "\u202e王伟", "a'; DROP TABLE x; --", "阿·不都", "王^李")
NO_OBJECTS = (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe")


@group.rule("input.unknown_field", "多出的字段被拒绝")
async def unknown_field(case: Case) -> None:
    """An unknown field in each object of the request."""
    await _refuse_all(case, case.described.strangers(case.first.payload))


@group.rule("input.schema", "不符合结构的请求被拒绝")
async def schema(case: Case) -> None:
    """Each field missing, of another type, of another form."""
    await _refuse_all(case, case.described.broken(case.first.payload))


@group.rule("input.pointer", "拒绝时指出是哪个字段")
async def pointer(case: Case) -> None:
    """``errors`` names the place, or the object that it lies in."""
    mutations = case.described.broken(case.first.payload)
    if not mutations:
        raise NotChecked("请求没有可以写错的字段")
    told = await case.ask(mutations[-1].payload)
    if told.status != 400:
        raise NotChecked("请求没有被拒绝，见“不符合结构的请求被拒绝”")
    named = _pointers(told)
    place = mutations[-1].pointer
    parents = {place.rsplit("/", n)[0] for n in range(place.count("/") + 1)}
    if not named & parents:
        raise Mend(f"{place} 写错时，problem 的 errors 里没有指向它的 pointer（RFC 6901）")


@group.rule("input.malformed", "不是 JSON 对象的正文被拒绝")
async def malformed(case: Case) -> None:
    """Empty, broken, no object, no UTF-8."""
    answers = await asyncio.gather(*(case.send(body) for body in NO_OBJECTS))
    for body, told in zip(NO_OBJECTS, answers, strict=True):
        case.refused("空的正文" if not body else "不是 JSON 对象的正文", told, 400)


@group.rule("input.depth", "层层嵌套的正文不使系统崩溃")
async def depth(case: Case) -> None:
    """JSON that is nested deeper than a careless parser can take."""
    body = b'{"x":' + b"[" * DEPTH + b"]" * DEPTH + b"}"
    case.refused(f"嵌套 {DEPTH} 层的正文", await case.send(body), 400, 413)


@group.rule("input.media_type", "其他媒体类型被拒绝")
async def media_type(case: Case) -> None:
    """Only ``application/json`` is taken."""
    told = await case.send(case.body, headers={"content-type": "text/plain"})
    case.refused("content-type 为 text/plain 的请求", told, 415)


@group.rule("input.too_large", "过大的正文被拒绝")
async def too_large(case: Case) -> None:
    """Five megabytes: more than any operation may take."""
    payload = {**case.first.payload, "x_padding": "x" * TOO_LARGE}
    told = await case.send(orjson.dumps(payload))
    if told.status == 400:
        raise Advice("5 MB 的正文读完后以 400 拒绝：宜在读完之前以 413 拒绝")
    case.refused("5 MB 的正文", told, 413)


@group.rule("input.method", "只接受 POST")
async def method(case: Case) -> None:
    """A GET changes nothing and tells nothing."""
    told = await case.send(b"", method="GET", signed=False)
    if not 400 <= told.status < 500:
        raise Mend(f"GET {case.path}：应以 405 拒绝，实际应答 {told.says}")


@group.rule("input.strange_name", "特殊字符的姓名不使系统出错", "identity.match", "licences.query")
async def strange_name(case: Case) -> None:
    """Names with rare characters, marks of direction and quotation marks are names."""
    payload = case.first.payload
    asked: list[dict[str, Any]] = [
        {**payload, "holder": {**payload["holder"], "name": name}}
        if "holder" in payload
        else {**payload, "name": name}
        for name in STRANGE_NAMES
    ]
    for told in await asyncio.gather(*(case.ask(one) for one in asked)):
        if told.status != 200:
            raise Mend(
                f"姓名含有生僻字或特殊字符时应答了 {told.says}：应视为不相符的姓名，应答 200"
            )


async def _refuse_all(case: Case, mutations: list[Mutation]) -> None:
    if not mutations:
        raise NotChecked("请求没有可以写错的字段")
    answers = await asyncio.gather(*(case.ask(mutation.payload) for mutation in mutations))
    for mutation, told in zip(mutations, answers, strict=True):
        case.refused(f"{mutation.pointer} {mutation.what}", told, 400)


def _pointers(told: Told) -> set[str]:
    document = told.document
    errors = document.get("errors") if isinstance(document, dict) else None
    entries = errors if isinstance(errors, list) else []
    found = (entry.get("pointer") for entry in entries if isinstance(entry, dict))
    return {pointer for pointer in found if isinstance(pointer, str)}
