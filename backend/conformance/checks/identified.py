"""Licences by their identifier: the very ones that their holders have, and no others."""

from backend.conformance.asking import BY_IDENTIFIER, by_identifier
from backend.conformance.case import Case
from backend.conformance.checks.answers import difference
from backend.conformance.checks.licences import LICENCES
from backend.conformance.rules import Group, Mend, NotChecked

group = Group()
MOST = 8


async def learn(case: Case) -> None:
    """Take the identifiers to ask for from what the test subjects hold."""
    holders = Case(case.bench, LICENCES)
    for question in holders.questions:
        told = await holders.ask(question.payload)
        document = told.document
        good = told.status == 200 and isinstance(document, dict)
        if not (good and holders.described.answer.is_valid(document)):
            continue  # which is told where that operation is looked at
        for nth, licence in enumerate(document["licences"][: MOST - len(case.learned)]):
            about = f"{question.about}的第 {nth + 1} 张证照"
            asked = by_identifier(about, licence["licence_identifier"], licence)
            if case.described.query.is_valid(asked.payload):
                case.learned.append(asked)


@group.rule("licence.by_identifier", "按标识查到的就是按持证主体查到的那一张", BY_IDENTIFIER)
async def same(case: Case) -> None:
    """One licence, one content: whichever way it is asked for."""
    if not case.learned:
        raise NotChecked("没有可比较的应答")
    for question, told in case.told:
        licence = told.document["licence"]
        if licence is None:
            raise Mend(f"{question.about}：licences.query 给出的标识，licences.get 应查得到")
        place = difference(question.subject, licence, "/licence")
        if place:
            raise Mend(f"{question.about}：{place} 与 licences.query 给出的不同")
