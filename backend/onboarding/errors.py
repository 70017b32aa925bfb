"""Refusals of the onboarding package.

OnboardingError
├── SystemUnknown, RevisionUnknown, RunUnknown, KeyUnknown, AddressUnknown   there is none
├── CursorInvalid          a page cursor was not made by this list
├── StateConflict          the act is not possible in this state
├── SameHand               whoever submitted cannot approve
├── ReasonMissing          an act needs a reason
├── CodeTaken              the system code belongs to another department
├── DepartmentDiffers      the manifest speaks for another department
├── ContentUnchanged       nothing differs from what is published or under way
├── ElementsRefused        elements of the manifest cannot be published, each with its reason
├── BreakingChanges        a change would break running applications and was not acknowledged
├── AddressUnapproved      an address was not approved
├── AddressInUse           an approved address still serves
├── KeyUnproven, KeyProofWrong, KeyEnded, KeyDiffers, KeyStateConflict, LastKey
├── RunUnderWay            a conformance run is under way already
└── ContentDamaged         a stored revision is not what was handed in
"""

from collections.abc import Sequence
from typing import Any

from backend.errors import DomainError, PlacesWrong


class OnboardingError(DomainError):
    """Base of the package's errors."""

    code = "onboarding.failed"
    title = "Onboarding failed"


class SystemUnknown(OnboardingError):
    """No such system, or it is another department's."""

    code = "onboarding.system_unknown"
    title = "No such system"
    detail = "没有找到这个接入系统，或它不属于您的单位。"
    kind = "not_found"


class RevisionUnknown(OnboardingError):
    """No such revision."""

    code = "onboarding.revision_unknown"
    title = "No such revision"
    detail = "没有找到这个版本。"
    kind = "not_found"


class RunUnknown(OnboardingError):
    """No such conformance run."""

    code = "onboarding.run_unknown"
    title = "No such conformance run"
    detail = "没有找到这次符合性测试。"
    kind = "not_found"


class KeyUnknown(OnboardingError):
    """No such key of this system."""

    code = "onboarding.key_unknown"
    title = "No such key"
    detail = "没有找到这个密钥。"
    kind = "not_found"


class AddressUnknown(OnboardingError):
    """No such address of this system."""

    code = "onboarding.address_unknown"
    title = "No such address"
    detail = "没有找到这个接入地址。"
    kind = "not_found"


class CursorInvalid(OnboardingError):
    """The cursor is not one of ours."""

    code = "onboarding.cursor_invalid"
    title = "Not a cursor of ours"
    detail = "翻页位置无效，请从第一页开始。"
    kind = "invalid"


class StateConflict(OnboardingError):
    """The act is not possible as things stand; somebody may just have been quicker.

    Attributes:
        state: the state that forbids it.
    """

    code = "onboarding.state_conflict"
    title = "Not possible in this state"
    kind = "conflict"

    def __init__(self, detail: str, state: str = "") -> None:
        self.state = state
        super().__init__(detail)

    def context(self) -> dict[str, Any]:
        """The state."""
        return {"state": self.state} if self.state else {}


class SameHand(OnboardingError):
    """Two persons: whoever asked for it cannot grant it."""

    code = "onboarding.same_hand"
    title = "Whoever submitted cannot approve"
    detail = "这是您自己提交的，须由另一位人员审核。"
    kind = "forbidden"


class ReasonMissing(OnboardingError):
    """The act needs a reason."""

    code = "onboarding.reason_missing"
    title = "A reason is needed"
    detail = "请写明原因。"
    kind = "invalid"


class CodeTaken(OnboardingError):
    """The system code belongs to another department."""

    code = "onboarding.code_taken"
    title = "The system code is taken"
    kind = "conflict"

    def __init__(self, system_code: str) -> None:
        super().__init__(f"系统代码 {system_code} 已由其他单位使用，请换一个。")


class DepartmentDiffers(OnboardingError):
    """The manifest speaks for another department than the officer's, or than before."""

    code = "onboarding.department_differs"
    title = "The manifest is another department's"
    detail = "接入清单中的单位（统一社会信用代码）与您的单位或该系统原来的单位不一致。"
    kind = "forbidden"


class ContentUnchanged(OnboardingError):
    """Nothing differs from the revision that is published or under way."""

    code = "onboarding.content_unchanged"
    title = "Nothing differs"
    kind = "conflict"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"内容与第 {number} 版完全相同，无需再次登记。")

    def context(self) -> dict[str, Any]:
        """The revision that it equals."""
        return {"revision": self.number}


class ElementsRefused(OnboardingError, PlacesWrong):
    """Elements of the manifest cannot be published.

    Attributes:
        errors: ``{"pointer", "element", "message"}`` for each place.
    """

    code = "onboarding.elements_refused"
    title = "Elements of the manifest cannot be published"
    kind = "invalid"

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        first = errors[0]["message"] if errors else ""
        super().__init__(errors, f"有 {len(errors)} 处不符合发布要求，请修改后再提交：{first}")


class BreakingChanges(OnboardingError):
    """Changes would break running applications and were not acknowledged.

    Attributes:
        changes: ``{"id", "place", "message"}`` for each that is not acknowledged.
    """

    code = "onboarding.breaking_changes"
    title = "Breaking changes were not acknowledged"
    kind = "conflict"

    def __init__(self, changes: Sequence[dict[str, str]]) -> None:
        self.changes = list(changes)
        super().__init__(
            f"这一版有 {len(self.changes)} 处变更会影响正在办理的业务，"
            "请逐项确认并写明理由后再同意。"
        )

    def context(self) -> dict[str, Any]:
        """What has to be acknowledged."""
        return {"breaking": self.changes}


class AddressUnapproved(OnboardingError):
    """An address has to be approved first."""

    code = "onboarding.address_unapproved"
    title = "An address is not approved"
    kind = "conflict"

    def __init__(self, origins: Sequence[str]) -> None:
        self.origins = list(origins)
        super().__init__(f"接入地址 {'、'.join(origins)} 尚未经安全管理员批准。")

    def context(self) -> dict[str, Any]:
        """The addresses that wait."""
        return {"origins": self.origins}


class AddressInUse(OnboardingError):
    """The system is served at this address."""

    code = "onboarding.address_in_use"
    title = "The address is in use"
    detail = "系统正在使用这个地址，请先暂停系统再取消批准。"
    kind = "conflict"


class KeyUnproven(OnboardingError):
    """Nobody has shown yet that the system holds the private key."""

    code = "onboarding.key_unproven"
    title = "Possession of a key is not proven"
    kind = "conflict"

    def __init__(self, key_ids: Sequence[str]) -> None:
        self.key_ids = list(key_ids)
        super().__init__(
            f"密钥 {'、'.join(key_ids)} 还没有证明由系统持有：请在提交时附上用该密钥作的签名。"
        )

    def context(self) -> dict[str, Any]:
        """The keys to prove."""
        return {"keys": self.key_ids}


class KeyProofWrong(OnboardingError):
    """The proof of possession was not made with this key for this system."""

    code = "onboarding.key_proof_wrong"
    title = "The proof of possession is wrong"
    kind = "invalid"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"密钥 {key_id} 的持有证明不对：应是用该密钥对声明文本作的签名。")


class KeyEnded(OnboardingError):
    """The key was retired or revoked and does not come back."""

    code = "onboarding.key_ended"
    title = "The key was retired or revoked"
    kind = "conflict"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"密钥 {key_id} 已停用或吊销，不能再次使用，请换新的密钥和编号。")


class KeyDiffers(OnboardingError):
    """The id is known with another key."""

    code = "onboarding.key_differs"
    title = "The key id is known with another key"
    kind = "conflict"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"密钥编号 {key_id} 已登记为另一个公钥，换密钥时请换编号。")


class KeyStateConflict(OnboardingError):
    """The key does not stand where this act begins."""

    code = "onboarding.key_state_conflict"
    title = "Not possible with this key now"
    detail = "密钥当前的状态不能进行这项操作，请刷新后查看。"
    kind = "conflict"


class LastKey(OnboardingError):
    """A system in service keeps at least one key, unless it is revoked."""

    code = "onboarding.last_key"
    title = "The last key cannot be retired"
    detail = "这是系统唯一有效的密钥。请先登记新的密钥再停用它；如已泄露，请立即吊销。"
    kind = "conflict"


class RunUnderWay(OnboardingError):
    """A conformance run of this system is under way."""

    code = "onboarding.run_under_way"
    title = "A conformance run is under way"
    detail = "符合性测试正在进行，请等它结束。"
    kind = "conflict"


class ContentDamaged(OnboardingError):
    """A stored revision is not what was handed in: its digest does not fit."""

    code = "onboarding.content_damaged"
    title = "A stored revision does not fit its digest"
    detail = "存储的版本与其摘要不符，可能已被改动，请联系安全管理员。"
    kind = "conflict"
