"""From a draft to a case: one transaction writes case, outbox, audit, clock and first step.

A draft becomes a case once, however often and from how many devices it is submitted at the same
moment: the draft's state is written from ``open``, and the case carries the draft's id under a
unique constraint. Whoever comes second gets the case of the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.cases.actors import Actors
from backend.cases.claiming import take_drafts
from backend.cases.drafts import APPLICATION, OPEN, Draft, Drafts
from backend.cases.entering import Application, Entering
from backend.cases.errors import (
    DraftChanged,
    DraftIncomplete,
    DraftUnknown,
    ItemChanged,
    LicenceUnfit,
)
from backend.cases.materials import Materials
from backend.cases.models import Case, CaseDraft
from backend.cases.numbering import Numbers
from backend.cases.parts import Parts
from backend.cases.states import Event, State, after
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.divisions.service import Shared as Division
from backend.errors import DomainError
from backend.identity.service import Session
from backend.store.ids import uuid7
from backend.store.rows import new_row, row_of
from backend.store.together import Together
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
        materials: Materials, entering: Entering,
    ) -> None:  # fmt: skip
        self._parts, self._actors, self._versions = parts, actors, versions
        self._drafts, self._materials, self._entering = drafts, materials, entering
        self._numbers = Numbers()
        self._together = Together(self._write, (IntegrityError, DomainError))

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
        row = await row_of(CaseDraft, id=draft_id, person_id=session.person_id)
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
        made = await self.made(session.person_id, draft, materials)
        try:
            entered = await self._together.add(made)
        except IntegrityError:
            return await self._before(session, draft_id)
        return (
            _submitted(made.case, again=False) if entered else await self._before(session, draft_id)
        )

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

    async def _write(self, new: Sequence[Application]) -> Sequence[bool]:
        """Write what was submitted at this moment; True for each whose draft was still open."""
        async with in_transaction():
            entered = await self._claim(new)
            if entered:
                await self._count(entered.values())
                await self._entering.write(list(entered.values()))
        return [entered.get(one.draft.id) is one for one in new]

    async def _claim(self, new: Sequence[Application]) -> dict[UUID, Application]:
        """Take the drafts that are open in the version that was checked, each for one."""
        wanted = {(one.draft.id, one.draft.version): one for one in new}
        taken = await take_drafts(list(wanted), self._parts.now())
        return {draft_id: wanted[draft_id, version] for draft_id, version in taken}

    async def _count(self, new: Iterable[Application]) -> None:
        # In one order for everybody, as above.
        for one in sorted(new, key=lambda one: str(_grant(one.draft))):
            await self.count(one.draft)

    async def count(self, draft: Draft) -> None:
        """Count it for whoever may file only so many for an enterprise; inside the transaction.

        Raises:
            CasesSpent, GrantEnded.
        """
        grant = _grant(draft)
        if grant is not None:
            await self._parts.services.members.count(grant)

    async def made(
        self, person_id: UUID, draft: Draft, materials: list[dict[str, Any]]
    ) -> Application:
        """What a draft becomes; not yet in the database. Outside of any transaction."""
        offer = draft.offer
        division = await self._parts.services.divisions.in_force(offer.task_code, offer.system)
        parts, content, now = self._parts, draft.content, self._parts.now()
        state = after(State.DRAFT, Event.SUBMIT)
        number = await self._numbers.next(offer.task_code, f"{parts.day_of(now):%Y%m%d}")
        case = new_row(
            Case, id=uuid7(), case_no=number, draft_id=draft.id, person_id=person_id,
            holder_index=parts.holder_index(content.applicant), for_kind=draft.for_kind,
            for_id=draft.for_id, item_code=offer.task_code, item_version=offer.version,
            item_name=offer.name, **_in_hand(offer, division), state=state,
            submitted_at=now, updated_at=now,
        )  # fmt: skip
        kept = {**content.as_json(), "values": content.form_for(offer)}
        case.content = parts.seal(kept, case.id, "content")
        return await self._entering.prepare(case, draft, materials)


def _grant(draft: Draft) -> UUID | None:
    return draft.content.agent.grant if draft.content.agent is not None else None


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


def _submitted(case: Case, again: bool) -> Submitted:
    return Submitted(case.case_no, case.submitted_at, case.item_name, case.department_name, again)
