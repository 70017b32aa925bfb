"""Refusals of lending, of families, of copies and of complaints.

LendingError
├── LoanUnknown            no such loan, or none of the caller's
├── LoanRevoked            its owner took it back, or it was given back
├── LoanExpired            its last day is over
├── LoanUsedUp             it was used as often as it may be
├── GranteeUnknown         nobody verified has this phone and name, or no such system
├── OwnInvitation          one does not lend to oneself
├── InvitationUnknown      no such invitation, it was taken, or its time is over
├── EndInvalid             the last day is in the past or too far away
├── TooManyTries           names, phones and codes beyond what people need
├── TooManyOpen            more loans, links or copies at a time than people need
├── NotAParent             the certificate does not name the caller as a parent
├── NotACertificate        this licence proves no parentage
├── ChildGrownUp           the child is 14 or older
├── MemberUnknown          no such member, or it is over
├── CopyUnknown            no such copy
├── CopyOver               the copy is withdrawn or expired
├── LicenceChanged         the licence is another version than the copy
├── UsageUnknown           no such look at a licence of the caller
├── ComplaintUnknown       no such complaint
├── ComplaintOpen          there is one about this look already
├── ComplaintAnswered      it was answered already
├── LicenceTypeUnknown     no such licence type
├── IdentifierInvalid      not an identifier of GB/T 36904, or of another type
├── IdentifierUnknown      its issuer has no licence of this identifier
├── HolderHasNone          no licence of this kind is known of this holder
└── SourceSilent           whoever could tell does not answer now
"""

from backend.errors import DomainError, WaitFor


class LendingError(DomainError):
    """Base of everything that lending refuses."""


class LoanUnknown(LendingError):
    """No such loan, or none of the caller's."""

    code = "lending.loan_unknown"
    title = "No such loan"
    detail = "没有这项用证授权。"
    kind = "not_found"


class LoanRevoked(LendingError):
    """Its owner took it back, or it was given back."""

    code = "lending.loan_revoked"
    title = "The loan was withdrawn"
    detail = "这项用证授权已被收回，不能再使用。"
    kind = "gone"


class LoanExpired(LendingError):
    """Its last day is over."""

    code = "lending.loan_expired"
    title = "The loan has expired"
    detail = "这项用证授权已过期，请联系持证人重新授权。"
    kind = "gone"


class LoanUsedUp(LendingError):
    """It was used as often as it may be."""

    code = "lending.loan_used_up"
    title = "The loan has been used as often as it may be"
    detail = "这项用证授权的次数已用完，请联系持证人重新授权。"
    kind = "conflict"


class GranteeUnknown(LendingError):
    """Nobody verified has this phone and name, or there is no such system."""

    code = "lending.grantee_unknown"
    title = "No verified person with this phone and name, or no such system"
    detail = "没有找到手机号与姓名相符的实名用户（或该系统未接入），请核对，或改用邀请码。"
    kind = "unprocessable"


class OwnInvitation(LendingError):
    """One does not lend to oneself."""

    code = "lending.own"
    title = "One cannot lend to oneself"
    detail = "不能授权给自己。"
    kind = "conflict"


class InvitationUnknown(LendingError):
    """No such invitation, it was taken, or its time is over."""

    code = "lending.invitation_unknown"
    title = "The invitation is unknown, taken or over"
    detail = "邀请码无效、已被使用或已过期，请向对方索取新的邀请码。"
    kind = "not_found"


class EndInvalid(LendingError):
    """The last day is in the past or too far away."""

    code = "lending.end_invalid"
    title = "The last day must be from today to a year from now"
    detail = "截止日期应在今天至一年之内。"
    kind = "unprocessable"


class TooManyTries(LendingError, WaitFor):
    """Names, phones and codes beyond what people need."""

    code = "lending.too_many_tries"
    title = "Too many tries"
    detail = "尝试过于频繁，请稍后再试。"
    kind = "too_many"


class TooManyOpen(LendingError):
    """More at a time than people need."""

    code = "lending.too_many_open"
    title = "Too many at a time"
    detail = "生效中的数量已达上限，请先收回不再需要的。"
    kind = "conflict"


class NotAParent(LendingError):
    """The certificate does not name the caller as a parent."""

    code = "lending.not_a_parent"
    title = "The certificate does not name you as a parent"
    detail = "这张出生医学证明上没有登记您为父亲或母亲。"
    kind = "forbidden"


class NotACertificate(LendingError):
    """This licence proves no parentage."""

    code = "lending.not_a_certificate"
    title = "This licence does not prove parentage, or is not valid"
    detail = "这张证照不能证明亲子关系或已失效，请选择有效的出生医学证明。"
    kind = "unprocessable"


class ChildGrownUp(LendingError):
    """The child is 14 or older."""

    code = "lending.child_grown_up"
    title = "The child is 14 or older"
    detail = "孩子已满14周岁，其证照应由本人管理；可由本人邀请您代管。"
    kind = "conflict"


class MemberUnknown(LendingError):
    """No such member, or it is over."""

    code = "lending.member_unknown"
    title = "No such family member, or it has ended"
    detail = "没有这位家庭成员，或代管已结束。"
    kind = "not_found"


class CopyUnknown(LendingError):
    """No such copy."""

    code = "lending.copy_unknown"
    title = "No such copy"
    detail = "没有查到这份加注件，请核对编号；查不到的不是本平台出具的。"
    kind = "not_found"


class CopyOver(LendingError):
    """The copy is withdrawn or expired."""

    code = "lending.copy_over"
    title = "The copy is withdrawn or expired"
    detail = "这份加注件已作废或已过期，请重新生成。"
    kind = "gone"


class LicenceChanged(LendingError):
    """The licence is another version than the copy."""

    code = "lending.licence_changed"
    title = "The licence has changed since the copy was made"
    detail = "证照已变更或失效，请重新生成加注件。"
    kind = "conflict"


class UsageUnknown(LendingError):
    """No such look at a licence of the caller."""

    code = "lending.usage_unknown"
    title = "No such look at your licences"
    detail = "没有这条用证记录。"
    kind = "not_found"


class ComplaintUnknown(LendingError):
    """No such complaint."""

    code = "lending.complaint_unknown"
    title = "No such complaint"
    detail = "没有这件投诉。"
    kind = "not_found"


class ComplaintOpen(LendingError):
    """There is one about this look already."""

    code = "lending.complaint_open"
    title = "There is an open complaint about this look"
    detail = "这条用证记录的投诉正在处理中，请等待答复。"
    kind = "conflict"


class ComplaintAnswered(LendingError):
    """It was answered already."""

    code = "lending.complaint_answered"
    title = "The complaint has been answered"
    detail = "这件投诉已经答复过了。"
    kind = "conflict"


class LicenceTypeUnknown(LendingError):
    """No such licence type."""

    code = "lending.licence_type_unknown"
    title = "No such licence type"
    detail = "没有这种证照类型。"
    kind = "not_found"


class IdentifierInvalid(LendingError):
    """Not an identifier of GB/T 36904, or one of another type than the one named beside it."""

    code = "lending.identifier_invalid"
    title = "Not a licence identifier of this type"
    detail = "电子证照标识的格式不正确（GB/T 36904），或与证照类型不符，请核对。"
    kind = "unprocessable"


class IdentifierUnknown(LendingError):
    """Its issuer has no licence of this identifier."""

    code = "lending.identifier_unknown"
    title = "No licence of this identifier"
    detail = "没有查到这个电子证照标识的证照，请核对标识（包括版本号）。"
    kind = "not_found"


class HolderHasNone(LendingError):
    """No licence of this kind is known of this holder."""

    code = "lending.holder_has_none"
    title = "No such licence of this holder"
    detail = "没有查到该持证主体的这张证照。"
    kind = "not_found"


class SourceSilent(LendingError):
    """Whoever could tell does not answer now."""

    code = "lending.source_silent"
    title = "The issuer does not answer"
    detail = "发证机关暂时没有应答，请稍后再试。"
    kind = "unavailable"
