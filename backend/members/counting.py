"""How many applications an agent may file: counted in the database, with the submission itself."""

from uuid import UUID

from tortoise.expressions import F, Q

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
    if row is not None and row.most_cases is not None and row.cases_filed >= row.most_cases:
        raise CasesSpent(row.most_cases)


async def count(member_id: UUID) -> None:
    """Count an application, inside the transaction that submits it.

    One statement takes the place, so that however many are submitted at once, on whatever worker,
    none is filed beyond the number, and none after the grant was taken back.

    Raises:
        CasesSpent, GrantEnded: nothing is counted, and the transaction is to be given up.
    """
    room = Q(most_cases__isnull=True) | Q(cases_filed__lt=F("most_cases"))
    active = CorpMember.filter(id=member_id, state=ACTIVE)
    if await active.filter(room).update(cases_filed=F("cases_filed") + 1):
        return
    row = await active.first()
    if row is None or row.most_cases is None:
        raise GrantEnded
    raise CasesSpent(row.most_cases)
