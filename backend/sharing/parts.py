"""What the use cases of sharing stand on, and what they have in common."""

from dataclasses import dataclass
from uuid import UUID

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Operators, Role
from backend.sharing.catalogue import DataCatalogue
from backend.sharing.errors import ReasonMissing
from backend.sharing.models import ShareStep

PLATFORM_ROLES = frozenset({Role.OPERATOR, Role.SECURITY_ADMIN})
DEPARTMENT_ROLES = frozenset({Role.CLERK, Role.HEAD})


@dataclass(frozen=True, slots=True)
class Parts:
    """The services below."""

    catalogue: DataCatalogue
    calendar: WorkCalendar
    operators: Operators
    audit: Audit


def needs_role(officer: Officer, *roles: Role) -> None:
    """Refuse an officer of any other role.

    Raises:
        RoleMissing: their role is not one of these.
    """
    if officer.role not in roles:
        raise RoleMissing(roles)


def needs_department(officer: Officer, uscc: str) -> None:
    """Refuse an officer of another department.

    Raises:
        RoleMissing: they work for somebody else.
    """
    if officer.department_uscc != uscc:
        raise RoleMissing(detail="这项操作只能由相关部门的人员进行。")


def sees(officer: Officer, *departments: str) -> bool:
    """Whether something between these departments is any of the officer's business."""
    if officer.role in DEPARTMENT_ROLES:
        return officer.department_uscc in departments
    return officer.role in PLATFORM_ROLES


def reasoned(reason: str) -> str:
    """A reason without blanks around it.

    Raises:
        ReasonMissing: there is none.
    """
    words = reason.strip()
    if not words:
        raise ReasonMissing
    return words


async def write_step(officer: Officer, about: UUID, act: str, state: str, reason: str = "") -> None:
    """Write down what an officer did; inside a transaction it is kept or lost with the rest."""
    await ShareStep.create(
        about=about,
        account_id=officer.account_id,
        role=officer.role.value,
        department_uscc=officer.department_uscc,
        act=act,
        state=state,
        reason=reason,
    )
