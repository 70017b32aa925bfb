"""Orders to the control interface of a department, and what its files say afterwards."""

from typing import Any

from backend.sandbox.population.people import Person
from tests.sandbox_world import HUSBAND, Running, holder


async def change(system: Running, what: str, order: dict[str, Any]) -> int:
    """Order a change that must be taken; returns the holder's new revision."""
    answer = await system.control("POST", what, order)
    assert answer.status == 200, answer.body
    revision: int = answer.body["revision"]
    return revision


async def file_of(system: Running, person: Person = HUSBAND) -> dict[str, Any]:
    """The answer of ``licences.query`` about a person."""
    found: dict[str, Any] = (await system.call("licences.query", {"holder": holder(person)})).body
    return found


def of_kind(file: dict[str, Any], name: str) -> dict[str, Any]:
    """The first licence of that name in an answer."""
    return next(licence for licence in file["licences"] if licence["licence_name"] == name)


def licence_order(action: str, kind: str = "机动车驾驶证", **more: Any) -> dict[str, Any]:
    """An order about a licence of the husband."""
    return {"action": action, "holder": holder(HUSBAND), "type": kind, **more}
