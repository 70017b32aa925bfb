"""How materials of a draft are supplied: from the wallet, uploaded, promised, by a commitment."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backend.cases.content import Content, Wanted
from backend.cases.drafts import Draft, Drafts
from backend.cases.errors import (
    CommitmentChanged,
    DraftChanged,
    FileUnknown,
    LicenceUnfit,
    MaterialUnknown,
    PromiseInvalid,
    TooManyFiles,
    WayNotOffered,
)
from backend.cases.files import Files, Kept
from backend.cases.parts import Parts, china_time, digest_of
from backend.identity.service import Session
from backend.wallet.service import Card, LicenceStatus

MOST_FILES = 10
LONGEST_PROMISE_DAYS = 60
# Only what issuers themselves give may stand in for a material without being looked at.
TRUSTED = ("A", "B")


@dataclass(frozen=True, slots=True)
class Supply:
    """How a material is to be supplied; what goes with each way."""

    how: str
    licence_id: str = ""
    due_on: date | None = None
    agreed: str = ""


class Supplying:
    """Supplies the materials of drafts."""

    def __init__(self, parts: Parts, drafts: Drafts, files: Files) -> None:
        self._parts, self._drafts, self._files = parts, drafts, files

    async def supply(
        self, session: Session, draft_id: UUID, version: int, code: str, supply: Supply, trace: str
    ) -> Draft:
        """Say how a material is supplied.

        Raises:
            DraftUnknown, DraftChanged, MaterialUnknown, WayNotOffered, LicenceUnfit,
            CommitmentChanged, PromiseInvalid, LicenceNotFound, IssuersSilent.
        """
        draft = await self._drafts.get(session, draft_id)
        wanted = _wanted(draft, code)
        if supply.how == "none":
            draft.content.materials.pop(code, None)
        elif supply.how not in wanted.ways or supply.how in ("shared", "result"):
            raise WayNotOffered
        else:
            before = draft.content.materials.get(code, {})
            draft.content.materials[code] = {
                "how": supply.how, "files": before.get("files", []),
                **await self._details(draft, wanted, supply, session, trace),
            }  # fmt: skip
        return await self._drafts.keep(draft, version)

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
        draft = await self._drafts.get(session, draft_id)
        if "upload" not in _wanted(draft, code).ways:
            raise WayNotOffered
        if len(draft.content.materials.get(code, {}).get("files", [])) >= MOST_FILES:
            raise TooManyFiles
        kept = await self._files.take(draft.id, code, name, content)
        # Pictures take a while: meanwhile somebody may have typed on, which is no contradiction.
        for _ in range(5):
            draft = await self._drafts.get(session, draft_id)
            material = draft.content.materials.setdefault(code, {"files": []})
            material["how"] = "upload"
            material["files"] = [*material.get("files", []), kept.as_json()]
            try:
                return await self._drafts.keep(draft, draft.version), kept
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
        draft = await self._drafts.get(session, draft_id)
        material = draft.content.materials.get(code, {})
        rest = [one for one in material.get("files", []) if one["id"] != str(file_id)]
        if len(rest) == len(material.get("files", [])):
            raise FileUnknown
        material["files"] = rest
        kept = await self._drafts.keep(draft, draft.version)
        await self._files.forget(file_id, draft.id)
        return kept

    async def file(self, session: Session, draft_id: UUID, file_id: UUID) -> tuple[Kept, bytes]:
        """A file of a draft.

        Raises:
            DraftUnknown, FileUnknown.
        """
        row = await self._drafts.row(session, draft_id)
        return await self._files.read(file_id, draft_id=row.id)


def _wanted(draft: Draft, code: str) -> Wanted:
    for one in draft.wanted:
        if one.code == code:
            return one
    raise MaterialUnknown


def _check_fits(card: Card, wanted: Wanted) -> None:
    fits = card.licence.type_code == wanted.licence_type and card.kind.trust_grade in TRUSTED
    if not fits or card.status is not LicenceStatus.VALID:
        raise LicenceUnfit
