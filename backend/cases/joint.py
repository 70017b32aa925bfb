"""Several applications made from one draft (一件事): what ``backend/one_thing`` needs of a case.

Each of them is a case like any other. What differs: they are written in one transaction with
whatever holds them together, and one that waits for another's result is written by the worker
later, from what the person had signed for, without the person being there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.audit.service import person
from backend.cases.actors import Acting, Actors
from backend.cases.content import Content
from backend.cases.drafts import APPLICATION, JOINT, OPEN, SUBMITTED, Draft, Drafts
from backend.cases.effects import Effects, Follower
from backend.cases.entering import Application, Entering
from backend.cases.errors import DraftUnknown, LicenceUnfit
from backend.cases.files import Files
from backend.cases.materials import Materials
from backend.cases.models import Case, CaseDraft
from backend.cases.parts import Parts
from backend.cases.prefill import Prefill
from backend.cases.states import Event, State
from backend.cases.submission import Submission
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.identity.service import Session
from backend.wallet.service import LicenceNotFound


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, for what waits for it.

    Attributes:
        decision: ``approved`` or ``denied``; empty before.
        licence_type, licence_identifier: of the licence that it resulted in.
    """

    case_id: UUID
    case_no: str
    state: State
    ended: bool
    decision: str
    reason: str
    licence_type: str
    licence_identifier: str


class Joint:
    """Makes cases out of a joint draft, and tells how they stand."""

    def __init__(
        self, parts: Parts, actors: Actors, versions: Versions, drafts: Drafts,
        materials: Materials, files: Files, submission: Submission, entering: Entering,
        prefill: Prefill, effects: Effects,
    ) -> None:  # fmt: skip
        self._parts, self._actors, self._versions, self._drafts = parts, actors, versions, drafts
        self._materials, self._files, self._submission = materials, files, submission
        self._entering, self._prefill, self._effects = entering, prefill, effects

    def follow(self, follower: Follower) -> None:
        """Be told, inside the transaction of the event, that a case was decided or ended."""
        self._effects.followers.append(follower)

    async def prefilled(
        self, content: Content, offer: Offer, acting: Acting, subject: str, trace: str,
        first: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """Fill the form of one item in, as a single draft of it would be.

        Args:
            subject: of the person who acts.
            first: identifiers of licences that come before others of their type.
        """
        await self._prefill.fill(content, offer, acting, subject, trace, first)

    async def row(self, session: Session, draft_id: UUID) -> CaseDraft:
        """The row of a joint draft, submitted or not.

        Raises:
            DraftUnknown.
        """
        mine = CaseDraft.filter(id=draft_id, person_id=session.person_id, kind=JOINT)
        row = await mine.first()
        if row is None:
            raise DraftUnknown
        return row

    async def still_theirs(
        self, session: Session, draft: Draft, item_code: str, trace: str,
        stored: bytes | None = None,
    ) -> None:  # fmt: skip
        """The right to act for an item is looked at again, and that it is the same applicant.

        Raises:
            DraftUnknown, ForWhomUnknown, MandateMissing, RegisterUnavailable.
        """
        acting = await self._actors.acting(
            session, draft.for_kind, draft.for_id, item_code, trace, stored
        )
        mine, theirs = acting.applicant, draft.content.applicant
        if (mine.code_type, mine.code) != (theirs.code_type, theirs.code):
            # Another person took the account over: what was written is not theirs.
            raise DraftUnknown
        draft.content.agent = acting.agent

    async def claim(self, draft: Draft) -> bool:
        """Submit the joint draft, inside the transaction; only one of several at once succeeds.

        Raises:
            CasesSpent, GrantEnded: of whoever may file only so many; all of it counts as one.
        """
        still = CaseDraft.filter(id=draft.id, state=OPEN, version=draft.version)
        now = self._parts.now()
        if not await still.update(state=SUBMITTED, content=b"", updated_at=now):
            return False
        await self._submission.count(draft)
        return True

    async def ready(self, person_id: UUID, draft: Draft, source: UUID, trace: str) -> Application:
        """Make an application ready: files copied, licences as they stand now, version kept.

        Outside of any transaction.

        Args:
            source: the joint draft, to which files were uploaded.

        Raises:
            LicenceUnfit, IssuersSilent, CommitmentChanged, FileUnknown.
        """
        await self._copy_files(draft, source)
        try:
            materials = await self._materials.payload(draft, trace)
        except LicenceNotFound:
            raise LicenceUnfit from None
        await self._versions.keep(draft.offer)
        return await self._submission.made(person_id, draft, materials)

    async def write(self, applications: Sequence[Application]) -> None:
        """Write them, inside the caller's transaction."""
        await self._entering.write(applications)

    async def drop(self, applications: Iterable[Application]) -> None:
        """Forget the copies of those that were not written after all."""
        for one in applications:
            await self._files.forget_draft(one.draft.id)

    async def hand_back(self, person_id: UUID, draft: Draft, source: UUID) -> None:
        """Leave an application to the person as an ordinary draft; inside a transaction.

        For one that could not be completed by itself: what is known is filled in.
        """
        await self._copy_files(draft, source)
        now = self._parts.now()
        await CaseDraft.create(
            id=draft.id, person_id=person_id, kind=APPLICATION, for_kind=draft.for_kind,
            for_id=draft.for_id, item_code=draft.offer.task_code,
            item_version=draft.offer.version, state=OPEN, created_at=now, updated_at=now,
            content=self._parts.seal(draft.content.as_json(), draft.id, "draft"),
        )  # fmt: skip
        await self._parts.services.audit.record(
            person(person_id), "cases.draft_opened", draft.content.about,
            {"draft": str(draft.id), "item_code": draft.offer.task_code, "for": draft.for_kind},
        )  # fmt: skip

    async def _copy_files(self, draft: Draft, source: UUID) -> None:
        for code, material in draft.content.materials.items():
            copies = [
                await self._files.copied(UUID(one["id"]), source, draft.id, code)
                for one in material.get("files", ())
            ]
            if copies:
                draft.content.materials[code] = {
                    **material, "files": [one.as_json() for one in copies],
                }  # fmt: skip

    async def forget_files(self, source: UUID) -> None:
        """The files of a joint draft that nobody waits for any more."""
        await self._files.forget_draft(source)

    async def cases(self, draft_ids: Iterable[UUID]) -> Mapping[UUID, Case]:
        """The cases that drafts became, by the draft's id."""
        return {row.draft_id: row for row in await Case.filter(draft_id__in=list(draft_ids))}

    async def still_open(self, draft_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those of these ordinary drafts that the person can still submit."""
        rows = CaseDraft.filter(id__in=list(draft_ids), state=OPEN)
        return frozenset([row.id for row in await rows.only("id")])

    async def standings(self, draft_ids: Iterable[UUID]) -> Mapping[UUID, Standing]:
        """How they stand, by the draft's id."""
        return {one: self._standing(case) for one, case in (await self.cases(draft_ids)).items()}

    def _standing(self, case: Case) -> Standing:
        kept = self._parts.open(case.result, case.id, "result") if case.result else {}
        result = kept.get("result") or {}
        decided = kept.get("decision", "")
        return Standing(
            case_id=case.id, case_no=case.case_no, state=State(case.state),
            ended=case.ended_at is not None,
            decision=decided if decided in (Event.APPROVED, Event.DENIED) else "",
            reason=kept.get("reason", ""),
            licence_type=result.get("licence_type_code") or "",
            licence_identifier=result.get("licence_identifier") or "",
        )  # fmt: skip
