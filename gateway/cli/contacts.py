"""The sandbox's 服务专员, appointed by the heads of their departments as on the console's page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province


async def appoint_contacts(
    province: "Province", officers: "dict[str, Officer]", say: Callable[[str], None]
) -> None:
    """Appoint those of ``contacts.yaml`` whom a department does not have yet.

    Args:
        officers: the demo accounts by username.

    Raises:
        DomainError: the platform refuses one.
    """
    from backend.contacts.service import Wish
    from backend.sandbox.departments.registry import departments

    made = 0
    for department in departments():
        head = officers.get(f"{department.system_code}.head")
        if head is None or province.exchange.system(department.system_code) is None:
            continue
        known = {(one.name, one.title) for one in await province.contacts.all(head)}
        for raw in department.contacts:
            wish = Wish(**raw)
            if (wish.name, wish.title) not in known:
                await province.contacts.appoint(head, wish)
                made += 1
    if made:
        say(f"企业服务专员 {made} 位已设置 · contact persons for enterprises")
