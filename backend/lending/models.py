"""Tables of the lending package.

Persons are account ids or tags that tell nothing; a name, a purpose and a code are sealed
(``KeyRing``), and what has to be found again is found by a blind index.
"""

from uuid import UUID

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class Loan(Table):
    """用证授权: one licence, lent to one person, company or system for one purpose, so often.

    Attributes:
        subject: tag of whose licence it is; owner_id: their account.
        grantee_company: USCC of the company, sealed, found by its blind index.
        invitation_index: of the code by which it is accepted, while nobody has.
        used: never above ``times``; counted by the database itself.
        state: ``invited``, ``active``, ``revoked``, ``returned``; used up and expired are computed.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    owner_id = fields.UUIDField(db_index=True)
    subject = fields.CharField(max_length=24)
    licence_id = fields.CharField(max_length=16)
    type_code = fields.CharField(max_length=21)
    type_name = fields.CharField(max_length=100)
    grantee_id = fields.UUIDField(null=True, db_index=True)
    grantee_system = fields.CharField(max_length=64, null=True, db_index=True)
    grantee_company = fields.BinaryField(null=True)
    company_index = fields.CharField(max_length=INDEX_CHARS, null=True, db_index=True)
    grantee_name = fields.BinaryField()
    owner_name = fields.BinaryField()
    invitation_index = fields.CharField(max_length=INDEX_CHARS, null=True, unique=True)
    purpose = fields.BinaryField()
    facts: list[list[str]] = fields.JSONField()
    times = fields.IntField()
    used = fields.IntField(default=0)
    ends_at = fields.DatetimeField()
    state = fields.CharField(max_length=8)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "licence_loan"


class FamilyLink(Table):
    """家庭: one person carries the licences of another.

    Attributes:
        kind: ``child`` (proven by the birth certificate) or ``relative`` (by invitation).
        member_id: account of the relative; None for a child, who need not have one.
        holder: name and number of the child, sealed; holder_index: blind index of the number.
        ends_on: the first day on which it holds no more: a child's 14th birthday.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    kind = fields.CharField(max_length=8)
    carrier_id = fields.UUIDField(null=True, db_index=True)
    member_id = fields.UUIDField(null=True, db_index=True)
    holder = fields.BinaryField(null=True)
    holder_index = fields.CharField(max_length=INDEX_CHARS, null=True)
    proof_licence = fields.CharField(max_length=16, null=True)
    invitation_index = fields.CharField(max_length=INDEX_CHARS, null=True, unique=True)
    ends_on = fields.DateField()
    state = fields.CharField(max_length=8)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "family_link"


class LicenceCopy(Table):
    """加注件: that one was made, for what and for whom, the picture itself is kept nowhere.

    Attributes:
        code: sealed, for its maker; code_index: by which whoever holds the copy finds it.
        holder: in full, sealed, of a copy that a system was given; system_code: of that system.
        png_digest, pdf_digest: SHA-256 of the files as they were handed out.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    owner_id = fields.UUIDField(db_index=True)
    subject = fields.CharField(max_length=24)
    licence_id = fields.CharField(max_length=16)
    type_code = fields.CharField(max_length=21)
    type_name = fields.CharField(max_length=100)
    issuer_name = fields.CharField(max_length=200)
    version = fields.CharField(max_length=3)
    holder_masked = fields.BinaryField()
    holder = fields.BinaryField(null=True)
    system_code = fields.CharField(max_length=64, null=True)
    code = fields.BinaryField()
    code_index = fields.CharField(max_length=INDEX_CHARS, unique=True)
    purpose = fields.BinaryField()
    recipient = fields.BinaryField()
    png_digest = fields.CharField(max_length=64, null=True, db_index=True)
    pdf_digest = fields.CharField(max_length=64, null=True, db_index=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "licence_copy"


class UsageComplaint(Table):
    """投诉: the holder finds a look at a licence wrong. What both sides say is sealed.

    Attributes:
        state: ``open`` or ``answered``.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    usage_id = fields.UUIDField(db_index=True)
    subject = fields.CharField(max_length=24)
    person_id = fields.UUIDField(db_index=True)
    text = fields.BinaryField()
    answer = fields.BinaryField(null=True)
    state = fields.CharField(max_length=8)
    created_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "licence_usage_complaint"


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"lending:{row}:{column}"


SEALED = (
    Sealed(
        Loan,
        {
            "grantee_company": "company",
            "grantee_name": "grantee",
            "owner_name": "owner",
            "purpose": "purpose",
        },
        context,
    ),
    Sealed(FamilyLink, {"holder": "holder"}, context),
    Sealed(
        LicenceCopy,
        {
            "holder_masked": "holder",
            "holder": "bearer",
            "code": "code",
            "purpose": "purpose",
            "recipient": "recipient",
        },
        context,
    ),
    Sealed(UsageComplaint, {"text": "text", "answer": "answer"}, context),
)
