"""What is known of somebody: asked of its sources under a grant, kept sealed for ten minutes.

A department's policy looks at its own data and at what it was granted, no further (政务数据共享条例
art. 20, 25). Who switched matching off is not asked about, and nothing of them is kept.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.calendar.service import BEIJING
from backend.enterprise.service import Enterprise
from backend.errors import DomainError
from backend.numbers.service import Holder, IdNumberRefused, parse_id_number
from backend.policies.document import Policy
from backend.policies.errors import FactsRefused, MatchingOff
from backend.policies.models import PolicyChoice, PolicySubject
from backend.policies.narrowing import GIVEN, Narrowing
from backend.policies.parts import Parts
from backend.policies.variables import (
    IDENTITY,
    REGISTER,
    Audience,
    Raw,
    Variable,
    of_source,
    variables,
)
from backend.sharing.service import Query
from backend.store.ids import uuid7
from backend.upstream.deadline import Deadline

log = structlog.get_logger("policies")

FRESH = timedelta(minutes=10)
ASK_S = 3.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one subject.

    Attributes:
        facts: by variable, as kept; as_of: per source, when it was said.
    """

    subject: Holder
    index: str
    facts: Mapping[str, Raw]
    as_of: Mapping[str, str]

    def for_system(self, barred: frozenset[str]) -> dict[str, Raw]:
        """What a department's policy may look at."""
        return {name: raw for name, raw in self.facts.items() if name not in barred}


class Facts:
    """Asks, keeps and forgets."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # Whether somebody lets it be

    async def matching(self, holder: Holder) -> bool:
        """Whether matching is on; it is until somebody switches it off."""
        choice = await PolicyChoice.get_or_none(id=self._parts.index_of(holder))
        return choice is None or choice.matching

    async def choose(self, holder: Holder, matching: bool, actor: UUID) -> None:
        """Switch matching on or off; off forgets everything at once."""
        parts, index = self._parts, self._parts.index_of(holder)
        async with in_transaction():
            await PolicyChoice.update_or_create(
                id=index, defaults={"matching": matching, "changed_at": parts.now()}
            )
            if not matching:
                await PolicySubject.filter(holder_index=index).delete()
            await parts.audit.record(
                person(actor), "policies.matching", f"policy-subject:{index[:16]}",
                {"matching": matching},
            )  # fmt: skip

    # Asking

    async def of_person(
        self, holder: Holder, person_id: UUID, policies: Sequence[Policy], trace: str,
        whole: Policy | None = None,
    ) -> Known:  # fmt: skip
        """What is known of a person; a source is asked only for a policy that is still open.

        Args:
            whole: one whose sources are asked although it is ruled out.

        Raises:
            MatchingOff.
        """
        base = _identity(holder)
        return await self._of(holder, "citizen", person_id, base, policies, trace, whole)

    async def of_enterprise(
        self, enterprise: Enterprise, person_id: UUID, policies: Sequence[Policy], trace: str,
        whole: Policy | None = None,
    ) -> Known:  # fmt: skip
        """What is known of an enterprise, for the person who represents it; see ``of_person``.

        Raises:
            MatchingOff.
        """
        base, holder = _register(enterprise), enterprise.holder
        return await self._of(holder, "enterprise", person_id, base, policies, trace, whole)

    def barred(self, system: str, names: Iterable[str]) -> frozenset[str]:
        """The variables that policies of a system may not look at: it holds no grant for them."""
        known = variables()
        return frozenset(name for name in names if not self._may_read(system, known[name]))

    def _may_read(self, system: str, variable: Variable) -> bool:
        if variable.source in GIVEN:
            return True
        resource = self._parts.sharing.catalogue.find(variable.source)
        if resource is None:
            return False
        if resource.system.code == system:
            return True
        return self._parts.sharing.may_read(system, variable.source, variable.item)

    async def _of(
        self, holder: Holder, audience: Audience, person_id: UUID, base: Mapping[str, Raw],
        policies: Sequence[Policy], trace: str, whole: Policy | None,
    ) -> Known:  # fmt: skip
        parts, index = self._parts, self._parts.index_of(holder)
        if not await self.matching(holder):
            raise MatchingOff
        row = await PolicySubject.get_or_none(holder_index=index)
        kept: dict[str, Any] = {"facts": {}, "as_of": {}}
        if row is not None:
            kept = parts.open(row.facts, row.id, "facts")
        narrowing = Narrowing(base, parts.today)
        beyond = [] if whole is None or narrowing.leaves_open(whole) else [whole]
        if row is not None and not beyond and self._fresh(row, person_id):
            return Known(holder, index, kept["facts"], kept["as_of"])
        opened = [one for one in policies if narrowing.leaves_open(one)]
        found = await self._ask_all(holder, [*opened, *beyond], trace)
        source = IDENTITY if audience == "citizen" else REGISTER
        facts = {**kept["facts"], **base}
        as_of = {**kept["as_of"], source: parts.now().isoformat()}
        for asked, (answered, at) in found.items():
            facts |= answered
            as_of[asked] = at
        await self.keep(holder, audience, person_id, facts, as_of)
        return Known(holder, index, facts, as_of)

    def _fresh(self, row: PolicySubject, person_id: UUID) -> bool:
        """Whether what is kept is shown unasked; the next day other policies may be open."""
        parts = self._parts
        same_day = row.as_of.astimezone(BEIJING).date() == parts.today
        return same_day and parts.now() - row.as_of < FRESH and row.person_id == person_id

    async def keep(
        self, holder: Holder, audience: Audience, person_id: UUID | None,
        facts: Mapping[str, Raw], as_of: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Keep what is known; of two at once the later one counts."""
        parts, index = self._parts, self._parts.index_of(holder)
        async with in_transaction():
            row = await PolicySubject.get_or_none(holder_index=index)
            row_id = row.id if row is not None else uuid7()
            values = {
                "facts": parts.seal({"facts": facts, "as_of": as_of}, row_id, "facts"),
                "as_of": parts.now(),
            }
            if row is not None:
                if person_id is not None:
                    values["person_id"] = person_id
                await PolicySubject.filter(id=row_id).update(**values)
                return
            made = PolicySubject(
                id=row_id, audience=audience, holder_index=index, person_id=person_id,
                holder=parts.sealed_holder(holder, row_id), **values,
            )  # fmt: skip
            # Somebody who opens the page on two devices at once has one row.
            await PolicySubject.bulk_create([made], ignore_conflicts=True)

    async def _ask_all(
        self, holder: Holder, policies: Iterable[Policy], trace: str
    ) -> dict[str, tuple[dict[str, Raw], str]]:
        wanted = sorted(
            {
                (policy.system, source)
                for policy in policies
                for source in policy.sources
                if source not in GIVEN
            }
        )
        answers = await asyncio.gather(
            *(self._ask(system, source, holder, trace) for system, source in wanted)
        )
        found: dict[str, tuple[dict[str, Raw], str]] = {}
        for (_, source), answer in zip(wanted, answers, strict=True):
            if answer is not None:
                found[source] = ({**found.get(source, ({}, ""))[0], **answer[0]}, answer[1])
        return found

    async def _ask(
        self, system: str, source: str, holder: Holder, trace: str
    ) -> tuple[dict[str, Raw], str] | None:
        """What one source says, for one department; None where it may not or does not say."""
        resource = self._parts.sharing.catalogue.find(source)
        if resource is None:
            return None
        answer: dict[str, Any] | None
        try:
            if resource.system.code == system:
                answer = await self._own(source, holder, trace)
            else:
                answer = await self._granted(system, source, holder, trace)
        except (DomainError, TimeoutError) as error:
            log.info("policy.source_silent", source=source, error=type(error).__name__)
            return None
        if answer is None:
            return None
        record = answer["items"][0]["record"]
        return _read(source, record), str(answer["as_of"])

    async def _granted(
        self, system: str, source: str, holder: Holder, trace: str
    ) -> dict[str, Any] | None:
        sharing, department = self._parts.sharing, self._parts.exchange.system(system)
        purpose = sharing.purpose_of(system, source)
        if department is None or purpose is None:
            return None
        query = Query(str(uuid4()), purpose, None, None, [holder.as_payload()])
        return await sharing.query(department, source, query, "", trace, Deadline.after(ASK_S))

    async def _own(self, source: str, holder: Holder, trace: str) -> dict[str, Any]:
        """A department's own data for its own policy: no sharing, but written down all the same."""
        parts = self._parts
        resource = parts.sharing.catalogue.get(source)
        names = sorted({one.item for one in of_source(source)})
        fields = [one.name for one in resource.spec.items if one.name in names]
        here = resource.system
        answer = await parts.exchange.call(
            here, "resources.query",
            {
                "request_id": str(uuid4()), "resource": source, "purpose": "政策匹配",
                "legal_basis": "《中华人民共和国个人信息保护法》第三十四条", "case_no": None,
                "caller": {"system": here.code, "uscc": here.manifest.system.department.uscc},
                "fields": fields or names, "subjects": [holder.as_payload()],
            },
            Deadline.after(ASK_S), trace,
        )  # fmt: skip
        await parts.audit.record(
            f"system:{here.code}", "policies.data_read",
            f"policy-subject:{parts.index_of(holder)[:16]}", {"resource": source},
        )  # fmt: skip
        return answer

    # What a department sends by itself

    async def take(
        self, system: str, audience: Audience, rows: Sequence[tuple[Holder, Mapping[str, Any]]]
    ) -> int:
        """Take facts that a department knows of its own data; says how many were kept.

        Raises:
            FactsRefused.
        """
        for _, facts in rows:
            self._check(system, audience, facts)
        taken = 0
        for holder, facts in rows:
            if not await self.matching(holder):
                continue
            row = await PolicySubject.get_or_none(holder_index=self._parts.index_of(holder))
            kept: dict[str, Any] = {"facts": {}, "as_of": {}}
            if row is not None:
                kept = self._parts.open(row.facts, row.id, "facts")
            now = self._parts.now().isoformat()
            sources = {variables()[name].source for name in facts}
            base = {**kept["facts"], **_identity_if(audience, holder), **facts}
            as_of = {**kept["as_of"], **dict.fromkeys(sources, now)}
            await self.keep(holder, audience, None, base, as_of)
            taken += 1
        return taken

    def _check(self, system: str, audience: Audience, facts: Mapping[str, Any]) -> None:
        for name, raw in facts.items():
            variable = variables().get(name)
            if variable is None or variable.audience != audience:
                raise FactsRefused(f"没有变量 {name}")
            resource = self._parts.sharing.catalogue.find(variable.source)
            own = resource is not None and resource.system.code == system
            register = self._parts.exchange.system(system)
            own = own or (
                variable.source == REGISTER and register is not None
                and register.offers("enterprises.get")
            )  # fmt: skip
            if not own:
                raise FactsRefused(f"{name} 不是本系统的数据")
            if not variable.fits(raw):
                raise FactsRefused(f"{name} 的值格式不对")


def _read(source: str, record: Mapping[str, Any] | None) -> dict[str, Raw]:
    """The facts in a record; without one, what its absence means."""
    found: dict[str, Raw] = {}
    for variable in of_source(source):
        raw = variable.absent if record is None else variable.kept(record.get(variable.item))
        if raw is None and record is not None and not variable.dated:
            raw = variable.absent
        if raw is not None:
            found[variable.name] = raw
    return found


def _identity(holder: Holder) -> dict[str, Raw]:
    try:
        number = parse_id_number(holder.code)
    except IdNumberRefused:
        return {}
    found: dict[str, Raw] = {}
    if number.birth is not None:
        found["person.age"] = number.birth.isoformat()
    if number.sex is not None:
        found["person.sex"] = number.sex
    return found


def _identity_if(audience: Audience, holder: Holder) -> dict[str, Raw]:
    return _identity(holder) if audience == "citizen" else {}


def _register(enterprise: Enterprise) -> dict[str, Raw]:
    """The register's entry as it was just answered."""
    item: dict[str, Any] = {
        "kind": enterprise.kind, "status": enterprise.status,
        "region_code": enterprise.region_code,
        "industry": enterprise.industry.code if enterprise.industry else None,
        "established_on": enterprise.established_on.isoformat(),
        "registered_capital": enterprise.registered_capital,
    }  # fmt: skip
    found: dict[str, Raw] = {}
    for variable in of_source(REGISTER):
        raw = variable.kept(item[variable.item])
        if raw is not None:
            found[variable.name] = raw
    return found
