"""One subject's policies, with reasons: what the citizen and the enterprise channel show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from backend.enterprise.service import Enterprise
from backend.numbers.service import Holder
from backend.policies.book import Book
from backend.policies.document import KINDS, Document, Policy
from backend.policies.errors import PolicyUnknown
from backend.policies.explaining import Explaining, Reason
from backend.policies.facts import Facts, Known
from backend.policies.judging import Judge, Judgement, values_on
from backend.policies.narrowing import GIVEN, Narrowing
from backend.policies.parts import Parts, yuan
from backend.policies.variables import IDENTITY, REGISTER, Audience, variables

Outcome = Literal["matched", "unknown", "unmatched"]
_ORDER = {"matched": 0, "unknown": 1, "unmatched": 2}
_SOURCES = {IDENTITY: "实名认证信息", REGISTER: "经营主体登记"}


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom policies are looked at: a person, or an enterprise that they represent."""

    person_id: UUID
    holder: Holder
    enterprise: Enterprise | None = None

    @property
    def side(self) -> Audience:
        """Which audience they are."""
        return "citizen" if self.enterprise is None else "enterprise"


@dataclass(frozen=True, slots=True)
class Matched:
    """A policy as it is shown to somebody.

    Attributes:
        amount: in fen, where it is money and can be worked out.
    """

    policy: Policy
    department: str
    outcome: Outcome
    amount: int | None
    reasons: Sequence[Reason] = field(default_factory=tuple)

    @property
    def document(self) -> Document:
        """What it is."""
        return self.policy.document

    @property
    def kind_name(self) -> str:
        """免申即享, 即申即享 or 承诺即享."""
        return KINDS[self.document.kind]

    @property
    def amount_words(self) -> str:
        """What there is to get, as people say it."""
        return yuan(self.amount) if self.outcome == "matched" else ""


@dataclass(frozen=True, slots=True)
class Used:
    """One fact that was looked at, with where it comes from and why it may be used."""

    label: str
    value: str
    source: str
    as_of: str
    policies: Sequence[str]
    bases: Sequence[str]


class Matching:
    """Holds policies against one subject."""

    def __init__(self, parts: Parts, book: Book, facts: Facts, explaining: Explaining) -> None:
        self._parts, self._book = parts, book
        self._facts, self._explaining = facts, explaining

    async def published(self, side: Audience) -> list[Matched]:
        """All policies that hold for an audience, held against nobody."""
        await self._book.reload()
        found = self._book.in_force(side, self._parts.today)
        return [Matched(one, self._book.department(one.code), "unknown", None) for one in found]

    async def mine(self, whose: Whose, trace: str) -> list[Matched]:
        """Every policy that holds, those that match first.

        Raises:
            MatchingOff.
        """
        policies = await self._policies(whose)
        known = await self.known(whose, policies, trace)
        narrowing = Narrowing(known.facts, self._parts.today)
        found = [
            self._shown(known, judge, judged, asked=narrowing.leaves_open(judged.policy))
            for judge, judged in self.judged(known, policies, self._parts.today)
        ]
        return sorted(found, key=lambda one: (_ORDER[one.outcome], one.policy.code))

    async def one(self, whose: Whose, code: str, trace: str, *, whole: bool = False) -> Matched:
        """One policy, with every condition.

        Args:
            whole: ask its sources although it is ruled out without them.

        Raises:
            PolicyUnknown, MatchingOff.
        """
        await self._book.reload()
        policy = self._book.get(code, self._parts.today)
        if policy.document.side != whose.side:
            raise PolicyUnknown
        policies = await self._policies(whose)
        known = await self.known(whose, policies, trace, policy if whole else None)
        (judge, judged), *_ = self.judged(known, [policy], self._parts.today)
        asked = whole or Narrowing(known.facts, self._parts.today).leaves_open(policy)
        return self._shown(known, judge, judged, asked=asked)

    async def data_used(self, whose: Whose, trace: str) -> list[Used]:
        """Every fact that is looked at, and for which policies on which basis.

        Raises:
            MatchingOff.
        """
        policies = await self._policies(whose)
        known = await self.known(whose, policies, trace)
        values = values_on(known.facts, self._parts.today)
        narrowing = Narrowing(known.facts, self._parts.today)
        opened = {one.code for one in policies if narrowing.leaves_open(one)}
        found = []
        for name in sorted({name for policy in policies for name in policy.looks_at}):
            variable = variables()[name]
            # Of a policy that is ruled out nothing was asked; it looks at what is there.
            at_hand = variable.source in GIVEN or name in known.facts
            using = [
                one for one in policies
                if name in one.looks_at and (at_hand or one.code in opened)
                and not self._facts.barred(one.system, [name])
            ]  # fmt: skip
            if not using:
                continue
            found.append(
                Used(
                    label=variable.label,
                    value=self._explaining.shown(name, values.get(name)),
                    source=self._source_name(variable.source),
                    as_of=known.as_of.get(variable.source, ""),
                    policies=[one.document.title for one in using],
                    bases=sorted({one.basis_of(variable.source) for one in using}),
                )
            )
        return found

    async def known(
        self, whose: Whose, policies: Sequence[Policy], trace: str, whole: Policy | None = None
    ) -> Known:
        """What is known of somebody; ``whole`` is asked about although it is ruled out.

        Raises:
            MatchingOff.
        """
        if whose.enterprise is not None:
            return await self._facts.of_enterprise(
                whose.enterprise, whose.person_id, policies, trace, whole
            )
        return await self._facts.of_person(whose.holder, whose.person_id, policies, trace, whole)

    def judged(
        self, known: Known, policies: Sequence[Policy], today: date
    ) -> list[tuple[Judge, Judgement]]:
        """Each policy on the facts that its department may look at."""
        judges: dict[frozenset[str], Judge] = {}
        found = []
        for policy in policies:
            barred = self._facts.barred(policy.system, policy.looks_at) & frozenset(known.facts)
            judge = judges.get(barred)
            if judge is None:
                judge = judges[barred] = Judge(known.for_system(barred), today)
            found.append((judge, judge.one(policy)))
        return found

    def _shown(self, known: Known, judge: Judge, judged: Judgement, *, asked: bool) -> Matched:
        policy = judged.policy
        outcome: Outcome = (
            "matched" if judged.matched else "unknown" if judged.matched is None else "unmatched"
        )
        reasons = self._explaining.reasons(
            judged, judge.values, known.facts, self._parts.today, asked=asked
        )
        return Matched(
            policy, self._book.department(policy.code), outcome, judge.amount(policy), reasons
        )

    async def _policies(self, whose: Whose) -> list[Policy]:
        await self._book.reload()
        return self._book.in_force(whose.side, self._parts.today)

    def _source_name(self, source: str) -> str:
        resource = self._parts.sharing.catalogue.find(source)
        if resource is None:
            return _SOURCES.get(source, source)
        return f"{resource.system.short_name}·{resource.spec.name}"
