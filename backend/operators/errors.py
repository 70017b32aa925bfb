"""Refusals of the operators package."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from backend.errors import DomainError
from backend.operators.roles import ROLE_NAMES, Role

BEIJING = timezone(timedelta(hours=8))


class OperatorError(DomainError):
    """Base of everything that can go wrong around console accounts."""


class SessionMissing(OperatorError):
    """No token, or one that is not ours."""

    code = "operators.session_missing"
    title = "Not logged in to the console"
    detail = "请先登录控制台。"
    kind = "unauthenticated"


class SessionExpired(OperatorError):
    """The session was idle for too long, was too old, or has been ended."""

    code = "operators.session_expired"
    title = "The console session has ended"
    detail = "登录已过期，请重新登录。"
    kind = "unauthenticated"


class SessionUnknown(OperatorError):
    """No such session among the account's own."""

    code = "operators.session_unknown"
    title = "No such session"
    detail = "没有找到这次登录，它可能已经退出。"
    kind = "not_found"


class RoleMissing(OperatorError):
    """The account is real, but of a role or department that may not do this."""

    code = "operators.role_missing"
    title = "The role or department of this account may not do this"
    kind = "forbidden"

    def __init__(self, roles: Sequence[Role] = (), detail: str | None = None) -> None:
        self.roles = tuple(roles)
        names = "、".join(ROLE_NAMES[role] for role in self.roles)
        words = f"这项操作由{names}进行，您的账号没有这项权限。" if names else None
        super().__init__(detail or words or "您的账号没有这项权限。")

    def context(self) -> dict[str, Any]:
        return {"roles": [role.value for role in self.roles]} if self.roles else {}


class LoginWrong(OperatorError):
    """Wrong username, password or code, or a code that was used: one answer for all."""

    code = "operators.login_wrong"
    title = "Username, password or code is wrong"
    detail = "用户名、密码或动态码不对。动态码每 30 秒更换一次，每个只能使用一次。"
    kind = "unauthenticated"


class LoginLocked(OperatorError):
    """Too many tries for this account or from this address; says until when."""

    code = "operators.login_locked"
    title = "Too many tries"
    kind = "too_many"
    retry_after: int

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        self.until = datetime.now(BEIJING) + timedelta(seconds=retry_after)
        super().__init__(
            f"登录失败次数过多，已暂时锁定，请于 {self.until:%m月%d日 %H:%M} 以后再试，"
            "或请安全管理员解锁。"
        )

    def context(self) -> dict[str, Any]:
        until = self.until.isoformat(timespec="seconds")
        return {"retry_after": self.retry_after, "until": until}


class AccountPending(OperatorError):
    """The account waits for its activation; told only to who gave the right password."""

    code = "operators.account_pending"
    title = "The account is not active yet"
    detail = "账号尚未启用，请联系安全管理员启用后再登录。"
    kind = "forbidden"


class AccountLocked(OperatorError):
    """The account is locked until somebody unlocks it; told only as above."""

    code = "operators.account_locked"
    title = "The account is locked"
    detail = "账号已锁定，请联系安全管理员解锁。"
    kind = "forbidden"


class AccountDisabled(OperatorError):
    """The account is closed; told only as above."""

    code = "operators.account_disabled"
    title = "The account is disabled"
    detail = "账号已停用，如需使用请联系系统管理员新建账号。"
    kind = "forbidden"


class InitialExpired(OperatorError):
    """The one-time password has run out."""

    code = "operators.initial_expired"
    title = "The one-time password has run out"
    detail = "一次性密码已过期，请联系系统管理员重置。"
    kind = "forbidden"


class EnrolmentRequired(OperatorError):
    """First login: an own password and a TOTP device come first; ``ticket`` opens that step."""

    code = "operators.enrolment_required"
    title = "Set a password and enrol a TOTP device first"
    detail = "首次登录请设置自己的密码，并绑定动态码。"
    kind = "forbidden"

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"ticket": self.ticket}


class EnrolmentExpired(OperatorError):
    """The enrolment was finished, given up or took too long."""

    code = "operators.enrolment_expired"
    title = "The enrolment has run out"
    detail = "绑定已超时，请用一次性密码重新登录。"
    kind = "unauthenticated"


class CodeWrong(OperatorError):
    """The TOTP code does not fit the secret, or was used."""

    code = "operators.code_wrong"
    title = "The code is wrong or was used"
    detail = "动态码不对或已用过，请等待下一个动态码再试，并确认手机时间准确。"
    kind = "invalid"


class PasswordWrong(OperatorError):
    """The present password, asked for again, is wrong."""

    code = "operators.password_wrong"
    title = "The present password is wrong"
    detail = "原密码不对，请重新输入。"
    kind = "invalid"


class PasswordWeak(OperatorError):
    """The new password breaks a rule; the sentence says which."""

    code = "operators.password_weak"
    title = "The new password is too weak"
    detail = "密码太弱，请换一个。"
    kind = "invalid"


class UsernameInvalid(OperatorError):
    """Not a username."""

    code = "operators.username_invalid"
    title = "Not a username"
    detail = "用户名为 3 至 32 位小写字母、数字、点、横线或下划线，以字母开头。"
    kind = "invalid"


class NameInvalid(OperatorError):
    """Not a name."""

    code = "operators.name_invalid"
    title = "Not a name"
    detail = "请填写姓名，不超过 40 个字。"
    kind = "invalid"


class UsernameTaken(OperatorError):
    """There is an account of this name, be it disabled: the audit speaks of it."""

    code = "operators.username_taken"
    title = "The username is taken"
    detail = "这个用户名已被使用（停用的账号也保留用户名），请换一个。"
    kind = "conflict"


class DepartmentInvalid(OperatorError):
    """A clerk or head without a department's code, or another role with one."""

    code = "operators.department_invalid"
    title = "The department does not fit the role"
    detail = "系统人员和单位负责人须填写所属单位的统一社会信用代码，其他角色不填。"
    kind = "invalid"


class AccountNotFound(OperatorError):
    """There is no such account."""

    code = "operators.account_not_found"
    title = "No such account"
    detail = "没有找到这个账号。"
    kind = "not_found"


class OwnAccount(OperatorError):
    """Nobody administers their own account."""

    code = "operators.own_account"
    title = "Nobody administers their own account"
    detail = "不能对自己的账号进行这项操作，请由另一位管理员进行。"
    kind = "forbidden"


class CreatorCannotActivate(OperatorError):
    """Two persons: whoever created an account cannot activate it."""

    code = "operators.creator_cannot_activate"
    title = "Whoever created an account cannot activate it"
    detail = "账号由您创建，须由另一位管理员启用。"
    kind = "forbidden"


class LastAdministrator(OperatorError):
    """The last active administrator of a kind cannot be taken away."""

    code = "operators.last_administrator"
    title = "The last active administrator of this kind"
    detail = "这是最后一个可用的同类管理员账号，请先启用另一个再进行。"
    kind = "conflict"


class StateConflict(OperatorError):
    """The account does not stand where this act begins; somebody may just have been quicker."""

    code = "operators.state_conflict"
    title = "The account is not in a state in which this can be done"
    detail = "账号当前的状态不能进行这项操作，请刷新后查看。"
    kind = "conflict"


class NoticeNotFound(OperatorError):
    """There is no such notice, or it is somebody else's."""

    code = "operators.notice_not_found"
    title = "No such notice"
    detail = "没有找到这条通知。"
    kind = "not_found"


class CursorInvalid(OperatorError):
    """The cursor is not one of ours."""

    code = "operators.cursor_invalid"
    title = "Not a cursor of ours"
    detail = "翻页位置无效，请从第一页开始。"
    kind = "invalid"
