"""Order and favourites of a wallet, kept for all devices of a person.

They are asked for beside the wallet and applied by the phone: the wallet itself is one value that
is sent as it is stored, the same for whoever may open it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backend.wallet.models import WalletArrangement

MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Ids of licences; those that are not in ``order`` follow in the wallet's own order."""

    order: Sequence[str] = field(default_factory=tuple)
    favourites: Sequence[str] = field(default_factory=tuple)


async def arrangement_of(person_id: UUID, subject: str) -> Arrangement:
    """How a person has laid out a wallet; empty when they never did.

    Args:
        subject: tag of the wallet.
    """
    row = await WalletArrangement.get_or_none(person_id=person_id, subject=subject)
    return Arrangement() if row is None else Arrangement(row.places, row.favourites)


async def arrange(person_id: UUID, subject: str, wanted: Arrangement) -> Arrangement:
    """Lay a wallet out anew; of two devices the later one counts."""
    row = WalletArrangement(
        person_id=person_id, subject=subject,
        places=_once(wanted.order), favourites=_once(wanted.favourites),
    )  # fmt: skip
    await WalletArrangement.bulk_create(
        [row], on_conflict=("person_id", "subject"),
        update_fields=("places", "favourites", "changed_at"),
    )  # fmt: skip
    return Arrangement(row.places, row.favourites)


def _once(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))
