"""Refusals of data sharing; whatever is not granted is refused, each time with its own code.

SharingError
├── ResourceUnknown, ResourceNotShared, ModeNotOffered         the resource
├── GrantMissing, GrantExpired, GrantSuspended, GrantRevoked   the grant
├── PurposeDiffers, FieldNotGranted, CaseMissing, AddressNotAllowed,
│   SubjectKindWrong, QuotaUsedUp, RequestReused, CursorRefused  the call
├── RecordRefused, LogUnavailable                              the answer
├── ApplicationUnknown, GrantUnknown, …Unknown                 nothing of that id for this officer
├── ActNotPossible, StateChanged, OwnWork, ReturnedBefore, ExtendedBefore, ReasonMissing
├── ApplicationInvalid                                         what an application asks for
└── FileNotReady, FileExpired, FileFailed                      deliveries
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from backend.errors import DomainError, Kind, PlacesWrong


class SharingError(DomainError):
    """Base of everything that data sharing refuses."""

    code = "sharing.refused"
    title = "Data sharing refused"
    kind: ClassVar[Kind] = "forbidden"


class ResourceUnknown(SharingError):
    """No resource of that code in the catalogue."""

    code = "sharing.resource_unknown"
    title = "No such data resource"
    detail = "数据目录中没有这项资源，请核对资源代码。"
    kind = "not_found"


class ResourceNotShared(SharingError):
    """Its share type is 3, 不予共享."""

    code = "sharing.resource_not_shared"
    title = "The data resource is not shared"

    def __init__(self, ground: str) -> None:
        self.ground = ground
        super().__init__(f"该资源不予共享，依据：{ground}。")

    def context(self) -> dict[str, Any]:
        return {"ground": self.ground}


class ModeNotOffered(SharingError):
    """The resource, or the grant, does not offer this way of sharing."""

    code = "sharing.mode_not_offered"
    title = "This way of sharing is not granted"
    detail = "没有以这种方式共享的授权，请核对共享方式（服务接口、批量交换、文件下载）。"


class GrantMissing(SharingError):
    """The calling system has no grant for the resource."""

    code = "sharing.grant_missing"
    title = "No grant for this resource"
    detail = "您的系统没有这项资源的共享授权，请先提交共享申请。"


class GrantExpired(SharingError):
    """The last day of the grant has passed."""

    code = "sharing.grant_expired"
    title = "The grant has expired"
    detail = "共享授权已到期，请重新申请。"


class GrantSuspended(SharingError):
    """The grant is suspended (令809号 art. 27)."""

    code = "sharing.grant_suspended"
    title = "The grant is suspended"
    detail = "共享授权已暂停，请联系数据提供部门。"


class GrantRevoked(SharingError):
    """The grant has been ended for good."""

    code = "sharing.grant_revoked"
    title = "The grant has been revoked"
    detail = "共享授权已终止，请停止使用并按规定处置已获得的数据。"


class PurposeDiffers(SharingError):
    """The purpose of the call is not that of the grant."""

    code = "sharing.purpose_differs"
    title = "The purpose is not the granted one"
    detail = "使用用途与授权不一致，不得超出授权用途使用数据。"


class FieldNotGranted(SharingError):
    """A field was asked for that the grant does not hold."""

    code = "sharing.field_not_granted"
    title = "A field is not granted"
    detail = "请求的信息项不在授权范围内。"

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = list(fields)
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"fields": self.fields}


class CaseMissing(SharingError):
    """The grant is bound to cases and the call names none."""

    code = "sharing.case_missing"
    title = "A case number is needed"
    detail = "该授权只用于办件，请提供办件编号 case_no。"
    kind = "invalid"


class AddressNotAllowed(SharingError):
    """The caller's address is not one of the grant's."""

    code = "sharing.address_not_allowed"
    title = "The caller's address is not allowed"
    detail = "调用来源地址不在授权范围内。"


class SubjectKindWrong(SharingError):
    """A subject has a kind of number that the resource does not know."""

    code = "sharing.subject_kind_wrong"
    title = "The resource has no such kind of subject"
    detail = "查询主体的证件类型与资源不符。"
    kind = "invalid"

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = list(allowed)
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"code_types": self.allowed}


class QuotaUsedUp(SharingError):
    """The subjects asked for today, with those of this call, are more than the grant's quota."""

    code = "sharing.quota_used_up"
    title = "The daily quota is used up"
    kind = "too_many"
    retry_after: int

    def __init__(self, quota: int, retry_after: int) -> None:
        self.quota, self.retry_after = quota, retry_after
        super().__init__(f"今日调用额度（每日 {quota} 人次）不足，请明日再试或申请调整额度。")

    def context(self) -> dict[str, Any]:
        return {"quota": self.quota, "retry_after": self.retry_after}


class RequestReused(SharingError):
    """The request id belongs to another query."""

    code = "sharing.request_id_reused"
    title = "The request id belongs to another query"
    detail = "request_id 已用于另一次查询，请换一个。"
    kind = "conflict"


class RecordRefused(SharingError):
    """The owner's answer does not fit the registered data items."""

    code = "sharing.record_refused"
    title = "The owner's answer does not fit the registered resource"
    detail = "数据提供部门返回的内容与登记的信息项不符，已拒收并通知对方更正。"
    kind = "unavailable"

    def __init__(self, system: str, place: str) -> None:
        self.system, self.place = system, place
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"source": self.system, "place": self.place}


class LogUnavailable(SharingError):
    """The reading cannot be written down, so nothing is handed out."""

    code = "sharing.log_unavailable"
    title = "The call cannot be recorded"
    detail = "调用记录暂时无法保存，请稍后再试。"
    kind = "unavailable"
    retry_after = 5


class ApplicationUnknown(SharingError):
    """No application of that id, or none that concerns this officer's department."""

    code = "sharing.application_unknown"
    title = "No such application"
    detail = "没有找到这份共享申请。"
    kind = "not_found"


class GrantUnknown(SharingError):
    """No grant of that id, or none that concerns this officer's department."""

    code = "sharing.grant_unknown"
    title = "No such grant"
    detail = "没有找到这项共享授权。"
    kind = "not_found"


class CorrectionUnknown(SharingError):
    """No correction request of that id for this officer."""

    code = "sharing.correction_unknown"
    title = "No such correction request"
    detail = "没有找到这份校核申请。"
    kind = "not_found"


class DisputeUnknown(SharingError):
    """No dispute of that id for this officer."""

    code = "sharing.dispute_unknown"
    title = "No such dispute"
    detail = "没有找到这项争议。"
    kind = "not_found"


class DutyUnknown(SharingError):
    """No catalogue duty of that id for this officer."""

    code = "sharing.duty_unknown"
    title = "No such catalogue duty"
    detail = "没有找到这项目录更新任务。"
    kind = "not_found"


class ActNotPossible(SharingError):
    """What was asked does not follow on the present state."""

    code = "sharing.act_not_possible"
    title = "Not possible in the present state"
    kind = "conflict"

    def __init__(self, state: str, detail: str | None = None) -> None:
        self.state = state
        super().__init__(detail or "当前状态下不能进行这项操作，请刷新后再看。")

    def context(self) -> dict[str, Any]:
        return {"state": self.state}


class StateChanged(SharingError):
    """Somebody else acted in between."""

    code = "sharing.state_changed"
    title = "Changed by somebody else in between"
    detail = "内容刚刚被其他人更新，请刷新后再操作。"
    kind = "conflict"


class OwnWork(SharingError):
    """Who prepared or decided one step may not decide the next (separation of duties)."""

    code = "sharing.own_work"
    title = "Nobody approves their own work"
    detail = "不能审批自己提交或经办的申请，请由其他人员办理。"


class ReturnedBefore(SharingError):
    """One stage may return an application once (一次性告知, 令809号 art. 21)."""

    code = "sharing.returned_before"
    title = "An application is returned for correction once only"
    detail = "本环节已一次性告知补正，不得再次退回；请作出同意或不同意的答复。"
    kind = "conflict"


class ExtendedBefore(SharingError):
    """The answer may be extended once."""

    code = "sharing.extended_before"
    title = "The period has been extended before"
    detail = "答复期限只能延长一次。"
    kind = "conflict"


class ReasonMissing(SharingError):
    """A decision against somebody states its reasons."""

    code = "sharing.reason_missing"
    title = "Reasons are needed"
    detail = "请写明理由。"
    kind = "invalid"


class ApplicationInvalid(SharingError, PlacesWrong):
    """An application asks for what the resource does not have, or says too little."""

    code = "sharing.application_invalid"
    title = "The application is not complete"
    kind = "invalid"

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        said = "；".join(error["message"] for error in errors[:5])
        super().__init__(errors, f"申请内容需要更正：{said}。")


class FileUnknown(SharingError):
    """No delivery of that id for the calling system."""

    code = "sharing.file_unknown"
    title = "No such delivery"
    detail = "没有找到这次文件交付。"
    kind = "not_found"


class FileNotReady(SharingError):
    """The delivery is still being put together."""

    code = "sharing.file_not_ready"
    title = "The delivery is not ready"
    detail = "文件还在生成，请稍后再取。"
    kind = "conflict"
    retry_after = 5


class FileExpired(SharingError):
    """The seven days in which a delivery can be fetched are over."""

    code = "sharing.file_expired"
    title = "The delivery has expired"
    detail = "文件已过 7 天保存期并已清除，请重新提交。"
    kind = "gone"


class FileFailed(SharingError):
    """The delivery could not be put together."""

    code = "sharing.file_failed"
    title = "The delivery has failed"
    detail = "文件生成失败，请核对后重新提交。"
    kind = "conflict"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"reason": self.reason}


class CursorRefused(SharingError):
    """A page cursor that is not ours, or of another query."""

    code = "sharing.cursor_invalid"
    title = "The cursor is not one of this list"
    detail = "翻页标记无效，请从第一页重新查询。"
    kind = "invalid"
