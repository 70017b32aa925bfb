"""一枚印章管到底: an approval bureau decides items of several departments under one seal.

Which body accepts (受理), which decides (决定) and which supervises (监管) an item is a record that
the departments concerned agree on, with its legal basis and the days on which it holds. Nobody
agrees alone: a proposal takes effect when the head of every department that has a part in it, or
loses one, has consented, and whoever proposed it does not consent to it. A change is another record
with its own consents; cases that were submitted before stay with theirs.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.audit.service import Audit
from backend.calendar.service import BEIJING
from backend.catalogue.service import Catalogue
from backend.divisions.agreed import AGREED, Agreed
from backend.divisions.errors import (
    DecidedAlready,
    DivisionUnknown,
    NothingDivided,
    NotYoursToDo,
    PeriodInvalid,
    ProposedAlready,
    SameHand,
    SystemUnfit,
)
from backend.divisions.models import Division, DivisionConsent
from backend.divisions.shapes import (
    DivisionView,
    Duty,
    Party,
    Shared,
    State,
    Wish,
    columns,
    party,
    party_of,
    shared,
)
from backend.exchange.service import Exchange
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Operators, Role

__all__ = ["NOTICE", "DivisionView", "Divisions", "Duty", "Party", "Shared", "State", "Wish"]

PROPOSED, REFUSED, WITHDRAWN = "proposed", "refused", "withdrawn"
SUBMIT, NOTICE = "cases.submit", "supervision.notice"
_SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
_MOST = 500
_KEPT = 500


class Divisions:
    """Proposes, agrees and finds divisions.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, exchange: Exchange, catalogue: Catalogue, operators: Operators, audit: Audit,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._exchange, self._catalogue = exchange, catalogue
        self._operators, self._audit, self._clock = operators, audit, clock
        self._agreed = Agreed()
        self._known: OrderedDict[UUID, Shared] = OrderedDict()

    # For cases

    async def in_force(self, item_code: str, own: str) -> Shared | None:
        """The division that holds for an item today; None where its own system does it all."""
        row = await self._agreed.holding(item_code, self._today())
        if row is None:
            return None
        parties = {row.accepting_system, row.deciding_system, row.supervising_system}
        return None if parties == {own} else shared(row)

    async def get(self, division_id: UUID) -> Shared:
        """The division on which a case stands, whatever was agreed later."""
        known = self._known.get(division_id)
        if known is None:
            known = self._known[division_id] = shared(await Division.get(id=division_id))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    # For departments and operators

    async def all(self, officer: Officer) -> list[DivisionView]:
        """What concerns an officer's department, or everything; the newest first.

        Raises:
            RoleMissing.
        """
        _need(officer, *_SEES)
        rows = await Division.all().order_by("-id").limit(_MOST)
        return [await self._view(officer, row) for row in rows if _concerns(officer, row)]

    async def show(self, officer: Officer, division_id: UUID) -> DivisionView:
        """One record.

        Raises:
            RoleMissing, DivisionUnknown.
        """
        _need(officer, *_SEES)
        row = await Division.get_or_none(id=division_id)
        if row is None or not _concerns(officer, row):
            raise DivisionUnknown
        return await self._view(officer, row)

    async def propose(self, officer: Officer, wish: Wish) -> Division:
        """Propose a division; it holds when every department concerned has consented.

        Raises:
            RoleMissing: only heads of departments and the platform's operators propose.
            ItemNotFound, SystemUnfit, NothingDivided, PeriodInvalid, ProposedAlready, NotYoursToDo.
        """
        _need(officer, Role.HEAD, Role.OPERATOR)
        offer = await self._catalogue.offer(wish.item_code)
        accepting = self._party(wish.accepting, SUBMIT)
        deciding = self._party(wish.deciding, SUBMIT)
        supervising = self._party(wish.supervising, "" if _alone(wish, offer.system) else NOTICE)
        if wish.valid_from < self._today() or (wish.valid_to or date.max) < wish.valid_from:
            raise PeriodInvalid
        self._agreed.forget()
        before = await self._agreed.holding(wish.item_code, wish.valid_from)
        concerned = {accepting.uscc, deciding.uscc, supervising.uscc, offer.department_uscc}
        if before is not None:
            concerned |= {before.accepting_uscc, before.deciding_uscc, before.supervising_uscc}
        if len(concerned) < 2:
            raise NothingDivided
        if officer.role is Role.HEAD and officer.department_uscc not in concerned:
            raise NotYoursToDo
        now = self._now()
        async with in_transaction():
            if await Division.exists(item_code=wish.item_code, state=PROPOSED):
                raise ProposedAlready
            row = Division(
                item_code=wish.item_code, item_name=offer.name, **columns("accepting", accepting),
                **columns("deciding", deciding), **columns("supervising", supervising),
                legal_basis=wish.legal_basis, valid_from=wish.valid_from, valid_to=wish.valid_to,
                state=PROPOSED, needed=sorted(concerned), proposed_by=officer.account_id,
                proposed_at=now,
            )  # fmt: skip
            await row.save(force_create=True)
            if officer.role is Role.HEAD:
                # The head who proposes speaks for their own department, and for no other.
                await self._note_consent(row, str(officer.department_uscc), officer)
            await self._record(officer, row, "divisions.proposed")
            for uscc in row.needed:
                if uscc != officer.department_uscc:
                    await self._tell(row, uscc, "有职责分工方案待您同意")
        return row

    async def consent(self, officer: Officer, division_id: UUID) -> Division:
        """Consent for one's department; the last consent gives the division effect.

        Raises:
            RoleMissing, DivisionUnknown, SameHand, NotYoursToDo, DecidedAlready.
        """
        async with in_transaction():
            row = await self._to_decide(officer, division_id)
            try:
                async with in_transaction():
                    await self._note_consent(row, str(officer.department_uscc), officer)
            except IntegrityError:
                raise DecidedAlready from None
            given = await self._consented(row)
            await self._record(officer, row, "divisions.consented")
            if set(row.needed) <= set(given):
                await self._agree(officer, row)
        self._agreed.forget()
        return row

    async def _agree(self, officer: Officer, row: Division) -> None:
        now = self._now()
        if not await Division.filter(id=row.id, state=PROPOSED).update(
            state=AGREED, decided_at=now
        ):
            raise DecidedAlready
        row.state, row.decided_at = AGREED, now
        earlier = Division.filter(item_code=row.item_code, state=AGREED).exclude(id=row.id)
        open_ended = Q(replaced_on__isnull=True) | Q(replaced_on__gt=row.valid_from)
        await earlier.filter(open_ended).update(replaced_on=row.valid_from)
        await self._record(officer, row, "divisions.agreed")
        for uscc in row.needed:
            await self._tell(row, uscc, "职责分工已生效")

    async def refuse(self, officer: Officer, division_id: UUID, reason: str) -> Division:
        """Refuse for one's department, with a reason.

        Raises:
            RoleMissing, DivisionUnknown, SameHand, NotYoursToDo, DecidedAlready.
        """
        async with in_transaction():
            row = await self._to_decide(officer, division_id)
            await self._end(officer, row, REFUSED, reason)
        return row

    async def withdraw(self, officer: Officer, division_id: UUID, reason: str) -> Division:
        """Take back what one proposed.

        Raises:
            RoleMissing, DivisionUnknown, NotYoursToDo, DecidedAlready.
        """
        _need(officer, Role.HEAD, Role.OPERATOR)
        async with in_transaction():
            row = await Division.get_or_none(id=division_id)
            if row is None or not _concerns(officer, row):
                raise DivisionUnknown
            if row.proposed_by != officer.account_id:
                raise NotYoursToDo
            await self._end(officer, row, WITHDRAWN, reason)
        return row

    async def _end(self, officer: Officer, row: Division, state: str, reason: str) -> None:
        changes: dict[str, Any] = {"state": state, "reason": reason, "decided_at": self._now()}
        if not await Division.filter(id=row.id, state=PROPOSED).update(**changes):
            raise DecidedAlready
        row.state, row.reason = state, reason
        await self._record(officer, row, f"divisions.{state}")
        title = "职责分工方案未达成一致" if state == REFUSED else "职责分工方案已撤回"
        for uscc in row.needed:
            await self._tell(row, uscc, title)

    async def _to_decide(self, officer: Officer, division_id: UUID) -> Division:
        """A proposal on which this head may say something."""
        _need(officer, Role.HEAD)
        row = await Division.get_or_none(id=division_id)
        if row is None or not _concerns(officer, row):
            raise DivisionUnknown
        if row.proposed_by == officer.account_id:
            raise SameHand
        if officer.department_uscc not in row.needed:
            raise NotYoursToDo
        if row.state != PROPOSED:
            raise DecidedAlready
        return row

    async def _view(self, officer: Officer, row: Division) -> DivisionView:
        given = await self._consented(row)
        names = self._names(row)
        open_ = row.state == PROPOSED
        mine = officer.department_uscc
        decides = open_ and officer.role is Role.HEAD and row.proposed_by != officer.account_id
        holding = await self._agreed.holding(row.item_code, self._today())
        return DivisionView(
            row, shared(row), holding is not None and holding.id == row.id,
            [names.get(one, one) for one in given],
            [names.get(one, one) for one in row.needed if one not in given] if open_ else [],
            decides and mine in row.needed and mine not in given,
            open_ and row.proposed_by == officer.account_id,
        )  # fmt: skip

    def _names(self, row: Division) -> Mapping[str, str]:
        departments = [one.manifest.system.department for one in self._exchange.systems()]
        known = {one.uscc: one.name for one in departments}
        parties = (party(row, "accepting"), party(row, "deciding"), party(row, "supervising"))
        return {**known, **{one.uscc: one.name for one in parties}}

    async def _consented(self, row: Division) -> list[str]:
        found = DivisionConsent.filter(division_id=row.id).order_by("id")
        return [str(one) for one in await found.values_list("department_uscc", flat=True)]

    async def _note_consent(self, row: Division, uscc: str, officer: Officer) -> None:
        await DivisionConsent.create(
            division_id=row.id, department_uscc=uscc, account_id=officer.account_id, at=self._now()
        )

    def _party(self, code: str, operation: str) -> Party:
        system = self._exchange.system(code)
        if system is None or (operation and not system.offers(operation)):
            raise SystemUnfit
        return party_of(system)

    async def _record(self, officer: Officer, row: Division, action: str) -> None:
        detail: dict[str, str | int | bool | None] = {
            "division": str(row.id), "item_code": row.item_code,
            "accepting": row.accepting_system, "deciding": row.deciding_system,
            "supervising": row.supervising_system,
        }  # fmt: skip
        await self._audit.record(officer.actor, action, f"division:{row.id}", detail)

    async def _tell(self, row: Division, uscc: str, title: str) -> None:
        await self._operators.notify(
            role=Role.HEAD, department_uscc=uscc, kind="divisions.changed", title=title,
            text=f"“{row.item_name}”：{shared(row).words}", link=f"/console/divisions/{row.id}",
        )  # fmt: skip

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), BEIJING)

    def _today(self) -> date:
        return self._now().date()


def _need(officer: Officer, *roles: Role) -> None:
    if officer.role not in roles:
        raise RoleMissing(sorted(roles))


def _concerns(officer: Officer, row: Division) -> bool:
    return officer.department_uscc is None or officer.department_uscc in row.needed


def _alone(wish: Wish, own: str) -> bool:
    """Whether the item's own department takes everything back."""
    return {wish.accepting, wish.deciding, wish.supervising} == {own}
