"""The agreed divisions in memory: every submission asks for one, and few items have any."""

import time
from collections.abc import Mapping, Sequence
from datetime import date

from backend.divisions.models import Division

AGREED = "agreed"
_LOOK_S = 1.0


class Agreed:
    """Knows what was agreed; looks every second whether another worker agreed on something."""

    def __init__(self) -> None:
        self._of_item: Mapping[str, Sequence[Division]] = {}
        self._generation: object = None
        self._looked = 0.0

    async def holding(self, item_code: str, day: date) -> Division | None:
        """The agreed record of a day; one that a later record replaced does not come back."""
        await self._look()
        begun = [
            row
            for row in self._of_item.get(item_code, ())
            if row.valid_from <= day and (row.replaced_on is None or row.replaced_on > day)
        ]
        row = begun[-1] if begun else None
        return row if row is not None and (row.valid_to or date.max) >= day else None

    def forget(self) -> None:
        """Read anew the next time: this worker agreed on something."""
        self._generation, self._looked = None, 0.0

    async def _look(self) -> None:
        if time.monotonic() - self._looked < _LOOK_S:
            return
        if self._generation is not None:  # what is known serves those who come meanwhile
            self._looked = time.monotonic()
        agreed = Division.filter(state=AGREED)
        # Records are replaced only by another agreement.
        generation = await agreed.count(), await agreed.order_by("-decided_at").first()
        if generation != self._generation:
            found: dict[str, list[Division]] = {}
            for row in await agreed.order_by("valid_from", "decided_at"):
                found.setdefault(row.item_code, []).append(row)
            self._of_item, self._generation = found, generation
        self._looked = time.monotonic()
