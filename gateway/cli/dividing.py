"""The divisions of duties that the sandbox's departments agree on, by the demo accounts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province


async def divide_in_sandbox(
    province: "Province", officers: "dict[str, Officer]", say: Callable[[str], None]
) -> None:
    """Propose what stands in ``divisions.yaml`` of a department and let the others consent; once.

    Args:
        officers: the demo accounts by username.
    """
    if not officers:
        return
    from backend.divisions.service import Wish
    from backend.sandbox.departments.registry import departments

    known = {one.row.item_code for one in await province.divisions.all(officers["operator"])}
    today, made = province.calendar.today(), 0
    for department in departments():
        for divided in department.divisions:
            if divided["item"] in known:
                continue
            wish = Wish(
                divided["item"], f"gd-{divided['accepting']}", department.system_code,
                f"gd-{divided['of']}", divided["legal_basis"], today,
            )  # fmt: skip
            row = await province.divisions.propose(officers[f"{department.system_code}.head"], wish)
            heads = (one for name, one in officers.items() if name.endswith(".head"))
            for head in heads:
                if head.department_uscc in row.needed and row.proposed_by != head.account_id:
                    await province.divisions.consent(head, row.id)
            made += 1
    if made:
        say(f"职责分工 {made} 项已由各部门商定 · divisions of duties between the departments")
