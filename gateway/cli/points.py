"""The sandbox's places, registered by the operators as those of a real province would be."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province

_COUNTER = "1"  # 办理形式: at a counter


async def register_points(
    province: "Province", officers: "dict[str, Officer]", seed: int, say: Callable[[str], None]
) -> None:
    """Register the lists of items and every place; again replaces them by the same.

    Raises:
        DomainError: the platform refuses one.
    """
    from backend.appointments.service import by_officer
    from backend.sandbox.points.generator import points

    if "operator" not in officers:
        return
    server = by_officer(officers["operator"], ())
    lists = await _lists(province)
    known = {one["code"] for one in lists}
    found = [_with_known_lists(one, known) for one in points(seed)]
    done = await province.appointments.registry.take(server, "", lists, found)
    say(f"办事地点 {done.points} 个、事项清单 {done.lists} 张已登记 · places")


async def _lists(province: "Province") -> list[dict[str, Any]]:
    """Each rule as one list for the whole province, and one for each city with items of its own."""
    from backend.sandbox.points.lists import read_rules

    departments = await _departments(province)
    everything = [one async for one in province.catalogue.download()]
    made = []
    for rule in read_rules():
        items: dict[str, list[str]] = {}
        for one in everything:
            if _COUNTER in one["handle_type"] and rule.takes(one, departments[one["task_code"]]):
                for region in one["regions"]:
                    where = "" if region.endswith("0000") else f"-{region[:4]}"
                    items.setdefault(where, []).append(one["task_code"])
        for where, codes in sorted(items.items()):
            made.append({"code": rule.code + where, "name": rule.name, "items": codes})
    return made


async def _departments(province: "Province") -> dict[str, str]:
    """Item → code of its department."""
    from backend.catalogue.service import CatalogueQuery

    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await province.catalogue.list(CatalogueQuery(cursor=cursor, limit=100))
        found |= {card.row.task_code: card.row.department_code for card in page.cards}
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def _with_known_lists(point: dict[str, Any], known: set[str]) -> dict[str, Any]:
    counters = [
        {**counter, "lists": [code for code in counter["lists"] if code in known]}
        for counter in point["counters"]
    ]
    return {**point, "counters": counters}
