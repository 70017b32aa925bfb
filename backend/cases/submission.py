"""From a draft to a case: one transaction writes case, outbox, audit, clock and first step.

A draft becomes a case once, however often and from how many devices it is submitted at the same
moment: the draft's state is written from ``open``, and the case carries the draft's id under a
unique constraint. Whoever comes second gets the case of the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.cases.actors import Actors
from backend.cases.clocks import ACCEPT, ACCEPT_WORKDAYS, Span, day_of
from backend.cases.content import Content
from backend.cases.drafts import APPLICATION, OPEN, SUBMITTED, Draft, Drafts
from backend.cases.errors import (
    DraftChanged,
    DraftIncomplete,
    DraftUnknown,
    ItemChanged,
    LicenceUnfit,
)
from backend.cases.files import Files
from backend.cases.materials import Materials
from backend.cases.models import Case, CaseDraft
from backend.cases.numbering import next_case_no, taken_inside
from backend.cases.outbox import SUBMIT, Outbox
from backend.cases.parts import Parts, china_time
from backend.cases.promises import Promises
from backend.cases.states import Event, State, after
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.divisions.service import Shared as Division
from backend.identity.service import Session
from backend.store.ids import uuid7
from backend.wallet.service import LicenceNotFound


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission is answered with.

    Attributes:
        again: the draft was submitted before; nothing was done now.
    """

    case_no: str
    submitted_at: datetime
    item_name: str
    department_name: str
    again: bool


class Submission:
    """Submits drafts."""

    def __init__(
        self, parts: Parts, actors: Actors, versions: Versions, drafts: Drafts,
        materials: Materials, files: Files, outbox: Outbox, promises: Promises,
    ) -> None:  # fmt: skip
        self._parts, self._actors, self._versions = parts, actors, versions
        self._promises = promises
        self._drafts, self._materials = drafts, materials
        self._files, self._outbox = files, outbox

    async def submit(
        self,
        session: Session,
        draft_id: UUID,
        version: int,
        trace: str,
        stored: bytes | None = None,
    ) -> Submitted:
        """Submit a draft; again, the case that it became.

        Args:
            stored: the value of ``holder_key(subject)``, if it was fetched already.

        Raises:
            DraftUnknown, DraftChanged, DraftIncomplete, ItemChanged, NotOnline, LevelTooLow,
            ForWhomUnknown, MandateMissing, CasesSpent, RegisterUnavailable, LicenceUnfit,
            IssuersSilent.
        """
        row = await CaseDraft.get_or_none(id=draft_id, person_id=session.person_id)
        if row is None or row.kind != APPLICATION:
            raise DraftUnknown
        if row.state != OPEN:
            return await self._before(session, draft_id)
        offer = await self._drafts.offer(session, row.item_code, _kind(row))
        draft = self._drafts.opened(row, offer)
        if draft.version != version:
            raise DraftChanged(draft.version)
        if draft.item_changed:
            raise ItemChanged
        incomplete(draft)
        await self._still_theirs(session, draft, trace, stored)
        materials = await self._with_licences(draft, trace)
        await self._versions.keep(offer)
        case_no = await self.number(draft)
        try:
            case = await self._write(session, draft, case_no, materials)
        except IntegrityError:
            return await self._before(session, draft_id)
        if case is None:
            return await self._before(session, draft_id)
        return _submitted(case, again=False)

    async def number(self, draft: Draft) -> str:
        """A number taken before the transaction, where it is taken before; else empty."""
        return "" if taken_inside() else await self._number(draft)

    async def _number(self, draft: Draft) -> str:
        return await next_case_no(draft.offer.task_code, self._parts.today())

    async def _before(self, session: Session, draft_id: UUID) -> Submitted:
        case = await Case.get_or_none(draft_id=draft_id, person_id=session.person_id)
        if case is None:
            raise DraftUnknown
        return _submitted(case, again=True)

    async def _still_theirs(
        self, session: Session, draft: Draft, trace: str, stored: bytes | None
    ) -> None:
        """The right to act is looked at again, and that it is the same applicant."""
        acting = await self._actors.acting(
            session, draft.for_kind, draft.for_id, draft.offer.task_code, trace, stored
        )
        content = draft.content
        if (acting.applicant.code_type, acting.applicant.code) != (
            content.applicant.code_type, content.applicant.code,
        ):  # fmt: skip
            # Another person took the account over: what was written is not theirs.
            raise DraftUnknown
        content.agent = acting.agent

    async def _with_licences(self, draft: Draft, trace: str) -> list[dict[str, Any]]:
        """The materials as the department gets them; licences as they stand now."""
        try:
            return await self._materials.payload(draft, trace)
        except LicenceNotFound:
            raise LicenceUnfit from None

    async def _write(
        self, session: Session, draft: Draft, case_no: str, materials: list[dict[str, Any]]
    ) -> Case | None:
        now = self._parts.now()
        case = await self.made(session.person_id, draft, case_no)
        async with in_transaction():
            # First of all, and from the version that was checked: a second one finds nothing.
            still = CaseDraft.filter(id=draft.id, state=OPEN, version=draft.version)
            if not await still.update(state=SUBMITTED, content=b"", updated_at=now):
                return None
            await self.count(draft)
            await self.enter(case, draft, materials)
        return case

    async def count(self, draft: Draft) -> None:
        """Count it for whoever may file only so many for an enterprise; inside the transaction.

        Raises:
            CasesSpent, GrantEnded.
        """
        agent = draft.content.agent
        if agent is not None and agent.grant is not None:
            await self._parts.services.members.count(agent.grant)

    async def made(self, person_id: UUID, draft: Draft, case_no: str) -> Case:
        """The case that a draft becomes; not yet in the database."""
        offer = draft.offer
        division = await self._parts.services.divisions.in_force(offer.task_code, offer.system)
        parts, content, now = self._parts, draft.content, self._parts.now()
        state = after(State.DRAFT, Event.SUBMIT)
        case = Case(
            id=uuid7(), case_no=case_no, draft_id=draft.id, person_id=person_id,
            holder_index=parts.holder_index(content.applicant), for_kind=draft.for_kind,
            for_id=draft.for_id, item_code=offer.task_code, item_version=offer.version,
            item_name=offer.name, **_in_hand(offer, division), state=state,
            submitted_at=now, updated_at=now,
        )  # fmt: skip
        kept = {**content.as_json(), "values": content.form_for(offer)}
        case.content = parts.seal(kept, case.id, "content")
        return case

    async def enter(self, case: Case, draft: Draft, materials: list[dict[str, Any]]) -> None:
        """Write case, outbox, first step, clock and audit; inside the caller's transaction."""
        parts, content, now = self._parts, draft.content, case.submitted_at
        actor = person(case.person_id)
        case.case_no = case.case_no or await self._number(draft)
        await case.save(force_create=True)
        payload = submission_payload(case, content, content.form_for(draft.offer), materials)
        if case.division_id is not None:
            division = await parts.services.divisions.get(case.division_id)
            payload["division"] = division.as_payload()
        await self._outbox.queue(case, SUBMIT, payload)
        await parts.step(case, Event.SUBMIT, State.SUBMITTED, actor, now)
        await parts.clocks.start(
            case, ACCEPT, day_of(now), Span("workday", ACCEPT_WORKDAYS), first=True
        )
        await self._materials.note_licences(case, content, materials)
        await self._promises.make(case, draft.wanted, content.materials)
        if _has_files(materials):
            await self._files.hand_over(draft.id, case.id)
        detail = {
            "case": case.case_no, "item_code": draft.offer.task_code, "for": draft.for_kind,
            "for_id": draft.for_id if draft.for_kind != "enterprise" else None,
        }  # fmt: skip
        await parts.services.audit.record(actor, "cases.submitted", content.about, detail)


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


def _in_hand(offer: Offer, division: Division | None) -> dict[str, Any]:
    """Who has the case in hand first: the item's department, or who accepts in its place."""
    if division is None:
        return {
            "system_code": offer.system, "department_uscc": offer.department_uscc,
            "department_name": offer.department_name,
        }  # fmt: skip
    accepting = division.accepting
    return {
        "system_code": accepting.system, "department_uscc": accepting.uscc,
        "department_name": accepting.name, "division_id": division.id,
        "supervisor_uscc": division.supervising.uscc,
    }  # fmt: skip


def incomplete(draft: Draft) -> None:
    """Refuse a draft in which something is missing or wrong.

    Raises:
        DraftIncomplete.
    """
    places = [
        {"pointer": one["pointer"], "message": one["detail"]}
        for one in (*draft.mistakes, *draft.lacking)
    ]
    if places:
        raise DraftIncomplete(places)


def _kind(row: CaseDraft) -> Any:
    return row.for_kind


def _has_files(materials: list[dict[str, Any]]) -> bool:
    return any("files" in one for one in materials)


def _submitted(case: Case, again: bool) -> Submitted:
    return Submitted(case.case_no, case.submitted_at, case.item_name, case.department_name, again)
