"""An item as it is applied for: who offers it, its form ready to check what was filled in."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.catalogue.filling import Filling
from backend.catalogue.forms import Form
from backend.catalogue.models import ServiceItem

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """A service item that can be applied for.

    Attributes:
        system: code of the registered system that offers it.
        elements: everything about it (GB/T 39554.2).
        form, filling: None where nothing has to be filled in.
    """

    task_code: str
    system: str
    version: int
    name: str
    department_name: str
    department_uscc: str
    citizen: bool
    enterprise: bool
    online: bool
    min_level: int
    elements: Mapping[str, Any]
    form: Form | None
    filling: Filling | None


def offer_of(system: str, department_name: str, elements: Mapping[str, Any]) -> Offer:
    """An offer from an item's elements, as they are published or were kept with a case."""
    raw = elements.get("form")
    form = Form.model_validate(raw) if raw else None
    servers = set(elements["server_type"])
    return Offer(
        task_code=elements["task_code"], system=system, version=int(elements["task_version"]),
        name=elements["plain_name"], department_name=department_name,
        department_uscc=elements["dept_code"], citizen="1" in servers,
        enterprise=bool(servers - {"1"}), online=bool(elements["is_online"]),
        min_level=int(elements["min_level"]), elements=elements, form=form,
        filling=Filling(form) if form is not None else None,
    )  # fmt: skip


class Offers:
    """Keeps the offers that are asked for, for one state of the catalogue."""

    def __init__(self) -> None:
        self._generation = -1
        self._kept: OrderedDict[str, Offer] = OrderedDict()

    async def get(self, task_code: str, generation: int) -> Offer | None:
        """The offer of that code, or None."""
        if generation != self._generation:
            self._generation = generation
            self._kept.clear()
        kept = self._kept.get(task_code)
        if kept is not None:
            self._kept.move_to_end(task_code)
            return kept
        row = await ServiceItem.get_or_none(task_code=task_code)
        if row is None:
            return None
        made = self._kept[task_code] = offer_of(row.system_code, row.department_name, row.elements)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made
