"""Refusals of the members package.

MembersError
├── GrantEnded             what the caller was given has been taken back, or has ended
├── GrantExpired           its last day is over
├── ScopeMissing           the caller acts for the enterprise, but not in this
├── ItemNotGranted         the caller may act in other service items only
├── CasesSpent             the caller has filed as many applications as they may
├── TooManyRequests        more requests for an enterprise in a minute than anybody makes
├── InvitationUnknown      no such invitation of the caller's, it was answered, or its time is over
├── MemberUnknown          the enterprise has no such member or invitation
├── OwnInvitation          the representative needs no leave of their own
├── EnterpriseClosed       who was struck off appoints nobody
├── TooManyAdministrators  five at a time
├── TooManyMembers         more members and invitations than an enterprise needs
├── TooManyInvitations     more invitations today than anybody needs
├── LicenceNotYours        the electronic business licence is in somebody else's hand
├── LicenceClosed          its enterprise was struck off
├── LicenceOutdated        the register says otherwise of its holder, or their time is over
├── LicenceBarred          the enterprise took them out: they come in by no licence
├── BarUnknown             nobody is barred by that
├── TooManyCodes           more codes of licences than anybody shows
├── PhoneInvalid           not a mobile number
└── GrantInvalid           no scope, or a last day in the past or too far away
"""

from typing import Any

from backend.errors import DomainError, WaitFor
from backend.members.scopes import LABELS, Scope


class MembersError(DomainError):
    """Base of everything that the members package refuses."""


class GrantEnded(MembersError):
    """What the caller was given has been taken back, or has ended."""

    code = "members.grant_ended"
    title = "The authorisation has ended"
    detail = "您为这家企业办事的授权已被收回或已终止。如需继续办理，请联系企业重新授权。"
    kind = "forbidden"


class GrantExpired(MembersError):
    """Its last day is over."""

    code = "members.grant_expired"
    title = "The authorisation has expired"
    detail = "您为这家企业办事的授权已到期。如需继续办理，请联系企业重新授权。"
    kind = "forbidden"


class ScopeMissing(MembersError):
    """The caller acts for the enterprise, but not in this."""

    code = "members.scope_missing"
    title = "The authorisation does not cover this"
    kind = "forbidden"

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__(
            f"企业给您的授权不包括“{LABELS[scope]}”。如需办理，请联系企业的法定代表人或管理员。"
        )

    def context(self) -> dict[str, Any]:
        return {"required_scope": str(self.scope)}


class ItemNotGranted(MembersError):
    """The caller may act in other service items only."""

    code = "members.item_not_granted"
    title = "The authorisation does not cover this service item"
    detail = "企业没有授权您办理这个事项。如需办理，请联系企业的法定代表人或管理员。"
    kind = "forbidden"


class CasesSpent(MembersError):
    """The caller has filed as many applications as they may."""

    code = "members.cases_spent"
    title = "As many applications as were allowed have been filed"
    kind = "forbidden"

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(
            f"企业授权您最多申办 {most} 件，已经办满。"
            "如需继续办理，请联系企业的法定代表人或管理员增加件数。"
        )

    def context(self) -> dict[str, Any]:
        return {"most": self.most}


class InvitationUnknown(MembersError):
    """No such invitation of the caller's, it was answered, or its time is over."""

    code = "members.invitation_unknown"
    title = "The invitation is unknown, answered or over"
    detail = "没有发给您的这份邀请，或它已处理、已过期。请联系企业重新邀请。"
    kind = "not_found"


class MemberUnknown(MembersError):
    """The enterprise has no such member or invitation."""

    code = "members.unknown"
    title = "No such member"
    detail = "没有这位成员，或其授权已经终止。"
    kind = "not_found"


class OwnInvitation(MembersError):
    """The representative needs no leave of their own."""

    code = "members.own"
    title = "The representative needs no authorisation"
    detail = "您已是这家企业登记的法定代表人（负责人），不需要授权。"
    kind = "conflict"


class EnterpriseClosed(MembersError):
    """Who was struck off appoints nobody."""

    code = "members.enterprise_closed"
    title = "The enterprise is not in business"
    detail = "登记显示这家企业已注销或被吊销，不能再授权他人办事。"
    kind = "conflict"


class TooManyAdministrators(MembersError):
    """Five at a time, as of the 证照管理员 of an electronic business licence."""

    code = "members.too_many_administrators"
    title = "There are five administrators already"
    detail = "一家企业最多任命 5 名管理员，请先解除一名再任命。"
    kind = "conflict"


class TooManyMembers(MembersError):
    """More members and invitations than an enterprise needs."""

    code = "members.too_many"
    title = "Too many members and invitations"
    detail = "成员和未答复的邀请已达上限，请先清理不再需要的。"
    kind = "conflict"


class TooManyInvitations(WaitFor, MembersError):
    """More invitations today than anybody needs."""

    code = "members.too_many_invitations"
    title = "Too many invitations"
    detail = "今天发出的邀请过多，请过些时候再试。"


class TooManyCodes(WaitFor, MembersError):
    """More codes of electronic business licences than anybody shows."""

    code = "members.too_many_codes"
    title = "Too many codes of electronic business licences"
    detail = "电子营业执照码试得太多了，请过些时候再试。"


class TooManyRequests(WaitFor, MembersError):
    """More requests for an enterprise in a minute than anybody makes by hand."""

    code = "members.too_many_requests"
    title = "Too many requests for this enterprise"
    detail = (
        "您为这家企业的操作太频繁了，请稍等再试。需要用软件批量查询、申报的，请企业登记“软件接入”。"
    )


class LicenceNotYours(MembersError):
    """The electronic business licence is in somebody else's hand."""

    code = "members.licence_not_yours"
    title = "The electronic business licence was shown by somebody else"
    detail = (
        "这个码不是您本人出示的电子营业执照。请用您自己的手机打开“电子营业执照”出示；"
        "需要办事的，请企业的法定代表人在“电子营业执照”里添加您为办事人。"
    )
    kind = "forbidden"


class LicenceClosed(MembersError):
    """Its enterprise was struck off."""

    code = "members.licence_closed"
    title = "The enterprise of the licence is not in business"
    detail = "登记显示这家企业已注销或被吊销，不能用它的电子营业执照登录。有疑问请联系登记机关。"
    kind = "conflict"


class LicenceOutdated(MembersError):
    """The register says otherwise of its holder, or the time of their appointment is over."""

    code = "members.licence_outdated"
    title = "The electronic business licence is out of date"
    detail = (
        "电子营业执照的持有人与现在的登记信息不一致，或授权已到期。"
        "请在“电子营业执照”里更新后重新出示。"
    )
    kind = "conflict"


class LicenceBarred(MembersError):
    """The enterprise took them out: they come in by no licence until it lets them."""

    code = "members.licence_barred"
    title = "The enterprise has taken the authorisation back"
    detail = (
        "这家企业收回过给您的授权，您不能再用电子营业执照登录它。"
        "确需办事的，请它的法定代表人或管理员在“成员与授权”里解除限制，或重新邀请您。"
    )
    kind = "forbidden"


class BarUnknown(MembersError):
    """Nobody is barred by that, or it was lifted."""

    code = "members.bar_unknown"
    title = "No such bar"
    detail = "没有这条限制，或已经解除。"
    kind = "not_found"


class GrantInvalid(MembersError):
    """No scope, or a last day in the past or too far away."""

    code = "members.grant_invalid"
    title = "The authorisation is not one that can be given"
    detail = "请选择至少一项权限；截止日期应在今天至一年之内；限定事项时每项都应是可以办理的事项。"
    kind = "unprocessable"


class PhoneInvalid(MembersError):
    """Not a mobile number."""

    code = "members.phone_invalid"
    title = "Not a mobile number"
    detail = "手机号有误，请核对。"
    kind = "unprocessable"
