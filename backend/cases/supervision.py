"""What the department that supervises an item sees of its cases; every look is in the audit.

It sees who applied, what was decided by whom and on what division; not the form and the materials,
which were handed to those who accept and decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.audit.service import system as system_actor
from backend.cases.duties import Duties
from backend.cases.errors import CaseUnknown, CursorRefused, ResultMissing
from backend.cases.files import Files, Kept
from backend.cases.models import Case
from backend.cases.numbering import is_case_no
from backend.cases.parts import Parts
from backend.cases.states import State
from backend.cases.views import CaseView, Views
from backend.divisions.service import Shared
from backend.exchange.service import ProviderSystem

PAGE = 50


@dataclass(frozen=True, slots=True)
class SupervisedCard:
    """A case in the list; nobody is named in it."""

    case_no: str
    item_code: str
    item_name: str
    state: State
    handled_by: str
    submitted_at: datetime
    updated_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class SupervisedCase:
    """A case in full."""

    view: CaseView
    division: Shared
    result: Mapping[str, Any] | None


class Supervision:
    """Shows cases to the department that supervises them."""

    def __init__(self, parts: Parts, views: Views, duties: Duties, files: Files) -> None:
        self._parts, self._views, self._duties, self._files = parts, views, duties, files

    async def page(
        self, system: ProviderSystem, cursor: str | None = None
    ) -> tuple[Sequence[SupervisedCard], str | None]:
        """Cases that the system's department supervises, newest first, and the next cursor.

        Raises:
            CursorRefused.
        """
        found = Case.filter(supervisor_uscc=_uscc(system))
        if cursor is not None:
            try:
                found = found.filter(id__lt=UUID(cursor))
            except ValueError:
                raise CursorRefused from None
        rows = await found.order_by("-id").limit(PAGE + 1)
        cards = [
            SupervisedCard(
                row.case_no, row.item_code, row.item_name, State(row.state),
                row.department_name, row.submitted_at, row.updated_at, row.ended_at is not None,
            )
            for row in rows[:PAGE]
        ]  # fmt: skip
        return cards, str(rows[PAGE - 1].id) if len(rows) > PAGE else None

    async def get(self, system: ProviderSystem, case_no: str) -> SupervisedCase:
        """One of them.

        Raises:
            CaseUnknown.
        """
        case, division = await self._find(system, case_no)
        await self._record(system, case, "cases.supervised")
        view = await self._views.view(case, None)
        return SupervisedCase(view, division, view.result)

    async def document(self, system: ProviderSystem, case_no: str) -> tuple[Kept, bytes]:
        """The document that one of them resulted in.

        Raises:
            CaseUnknown, ResultMissing, FileUnknown.
        """
        case, _ = await self._find(system, case_no)
        result = self._parts.open(case.result, case.id, "result") if case.result else {}
        if "file" not in result:
            raise ResultMissing
        await self._record(system, case, "cases.supervised_document")
        return await self._files.read(UUID(result["file"]), case_id=case.id)

    async def _find(self, system: ProviderSystem, case_no: str) -> tuple[Case, Shared]:
        mine = Case.filter(case_no=case_no, supervisor_uscc=_uscc(system))
        case = await mine.first() if is_case_no(case_no) else None
        division = await self._duties.of_case(case) if case is not None else None
        if case is None or division is None:
            raise CaseUnknown
        return case, division

    async def _record(self, system: ProviderSystem, case: Case, action: str) -> None:
        about = self._views.content_of(case).about
        await self._parts.services.audit.record(
            system_actor(system.code), action, about, {"case": case.case_no}
        )


def _uscc(system: ProviderSystem) -> str:
    return system.manifest.system.department.uscc
