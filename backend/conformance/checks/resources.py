"""Data resources: only what was asked for, about whom it was asked, page by page."""

import asyncio
from collections.abc import Iterator
from typing import Any

from backend.conformance.asking import Question, resource_query
from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend, NotChecked
from backend.exchange.manifest_resources import FITS, DataResourceSpec

group = Group()
RESOURCES = "resources.query"
MOST_PAGES = 50
Item = dict[str, Any]


def _items(case: Case) -> Iterator[tuple[str, Question, Item]]:
    for question, told in case.told:
        if case.described.answer.is_valid(told.document):
            for nth, item in enumerate(told.document["items"]):
                yield f"{question.about}的 /items/{nth}", question, item


def _some(case: Case) -> list[tuple[str, Question, Item]]:
    found = list(_items(case))
    if not found:
        raise NotChecked("没有得到任何结构正确的记录")
    return found


def _spec(case: Case, question: Question) -> DataResourceSpec:
    spec = case.manifest.data_resource(question.topic)
    if spec is None:
        raise NotChecked("清单没有登记这个数据资源")
    return spec


@group.rule("resource.given", "测试对象有记录", RESOURCES)
async def given(case: Case) -> None:
    """The subjects have what the manifest says that they have."""
    if not case.questions:
        raise NotChecked("没有测试对象")
    for question, told in case.told:
        items = told.document.get("items", [])
        filled = {item.get("subject") for item in items if item.get("record") is not None}
        for nth, subject in enumerate(question.subject):
            if question.topic in subject.resources and nth not in filled:
                raise Mend(f"{question.about}：清单说第 {nth + 1} 个对象有记录，应答里没有")
    empty = [q.topic for q, told in case.told if not _filled(told.document)]
    if empty:
        raise Mend(
            f"数据资源 {'、'.join(empty)} 没有得到任何记录：请在清单 conformance.holders 的 "
            "resources 写明谁在沙箱里有记录"
        )


def _filled(answer: dict[str, Any]) -> bool:
    return any(item.get("record") is not None for item in answer.get("items", []))


@group.rule("resource.subject", "每条记录指明是第几个对象", RESOURCES)
async def subject(case: Case) -> None:
    """An index into the subjects of the query."""
    for place, question, item in _some(case):
        if not 0 <= item["subject"] < len(question.payload["subjects"]):
            raise Mend(f"{place}/subject：不是请求 subjects 的下标")


@group.rule("resource.fields", "只返回所要的信息项", RESOURCES)
async def fields(case: Case) -> None:
    """One item asked for, one item answered."""
    _, question, _ = _some(case)[0]
    spec = _spec(case, question)
    wanted = spec.items[0].name
    answer = await case.good(
        resource_query(case.manifest, question.topic, question.subject, [wanted]),
        f"{question.about}只要一个信息项",
    )
    for nth, item in enumerate(answer.get("items", [])):
        record = item.get("record")
        if isinstance(record, dict) and not record.keys() <= {wanted}:
            raise Mend(f"{question.about}：只要 {wanted} 时，/items/{nth}/record 有别的信息项")


@group.rule("resource.types", "信息项的类型与清单一致", RESOURCES)
async def types(case: Case) -> None:
    """What the catalogue promises is what comes."""
    for place, question, item in _some(case):
        spec, record = _spec(case, question), item["record"]
        if record is None:
            continue
        for declared in spec.items:
            value = record.get(declared.name)
            if value is None:
                if declared.required:
                    raise Mend(f"{place}/record/{declared.name}：登记为必有，没有值")
            elif not FITS[declared.type](value):
                raise Mend(f"{place}/record/{declared.name}：应为 {declared.type}")
        if not record.keys() <= {declared.name for declared in spec.items}:
            raise Mend(f"{place}/record：有没有在清单登记的信息项")


@group.rule("resource.unknown", "没有登记的资源和信息项被拒绝", RESOURCES)
async def unknown(case: Case) -> None:
    """Neither another resource nor an item that it does not have."""
    payload = case.first.payload
    told = await case.ask({**payload, "resource": "399999/9999"})
    case.refused("没有登记的数据资源", told, 400, 404)
    told = await case.ask({**payload, "fields": ["no_such_item"]})
    case.refused("没有登记的信息项", told, 400)


@group.rule("resource.mismatch", "姓名与号码不符的对象没有记录", RESOURCES)
async def mismatch(case: Case) -> None:
    """As if nobody had the number."""
    _, question, _ = _some(case)[0]
    subjects = [{**one, "name": "不是此人"} for one in question.payload["subjects"]]
    answer = await case.good({**question.payload, "subjects": subjects}, "姓名与号码不符")
    if _filled(answer):
        raise Mend(f"{question.about}：姓名与号码不符的对象，/items/*/record 应为 null")


@group.rule("pagination.limit", "一页不超过 limit", RESOURCES)
async def limit(case: Case) -> None:
    """The caller says how much it takes at once."""
    payload = {**_crowd(case), "limit": 1}
    answer = await case.good(payload, "limit 为 1")
    if len(answer.get("items", [])) > 1:
        raise Mend(f"数据资源 {payload['resource']}：limit 为 1 时 /items 多于一条")


@group.rule("pagination.complete", "逐页取完：每个对象一条，按请求的次序", RESOURCES)
async def complete(case: Case) -> None:
    """The pages end, and together they are the whole: nothing lost, nothing twice."""
    payload = _crowd(case)
    limits = (1, 2, 200)
    walks = await asyncio.gather(*(_pages(case, payload, limit) for limit in limits))
    for limit, found in zip(limits, walks, strict=True):
        order = [item.get("subject") for item in found]
        if order != list(range(len(payload["subjects"]))):
            raise Mend(
                f"数据资源 {payload['resource']}：{len(payload['subjects'])} 个对象、limit 为 "
                f"{limit} 时，翻完各页得到的 subject 不是依次从 0 起每个一次"
            )


def _crowd(case: Case) -> dict[str, Any]:
    """A query about the subjects and three people who do not exist: several pages in any case."""
    payload = case.first.payload
    kinds = {subject["code_type"] for subject in payload["subjects"]}
    nobody = [
        subject
        for question in case.nobody
        for subject in question.payload["subjects"]
        if subject["code_type"] in kinds
    ]
    strangers = [{**nobody[0], "name": f"{nobody[0]['name']}{nth}"} for nth in "一二三"]
    return {**payload, "subjects": [*payload["subjects"], *strangers]}


async def _pages(case: Case, payload: dict[str, Any], limit: int) -> list[Item]:
    found: list[Item] = []
    cursor: str | None = None
    what = f"数据资源 {payload['resource']}，翻页"
    for _ in range(MOST_PAGES):
        answer = await case.good({**payload, "limit": limit, "cursor": cursor}, what)
        found += answer.get("items", [])
        cursor = answer.get("next_cursor")
        if cursor is None:
            return found
    raise Mend(f"{what}：翻了 {MOST_PAGES} 页 next_cursor 仍不是 null")


@group.rule("pagination.stable", "同一个 cursor 得到同一页", RESOURCES)
async def stable(case: Case) -> None:
    """A page that was lost on the way can be fetched again."""
    payload = {**_crowd(case), "limit": 1}
    cursor = (await case.good(payload, "第一页")).get("next_cursor")
    if cursor is None:
        raise Mend(
            f"数据资源 {payload['resource']}：limit 为 1、还有对象时，next_cursor 不应是 null"
        )
    asked = {**payload, "cursor": cursor}
    one, other = await case.good(asked, "第二页"), await case.good(asked, "第二页再取一次")
    if (one.get("items"), one.get("next_cursor")) != (other.get("items"), other.get("next_cursor")):
        raise Mend(f"数据资源 {payload['resource']}：同一个 cursor 两次得到的页不同")


@group.rule("pagination.foreign_cursor", "不认识的 cursor 被拒绝", RESOURCES)
async def foreign_cursor(case: Case) -> None:
    """One that this system never gave."""
    told = await case.ask({**case.first.payload, "cursor": "never-given"})
    case.refused("不认识的 cursor", told, 400)
