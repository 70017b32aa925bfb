"""Drafts: kept as somebody types, gone on with on another device, with the item's version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
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
    CommitmentChanged,
    DraftChanged,
    DraftIncomplete,
    DraftUnknown,
    FileUnknown,
    LicenceUnfit,
    MaterialUnknown,
    NotOnline,
    PromiseInvalid,
    TooManyDrafts,
    TooManyFiles,
    WayNotOffered,
    WrongApplicant,
)
from backend.cases.files import Files, Kept
from backend.cases.models import Case, CaseDraft
from backend.cases.parts import Parts, china_time, digest_of
from backend.cases.prefill import Prefill
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, Session
from backend.store.ids import uuid7
from backend.wallet.service import Card, LicenceStatus

OPEN, SUBMITTED, DISCARDED = "open", "submitted", "discarded"
APPLICATION, SUPPLEMENT = "application", "supplement"
MOST_DRAFTS = 30
MOST_FILES = 10
KEPT = timedelta(days=90)
LONGEST_PROMISE_DAYS = 60
# Only what issuers themselves give may stand in for a material without being looked at.
TRUSTED = ("A", "B")
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


@dataclass(frozen=True, slots=True)
class Supply:
    """How a material is to be supplied; what goes with each way."""

    how: str
    licence_id: str = ""
    due_on: date | None = None
    agreed: str = ""


class Drafts:
    """The use cases of drafts."""

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
            MandateMissing, RegisterUnavailable.
        """
        offer = await self.offer(session, item_code, kind)
        if await self._mine(session).count() >= MOST_DRAFTS:
            raise TooManyDrafts
        acting = await self._actors.acting(session, kind, for_id, item_code, trace)
        content = Content(acting.applicant, acting.subject, acting.about, acting.agent)
        await self._prefill.fill(content, offer, acting, session, trace)
        return await self._create(session, APPLICATION, kind, for_id, offer, content, None)

    async def offer(self, session: Session, item_code: str, kind: ForKind) -> Offer:
        """The item, if this person can apply for it here.

        Raises:
            ItemNotFound, NotOnline, WrongApplicant, LevelTooLow.
        """
        offer = await self._parts.services.catalogue.offer(item_code)
        system = self._parts.services.exchange.system(offer.system)
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
        return await self._kept(again, draft.version)

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

    async def list(self, session: Session) -> list[Draft]:
        """Open drafts, the last touched first."""
        rows = await self._mine(session).order_by("-updated_at").limit(MOST_DRAFTS * 2)
        return [await self._opened(row) for row in rows]

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
        return await self._kept(draft, version)

    async def supply(
        self, session: Session, draft_id: UUID, version: int, code: str, supply: Supply, trace: str
    ) -> Draft:
        """Say how a material is supplied.

        Raises:
            DraftUnknown, DraftChanged, MaterialUnknown, WayNotOffered, LicenceUnfit,
            CommitmentChanged, PromiseInvalid, LicenceNotFound, IssuersSilent.
        """
        draft = await self.get(session, draft_id)
        wanted = _wanted(draft, code)
        if supply.how == "none":
            draft.content.materials.pop(code, None)
        elif supply.how not in wanted.ways or supply.how == "shared":
            raise WayNotOffered
        else:
            before = draft.content.materials.get(code, {})
            draft.content.materials[code] = {
                "how": supply.how, "files": before.get("files", []),
                **await self._details(draft, wanted, supply, session, trace),
            }  # fmt: skip
        return await self._kept(draft, version)

    async def _details(
        self, draft: Draft, wanted: Wanted, supply: Supply, session: Session, trace: str
    ) -> dict[str, Any]:
        if supply.how == "licence":
            card = await self.licence(draft.content, draft.for_kind, supply.licence_id, trace)
            _check_fits(card, wanted)
            return {"licence_id": card.licence.id, "licence_name": card.kind.name}
        if supply.how == "promised":
            days = (supply.due_on - self._parts.today()).days if supply.due_on else 0
            if supply.due_on is None or not 1 <= days <= LONGEST_PROMISE_DAYS:
                raise PromiseInvalid
            return {"due_on": supply.due_on.isoformat()}
        if supply.how == "commitment":
            if supply.agreed != digest_of(wanted.commitment):
                raise CommitmentChanged
            return {
                "agreed": supply.agreed, "agreed_at": china_time(self._parts.now()),
                "level": int(session.level),
            }  # fmt: skip
        return {}

    async def licence(self, content: Content, for_kind: str, licence_id: str, trace: str) -> Card:
        """A licence of the applicant.

        Raises:
            LicenceNotFound, IssuersSilent.
        """
        audience = "enterprise" if for_kind == "enterprise" else "citizen"
        return await self._parts.services.wallet.licence(
            content.subject, content.applicant, licence_id,
            "enterprise" if audience == "enterprise" else "citizen", trace=trace,
        )  # fmt: skip

    async def upload(
        self, session: Session, draft_id: UUID, code: str, name: str, content: bytes
    ) -> tuple[Draft, Kept]:
        """Add a file to a material.

        Raises:
            DraftUnknown, DraftChanged, MaterialUnknown, WayNotOffered, TooManyFiles, FileRefused,
            FileTooLarge, FileInfected, ScannerSilent.
        """
        draft = await self.get(session, draft_id)
        if "upload" not in _wanted(draft, code).ways:
            raise WayNotOffered
        if len(draft.content.materials.get(code, {}).get("files", [])) >= MOST_FILES:
            raise TooManyFiles
        kept = await self._files.take(draft.id, code, name, content)
        # Pictures take a while: meanwhile somebody may have typed on, which is no contradiction.
        for _ in range(5):
            draft = await self.get(session, draft_id)
            material = draft.content.materials.setdefault(code, {"files": []})
            material["how"] = "upload"
            material["files"] = [*material.get("files", []), kept.as_json()]
            try:
                return await self._kept(draft, draft.version), kept
            except DraftChanged:
                continue
        raise DraftChanged(draft.version)

    async def remove_file(
        self, session: Session, draft_id: UUID, code: str, file_id: UUID
    ) -> Draft:
        """Take a file away again.

        Raises:
            DraftUnknown, DraftChanged, FileUnknown.
        """
        draft = await self.get(session, draft_id)
        material = draft.content.materials.get(code, {})
        rest = [one for one in material.get("files", []) if one["id"] != str(file_id)]
        if len(rest) == len(material.get("files", [])):
            raise FileUnknown
        material["files"] = rest
        kept = await self._kept(draft, draft.version)
        await self._files.forget(file_id, draft.id)
        return kept

    async def file(self, session: Session, draft_id: UUID, file_id: UUID) -> tuple[Kept, bytes]:
        """A file of a draft.

        Raises:
            DraftUnknown, FileUnknown.
        """
        row = await self.row(session, draft_id)
        return await self._files.read(file_id, draft_id=row.id)

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
        return len(rows) or None

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
        found: CaseDraft = row
        return found

    def content_of(self, row: CaseDraft) -> Content:
        """The sealed part of a draft."""
        return Content.of_json(self._parts.open(row.content, row.id, "draft"))

    async def _opened(self, row: CaseDraft) -> Draft:
        content = self.content_of(row)
        if row.kind == SUPPLEMENT:
            case = await Case.get(id=row.case_id)
            return self._draft(row, await self._versions.of_case(case), content)
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

    async def _kept(self, draft: Draft, version: int) -> Draft:
        """Write a draft, from the version that was read; it now stands on the item of today."""
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


def _wanted(draft: Draft, code: str) -> Wanted:
    for one in draft.wanted:
        if one.code == code:
            return one
    raise MaterialUnknown


def _check_fits(card: Card, wanted: Wanted) -> None:
    fits = card.licence.type_code == wanted.licence_type and card.kind.trust_grade in TRUSTED
    if not fits or card.status is not LicenceStatus.VALID:
        raise LicenceUnfit
