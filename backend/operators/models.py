"""Tables of the operators package."""

from uuid import UUID

from tortoise import fields

from backend.operators.roles import Role, State
from backend.store.ids import uuid7
from backend.store.table import Sealed, Table


class OperatorAccount(Table):
    """控制台账号: one person, one role. The name and the TOTP secret are sealed.

    ``totp_step`` is the last time step of which a code was used: none up to it counts again.
    ``initial_until`` is set while the password is a one-time password, and says until when.
    ``demo`` marks accounts of the sandbox, whose codes its login page shows.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    username = fields.CharField(max_length=32, unique=True)
    name = fields.BinaryField()
    role = fields.CharEnumField(Role, max_length=16, db_index=True)
    department_uscc = fields.CharField(max_length=18, null=True, db_index=True)
    state = fields.CharEnumField(State, max_length=16, default=State.PENDING)
    password_hash = fields.CharField(max_length=128)
    initial_until = fields.DatetimeField(null=True)
    totp_secret = fields.BinaryField(null=True)
    totp_step = fields.BigIntField(default=0)
    created_by = fields.UUIDField(null=True)
    activated_by = fields.UUIDField(null=True)
    demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    last_login_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator_account"


class OperatorNotice(Table):
    """控制台通知: one notice to one account, its title and text sealed."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account_id = fields.UUIDField()
    kind = fields.CharField(max_length=64)
    title = fields.BinaryField()
    text = fields.BinaryField()
    link = fields.CharField(max_length=300, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator_notice"
        indexes = (("account_id", "id"),)


def officer_context(row: UUID, column: str) -> str:
    """What a sealed value of an account is bound to."""
    return f"officer:{row}:{column}"


def notice_context(row: UUID, column: str) -> str:
    """What a sealed value of a notice is bound to."""
    return f"notice:{row}:{column}"


SEALED = (
    Sealed(OperatorAccount, {"name": "name", "totp_secret": "totp"}, officer_context),
    Sealed(OperatorNotice, {"title": "title", "text": "text"}, notice_context),
)
