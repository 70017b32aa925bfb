"""Published policies as sources: what there is, for whom, and the clauses of the document."""

from collections.abc import Iterator

from backend.assistant.sources import Passage, Source
from backend.policies.service import AUDIENCES, KINDS, Policy

# What somebody has to do for it, by its kind.
_STEPS = {
    "automatic": "免申即享：不用申请。部门核对后找到您，您确认账户就发放。",
    "one_click": "即申即享：在政策页面点一下申请，条件由数据核对。",
    "commitment": "承诺即享：先承诺、先享受，之后再核查，情况不实的要退回。",
}


# Where a policy stands in the mini-program; its code has nothing that an address would change.
PAGE = "/policies/policy?code="


def policy_source(policy: Policy, department: str) -> Source:
    """A policy in force as a source."""
    document = policy.document
    return Source(
        id=f"policy:{policy.code}",
        kind="policy",
        title=document.title,
        names=(document.title,),
        passages=tuple(_passages(policy)),
        page=f"{PAGE}{policy.code}",
        sides=(document.side,),
        regions=(document.region,),
        department=department,
        also=(document.summary, *(one.words for one in document.conditions)),
    )


def _passages(policy: Policy) -> Iterator[Passage]:
    document = policy.document
    said = f"{document.summary}标准：{document.benefit.words}。"
    yield Passage("benefit", "能得到什么", said)
    conditions = "；".join(one.words for one in document.conditions)
    people = "、".join(AUDIENCES[one] for one in document.audience)
    yield Passage("who", "什么条件", f"面向{people}：{conditions}。")
    kind = _STEPS[document.kind]
    if document.steps.publicity_days:
        kind += f"发放前公示 {document.steps.publicity_days} 天。"
    yield Passage("steps", "怎么领", kind)
    until = f"至 {document.valid_to:%Y-%m-%d}" if document.valid_to else "起，长期有效"
    since = f"{document.valid_from:%Y-%m-%d} {until}"
    yield Passage("time", "什么时候有效", f"{since}。")
    yield Passage("place", "问谁", f"{KINDS[document.kind]}，咨询电话：{document.contact}。")
    for clause in document.source.clauses:
        name = f"《{document.source.name}》{clause.ref}"
        yield Passage("law", name, clause.text)
