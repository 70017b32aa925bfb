"""Licences (GB/T 36903, 36904): identifiers, types, holders, dates, states, revisions."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from backend.conformance.asking import Question
from backend.conformance.case import Case
from backend.conformance.rules import Advice, Group, Mend, NotChecked
from backend.numbers.service import (
    IdentifierReason,
    IdentifierRefused,
    LicenceIdentifier,
    is_uscc,
    parse_identifier,
)

group = Group()
LICENCES = "licences.query"
CHINA = timezone(timedelta(hours=8))
ATTEMPTS = 2
_REASONS = {
    IdentifierReason.FORMAT: "格式不符合 GB/T 36904",
    IdentifierReason.CHECK: "校验位不对（GB/T 36904，ISO 7064 MOD 37,36）",
}
Licence = dict[str, Any]


def _licences(case: Case) -> Iterator[tuple[str, Question, Licence]]:
    """Every licence of every subject with its place; nothing that breaks the schema."""
    for question, told in case.told:
        if case.described.answer.is_valid(told.document):
            for nth, licence in enumerate(told.document["licences"]):
                yield f"{question.about}的 /licences/{nth}", question, licence


def _some(case: Case) -> list[tuple[str, Question, Licence]]:
    found = list(_licences(case))
    if not found:
        raise NotChecked("没有得到任何结构正确的证照")
    return found


@group.rule("licence.given", "测试对象有证照，登记的证照都查得到", LICENCES)
async def given(case: Case) -> None:
    """The subjects have what the manifest says that they have, and something at all."""
    if not case.questions:
        raise NotChecked("没有测试对象")
    for question, told in case.told:
        held = {licence.get("licence_type_code") for licence in told.document.get("licences", [])}
        gone = [code for code in question.subject.licence_types if code not in held]
        if gone:
            raise Mend(f"{question.about}：清单说持有证照类型 {'、'.join(gone)}，应答里没有")
    if not any(told.document.get("licences") for _, told in case.told):
        raise Mend("所有测试对象都没有证照：请在清单 conformance.holders 写上沙箱里有证照的对象")


@group.rule("licence.identifier", "电子证照标识正确，与证照各项一致", LICENCES)
async def identifier(case: Case) -> None:
    """The check character fits, and the parts are those of the licence."""
    for place, _, licence in _some(case):
        try:
            parsed = parse_identifier(licence["licence_identifier"])
        except IdentifierRefused as refused:
            words = _REASONS.get(refused.reason, "不符合 GB/T 36904")
            raise Mend(f"{place}/licence_identifier：{words}") from None
        wrong = _disagreement(parsed, licence)
        if wrong:
            raise Mend(f"{place}：licence_identifier 中的{wrong}不一致")


def _disagreement(parsed: LicenceIdentifier, licence: Licence) -> str:
    if parsed.type_code != licence["licence_type_code"]:
        return "证照类型代码与 licence_type_code "
    if parsed.issuer_code != licence["issuer_code"]:
        return "颁发机构代码与 issuer_code "
    if f"{parsed.version:03d}" != licence["licence_version"]:
        return "版本号与 licence_version "
    return ""


@group.rule("licence.unique", "电子证照标识不重复", LICENCES)
async def unique(case: Case) -> None:
    """One identifier, one licence; a joint one may be on several files."""
    numbers: dict[str, str] = {}
    for question, told in case.told:
        seen = [licence.get("licence_identifier") for licence in told.document.get("licences", [])]
        if len(seen) != len(set(map(str, seen))):
            raise Mend(f"{question.about}：同一个 licence_identifier 出现了两次")
    for place, _, licence in _some(case):
        known = numbers.setdefault(licence["licence_identifier"], licence["licence_number"])
        if known != licence["licence_number"]:
            raise Mend(f"{place}：同一个 licence_identifier 用在了两个证照编号上")


@group.rule("licence.type", "证照类型在清单中登记，名称一致", LICENCES)
async def kind(case: Case) -> None:
    """Code and name are those of the manifest."""
    for place, question, licence in _some(case):
        code = licence["licence_type_code"]
        spec = case.manifest.licence_type(code)
        if spec is None:
            raise Mend(f"{place}/licence_type_code：{code} 没有在清单 licence_types 登记")
        if licence["licence_name"] != spec.name:
            raise Mend(f"{place}/licence_name：应为清单登记的“{spec.name}”")
        if question.payload["holder"]["code_type"] != spec.holder_code_type:
            raise Mend(f"{place}：“{spec.name}”登记的持证主体代码类型是 {spec.holder_code_type}")


@group.rule("licence.coverage", "每个登记的证照类型都有测试对象持有", LICENCES)
async def coverage(case: Case) -> None:
    """A type that nobody holds was not looked at."""
    held = {licence["licence_type_code"] for _, _, licence in _licences(case)}
    gone = [spec.name for spec in case.manifest.licence_types if spec.code not in held]
    if gone and case.bench.subjects_expected:
        raise Advice(f"没有测试对象持有：{'、'.join(gone)}，这些证照没有核验")


@group.rule("licence.holder", "证照的持证主体就是所查的人", LICENCES)
async def holder(case: Case) -> None:
    """Number, kind of number and name stand at one place of the three lists."""
    for place, question, licence in _some(case):
        columns = [licence[name].split("^") for name in _HOLDER]
        if len({len(column) for column in columns}) != 1:
            raise Mend(f"{place}：holder_code_type、holder_code、holder_name 的人数不一致")
        asked = question.payload["holder"]
        holders = list(zip(*columns, strict=True))
        at = [n for n, one in enumerate(holders) if one[1] == asked["code"]]
        if not at:
            raise Mend(f"{place}/holder_code：没有所查的号码")
        if holders[at[0]][0] != asked["code_type"]:
            raise Mend(f"{place}/holder_code_type：与所查的代码类型不同")
        if _plain(holders[at[0]][2]) != _plain(asked["name"]):
            raise Mend(f"{place}/holder_name：与所查的姓名不同")


_HOLDER = ("holder_code_type", "holder_code", "holder_name")


def _plain(name: str) -> str:
    return "".join(name.replace("•", "·").replace("・", "·").split()).upper()


@group.rule("licence.issuer", "颁发机构代码是有效的统一社会信用代码", LICENCES)
async def issuer(case: Case) -> None:
    """GB 32100."""
    for place, _, licence in _some(case):
        if not is_uscc(licence["issuer_code"]):
            raise Mend(f"{place}/issuer_code：校验位不对（GB 32100）")


@group.rule("licence.dates", "证照的日期合理", LICENCES)
async def dates(case: Case) -> None:
    """Issued, then valid, then over; nothing was issued tomorrow."""
    tomorrow = datetime.now(CHINA).date() + timedelta(days=1)
    for place, _, licence in _some(case):
        issued, begins = _day(licence["issue_date"]), _day(licence["valid_from"])
        ends = _day(licence["valid_to"]) if licence["valid_to"] else None
        if issued > tomorrow:
            raise Mend(f"{place}/issue_date：在将来")
        if ends is not None and ends < begins:
            raise Mend(f"{place}/valid_to：早于 valid_from")
        if ends is not None and ends < issued:
            raise Mend(f"{place}/valid_to：早于 issue_date")


@group.rule("licence.status", "证照状态与有效期一致", LICENCES)
async def status(case: Case) -> None:
    """What is over is not ``VALID``; what is not over is not ``EXPIRED``."""
    today = datetime.now(CHINA).date()
    for place, _, licence in _some(case):
        ends = _day(licence["valid_to"]) if licence["valid_to"] else None
        # A day of grace: the answer may have been made on the other side of midnight.
        if licence["status"] == "VALID" and ends is not None and ends < today - timedelta(days=1):
            raise Mend(f"{place}/status：已过 valid_to，应为 EXPIRED")
        if licence["status"] == "EXPIRED" and (ends is None or ends > today):
            raise Mend(f"{place}/status：还没有到 valid_to，不应为 EXPIRED")


def _day(text: str) -> date:
    return date.fromisoformat(text)


@group.rule("licence.fields", "证面信息项都在清单中登记", LICENCES)
async def fields(case: Case) -> None:
    """What the type does not declare is shown to nobody."""
    for place, _, licence in _some(case):
        spec = case.manifest.licence_type(licence["licence_type_code"])
        declared = {field.name for field in spec.fields} if spec else set()
        if spec is not None and not licence["extend_info"].keys() <= declared:
            raise Mend(
                f"{place}/extend_info：有没有在清单登记的信息项；"
                f"“{spec.name}”登记的有 {'、'.join(sorted(declared)) or '（没有）'}"
            )


@group.rule("licence.types_filter", "types 只返回所要的证照类型", LICENCES)
async def types_filter(case: Case) -> None:
    """One type asked for, one type answered; a type that nobody registered has none."""
    _, question, licence = _some(case)[0]
    code = licence["licence_type_code"]
    asked = {**question.payload, "types": [code]}
    answer = await case.good(asked, "用 types 只查一种证照")
    kinds = {one.get("licence_type_code") for one in answer.get("licences", [])}
    if kinds != {code}:
        raise Mend("用 types 只查一种证照：应答应有且只有这种证照")
    nothing = await case.good({**asked, "types": ["0" * 21]}, "用 types 查没有登记的类型")
    if nothing.get("licences"):
        raise Mend("用 types 查没有登记的类型：/licences 应为空")


@group.rule("licence.revision", "revision 不倒退", LICENCES)
async def revision(case: Case) -> None:
    """An answer that arrives late must never look newer than the one before."""
    if not case.told:
        raise NotChecked("没有可比较的应答")
    for question, told in case.told[:ATTEMPTS]:
        before = told.document.get("revision")
        after = (await case.good(question.payload, f"{question.about}再问一次")).get("revision")
        if isinstance(before, int) and isinstance(after, int) and after < before:
            raise Mend(f"{question.about}：后一次应答的 /revision 小于前一次")
