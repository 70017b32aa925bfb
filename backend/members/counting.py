"""How many applications an agent may file: counted in the database, with the submission itself."""

from uuid import UUID

from tortoise.expressions import F, Q

from backend.members.carrying import carrier
from backend.members.errors import CasesSpent, GrantEnded
from backend.members.models import CorpMember
from backend.members.parts import ACTIVE

MOST_CASES = 10_000


async def require_room(member_id: UUID) -> None:
    """Refuse an agent who has filed as many as they may, before they fill in another.

    Raises:
        CasesSpent.
    """
    row = await CorpMember.get_or_none(id=member_id)
    counted = await carrier(row) if row is not None else None
    if counted is None or counted.most_cases is None:
        return
    if counted.cases_filed >= counted.most_cases:
        raise CasesSpent(counted.most_cases)


async def count(member_id: UUID) -> None:
    """Count an application, inside the transaction that submits it.

    One statement takes the place, so that however many are submitted at once, on whatever worker,
    none is filed beyond the number, and none after the grant was taken back.

    Raises:
        CasesSpent, GrantEnded: nothing is counted, and the transaction is to be given up.
    """
    row = await CorpMember.get_or_none(id=member_id, state=ACTIVE)
    if row is None:
        raise GrantEnded
    counted = await carrier(row)
    if counted.id != row.id:
        # Of what was shown by licence; waits for whoever takes it back at this moment.
        shown = CorpMember.filter(id=row.id, state=ACTIVE)
        if not await shown.update(cases_filed=F("cases_filed") + 1):
            raise GrantEnded
    room = Q(most_cases__isnull=True) | Q(cases_filed__lt=F("most_cases"))
    place = CorpMember.filter(id=counted.id)
    if counted.id == row.id:
        place = place.filter(state=ACTIVE)
    if await place.filter(room).update(cases_filed=F("cases_filed") + 1):
        return
    left = await place.first()
    if left is None or left.most_cases is None:
        raise GrantEnded
    raise CasesSpent(left.most_cases)
