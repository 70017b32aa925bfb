"""What is filled in before somebody types: from registers and licences, each field with its source.

The hints (``prefill``) are described in ``docs/forms.md``. What does not come in time, or is not
there, is left for the person to type: nobody waits for a register that is ill.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog

from backend.cases.actors import Acting
from backend.cases.content import Content
from backend.cases.parts import Parts, china_time
from backend.catalogue.service import Offer
from backend.errors import DomainError
from backend.messages.service import person_of
from backend.numbers.service import Holder, IdNumberRefused, parse_id_number
from backend.sharing.service import Query
from backend.upstream.deadline import Deadline
from backend.wallet.service import Card, LicenceStatus

log = structlog.get_logger("cases")

PREFILL_S = 3.0
PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Found:
    """A value with where it comes from.

    Attributes:
        grade: 可信等级, signed: whether the source's signature was checked.
    """

    value: Any
    source: str
    source_name: str
    as_of: datetime
    grade: str
    signed: bool
    licence: str | None = None

    def provenance(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "source": self.source, "source_name": self.source_name,
            "as_of": china_time(self.as_of), "grade": self.grade, "signed": self.signed,
            "licence": self.licence,
        }  # fmt: skip


class Prefill:
    """Asks the sources of a form, all at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def fill(
        self, content: Content, offer: Offer, acting: Acting, subject: str, trace: str,
        first: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """Fill a new draft in, as far as sources answer within three seconds.

        Args:
            subject: of the person who acts.
            first: identifiers of licences that come before others of their type.
        """
        if offer.form is None:
            return
        hints = {
            name: hint["prefill"]
            for name in offer.form.fields
            if isinstance(hint := offer.form.ui.get(name), Mapping) and "prefill" in hint
        }
        if not hints:
            return
        asked = _Asked(self._parts, offer, acting, subject, trace, first)
        found = await asyncio.gather(*(_in_time(asked.value(hint)) for hint in hints.values()))
        for name, one in zip(hints, found, strict=True):
            if one is not None and _fits(offer, name, one.value):
                content.values[name] = one.value
                content.provenance[f"/{name}"] = one.provenance()


def fact_of(holder: Holder, fact: str, sex: str | None = None) -> Any:
    """A fact of a person, or None; where a sex is named, of a person of that sex alone."""
    facts: dict[str, Any] = {"name": holder.name, "id_number": holder.code}
    try:
        number = parse_id_number(holder.code)
        facts["birth_date"] = number.birth.isoformat() if number.birth else None
        facts["sex"] = number.sex
    except IdNumberRefused:
        pass
    return facts.get(fact) if sex in (None, facts.get("sex")) else None


async def _in_time(asking: Awaitable[Found | None]) -> Found | None:
    try:
        return await asyncio.wait_for(asking, PREFILL_S)
    except (DomainError, TimeoutError, KeyError) as error:
        log.info("case.not_prefilled", error=type(error).__name__)
        return None


def _fits(offer: Offer, name: str, value: Any) -> bool:
    """Whether a value is one that the form takes; the register may know what the form does not."""
    if offer.filling is None or value in (None, ""):
        return False
    return all(one["pointer"] != f"/{name}" for one in offer.filling.mistakes({name: value}))


class _Asked:
    """The sources of one draft; a licence type or a resource is asked for once."""

    def __init__(
        self, parts: Parts, offer: Offer, acting: Acting, subject: str, trace: str,
        first: frozenset[str],
    ) -> None:  # fmt: skip
        self._parts, self._offer, self._acting = parts, offer, acting
        self._subject, self._trace, self._first = subject, trace, first
        self._asking: dict[str, asyncio.Task[Any]] = {}

    async def value(self, hint: Mapping[str, Any]) -> Found | None:
        """The value that a hint names, or None."""
        agent = self._acting.agent
        if hint.get("applicant", hint.get("identity")) == "phone":
            # Of whoever acts; the phone of somebody else is not known here.
            return await self._phone() if "applicant" in hint or agent is None else None
        if "identity" in hint:
            return self._of_person(self._acting.applicant, hint["identity"], hint.get("sex"))
        if "applicant" in hint:
            return self._of_person(
                agent.holder if agent else self._acting.applicant,
                hint["applicant"], hint.get("sex"),
            )  # fmt: skip
        if "licence" in hint:
            return await self._of_licence(str(hint["licence"]), str(hint["field"]))
        if "enterprise" in hint:
            return await self._of_enterprise(str(hint["enterprise"]))
        if "resource" in hint:
            return await self._of_resource(str(hint["resource"]), str(hint["item"]))
        return None

    def _of_person(self, holder: Holder, fact: str, sex: str | None = None) -> Found | None:
        value = fact_of(holder, fact, sex)
        if value is None:
            return None
        # Name and number were matched when the account was verified; the rest follows from them.
        return Found(value, PLATFORM, "实名认证信息", self._parts.now(), "A", signed=False)

    async def _phone(self) -> Found | None:
        reached = await self._parts.services.identity.reach(person_of(self._subject))
        if reached.phone is None:
            return None
        number = reached.phone.removeprefix("+86")
        # It took a code sent to it to log in; whose contract it is nobody has looked at.
        return Found(number, PLATFORM, "登录手机号", self._parts.now(), "B", signed=False)

    async def _of_licence(self, type_code: str, fact: str) -> Found | None:
        cards: list[Card] = await self._once(f"licence:{type_code}", self._cards(type_code))
        valid = [each for each in cards if each.status is LicenceStatus.VALID]
        valid.sort(key=lambda each: each.licence.identifier not in self._first)
        card = next(iter(valid), None)
        if card is None:
            return None
        licence = card.licence
        value = {
            "number": licence.number, "issue_date": licence.issue_date,
            "valid_to": licence.valid_to, "issuer": licence.issuer_name,
        }.get(fact, licence.fields.get(fact))  # fmt: skip
        if value is None:
            return None
        as_of = datetime.fromtimestamp(card.as_of, UTC)
        return Found(
            value, card.system.code, f"{card.system.short_name}·{card.kind.name}", as_of,
            card.kind.trust_grade, signed=True, licence=licence.identifier,
        )  # fmt: skip

    async def _cards(self, type_code: str) -> list[Card]:
        cards, _ = await self._parts.services.wallet.of_type(
            self._acting.subject, self._acting.applicant, type_code, self._acting.audience,
            trace=self._trace,
        )  # fmt: skip
        return cards

    async def _of_enterprise(self, fact: str) -> Found | None:
        agent = self._acting.agent
        if self._acting.audience != "enterprise" or agent is None:
            return None
        services = self._parts.services
        uscc = self._acting.applicant.code
        if agent.relation == "representative":
            found = await services.enterprises.require(
                self._subject, agent.holder, uscc, self._trace
            )
        elif (known := await services.enterprises.record(uscc, self._trace)) is not None:
            found = known
        else:
            return None
        facts = {
            "name": found.name, "uscc": found.uscc, "address": found.address,
            "legal_representative": found.legal_representative.name,
            "established_on": found.established_on.isoformat(),
            "registered_capital": found.registered_capital,
        }  # fmt: skip
        register = next(iter(services.exchange.with_operation("enterprises.represented")), None)
        value = facts.get(fact)
        if value is None or register is None:
            return None
        name = f"{register.short_name}·经营主体登记"
        return Found(value, register.code, name, self._parts.now(), "A", signed=True)

    async def _of_resource(self, code: str, item: str) -> Found | None:
        answer = await self._once(f"resource:{code}", self._record(code))
        if answer is None or answer[0].get(item) is None:
            return None
        record, as_of, owner, name = answer
        return Found(record[item], owner, name, as_of, "A", signed=True)

    async def _record(self, code: str) -> tuple[dict[str, Any], datetime, str, str] | None:
        """The applicant's record of a resource, under the grant of the item's department.

        Only what that department may read anyway is filled in, and the reading is in its log.
        """
        services = self._parts.services
        department = services.exchange.system(self._offer.system)
        resource = services.sharing.catalogue.get(code)
        purpose = services.sharing.purpose_of(self._offer.system, code)
        if department is None or purpose is None:
            return None
        query = Query(str(uuid4()), purpose, None, None, [self._acting.applicant.as_payload()])
        answer = await services.sharing.query(
            department, code, query, "", self._trace, Deadline.after(PREFILL_S)
        )
        record = answer["items"][0]["record"]
        if record is None:
            return None
        as_of = datetime.fromisoformat(answer["as_of"])
        name = f"{resource.system.short_name}·{resource.spec.name}"
        return record, as_of, resource.system.code, name

    async def _once(self, key: str, asking: Any) -> Any:
        if key in self._asking:
            asking.close()
        else:
            self._asking[key] = asyncio.create_task(asking)
        return await asyncio.shield(self._asking[key])
