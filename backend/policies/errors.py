"""Refusals of the policies package.

PoliciesError
├── PolicyUnknown           no such policy for whoever asks
├── DocumentRefused         the document of a policy cannot be taken; names each place
│   └── ConditionRefused    a condition is not of the published language
├── NotYoursToDo            another role's or department's
├── SameHand                who edited does not approve
├── ActNotPossible          the state allows no such act
├── EntitlementUnknown
├── MatchingOff             the person switched personalised matching off
├── NotMatched              the conditions are not fulfilled, or cannot be judged
├── CommitmentMissing       承诺即享 without the text that is promised
├── AccountMissing          no account was given, and none is known
├── BudgetSpent             the budget of the policy is used up
└── FactsRefused            what a department sent on somebody is not of the published variables
"""

from backend.errors import DomainError, PlacesWrong


class PoliciesError(DomainError):
    """Base of the package's errors."""


class PolicyUnknown(PoliciesError):
    """No such policy, or not for this audience."""

    code = "policies.unknown"
    title = "No such policy"
    detail = "没有找到这项政策，可能已经到期，请返回列表查看。"
    kind = "not_found"


class DocumentRefused(PoliciesError, PlacesWrong):
    """The document of a policy is not complete or contradicts itself."""

    code = "policies.document_refused"
    title = "The policy document is refused"
    detail = "政策内容有误，请按提示修改。"
    kind = "unprocessable"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        first = "；".join(f"{one['pointer'] or '/'} {one['message']}" for one in errors[:5])
        super().__init__(errors, f"政策内容有误：{first}")


class ConditionRefused(DocumentRefused):
    """A condition or formula is not of the published language."""

    code = "policies.condition_refused"
    title = "The condition is refused"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__([{"pointer": "/cel", "message": message}])


class NotYoursToDo(PoliciesError):
    """The act is another role's, or another department's."""

    code = "policies.not_yours_to_do"
    title = "Not yours to do"
    detail = "这项操作不由您的岗位或单位进行。"
    kind = "forbidden"


class SameHand(PoliciesError):
    """Two hands are needed."""

    code = "policies.same_hand"
    title = "Another person has to approve"
    detail = "编辑政策的人不能审批发布，请由另一位工作人员审批。"
    kind = "forbidden"


class ActNotPossible(PoliciesError):
    """The state allows no such act; somebody may have been faster."""

    code = "policies.act_not_possible"
    title = "The act does not follow on the state"
    detail = "当前状态不能进行这项操作，可能已经处理过，请刷新查看。"
    kind = "conflict"


class EntitlementUnknown(PoliciesError):
    """No such entitlement, or somebody else's."""

    code = "policies.entitlement_unknown"
    title = "No such entitlement"
    detail = "没有找到这笔待遇，请返回“我的政策”查看。"
    kind = "not_found"


class MatchingOff(PoliciesError):
    """The person switched personalised matching off."""

    code = "policies.matching_off"
    title = "Personalised matching is switched off"
    detail = "您已关闭政策匹配。打开后才能查看匹配结果和领取；也可以到窗口申请。"
    kind = "conflict"


class NotMatched(PoliciesError):
    """The conditions are not fulfilled, or data are missing to judge them."""

    code = "policies.not_matched"
    title = "The conditions are not fulfilled"
    detail = "目前的数据显示不符合或无法判断。认为有误的，可以申请人工复核。"
    kind = "conflict"


class CommitmentMissing(PoliciesError):
    """承诺即享 needs the promise that was shown."""

    code = "policies.commitment_missing"
    title = "The commitment has not been signed"
    detail = "请阅读并同意承诺书后再领取。"
    kind = "invalid"


class AccountMissing(PoliciesError):
    """There is no account into which a benefit was paid before."""

    code = "policies.account_missing"
    title = "No account to pay into"
    detail = "请填写收款账户：开户银行和账号。"
    kind = "invalid"


class BudgetSpent(PoliciesError):
    """The budget is used up."""

    code = "policies.budget_spent"
    title = "The budget is spent"
    detail = "这项政策的资金额度暂时用完了。您的资格已保留，追加资金后会通知您。"
    kind = "conflict"


class FactsRefused(PoliciesError):
    """What a department sent is not of the published variables, or not of its own data."""

    code = "policies.facts_refused"
    title = "The facts are refused"
    detail = "报送的数据不在可用变量内，或不属于本部门的数据资源。"
    kind = "unprocessable"

    def __init__(self, what: str) -> None:
        super().__init__(f"报送的数据不能接收：{what}")
