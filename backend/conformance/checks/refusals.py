"""The shape of every refusal that was provoked: RFC 9457, signed, and silent about the person."""

from backend.conformance.case import PROBLEM, Case
from backend.conformance.checks.first_look import SIGNATURE_FAULTS
from backend.conformance.interface import interface, misfits
from backend.conformance.rules import Group, Mend, NotChecked

group = Group()
SHORTEST_SECRET = 6


@group.rule("error.problem_json", "拒绝的媒体类型是 application/problem+json")
async def problem_json(case: Case) -> None:
    """RFC 9457."""
    _some(case)
    for what, told in case.refusals:
        if told.media_type != PROBLEM:
            raise Mend(f"{what}：拒绝的 content-type 应为 {PROBLEM}")


@group.rule("error.schema", "拒绝的正文符合接口文档的 Problem")
async def schema(case: Case) -> None:
    """``type``, ``title``, ``status`` and a stable ``code``."""
    _some(case)
    for what, told in case.refusals:
        places = misfits(interface().problem, told.document)
        if places:
            raise Mend(f"{what}：{places}")
        if told.document["status"] != told.status:
            raise Mend(f"{what}：正文 /status 与 HTTP 状态 {told.status} 不一致")


@group.rule("error.signed", "拒绝也有签名")
async def signed(case: Case) -> None:
    """A refusal that is not signed could come from anybody in between."""
    _some(case)
    for what, told in case.refusals:
        fault = told.signature_fault
        if fault:
            raise Mend(f"{what}：{SIGNATURE_FAULTS[fault]}")


@group.rule("error.private", "拒绝不重复请求中的个人信息")
async def private(case: Case) -> None:
    """Problems are logged by whoever gets them; a number in one ends up in a log."""
    _some(case)
    secrets = [value.encode() for value in _texts(case.first.payload) if _is_secret(value)]
    for what, told in case.refusals:
        if any(secret in told.answer.body for secret in secrets):
            raise Mend(f"{what}：拒绝的正文里有请求中的号码或姓名，请只说明位置")


def _some(case: Case) -> None:
    if not case.refusals:
        raise NotChecked("没有得到任何拒绝")


def _is_secret(value: str) -> bool:
    return any(ord(letter) > 0x2E80 for letter in value) or (
        len(value) >= SHORTEST_SECRET and any(letter.isdigit() for letter in value)
    )


def _texts(payload: object) -> list[str]:
    """The names and numbers of a payload."""
    if isinstance(payload, dict):
        holder = {"name", "code", "id_number", "uscc"}
        found = [v for k, v in payload.items() if k in holder and isinstance(v, str)]
        return found + [text for value in payload.values() for text in _texts(value)]
    if isinstance(payload, list):
        return [text for value in payload for text in _texts(value)]
    return []
