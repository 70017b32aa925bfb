"""What an applicant does after the submission: supplement, withdraw, urge.

Each is queued for the department with a step of its own, and changes no state here: that changes
when the department's event comes, so that both sides never say two things.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.cases.actors import Actors
from backend.cases.content import Content, is_supplied, wanted_by
from backend.cases.drafts import OPEN, SUBMITTED, SUPPLEMENT, Draft, Drafts
from backend.cases.errors import (
    ActNotPossible,
    CaseUnknown,
    DraftChanged,
    DraftUnknown,
    LicenceUnfit,
    UrgedBefore,
)
from backend.cases.files import Files
from backend.cases.materials import Materials
from backend.cases.models import Case, CaseDraft, CaseOutbox, CaseStep
from backend.cases.numbering import is_case_no
from backend.cases.outbox import QUEUED, URGE, WITHDRAW, Outbox
from backend.cases.outbox import SUPPLEMENT as SEND_SUPPLEMENT
from backend.cases.parts import Parts, china_time
from backend.cases.promises import Promises, still_promised
from backend.cases.states import ENDED, Event, State
from backend.cases.submission import incomplete
from backend.cases.versions import Versions
from backend.identity.service import Session
from backend.wallet.service import LicenceNotFound

_BEFORE_ACCEPTANCE = (State.SUBMITTED, State.CORRECTION)


class Acts:
    """The applicant's acts on a case."""

    def __init__(
        self, parts: Parts, actors: Actors, versions: Versions, drafts: Drafts,
        materials: Materials, files: Files, outbox: Outbox, promises: Promises,
    ) -> None:  # fmt: skip
        self._parts, self._actors, self._versions = parts, actors, versions
        self._drafts, self._promises = drafts, promises
        self._materials, self._files, self._outbox = materials, files, outbox

    async def own(self, session: Session, case_no: str, uscc: str = "") -> Case:
        """A case that the caller submitted, or one of an enterprise that they represent now.

        Args:
            uscc: of that enterprise; whether they represent it was looked at.

        Raises:
            CaseUnknown.
            ForWhomUnknown, RegisterUnavailable: it is an enterprise's, and nobody says that whoever
                submitted it represents the enterprise still.
        """
        mine = Case.filter(case_no=case_no)
        if uscc:
            mine = mine.filter(for_kind="enterprise", for_id=uscc)
        else:
            mine = mine.filter(person_id=session.person_id)
        case = await mine.first() if is_case_no(case_no) else None
        if case is None:
            raise CaseUnknown
        if case.for_kind == "enterprise" and not uscc:
            await self._actors.acting(session, "enterprise", case.for_id, case.item_code, "")
        return case

    def content_of(self, case: Case) -> Content:
        """The sealed part of a case."""
        return Content.of_json(self._parts.open(case.content, case.id, "content"))

    async def begin_supplement(self, session: Session, case_no: str, uscc: str = "") -> Draft:
        """The draft in which the last notice is answered, or promised materials are handed in.

        Raises:
            CaseUnknown, ActNotPossible.
        """
        case = await self.own(session, case_no, uscc)
        if await self._on_its_way(case, SEND_SUPPLEMENT):
            raise ActNotPossible(case.state)
        content = self.content_of(case)
        correcting = case.state == State.CORRECTION
        asked = await self._asked(case) if correcting else await self._later(case)
        if not asked:
            raise ActNotPossible(case.state)
        return await self._drafts.open_supplement(session, case, content, asked)

    def late(self, case: Case) -> dict[str, str]:
        """Code → day of materials that were promised (容缺后补) and may still be handed in."""
        return still_promised(case, self.content_of(case).materials)

    async def _later(self, case: Case) -> list[dict[str, Any]]:
        """The same as the items of a notice."""
        names = {one.code: one.name for one in wanted_by(await self._versions.of_case(case))}
        return [
            {
                "material": code, "field": None, "due_on": due_on,
                "what": f"{names[code]}：承诺于 {due_on} 前补交",
            }
            for code, due_on in self.late(case).items()
        ]  # fmt: skip

    async def _asked(self, case: Case) -> list[dict[str, Any]]:
        """The items of the last notice."""
        notice = await CaseStep.filter(
            case_id=case.id, event=Event.CORRECTION_REQUESTED
        ).order_by("-seq").first()  # fmt: skip
        if notice is None or notice.words is None:
            raise ActNotPossible(case.state)
        items: list[dict[str, Any]] = self._parts.open(notice.words, notice.id, "words")["items"]
        return items

    async def supplement(
        self,
        session: Session,
        case_no: str,
        draft_id: UUID,
        version: int,
        trace: str,
        uscc: str = "",
    ) -> Case:
        """Hand in what the notice asks for.

        Raises:
            CaseUnknown, ActNotPossible, DraftUnknown, DraftChanged, DraftIncomplete,
            LicenceUnfit, IssuersSilent.
        """
        case = await self.own(session, case_no, uscc)
        row = await CaseDraft.get_or_none(id=draft_id, person_id=session.person_id)
        if row is None or row.case_id != case.id or row.kind != SUPPLEMENT:
            raise DraftUnknown
        if row.state == SUBMITTED:
            return case
        draft = self._drafts.opened(row, await self._versions.of_case(case))
        if draft.version != version:
            raise DraftChanged(draft.version)
        incomplete(draft)
        try:
            materials = await self._materials.payload(draft, trace)
        except LicenceNotFound:
            raise LicenceUnfit from None
        materials = [one for one in materials if one["how"] != "shared"]
        return await self._hand_over(session, case, draft, materials)

    async def _hand_over(
        self, session: Session, case: Case, draft: Draft, materials: list[dict[str, Any]]
    ) -> Case:
        parts, content, now = self._parts, draft.content, self._parts.now()
        form = content.form_for(draft.offer)
        given = {code: one for code, one in content.materials.items() if is_supplied(one)}
        before = self.content_of(case).materials
        kept = {**content.as_json(), "values": form, "materials": {**before, **given}}
        payload = {
            "case_no": case.case_no, "at": china_time(now), "form": form,
            "provenance": content.provenance_of(form), "materials": materials,
        }  # fmt: skip
        async with in_transaction():
            still = CaseDraft.filter(id=draft.id, state=OPEN, version=draft.version)
            if not await still.update(state=SUBMITTED, content=b"", updated_at=now):
                return case
            await self._lock(case, State(case.state))
            case.content = parts.seal(kept, case.id, "content")
            await Case.filter(id=case.id).update(content=case.content)
            await self._outbox.queue(case, SEND_SUPPLEMENT, payload)
            await self._materials.note_licences(case, content, materials)
            await self._files.hand_over(draft.id, case.id)
            await self._promises.keep(case, given)
            await self._note(session, case, "supplement", content.about, now)
        return case

    async def withdraw(self, session: Session, case_no: str, reason: str, uscc: str = "") -> Case:
        """Take an application back, before it is accepted; asked twice it is asked once.

        Raises:
            CaseUnknown, ActNotPossible.
        """
        case = await self.own(session, case_no, uscc)
        if case.state not in _BEFORE_ACCEPTANCE:
            raise ActNotPossible(case.state)
        if await self._on_its_way(case, WITHDRAW):
            return case
        return await self._word(session, case, WITHDRAW, "withdrawal", reason)

    async def urge(self, session: Session, case_no: str, reason: str, uscc: str = "") -> Case:
        """Ask the department to hurry, once a day.

        Raises:
            CaseUnknown, ActNotPossible, UrgedBefore.
        """
        case = await self.own(session, case_no, uscc)
        if case.state in ENDED:
            raise ActNotPossible(case.state)
        return await self._word(session, case, URGE, "urge", reason)

    async def _word(
        self, session: Session, case: Case, operation: str, event: str, reason: str
    ) -> Case:
        now = self._parts.now()
        payload = {"case_no": case.case_no, "at": china_time(now), "reason": reason}
        async with in_transaction():
            await self._lock(case, State(case.state))
            if operation == URGE:
                await self._urged(case, now)
            elif await self._on_its_way(case, operation):
                return case
            await self._outbox.queue(case, operation, payload)
            about = self.content_of(case).about
            await self._note(session, case, event, about, now, {"reason": reason})
        return case

    async def _urged(self, case: Case, now: datetime) -> None:
        fresh = await Case.get(id=case.id)
        if fresh.urged_at is not None:
            before = self._parts.day_of(fresh.urged_at)
            if before == self._parts.day_of(now):
                raise UrgedBefore
        await Case.filter(id=case.id).update(urged_at=now)

    async def _lock(self, case: Case, state: State) -> None:
        """Write first: whoever does something to the case now is waited for.

        Raises:
            ActNotPossible: it is in another state by now.
        """
        same = Case.filter(id=case.id, state=state)
        if not await same.update(touched=F("touched") + 1):
            raise ActNotPossible((await Case.get(id=case.id)).state)

    async def _on_its_way(self, case: Case, operation: str) -> bool:
        mine = CaseOutbox.filter(case_id=case.id, operation=operation, state=QUEUED)
        return await mine.exists()

    async def _note(
        self, session: Session, case: Case, event: str, about: str, now: datetime,
        words: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        actor = person(session.person_id)
        await self._parts.step(case, event, case.state, actor, now, words)
        await self._parts.services.audit.record(
            actor, f"cases.{event}", about, {"case": case.case_no}
        )
