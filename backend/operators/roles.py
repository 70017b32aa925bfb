"""What an account of the console is for, and the logged-in person as services get them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an account is for; each has exactly one, so that no two duties meet in one hand.

    System, security and audit administrators are kept apart as GB/T 22239-2019 asks (三员分立).
    """

    CLERK = "clerk"  # 系统人员: prepares what a department's system submits
    HEAD = "head"  # 共享工作机构负责人: answers for the department (国令809号 art. 20)
    OPERATOR = "operator"  # 平台运营: reviews, publishes, watches
    SYSTEM_ADMIN = "system_admin"  # 系统管理员: accounts and their reset
    SECURITY_ADMIN = "security_admin"  # 安全管理员: roles, keys, addresses, suspension
    AUDIT_ADMIN = "audit_admin"  # 审计管理员: reads the audit, and nothing else


# In Chinese, for whoever reads a page or a notice.
ROLE_NAMES = {
    Role.CLERK: "系统人员",
    Role.HEAD: "单位负责人",
    Role.OPERATOR: "平台运营",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}
# These work for one department; the others for the platform.
DEPARTMENT_ROLES = frozenset({Role.CLERK, Role.HEAD})
# Of each of these somebody has to be left, or nobody could open the console again.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class State(StrEnum):
    """Where an account stands."""

    PENDING = "pending"  # created, not yet activated by a second person
    ACTIVE = "active"
    LOCKED = "locked"  # by too many failures or by the security administrator; can be undone
    DISABLED = "disabled"  # for good


STATE_NAMES = {
    State.PENDING: "待启用",
    State.ACTIVE: "正常",
    State.LOCKED: "已锁定",
    State.DISABLED: "已停用",
}


@dataclass(frozen=True, slots=True)
class Officer:
    """A logged-in console account, as services get it.

    Attributes:
        department_uscc: of the department that a clerk or head works for; None for the platform.
    """

    account_id: UUID
    username: str
    name: str
    role: Role
    department_uscc: str | None = None

    @property
    def actor(self) -> str:
        """How this officer is called in the audit."""
        return f"officer:{self.account_id}"
