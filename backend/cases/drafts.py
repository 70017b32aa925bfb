"""Drafts: kept as somebody types, gone on with on another device, with the item's version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.cases.actors import Actors
from backend.cases.content import (
    Content,
    ForKind,
    Wanted,
    is_late,
    wanted_again,
    wanted_by,
)
from backend.cases.errors import (
    DraftChanged,
    DraftIncomplete,
    DraftUnknown,
    NotOnline,
    TooManyDrafts,
    WrongApplicant,
)
from backend.cases.files import Files
from backend.cases.models import Case, CaseDraft
from backend.cases.parts import Parts
from backend.cases.prefill import Prefill
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.errors import DomainError
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, Session
from backend.store.ids import uuid7

OPEN, SUBMITTED, DISCARDED = "open", "submitted", "discarded"
APPLICATION, SUPPLEMENT, JOINT = "application", "supplement", "one_thing"
MOST_DRAFTS = 30
KEPT = timedelta(days=90)
SUBMIT_OPERATION = "cases.submit"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, opened.

    Attributes:
        item_changed: the item was published anew since the draft was saved last.
        lacking: pointer and sentence of whatever keeps it from being submitted.
    """

    id: UUID
    kind: str
    case_id: UUID | None
    for_kind: ForKind
    for_id: str
    offer: Offer
    item_changed: bool
    content: Content
    wanted: Sequence[Wanted]
    mistakes: Sequence[Mapping[str, str]]
    lacking: Sequence[Mapping[str, str]]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def ready(self) -> bool:
        """Whether a submission would be taken."""
        return not (self.mistakes or self.lacking or self.item_changed)


class Composed(Protocol):
    """Puts the items of a 一件事 together into one offer."""

    async def __call__(self, code: str, parts: Sequence[str]) -> Offer: ...


class Drafts:
    """The use cases of drafts.

    Attributes:
        composed: what stands for the item of a draft of kind ``one_thing``.
    """

    composed: Composed

    def __init__(
        self, parts: Parts, actors: Actors, versions: Versions, files: Files, prefill: Prefill
    ) -> None:
        self._parts, self._actors, self._versions = parts, actors, versions
        self._files, self._prefill = files, prefill

    async def open(
        self, session: Session, item_code: str, kind: ForKind, for_id: str, trace: str
    ) -> Draft:
        """Begin a draft, filled in from what registers and licences say.

        Raises:
            ItemNotFound, NotOnline, WrongApplicant, LevelTooLow, TooManyDrafts, ForWhomUnknown,
            MandateMissing, CasesSpent, RegisterUnavailable.
        """
        offer = await self.offer(session, item_code, kind)
        if await self._mine(session).count() >= MOST_DRAFTS:
            raise TooManyDrafts
        acting = await self._actors.acting(session, kind, for_id, item_code, trace)
        if acting.agent is not None and acting.agent.grant is not None:
            await self._parts.services.members.require_room(acting.agent.grant)
        content = Content(acting.applicant, acting.subject, acting.about, acting.agent)
        await self._prefill.fill(content, offer, acting, session.subject, trace)
        return await self._create(session, APPLICATION, kind, for_id, offer, content, None)

    async def open_joint(
        self, session: Session, kind: ForKind, for_id: str, offer: Offer, content: Content
    ) -> Draft:
        """A draft of a 一件事, filled in already.

        Raises:
            TooManyDrafts.
        """
        if await self._mine(session).count() >= MOST_DRAFTS:
            raise TooManyDrafts
        return await self._create(session, JOINT, kind, for_id, offer, content, None)

    def drawn(
        self, draft_id: UUID, for_kind: ForKind, for_id: str, offer: Offer, content: Content
    ) -> Draft:
        """A draft that is not kept: one application of several, looked at as if it were."""
        now = self._parts.now()
        row = CaseDraft(
            id=draft_id, kind=APPLICATION, for_kind=for_kind, for_id=for_id,
            item_code=offer.task_code, item_version=offer.version, version=1,
            created_at=now, updated_at=now,
        )  # fmt: skip
        return self._draft(row, offer, content)

    async def offer(self, session: Session, item_code: str, kind: ForKind) -> Offer:
        """The item, if this person can apply for it here.

        Raises:
            ItemNotFound, NotOnline, WrongApplicant, LevelTooLow.
        """
        offer = await self._parts.services.catalogue.offer(item_code)
        division = await self._parts.services.divisions.in_force(item_code, offer.system)
        accepting = offer.system if division is None else division.accepting.system
        system = self._parts.services.exchange.system(accepting)
        if not offer.online or system is None or not system.offers(SUBMIT_OPERATION):
            raise NotOnline
        if not (offer.enterprise if kind == "enterprise" else offer.citizen):
            raise WrongApplicant
        level = max(offer.min_level, Level.REAL_NAME)
        if session.level < level:
            raise LevelTooLow(Level(level))
        return offer

    async def open_supplement(
        self, session: Session, case: Case, content: Content, asked: list[dict[str, Any]]
    ) -> Draft:
        """The draft of a supplement: the one that was begun, or a new one."""
        begun = await self._mine(session).filter(kind=SUPPLEMENT, case_id=case.id).first()
        if begun is not None:
            return await self._asked_anew(await self._opened(begun), asked)
        offer = await self._versions.of_case(case)
        content.asked, content.materials = asked, {}
        kind: ForKind = case.for_kind  # type: ignore[assignment]
        return await self._create(session, SUPPLEMENT, kind, case.for_id, offer, content, case.id)

    async def _asked_anew(self, draft: Draft, asked: list[dict[str, Any]]) -> Draft:
        """A draft that was begun for something else, as promised materials, asks for this now."""
        if draft.content.asked == asked:
            return draft
        draft.content.asked = asked
        again = replace(draft, wanted=wanted_again(wanted_by(draft.offer), asked))
        return await self.keep(again, draft.version)

    async def _create(
        self, session: Session, kind: str, for_kind: ForKind, for_id: str, offer: Offer,
        content: Content, case_id: UUID | None,
    ) -> Draft:  # fmt: skip
        draft_id, now = uuid7(), self._parts.now()
        detail = {"draft": str(draft_id), "item_code": offer.task_code, "for": for_kind}
        async with in_transaction():
            row = await CaseDraft.create(
                id=draft_id, person_id=session.person_id, kind=kind, case_id=case_id,
                for_kind=for_kind, for_id=for_id, item_code=offer.task_code,
                item_version=offer.version, state=OPEN, created_at=now, updated_at=now,
                content=self._parts.seal(content.as_json(), draft_id, "draft"),
            )  # fmt: skip
            await self._parts.services.audit.record(
                person(session.person_id), "cases.draft_opened", content.about, detail
            )
        return self._draft(row, offer, content)

    async def list(self, session: Session, uscc: str = "") -> list[Draft]:
        """Open drafts, the last touched first.

        Args:
            uscc: only those for this enterprise.
        """
        mine = self._mine(session)
        if uscc:
            mine = mine.filter(for_kind="enterprise", for_id=uscc)
        elif lost := await self._parts.services.members.lost(session):
            mine = mine.exclude(for_kind="enterprise", for_id__in=lost)
        rows = await mine.order_by("-updated_at").limit(MOST_DRAFTS * 2)
        found = []
        for row in rows:
            try:
                found.append(await self._opened(row))
            except DomainError:
                # What is offered no more cannot be gone on with; it goes when it is old enough.
                continue
        return found

    async def get(self, session: Session, draft_id: UUID) -> Draft:
        """One of them.

        Raises:
            DraftUnknown.
        """
        return await self._opened(await self.row(session, draft_id))

    async def save(
        self,
        session: Session,
        draft_id: UUID,
        version: int,
        values: Mapping[str, Any],
        phone: str | None,
        delivery: Mapping[str, Any] | None,
    ) -> Draft:
        """Keep what was typed; None leaves phone and delivery as they are.

        Raises:
            DraftUnknown, DraftChanged.
            DraftIncomplete: the form has no such field.
        """
        draft = await self.get(session, draft_id)
        _check_names(draft.offer, values)
        draft.content.fill(values)
        if phone is not None:
            draft.content.phone = phone
        if delivery is not None:
            draft.content.delivery = dict(delivery)
        return await self.keep(draft, version)

    async def discard(self, session: Session, draft_id: UUID) -> None:
        """Forget a draft with its files.

        Raises:
            DraftUnknown.
        """
        row = await self.row(session, draft_id)
        await self._discard(row)

    async def purge(self) -> int | None:
        """Forget drafts that nobody touched for long; says how many."""
        old = CaseDraft.filter(state=OPEN, updated_at__lt=self._parts.now() - KEPT)
        rows = await old.limit(200)
        for row in rows:
            await self._discard(row)
        return (len(rows) + await self._files.sweep()) or None

    async def _discard(self, row: CaseDraft) -> None:
        still = CaseDraft.filter(id=row.id, state=OPEN)
        if await still.update(state=DISCARDED, content=b""):
            await self._files.forget_draft(row.id)

    def _mine(self, session: Session) -> Any:
        return CaseDraft.filter(person_id=session.person_id, state=OPEN)

    async def row(self, session: Session, draft_id: UUID) -> CaseDraft:
        """The row of an open draft.

        Raises:
            DraftUnknown.
        """
        row = await self._mine(session).get_or_none(id=draft_id)
        if row is None:
            raise DraftUnknown
        if row.for_kind == "enterprise":
            lost = await self._parts.services.members.lost(session)
            if row.for_id in lost:
                raise DraftUnknown
        found: CaseDraft = row
        return found

    async def require_for(self, session: Session, draft_id: UUID, uscc: str) -> str:
        """The item of a draft; refuses one that is not for this enterprise.

        Raises:
            DraftUnknown.
        """
        row = await CaseDraft.get_or_none(id=draft_id, person_id=session.person_id)
        if row is None or (row.for_kind, row.for_id) != ("enterprise", uscc):
            raise DraftUnknown
        return str(row.item_code)

    def content_of(self, row: CaseDraft) -> Content:
        """The sealed part of a draft."""
        return Content.of_json(self._parts.open(row.content, row.id, "draft"))

    async def _opened(self, row: CaseDraft) -> Draft:
        content = self.content_of(row)
        if row.kind == SUPPLEMENT:
            case = await Case.get(id=row.case_id)
            return self._draft(row, await self._versions.of_case(case), content)
        if row.kind == JOINT:
            return self._draft(row, await self.composed(row.item_code, content.parts), content)
        offer = await self._parts.services.catalogue.offer(row.item_code)
        return self._draft(row, offer, content)

    def opened(self, row: CaseDraft, offer: Offer) -> Draft:
        """A draft whose item is at hand."""
        return self._draft(row, offer, self.content_of(row))

    def _draft(self, row: CaseDraft, offer: Offer, content: Content) -> Draft:
        wanted = wanted_by(offer)
        if row.kind == SUPPLEMENT:
            wanted = wanted_again(wanted, content.asked)
        form = content.form_for(offer)
        mistakes = offer.filling.mistakes(form) if offer.filling is not None else []
        lacking = [
            {"pointer": f"/materials/{one.code}", "detail": f"请提供{one.name}"}
            for one in wanted
            if one.lacks(content.materials.get(one.code))
        ]
        if row.kind == SUPPLEMENT and is_late(content.asked) and len(lacking) < len(wanted):
            lacking = []
        if (content.delivery or {}).get("how") == "post" and not _has_address(content.delivery):
            lacking.append({"pointer": "/result_delivery/address", "detail": "请填写邮寄地址"})
        for_kind: ForKind = row.for_kind  # type: ignore[assignment]
        return Draft(
            id=row.id, kind=row.kind, case_id=row.case_id, for_kind=for_kind,
            for_id=row.for_id, offer=offer, item_changed=offer.version != row.item_version,
            content=content, wanted=wanted, mistakes=mistakes, lacking=lacking,
            version=row.version, created_at=row.created_at, updated_at=row.updated_at,
        )  # fmt: skip

    async def keep(self, draft: Draft, version: int) -> Draft:
        """Write a draft, from the version that was read; it now stands on the item of today.

        Raises:
            DraftUnknown, DraftChanged.
        """
        known = {one.code for one in draft.wanted}
        materials = draft.content.materials
        draft.content.materials = {code: materials[code] for code in materials if code in known}
        sealed = self._parts.seal(draft.content.as_json(), draft.id, "draft")
        same = CaseDraft.filter(id=draft.id, version=version, state=OPEN)
        if not await same.update(
            content=sealed, version=version + 1, updated_at=self._parts.now(),
            item_version=draft.offer.version,
        ):  # fmt: skip
            row = await CaseDraft.get(id=draft.id)
            raise DraftUnknown if row.state != OPEN else DraftChanged(row.version)
        return self.opened(await CaseDraft.get(id=draft.id), draft.offer)


def _has_address(delivery: Mapping[str, Any] | None) -> bool:
    return bool((delivery or {}).get("address"))


def _check_names(offer: Offer, values: Mapping[str, Any]) -> None:
    known = offer.form.fields if offer.form is not None else {}
    unknown = [name for name in values if name not in known]
    if unknown:
        places = [{"pointer": f"/values/{one}", "message": "这张表没有这一项"} for one in unknown]
        raise DraftIncomplete(places)
