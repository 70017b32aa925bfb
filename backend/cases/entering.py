"""What is written for a new case: the case, its delivery, first step, clock and audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.audit.service import AuditEntry, made, person
from backend.cases.clocks import ACCEPT, ACCEPT_WORKDAYS, Span, day_of
from backend.cases.content import Content
from backend.cases.drafts import Draft
from backend.cases.files import Files
from backend.cases.materials import Materials
from backend.cases.models import Case, CaseClock, CaseOutbox, CaseStep
from backend.cases.outbox import SUBMIT, Outbox
from backend.cases.parts import Parts, china_time
from backend.cases.promises import Promises
from backend.cases.states import Event, State
from backend.store.rows import insert_all
from backend.store.table import Table


@dataclass(frozen=True, slots=True)
class Application:
    """An application that is ready to be written.

    Attributes:
        materials: as the department gets them.
        rows: the case, and all that begins with it.
    """

    case: Case
    draft: Draft
    materials: list[dict[str, Any]]
    rows: Sequence[Table]


class Entering:
    """Writes new cases; several of them cost little more than one."""

    def __init__(
        self, parts: Parts, materials: Materials, files: Files, outbox: Outbox, promises: Promises
    ) -> None:
        self._parts, self._materials, self._files = parts, materials, files
        self._outbox, self._promises = outbox, promises

    async def prepare(
        self, case: Case, draft: Draft, materials: list[dict[str, Any]]
    ) -> Application:
        """Make all rows of a case, so that the transaction has nothing left but to write them."""
        delivery = await self._delivery(case, draft, materials)
        rows = [case, delivery, self._step(case), self._clock(case), _entry(case, draft)]
        return Application(case, draft, materials, rows)

    async def write(self, new: Sequence[Application]) -> None:
        """Write them with all that begins with them; inside the caller's transaction."""
        await insert_all([row for one in new for row in one.rows])
        for one in new:
            await self._accompany(one)

    async def _delivery(
        self, case: Case, draft: Draft, materials: list[dict[str, Any]]
    ) -> CaseOutbox:
        content = draft.content
        payload = submission_payload(case, content, content.form_for(draft.offer), materials)
        if case.division_id is not None:
            division = await self._parts.services.divisions.get(case.division_id)
            payload["division"] = division.as_payload()
        return self._outbox.made(case, SUBMIT, payload)

    def _step(self, case: Case) -> CaseStep:
        actor = person(case.person_id)
        return self._parts.made_step(case, Event.SUBMIT, State.SUBMITTED, actor, case.submitted_at)

    def _clock(self, case: Case) -> CaseClock:
        span = Span("workday", ACCEPT_WORKDAYS)
        return self._parts.clocks.made(case, ACCEPT, day_of(case.submitted_at), span)

    async def _accompany(self, new: Application) -> None:
        """What only some have: licences that go out, promises, files."""
        case, content = new.case, new.draft.content
        await self._materials.note_licences(case, content, new.materials)
        await self._promises.make(case, new.draft.wanted, content.materials)
        if any("files" in one for one in new.materials):
            await self._files.hand_over(new.draft.id, case.id)


def submission_payload(
    case: Case, content: Content, form: Mapping[str, Any], materials: list[dict[str, Any]]
) -> dict[str, Any]:
    """What ``cases.submit`` sends, without the ``request_id``."""
    payload: dict[str, Any] = {
        "case_no": case.case_no, "item_code": case.item_code,
        "item_version": case.item_version, "submitted_at": china_time(case.submitted_at),
        "applicant": content.applicant.as_payload(),
        "agent": content.agent.as_payload() if content.agent else None,
        "contact_phone": content.phone, "form": dict(form),
        "provenance": content.provenance_of(form), "materials": materials,
    }  # fmt: skip
    if content.delivery:
        payload["result_delivery"] = content.delivery
    return payload


def _entry(case: Case, draft: Draft) -> AuditEntry:
    detail = {
        "case": case.case_no, "item_code": draft.offer.task_code, "for": draft.for_kind,
        "for_id": draft.for_id if draft.for_kind != "enterprise" else None,
    }  # fmt: skip
    return made(person(case.person_id), "cases.submitted", draft.content.about, detail)
