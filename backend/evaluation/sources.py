"""Sources of service events that packages of the platform have."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.cases.service import Cases, Ended
from backend.consultation.service import Answered, Consultations
from backend.evaluation.events import Served, ServiceEvent
from backend.exchange.service import Exchange
from backend.messages.service import person_of
from backend.one_thing.service import OneThings, RunEnded
from backend.presentation.service import Presentations, Usage

SYSTEM = "system"
PLATFORM = "12345 热线平台"


class LicenceLooks:
    """用证: a department's system looked at a licence that the person showed instead of paper."""

    kind = "licence_usage"

    def __init__(self, presentations: Presentations, exchange: Exchange) -> None:
        self._presentations, self._exchange = presentations, exchange

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """A look at a licence of this person by a department's system."""
        try:
            usage = await self._presentations.usage(subject, UUID(event_id))
        except ValueError:
            return None
        return None if usage is None else self._event(usage)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The latest of them."""
        page = await self._presentations.usages(subject, None, None)
        found = (self._event(usage) for usage in page.usages if usage.at >= since)
        return [event for event in found if event is not None][:limit]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whose licences the department's systems looked at."""
        systems = [
            system.code
            for system in self._exchange.systems()
            if system.manifest.system.department.uscc == department_uscc
        ]
        looked = await self._presentations.looked_at(systems, item_code, since, until)
        return [Served(str(usage_id), subject) for usage_id, subject in looked]

    def _event(self, usage: Usage) -> ServiceEvent | None:
        system = self._exchange.system(usage.verifier_id) if usage.verifier_kind == SYSTEM else None
        if system is None:
            return None
        department = system.manifest.system.department
        return ServiceEvent(
            kind=self.kind, id=str(usage.id), title=f"{system.short_name}查看{usage.type_name}",
            department_uscc=department.uscc, department_name=department.name,
            item_code=usage.type_code, item_name=f"出示{usage.type_name}", at=usage.at,
        )  # fmt: skip


class CasesEnded:
    """办件: an application came to its end, whatever was decided."""

    kind = "case"

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """A case that this person submitted and that has ended."""
        try:
            found = await self._cases.ended.find(person_of(subject), UUID(event_id))
        except ValueError:
            return None
        return None if found is None else self._event(found)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The latest of them."""
        found = await self._cases.ended.recent(person_of(subject), since, limit)
        return [self._event(one) for one in found]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whose cases ended at the department."""
        found = await self._cases.ended.at_department(department_uscc, item_code, since, until)
        return [Served(str(case_id), subject) for case_id, subject in found]

    def _event(self, found: Ended) -> ServiceEvent:
        return ServiceEvent(
            kind=self.kind, id=str(found.id), title=f"{found.item_name}（{found.outcome}）",
            department_uscc=found.department_uscc, department_name=found.department_name,
            item_code=found.item_code, item_name=found.item_name, at=found.at,
        )  # fmt: skip


class OneThingsEnded:
    """一件事: every step came to its end; judged as a whole, of the department that leads."""

    kind = "one_thing"

    def __init__(self, things: OneThings, exchange: Exchange) -> None:
        self._things, self._exchange = things, exchange

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """One that this person submitted and that has ended."""
        try:
            found = await self._things.ended.find(person_of(subject), UUID(event_id))
        except ValueError:
            return None
        return None if found is None else self._event(found)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The latest of them."""
        found = await self._things.ended.recent(person_of(subject), since, limit)
        events = (self._event(one) for one in found)
        return [event for event in events if event is not None]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whose ended under the lead of the department."""
        leads = {name for name, uscc in self._departments().items() if uscc == department_uscc}
        found = [
            pair
            for lead in leads
            for pair in await self._things.ended.led_by(lead, item_code, since, until)
        ]
        return [Served(str(run_id), subject) for run_id, subject in found]

    def _departments(self) -> dict[str, str]:
        found = (system.manifest.system.department for system in self._exchange.systems())
        return {department.name: department.uscc for department in found}

    def _event(self, found: RunEnded) -> ServiceEvent | None:
        """None: whoever leads it has no system here, so nobody could answer."""
        uscc = self._departments().get(found.lead)
        if uscc is None:
            return None
        return ServiceEvent(
            kind=self.kind, id=str(found.id), title=f"{found.name}（全程）", department_uscc=uscc,
            department_name=found.lead, item_code=found.code, item_name=found.name, at=found.at,
        )  # fmt: skip


class ConsultationsAnswered:
    """咨询投诉: a question or complaint was answered, by a department or by the platform."""

    kind = "consultation"

    def __init__(self, consultations: Consultations) -> None:
        self._answered = consultations.answered

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """The answer to what this person asked."""
        found = await self._answered.find(person_of(subject), event_id)
        return None if found is None else self._event(found)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The latest of them."""
        found = await self._answered.recent(person_of(subject), since, limit)
        return [self._event(one) for one in found]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whom the department answered."""
        found = await self._answered.at_department(department_uscc, item_code, since, until)
        return [Served(event_id, subject) for event_id, subject in found]

    def _event(self, found: Answered) -> ServiceEvent:
        return ServiceEvent(
            kind=self.kind, id=found.event_id,
            title=f"{found.kind_name}的答复（{found.ticket_no}）",
            department_uscc=found.department_uscc,
            department_name=found.department_name or PLATFORM,
            item_code=found.kind, item_name=f"{found.kind_name}答复", at=found.at,
        )  # fmt: skip
