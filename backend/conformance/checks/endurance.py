"""Under way: several calls at once, calls that are given up, calls that are made again."""

import asyncio

import orjson

from backend.conformance.case import Case, Told
from backend.conformance.checks.answers import difference, lasting
from backend.conformance.checks.first_look import BEARABLE, fault_of
from backend.conformance.rules import Advice, Group, Mend, NotChecked
from backend.upstream.raw import RawFailure

group = Group()
GIVEN_UP = 4
AT_ONCE = 16


@group.rule("transport.keep_alive", "连接保持，可以接着用")
async def keep_alive(case: Case) -> None:
    """A handshake for each call costs more than the call."""
    async with case.bench.client.connection() as connection:
        first = await case.deliver(case.request(case.body), connection)
        if not first.answer.keeps_open:
            raise Mend("应答之后关闭了连接：请保持连接至少 60 秒（HTTP/1.1 keep-alive）")
        try:
            second = await case.deliver(case.request(case.body), connection)
        except RawFailure:
            raise Mend("同一连接上的第二次呼叫没有应答：请保持连接至少 60 秒") from None
    if second.status != 200:
        raise Mend(f"同一连接上的第二次呼叫应答了 {second.says}")


@group.rule("limits.concurrency", "同时呼叫都在时限内应答")
async def concurrency(case: Case) -> None:
    """As many at once as the manifest allows, at most sixteen."""
    many = min(AT_ONCE, case.manifest.limits.concurrency)
    found = await asyncio.gather(*(_at_once(case) for _ in range(many)), return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, RawFailure):
            raise one
    lost = [one for one in found if not isinstance(one, Told) or one.status != 200]
    if lost:
        raise Mend(
            f"{many} 个同时呼叫中有 {len(lost)} 个没有正常应答：请增加处理能力，"
            "或调低清单 limits.concurrency"
        )
    slowest = max(one.answer.seconds for one in found if isinstance(one, Told))
    if slowest > case.timeout_s:
        raise Advice(
            f"{many} 个同时呼叫中最慢的用时 {slowest * 1000:.0f} 毫秒，"
            f"超过时限 {case.timeout_s * 1000:.0f} 毫秒"
        )


async def _at_once(case: Case) -> Told:
    request = case.request(case.body)
    within = case.timeout_s + case.bench.grace_s
    answer = await case.bench.caller.call_at_once(request, within)
    return Told(request.headers, answer, case.bench.keys)


@group.rule("cancel.survives", "呼叫中途取消，系统照常应答")
async def cancelled(case: Case) -> None:
    """Given up in the middle of the request, and right after it."""
    for keep in (0.5, 1.0):
        await asyncio.gather(
            *(case.bench.client.cut_off(case.request(case.body), keep) for _ in range(GIVEN_UP))
        )
        try:
            told = await case.send(case.body)
        except RawFailure:
            raise Mend("呼叫中途取消之后，下一次呼叫没有应答：请处理对方断开的连接") from None
        finding = fault_of(case, told, "呼叫中途取消之后的下一次呼叫")
        if finding is not None and finding.id not in BEARABLE:
            raise Mend(finding.mend)


@group.rule("retry.safe", "取消之后重试，答案与原来相同")
async def retry(case: Case) -> None:
    """The platform repeats a query whose answer it did not get; nothing may come of it."""
    if not case.told:
        raise NotChecked("没有可比较的应答")
    question, told = case.told[0]
    await case.bench.client.cut_off(case.request(orjson.dumps(question.payload)), 1.0)
    again = await case.good(question.payload, f"{question.about}，取消之后重试")
    place = difference(lasting(told.document), lasting(again))
    if place:
        raise Mend(f"{question.about}：取消之后重试的应答在 {place} 与原来不同")


@group.rule("time.budget", "只剩 1 毫秒的呼叫不使系统出错")
async def budget(case: Case) -> None:
    """``x-timeout-ms: 1``: answered, or refused in form; not a broken connection."""
    told = await case.send(case.body, headers={"x-timeout-ms": "1"})
    if told.status not in (200, 408, 503, 504):
        raise Mend(f"x-timeout-ms 为 1 的呼叫：应照常应答或以 503、504 拒绝，实际应答 {told.says}")
    if told.signature_fault:
        raise Mend("x-timeout-ms 为 1 的呼叫：应答没有有效的签名")
