"""Identity and the register of enterprises."""

import asyncio
import base64

from backend.conformance.asking import licence_code, misnamed
from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend, NotChecked
from backend.numbers.service import is_uscc

group = Group()
MATCH, FACE = "identity.match", "identity.face"
NO_PICTURES = (b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + b"\0" * 64)
REPRESENTED, GET = "enterprises.represented", "enterprises.get"
CODE = "enterprises.licence_code"


@group.rule("identity.result", "核验结果与测试对象一致", MATCH)
async def result(case: Case) -> None:
    """``match``, ``deceased`` or ``replaced``, as the manifest says."""
    _need_subjects(case)
    for question, told in case.told:
        wanted = question.subject.expect
        if told.document.get("result") != wanted:
            raise Mend(f"{question.about}：/result 应为 {wanted}")
    if not any(question.subject.expect == "match" for question, _ in case.told):
        raise Mend("请在清单 conformance.persons 写上至少一个 expect: match 的对象")


@group.rule("identity.quiet", "姓名不符时不透露死亡、换号", MATCH)
async def quiet(case: Case) -> None:
    """``deceased`` and ``replaced`` are said only when the name fits."""
    _need_subjects(case)
    answers = await asyncio.gather(
        *(case.good(misnamed(one), f"{one.about}，姓名不符") for one in case.questions)
    )
    for question, answer in zip(case.questions, answers, strict=True):
        if answer.get("result") != "mismatch" or answer.get("previous_numbers"):
            raise Mend(f"{question.about}，姓名不符：/result 应为 mismatch，不带 previous_numbers")


@group.rule("identity.previous", "previous_numbers 只随 match 给出", MATCH)
async def previous(case: Case) -> None:
    """Older numbers are told to nobody else."""
    for question, told in case.told:
        answer = told.document
        if answer.get("previous_numbers") and answer.get("result") != "match":
            raise Mend(f"{question.about}：/previous_numbers 只应随 match 给出")


@group.rule("face.reason", "人脸比对未通过时有中文原因", FACE)
async def reason(case: Case) -> None:
    """The person reads it."""
    payload = {**case.first.payload, "name": "不是此人"}
    answer = await case.good(payload, "姓名不符的比对")
    if answer.get("passed") is not False:
        raise Mend("姓名不符的比对：/passed 应为 false")
    text = answer.get("reason")
    if not (isinstance(text, str) and any("\u4e00" <= letter <= "\u9fff" for letter in text)):
        raise Mend("比对未通过：/reason 应是给本人看的中文")


@group.rule("face.no_picture", "不是照片的内容不使系统出错", FACE)
async def no_picture(case: Case) -> None:
    """Refused, or not passed."""
    images = [base64.b64encode(raw).decode() for raw in NO_PICTURES]
    asked = (case.ask({**case.first.payload, "image": image}) for image in images)
    for told in await asyncio.gather(*asked):
        if told.status == 400:
            case.refusals.append(("不是照片的内容", told))
        elif told.status != 200 or told.document.get("passed") is not False:
            raise Mend(f"不是照片的内容：应以 400 拒绝或应答 passed: false，实际应答 {told.says}")


@group.rule("face.reference", "每次比对有自己的编号", FACE)
async def reference(case: Case) -> None:
    """Under which the system can find it again."""
    _need_subjects(case)
    both = await asyncio.gather(*(case.good(case.first.payload, "人脸比对") for _ in range(2)))
    found = [answer.get("reference") for answer in both]
    if not all(isinstance(one, str) and one for one in found) or found[0] == found[1]:
        raise Mend("/reference 应是每次比对不同的编号")


@group.rule("enterprise.given", "测试对象查得到经营主体", REPRESENTED, GET)
async def given(case: Case) -> None:
    """The subjects have what the manifest says that they have."""
    _need_subjects(case)
    if case.operation == GET:
        for question, told in case.told:
            if told.document.get("enterprise") is None:
                raise Mend(f"{question.about}：/enterprise 是 null")
        return
    for question, told in case.told:
        held = {one.get("uscc") for one in told.document.get("enterprises", [])}
        gone = [uscc for uscc in question.subject.represents if uscc not in held]
        if gone:
            raise Mend(f"{question.about}：清单 represents 有 {len(gone)} 个主体不在应答里")
    if not any(told.document.get("enterprises") for _, told in case.told):
        raise Mend("没有测试对象是法定代表人：请在清单 conformance.persons 写上 represents")


@group.rule("enterprise.fits", "查到的就是所查的经营主体", REPRESENTED, GET)
async def fits(case: Case) -> None:
    """The enterprise that was asked for; the person who was asked for represents it."""
    for question, told in case.told:
        if not case.described.answer.is_valid(told.document):
            continue
        if case.operation == GET:
            found = told.document["enterprise"]
            if found is not None and found["uscc"] != question.payload["uscc"]:
                raise Mend(f"{question.about}：/enterprise/uscc 不是所查的代码")
            continue
        for nth, one in enumerate(told.document["enterprises"]):
            if one["legal_representative"]["id_number"] != question.payload["id_number"]:
                place = f"/enterprises/{nth}/legal_representative/id_number"
                raise Mend(f"{question.about}：{place} 不是所查的人")


@group.rule("enterprise.uscc", "统一社会信用代码有效", REPRESENTED, GET)
async def uscc(case: Case) -> None:
    """GB 32100."""
    for question, told in case.told:
        if not case.described.answer.is_valid(told.document):
            continue
        answer = told.document
        found = answer["enterprises"] if case.operation == REPRESENTED else [answer["enterprise"]]
        for nth, one in enumerate(found):
            if one is not None and not is_uscc(one["uscc"]):
                place = f"/enterprises/{nth}" if case.operation == REPRESENTED else "/enterprise"
                raise Mend(f"{question.about}：{place}/uscc 的校验位不对（GB 32100）")


@group.rule("licence_code.fits", "测试码查到的就是该主体的执照", CODE)
async def code_fits(case: Case) -> None:
    """The licence of the enterprise that the manifest names, shown by somebody."""
    _need_subjects(case)
    for question, told in case.told:
        if not case.described.answer.is_valid(told.document):
            continue
        licence = told.document["licence"]
        if told.document["state"] != "valid" or licence is None:
            raise Mend(f"{question.about}：测试码的 /state 应为 valid，并带 /licence")
        if licence["uscc"] != question.subject.uscc:
            raise Mend(f"{question.about}：/licence/uscc 不是清单所写的代码")


@group.rule("licence_code.once", "同一个码换一个请求编号再问，不再给出执照", CODE)
async def code_once(case: Case) -> None:
    """Whoever overheard a code gets nothing for it."""
    _need_subjects(case)
    again = licence_code(case.first.payload["code"], "again")
    answer = await case.good(again, "换请求编号再问同一个码")
    if answer.get("state") != "used" or answer.get("licence") is not None:
        raise Mend("换请求编号再问同一个码：/state 应为 used，/licence 应为 null")


def _need_subjects(case: Case) -> None:
    if not case.questions:
        raise NotChecked("没有测试对象")
