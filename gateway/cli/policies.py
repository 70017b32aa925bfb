"""The sandbox's policies: written by a department's clerk, tried, approved by its head."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province


async def publish_policies(
    province: "Province", officers: "dict[str, Officer]", say: Callable[[str], None]
) -> None:
    """Publish what is new or changed, by the demo accounts; the rest stays.

    Args:
        officers: the demo accounts by username.
    """
    from backend.sandbox.departments.registry import departments

    made = 0
    for department in departments():
        clerk = officers.get(f"{department.system_code}.clerk")
        head = officers.get(f"{department.system_code}.head")
        if (
            clerk is None
            or head is None
            or province.exchange.system(department.system_code) is None
        ):
            continue
        for raw in department.policies:
            made += await _publish(province, clerk, head, raw)
    if made:
        say(f"惠民惠企政策 {made} 项已发布 · policies published")


async def _publish(
    province: "Province", clerk: "Officer", head: "Officer", raw: dict[str, Any]
) -> bool:
    editing = province.policies.editing
    if await editing.is_newest(raw):
        return False
    row = await editing.save(clerk, raw)
    await editing.check(clerk, row.code, row.version)
    await editing.submit(clerk, row.code, row.version)
    await editing.approve(head, row.code, row.version)
    return True
