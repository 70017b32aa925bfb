"""政策 as data: one document, read strictly, checked as a whole before anybody may approve it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.policies.errors import ConditionRefused, DocumentRefused
from backend.policies.grammar import Node, Term, looked_at, parse_condition, parse_term
from backend.policies.text import mistakes
from backend.policies.variables import IDENTITY, REGISTER, Audience, types, variables

# The words that follow ``policies/`` in an address and are no code of a policy.
RESERVED = frozenset({"benefits", "data-used", "matching", "publicity"})
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,47}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Cel = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Region = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
# A page of the mini-program, with the words that are searched for there.
Link = Annotated[str, StringConstraints(max_length=200, pattern=r"^(/[\w/?=&.-]*)?$")]
Yuan = Annotated[int, Field(ge=0, le=10**11)]

AUDIENCES = {
    "citizen": "个人", "enterprise": "企业", "individual": "个体工商户",
    "cooperative": "农民专业合作社",
}  # fmt: skip
KINDS = {"automatic": "免申即享", "one_click": "即申即享", "commitment": "承诺即享"}
BENEFITS = {"money": "资金", "service": "服务", "reminder": "提醒"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Clause(_Strict):
    """A place of the source document."""

    ref: Line
    text: Text


class Source(_Strict):
    """The document that the policy comes from; ``sample`` marks an invented one (示例)."""

    name: Line
    number: Annotated[str, StringConstraints(max_length=60)] = ""
    issuer: Annotated[str, StringConstraints(max_length=100)] = ""
    sample: bool = False
    clauses: Annotated[list[Clause], Field(min_length=1, max_length=30)]


class Benefit(_Strict):
    """What there is to get: ``amount`` in yuan, or a ``formula`` that gives yuan, up to ``cap``.

    ``budget`` is what may be paid out in all, in yuan; ``per`` is how often one may get it.
    """

    kind: Literal["money", "service", "reminder"] = "money"
    words: Text
    amount: Yuan | None = None
    formula: Cel | None = None
    cap: Yuan | None = None
    budget: Yuan | None = None
    per: Literal["once", "year", "month"] = "once"
    link: Link = ""


class Condition(_Strict):
    """One condition: the law's words for people, and what a machine looks at."""

    id: Slug
    words: Text
    cel: Cel
    clause: Annotated[str, StringConstraints(max_length=100)] = ""
    remedy: Annotated[str, StringConstraints(max_length=300)] = ""


class Evidence(_Strict):
    """Why the data of a source may be used for this policy (个人信息保护法 art. 13)."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    basis: Text


class Steps(_Strict):
    """How it is handled: ``publicity_days`` of 公示, ``commitment`` is the text to be signed."""

    check: bool = True
    publicity_days: Annotated[int, Field(ge=0, le=60)] = 0
    commitment: Annotated[str, StringConstraints(max_length=1000)] = ""
    later_check_days: Annotated[int, Field(ge=0, le=730)] = 0


class Document(_Strict):
    """One policy, one version."""

    code: Code
    title: Line
    summary: Text
    kind: Literal["automatic", "one_click", "commitment"]
    audience: Annotated[
        list[Literal["citizen", "enterprise", "individual", "cooperative"]], Field(min_length=1)
    ]
    region: Region
    source: Source
    valid_from: date
    valid_to: date | None = None
    benefit: Benefit
    conditions: Annotated[list[Condition], Field(min_length=1, max_length=20)]
    evidence: Annotated[list[Evidence], Field(min_length=1, max_length=20)]
    steps: Steps = Steps()
    major: bool = False
    contact: Annotated[str, StringConstraints(max_length=100)] = "12345"

    @property
    def side(self) -> Audience:
        """Whose facts are looked at."""
        return "citizen" if "citizen" in self.audience else "enterprise"


@dataclass(frozen=True)
class Policy:
    """A checked document with its version.

    Attributes:
        system: code of the department's system that answers for it.
    """

    document: Document
    system: str
    version: int = 0

    @property
    def code(self) -> str:
        """Its code, the same in all versions."""
        return self.document.code

    @cached_property
    def conditions(self) -> Sequence[Condition]:
        """The conditions, with those that follow from audience and region."""
        return (*_implied(self.document), *self.document.conditions)

    @cached_property
    def texts(self) -> Sequence[str]:
        """The conditions as a CEL library takes them."""
        return tuple(one.cel for one in self.conditions)

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The conditions as they were read."""
        kinds = types(self.document.side)
        return [parse_condition(one.cel, kinds) for one in self.conditions]

    @cached_property
    def formula(self) -> Term | None:
        """The formula of the benefit."""
        text = self.document.benefit.formula
        return None if text is None else parse_term(text, types(self.document.side))

    @cached_property
    def looks_at(self) -> frozenset[str]:
        """Every variable that is looked at."""
        found = frozenset[str]().union(*(looked_at(node) for node in self.nodes))
        return found if self.formula is None else found | looked_at(self.formula)

    @cached_property
    def sources(self) -> frozenset[str]:
        """Where these come from."""
        return frozenset(variables()[name].source for name in self.looks_at)

    def basis_of(self, source: str) -> str:
        """The legal basis on which the data of a source are used."""
        return next((one.basis for one in self.document.evidence if one.source == source), "")

    def in_force(self, today: date) -> bool:
        """Whether it holds on a day."""
        document = self.document
        ended = document.valid_to is not None and today > document.valid_to
        return document.valid_from <= today and not ended


def _implied(document: Document) -> list[Condition]:
    """Audience and region are conditions like others, so that they are explained like others."""
    found = []
    if document.side == "enterprise":
        kinds = ", ".join(f"'{one}'" for one in document.audience)
        names = "、".join(AUDIENCES[one] for one in document.audience)
        found.append(
            Condition(id="audience", words=f"面向{names}", cel=f"enterprise.kind in [{kinds}]")
        )
    prefix = document.region.removesuffix("00").removesuffix("00")
    if len(prefix) > 2:
        name = "person.region" if document.side == "citizen" else "enterprise.region"
        found.append(
            Condition(id="region", words="在政策实施地区", cel=f"{name}.startsWith('{prefix}')")
        )
    return found


def read_document(raw: Any) -> Document:
    """Check the document of a policy.

    Raises:
        DocumentRefused: with one sentence per place.
    """
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        raise DocumentRefused(mistakes(error)) from None
    if wrong := [*_of_audience(document), *_of_conditions(document), *_of_handling(document)]:
        raise DocumentRefused(wrong)
    return document


def _mistake(pointer: str, message: str) -> dict[str, str]:
    return {"pointer": pointer, "message": message}


def _of_audience(document: Document) -> list[dict[str, str]]:
    found = []
    if document.code in RESERVED:
        found.append(_mistake("/code", "这个编号有别的用途，请换一个"))
    if "citizen" in document.audience and len(document.audience) > 1:
        found.append(_mistake("/audience", "个人政策和企业政策要分开写"))
    if document.valid_to is not None and document.valid_to < document.valid_from:
        found.append(_mistake("/valid_to", "失效日期早于生效日期"))
    ids = [one.id for one in document.conditions]
    if len(set(ids)) < len(ids) or {"audience", "region"} & set(ids):
        found.append(_mistake("/conditions", "条件编号重复，或用了保留的 audience、region"))
    clauses = {one.ref for one in document.source.clauses}
    for place, one in enumerate(document.conditions):
        if one.clause and one.clause not in clauses:
            found.append(_mistake(f"/conditions/{place}/clause", "来源文件里没有列出这一条款"))
    return found


def _of_conditions(document: Document) -> list[dict[str, str]]:
    found = []
    kinds = types(document.side)
    seen: set[str] = set()
    for place, one in enumerate(document.conditions):
        try:
            seen |= looked_at(parse_condition(one.cel, kinds))
        except ConditionRefused as refused:
            found.append(_mistake(f"/conditions/{place}/cel", refused.message))
    if document.benefit.formula is not None:
        try:
            seen |= looked_at(parse_term(document.benefit.formula, kinds))
        except ConditionRefused as refused:
            found.append(_mistake("/benefit/formula", refused.message))
    if found:
        return found
    for one in _implied(document):
        seen |= looked_at(parse_condition(one.cel, kinds))
    based = {each.source for each in document.evidence}
    found += [
        _mistake("/evidence", f"用到了 {source} 的数据，但没有写明法定依据")
        for source in sorted({variables()[name].source for name in seen} - based)
    ]
    known: Mapping[str, None] = dict.fromkeys(
        [IDENTITY, REGISTER, *(each.source for each in variables().values())]
    )
    for place, each in enumerate(document.evidence):
        if each.source not in known:
            found.append(_mistake(f"/evidence/{place}/source", "没有这个数据来源"))
    return found


def _of_handling(document: Document) -> list[dict[str, str]]:
    """Money needs an amount and a budget; what weighs heavily needs a person (PIPL art. 24)."""
    benefit, found = document.benefit, []
    if benefit.kind == "money":
        if (benefit.amount is None) == (benefit.formula is None):
            found.append(_mistake("/benefit", "资金类待遇应写明 amount 或 formula 其中之一"))
        if benefit.budget is None:
            found.append(_mistake("/benefit/budget", "资金类待遇应写明预算"))
        if benefit.formula is not None and benefit.cap is None:
            found.append(_mistake("/benefit/cap", "按公式计算的待遇应写明封顶金额"))
    if document.kind == "commitment" and not document.steps.commitment:
        found.append(_mistake("/steps/commitment", "承诺即享应写明承诺书内容"))
    if document.kind == "commitment" and not document.steps.later_check_days:
        found.append(_mistake("/steps/later_check_days", "承诺即享应写明多少天内核查"))
    if (document.major or document.kind == "automatic") and not document.steps.check:
        found.append(
            _mistake("/steps/check", "免申即享和对个人权益有重大影响的决定必须由部门人工核验")
        )
    return found
