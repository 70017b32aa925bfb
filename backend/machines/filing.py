"""Applications that a program files, each once by the program's own reference."""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from backend.cases.errors import DraftUnknown
from backend.cases.service import Cases
from backend.errors import DomainError
from backend.machines.clients import Calling
from backend.machines.errors import ReferenceReused
from backend.machines.models import MachineFiling
from backend.members.service import ItemNotGranted, Scope
from backend.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for a material, by the code of the material."""

    material: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Application:
    """One application; ``values`` as the item's form names them."""

    reference: str
    item_code: str
    values: Mapping[str, Any]
    contact_phone: str
    files: Sequence[Attachment] = ()

    def digest(self) -> str:
        """What tells it from another one."""
        files = [
            [one.material, one.name, hashlib.sha256(one.content).hexdigest()] for one in self.files
        ]
        content = [self.item_code, dict(self.values), self.contact_phone, files]
        raw = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of it; ``again``: it had been filed before."""

    reference: str
    case_no: str
    again: bool


class Filing:
    """Files them, in the right of whoever registered the program."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    async def file(self, calling: Calling, wanted: Application, trace: str) -> Filed:
        """File an application, however often it is sent.

        Raises:
            ReferenceReused, ItemNotGranted, and what the submission of a draft refuses: nothing
                was filed then, and the same reference may be used with what was mended.
        """
        if not calling.acting.may(Scope.CASES_APPLY, wanted.item_code):
            raise ItemNotGranted
        row = await self._row(calling.client.id, wanted.reference)
        if row.case_no:
            if row.digest != wanted.digest():
                raise ReferenceReused
            return Filed(wanted.reference, row.case_no, again=True)
        draft_id = row.draft_id or await self._begun(calling, row, wanted, trace)
        try:
            case_no, again = await self._submitted(calling, draft_id, wanted, trace)
        except DomainError:
            await self._forget(calling, row, draft_id)
            raise
        await MachineFiling.filter(id=row.id).update(case_no=case_no, digest=wanted.digest())
        return Filed(wanted.reference, case_no, again)

    async def _row(self, client_id: UUID, reference: str) -> MachineFiling:
        made = MachineFiling(
            id=uuid7(), client_id=client_id, reference=reference, created_at=datetime.now(UTC)
        )
        await MachineFiling.bulk_create([made], ignore_conflicts=True)
        return await MachineFiling.get(client_id=client_id, reference=reference)

    async def _begun(
        self, calling: Calling, row: MachineFiling, wanted: Application, trace: str
    ) -> UUID:
        """The draft of a reference; of two requests at once both go on with the same."""
        uscc, session = calling.acting.enterprise.uscc, calling.session
        draft = await self._cases.drafts.open(session, wanted.item_code, "enterprise", uscc, trace)
        if await MachineFiling.filter(id=row.id, draft_id=None).update(draft_id=draft.id):
            return draft.id
        await self._cases.drafts.discard(session, draft.id)
        await row.refresh_from_db()
        return row.draft_id or draft.id

    async def _submitted(
        self, calling: Calling, draft_id: UUID, wanted: Application, trace: str
    ) -> tuple[str, bool]:
        session, version = calling.session, 0
        # What was submitted before is no open draft any more: its submission says which case it is.
        with contextlib.suppress(DraftUnknown):
            draft = await self._cases.drafts.get(session, draft_id)
            draft = await self._cases.drafts.save(
                session, draft_id, draft.version, wanted.values, wanted.contact_phone, None
            )
            for one in wanted.files:
                draft, _ = await self._cases.supplying.upload(
                    session, draft_id, one.material, one.name, one.content
                )
            version = draft.version
        done = await self._cases.submission.submit(session, draft_id, version, trace)
        return done.case_no, done.again

    async def _forget(self, calling: Calling, row: MachineFiling, draft_id: UUID) -> None:
        await MachineFiling.filter(id=row.id, draft_id=draft_id, case_no="").update(draft_id=None)
        with contextlib.suppress(DraftUnknown):
            await self._cases.drafts.discard(calling.session, draft_id)
