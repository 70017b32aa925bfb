"""Items as they were when somebody applied: a case keeps its version, whatever comes later."""

from collections import OrderedDict

from backend.cases.models import Case, CaseItem
from backend.catalogue.service import Offer, offer_of

_KEPT = 200


class Versions:
    """Keeps versions of items, and the last used ones ready."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Offer] = OrderedDict()

    async def keep(self, offer: Offer) -> None:
        """See that a version is kept before a case stands on it."""
        key = _key(offer.task_code, offer.version)
        if key in self._known:
            return
        row = CaseItem(
            id=key, system_code=offer.system, department_name=offer.department_name,
            elements=dict(offer.elements),
        )  # fmt: skip
        await CaseItem.bulk_create([row], ignore_conflicts=True)
        self._remember(key, offer)

    async def of_case(self, case: Case) -> Offer:
        """The item as it stood when the case was submitted."""
        key = _key(case.item_code, case.item_version)
        known = self._known.get(key)
        if known is not None:
            return known
        row = await CaseItem.get(id=key)
        offer = offer_of(row.system_code, row.department_name, row.elements)
        self._remember(key, offer)
        return offer

    def _remember(self, key: str, offer: Offer) -> None:
        self._known[key] = offer
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _key(task_code: str, version: int) -> str:
    return f"{task_code}:{version}"
