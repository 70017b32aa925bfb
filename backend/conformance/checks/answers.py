"""What holds for the answers of every operation."""

import asyncio
import copy
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from backend.conformance.applications import NUMBERS
from backend.conformance.asking import BY_IDENTIFIER, misnamed
from backend.conformance.case import Case
from backend.conformance.rules import Advice, Group, Mend, NotChecked

group = Group()
CLOCK_SKEW = timedelta(seconds=300)
# What may differ between two answers to the same question.
_OF_THE_MOMENT = ("as_of", "reference")
_TELLING_S, _TELLING_TIMES = 0.05, 3


@group.rule("subjects.given", "清单有这个接口的测试对象")
async def given(case: Case) -> None:
    """Without somebody whom the sandbox knows, only empty answers could be looked at."""
    if case.questions:
        return
    if case.operation == BY_IDENTIFIER and case.bench.subjects.holders:
        raise NotChecked("licences.query 没有给出任何证照标识")
    text = lacking(case.operation)
    if case.bench.subjects_expected:
        raise Mend(text)
    raise NotChecked(text)


_PLACES = {
    "identity.match": "conformance.persons",
    "identity.face": "conformance.persons",
    "enterprises.represented": "conformance.persons",
    "enterprises.get": "conformance.enterprises",
    "enterprises.licence_code": "conformance.enterprises（licence_code）",
    **dict.fromkeys(NUMBERS, "conformance.cases"),
}


def lacking(operation: str) -> str:
    """What to say where the manifest names nobody for an operation."""
    where = _PLACES.get(operation, "conformance.holders")
    return f"请在清单 {where} 写上沙箱里有数据的虚构对象（或用 --subjects 文件给出）"


@group.rule("answer.as_of", "as_of 不在将来")
async def as_of(case: Case) -> None:
    """The time for which an answer holds cannot come yet; its form is checked by the schema."""
    for question, told in case.told:
        at = _moment(told.document.get("as_of"))
        if at is not None and at > datetime.now(UTC) + CLOCK_SKEW:
            raise Mend(f"{question.about}：/as_of 比现在晚 5 分钟以上，请校对时钟和时区偏移")


@group.rule("replay.same_answer", "同一个问题再问一次，答案相同")
async def same_answer(case: Case) -> None:
    """A query changes nothing: signed anew, it is answered alike."""
    if not case.told:
        raise NotChecked("没有可比较的应答")
    question, told = case.told[0]
    again = await case.good(question.payload, f"{question.about}再问一次")
    place = difference(lasting(told.document), lasting(again))
    if place:
        raise Mend(f"{question.about}：两次应答在 {place} 不同")


@group.rule("holder.unknown", "查无此人时应答为空，不报错")
async def unknown(case: Case) -> None:
    """Who is not known has an empty answer."""
    for question in case.nobody:
        answer = await case.good(question.payload, "查询不存在的主体")
        place = _not_empty(answer)
        if place:
            raise Mend(f"查询不存在的主体：{place} 应为空")


NAMED = (
    "identity.match",
    "identity.face",
    "licences.query",
    "sections.query",
    "enterprises.represented",
)


@group.rule("holder.mismatch", "姓名与号码不符时，与查无此人无法区分", *NAMED)
async def mismatch(case: Case) -> None:
    """Whoever guesses at numbers must not learn which ones exist."""
    if not case.questions:
        raise NotChecked("没有测试对象")
    nobody = case.nobody[0]
    stranger = await case.good(nobody.payload, "查询不存在的主体")
    other = await case.good(misnamed(case.questions[0]), "姓名与号码不符")
    place = difference(_shape(stranger), _shape(other))
    if not place and "revision" in other:
        # A counter of the whole system may have moved on meanwhile; that of a file must not show.
        later = await case.good(nobody.payload, "查询不存在的主体")
        place = (
            "" if stranger["revision"] <= other["revision"] <= later["revision"] else "/revision"
        )
    if place:
        raise Mend(f"姓名与号码不符的应答与查无此人的应答在 {place} 不同，可以用来试探号码是否存在")


@group.rule("holder.timing", "姓名与号码不符和查无此人用时相近", *NAMED)
async def timing(case: Case) -> None:
    """Reported only: on a busy machine it proves nothing."""
    if not case.questions:
        raise NotChecked("没有测试对象")
    payload = misnamed(case.questions[0])
    other, stranger = [], []
    for _ in range(3):
        pair = await asyncio.gather(case.ask(payload), case.ask(case.nobody[0].payload))
        other.append(pair[0].answer.seconds)
        stranger.append(pair[1].answer.seconds)
    # A time of nothing is one that our own delays swallowed: there is nothing to compare.
    if min(*other, *stranger) > 0 and telling(median(other), median(stranger)):
        raise Advice(
            f"不符用时 {median(other) * 1000:.0f} 毫秒，查无此人用时 "
            f"{median(stranger) * 1000:.0f} 毫秒：如果一直如此，可以用来试探号码是否存在"
        )


def telling(one: float, other: float) -> bool:
    """Whether two times in seconds differ by so much that they tell something."""
    slow, fast = max(one, other), min(one, other)
    return slow - fast > _TELLING_S and slow > _TELLING_TIMES * fast


def lasting(answer: Any) -> Any:
    """An answer without what belongs to the moment."""
    kept = copy.deepcopy(answer)
    for name in _OF_THE_MOMENT:
        kept.pop(name, None)
    return kept


def difference(one: Any, other: Any, at: str = "") -> str:
    """The first place in which two documents differ; empty when they are alike."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return at or "/"
        places = (difference(one[name], other[name], f"{at}/{name}") for name in one)
        return next(filter(None, places), "")
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return at or "/"
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (difference(a, b, f"{at}/{n}") for n, (a, b) in pairs)), "")
    return "" if one == other and type(one) is type(other) else at or "/"


def _shape(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in lasting(answer).items() if name != "revision"}


def _not_empty(answer: dict[str, Any]) -> str:
    for name in ("licences", "enterprises"):
        if answer.get(name):
            return f"/{name}"
    for name in ("data", "enterprise", "licence"):
        if answer.get(name) is not None:
            return f"/{name}"
    if answer.get("result", "mismatch") != "mismatch":
        return "/result（应为 mismatch）"
    if answer.get("passed"):
        return "/passed（应为 false）"
    records = [
        n for n, item in enumerate(answer.get("items", [])) if item.get("record") is not None
    ]
    return f"/items/{records[0]}/record" if records else ""


def _moment(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None
