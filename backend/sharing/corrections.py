"""Corrections (数据校核): who uses data and doubts a record asks; the provider answers within ten
working days (令809号 art. 26). What is said names a person, so it is sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.numbers.service import Holder
from backend.operators.service import Officer, Role
from backend.sharing.clocks import Clocks, Due
from backend.sharing.errors import (
    CorrectionUnknown,
    FieldNotGranted,
    GrantUnknown,
    StateChanged,
)
from backend.sharing.models import CorrectionRequest, ShareGrant, correction_context
from backend.sharing.parts import (
    DEPARTMENT_ROLES,
    Parts,
    needs_department,
    needs_role,
    reasoned,
    sees,
    write_step,
)
from backend.sharing.states import CORRECTION, CorrectionAct, CorrectionState, after
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing

_MOST = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction request, opened.

    Attributes:
        subject: whose record is doubted; only for the two departments, None for the platform.
    """

    row: CorrectionRequest
    subject: Holder | None
    claim: str | None
    answer: str | None
    due: Due | None


class Corrections:
    """The use cases of corrections."""

    def __init__(self, parts: Parts, clocks: Clocks, keyring: KeyRing) -> None:
        self._parts, self._clocks, self._keyring = parts, clocks, keyring

    async def ask(
        self, officer: Officer, grant_id: UUID, subject: Holder, field: str, claim: str
    ) -> Correction:
        """Doubt a field of somebody's record.

        Raises:
            GrantUnknown: not a grant of the officer's department.
            FieldNotGranted: the grant does not hold this field.
            ReasonMissing: it does not say what is wrong.
        """
        needs_role(officer, Role.CLERK, Role.HEAD)
        grant = await ShareGrant.get_or_none(id=grant_id)
        if grant is None or grant.requester_uscc != officer.department_uscc:
            raise GrantUnknown
        if field not in grant.fields_granted:
            raise FieldNotGranted([field])
        request_id, words = uuid7(), reasoned(claim)
        plain = orjson.dumps([subject.code_type, subject.code, subject.name])
        async with in_transaction():
            row = await CorrectionRequest.create(
                id=request_id,
                grant_id=grant.id,
                system_code=grant.system_code,
                requester_uscc=grant.requester_uscc,
                provider_uscc=grant.provider_uscc,
                resource_code=grant.resource_code,
                field=field,
                subject=self._keyring.seal(
                    plain, correction_context(request_id, "subject").encode()
                ),
                claim=self._keyring.seal_text(words, correction_context(request_id, "claim")),
                state=CorrectionState.OPEN.value,
            )
            await write_step(officer, row.id, "ask", row.state)
            await self._clocks.start("correction", row.id, row.provider_uscc)
            await self._tell(row, Role.HEAD, row.provider_uscc, "待核实")
            await self._record(officer, row, "ask")
        return await self._opened(officer, row)

    async def answer(
        self, officer: Officer, correction_id: UUID, act: CorrectionAct, words: str
    ) -> Correction:
        """The provider says what it found: corrected, or right as it is, with reasons.

        Raises:
            CorrectionUnknown, RoleMissing, ActNotPossible, ReasonMissing, StateChanged.
        """
        needs_role(officer, Role.CLERK, Role.HEAD)
        row = await self._seen(officer, correction_id)
        needs_department(officer, row.provider_uscc)
        state = after(CORRECTION, CorrectionState(row.state), act)
        sealed = self._keyring.seal_text(reasoned(words), correction_context(row.id, "answer"))
        async with in_transaction():
            changed = await CorrectionRequest.filter(id=row.id, version=row.version).update(
                state=state.value, answer=sealed, version=row.version + 1
            )
            if not changed:
                raise StateChanged
            await write_step(officer, row.id, act, state)
            await self._clocks.stop(row.id)
            await self._tell(row, Role.CLERK, row.requester_uscc, "已答复")
            await self._record(officer, row, act)
        return await self._opened(officer, await CorrectionRequest.get(id=row.id))

    async def all(self, officer: Officer, only_open: bool = False) -> Sequence[Correction]:
        """Correction requests that concern the officer, newest first."""
        found = CorrectionRequest.all()
        if officer.role in DEPARTMENT_ROLES:
            mine = officer.department_uscc
            found = found.filter(Q(requester_uscc=mine) | Q(provider_uscc=mine))
        elif not sees(officer):
            return []
        if only_open:
            found = found.filter(state=CorrectionState.OPEN)
        rows = await found.order_by("-id").limit(_MOST)
        return [await self._opened(officer, row) for row in rows]

    async def _opened(self, officer: Officer, row: CorrectionRequest) -> Correction:
        due = (await self._clocks.running([row.id])).get(row.id)
        if officer.department_uscc not in (row.requester_uscc, row.provider_uscc):
            return Correction(row, None, None, None, due)
        subject = self._keyring.open(row.subject, correction_context(row.id, "subject").encode())
        return Correction(
            row,
            Holder(*orjson.loads(subject)),
            self._keyring.open_text(row.claim, correction_context(row.id, "claim")),
            self._keyring.open_text(row.answer, correction_context(row.id, "answer"))
            if row.answer is not None
            else None,
            due,
        )

    async def _seen(self, officer: Officer, correction_id: UUID) -> CorrectionRequest:
        row = await CorrectionRequest.get_or_none(id=correction_id)
        if row is None or not sees(officer, row.requester_uscc, row.provider_uscc):
            raise CorrectionUnknown
        return row

    async def _tell(self, row: CorrectionRequest, role: Role, uscc: str, words: str) -> None:
        name = self._parts.catalogue.name_of(row.resource_code)
        await self._parts.operators.notify(
            role=role,
            department_uscc=uscc,
            kind="sharing.correction",
            title=f"《{name}》数据校核{words}",
            text=f"《{name}》的一份数据校核申请{words}。",
            link="/console/sharing/corrections",
        )

    async def _record(self, officer: Officer, row: CorrectionRequest, act: str) -> None:
        await self._parts.audit.record(
            officer.actor,
            f"sharing.correction_{act}",
            f"correction:{row.id}",
            {"resource": row.resource_code, "field": row.field},
        )
