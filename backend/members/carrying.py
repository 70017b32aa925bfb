"""By whose number somebody files who acts by electronic business licence."""

from backend.members.models import CorpMember
from backend.members.scopes import Role


async def carrier(row: CorpMember) -> CorpMember:
    """The grant whose number of applications counts for this one; mostly itself.

    Whoever shows the electronic licence files by the number of the last authorisation that they
    accepted from the same enterprise under the same representative, even after giving it back: a
    licence that is shown anew is no new number. Administrators, and whoever was never invited,
    have none.
    """
    if not row.session_id or row.role != Role.AGENT:
        return row
    accepted = CorpMember.filter(
        uscc=row.uscc, person_id=row.person_id, session_id="", under_index=row.under_index,
        accepted_at__isnull=False,
    )  # fmt: skip
    last = await accepted.order_by("-accepted_at", "-id").first()
    return last if last is not None and last.role == Role.AGENT else row
