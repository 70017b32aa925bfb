"""Refusals of the contacts package.

ContactsError
├── ContactUnknown   no such appointment for this officer
├── ContactInvalid   neither a region nor an industry nor enterprises, or one that does not exist
└── TooManyContacts  more at a time than a department needs
"""

from backend.errors import DomainError


class ContactsError(DomainError):
    """Base of the package's errors."""


class ContactUnknown(ContactsError):
    """No such appointment, it has ended, or it is another department's: the answer is the same."""

    code = "contacts.unknown"
    title = "No such contact"
    detail = "没有找到这个服务专员，或已经停用。"
    kind = "not_found"


class ContactInvalid(ContactsError):
    """It would be for nobody, or for what does not exist."""

    code = "contacts.invalid"
    title = "The contact is for nobody"
    detail = (
        "请至少写明地区、行业或企业中的一项：地区为行政区划代码，"
        "行业为国民经济行业分类代码（如 F 或 F5212），企业每行一个 18 位统一社会信用代码。"
    )
    kind = "invalid"


class TooManyContacts(ContactsError):
    """More at a time than a department needs."""

    code = "contacts.too_many"
    title = "Too many contacts"
    detail = "本部门在用的服务专员已达上限，请先停用不再需要的。"
    kind = "conflict"
