"""Refusals around applications.

CaseError
├── NotOnline, WrongApplicant                         what cannot be applied for here
├── DraftUnknown, DraftChanged, DraftIncomplete, ItemChanged, TooManyDrafts   drafts
├── ForWhomUnknown, MandateMissing, MandateUnknown    who acts for whom
├── MaterialUnknown, WayNotOffered, LicenceUnfit, CommitmentChanged, PromiseInvalid   materials
├── FileRefused, FileTooLarge, TooManyFiles, FileUnknown, FileInfected        uploads
├── StorageSilent                                     where they are kept
├── CaseUnknown, ActNotPossible, UrgedBefore, ResultMissing, ReceiptUnknown, CursorRefused   cases
├── EventInvalid, StepNotTheirs                       what a department told
└── DeliveryUnknown, DeliveryNotDead                  the console
"""

from typing import Any, ClassVar

from backend.errors import DomainError, Kind, PlacesWrong


class CaseError(DomainError):
    """Base of everything that is refused around applications."""

    code = "cases.refused"
    title = "Application refused"
    kind: ClassVar[Kind] = "conflict"


class NotOnline(CaseError):
    """The item is not applied for here: its department takes no applications from the platform."""

    code = "cases.not_online"
    title = "The item cannot be applied for online"
    detail = "这个事项暂时不能在线申请，请按办事指南到窗口办理，或拨打 12345 咨询。"


class WrongApplicant(CaseError):
    """The item does not serve this kind of applicant."""

    code = "cases.wrong_applicant"
    title = "The item does not serve this kind of applicant"
    detail = "这个事项不面向这类申请人，请在办事指南中核对服务对象。"


class DraftUnknown(CaseError):
    """The person has no open draft of that id."""

    code = "cases.draft_unknown"
    title = "No such draft"
    detail = "没有找到这份草稿，可能已提交或已删除。请在“我的办件”中查看。"
    kind = "not_found"


class DraftChanged(CaseError):
    """Somebody (another device) changed the draft since it was read."""

    code = "cases.draft_changed"
    title = "The draft was changed since it was read"
    detail = "这份草稿已在另一台设备上改动，请刷新后再填。"

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"version": self.version}


class DraftIncomplete(CaseError, PlacesWrong):
    """Something is missing or wrong; every place is listed."""

    code = "cases.draft_incomplete"
    title = "The draft cannot be submitted as it is"
    detail = "还有内容没有填好，请按提示补全后再提交。"
    kind = "unprocessable"


class ItemChanged(CaseError):
    """The item was published anew since the draft was looked at."""

    code = "cases.item_changed"
    title = "The item has changed"
    detail = "这个事项的要求刚刚更新，请重新打开草稿核对后再提交。"


class TooManyDrafts(CaseError):
    """So many drafts that somebody has lost sight of them."""

    code = "cases.too_many_drafts"
    title = "Too many open drafts"
    detail = "未提交的草稿太多，请先提交或删除一些。"


class ForWhomUnknown(CaseError):
    """Nobody of that id, for whom the caller could act, or not any more."""

    code = "cases.for_whom_unknown"
    title = "The caller does not act for them"
    detail = "您不能为这位家人或这家企业办事，代管关系可能已经结束。请核对后再试。"
    kind = "forbidden"


class MandateMissing(CaseError):
    """The relative lets the caller show their licences, but not apply for them."""

    code = "cases.mandate_missing"
    title = "The relative has not authorised applications"
    detail = "这位家人还没有授权您代为办事，请家人在“家庭成员”中开启“授权代办”。"
    kind = "forbidden"


class MandateUnknown(CaseError):
    """No such authorisation or family link."""

    code = "cases.mandate_unknown"
    title = "No such authorisation"
    detail = "没有找到这项代办授权，可能已经结束。"
    kind = "not_found"


class MaterialUnknown(CaseError):
    """The item asks for no material of that code."""

    code = "cases.material_unknown"
    title = "No such material"
    detail = "这个事项没有这项材料，请刷新后再试。"
    kind = "not_found"


class WayNotOffered(CaseError):
    """The material cannot be supplied in that way."""

    code = "cases.way_not_offered"
    title = "The material cannot be supplied in this way"
    detail = "这项材料不能这样提供，请换一种方式。"
    kind = "unprocessable"


class LicenceUnfit(CaseError):
    """The licence is of another type, or not valid."""

    code = "cases.licence_unfit"
    title = "The licence cannot stand in for the material"
    detail = "这张证照不能用于这项材料，请选择有效的对应证照。"
    kind = "unprocessable"


class CommitmentChanged(CaseError):
    """What was agreed to is not the text of today."""

    code = "cases.commitment_changed"
    title = "The text of the commitment is another one"
    detail = "承诺书内容已更新，请重新阅读后再确认。"


class PromiseInvalid(CaseError):
    """The day until which a material is promised."""

    code = "cases.promise_invalid"
    title = "The promised day is not possible"
    detail = "补交日期应在今天之后、60 天以内，请重新选择。"
    kind = "unprocessable"


class FileRefused(CaseError):
    """Not a picture or PDF, or a broken one."""

    code = "cases.file_refused"
    title = "The file is not of a kind that is taken"
    detail = "只能上传照片（JPEG、PNG、WebP）或 PDF，请检查文件是否完整。"
    kind = "unsupported"


class FileTooLarge(CaseError):
    """More bytes or pixels than are taken."""

    code = "cases.file_too_large"
    title = "The file is too large"
    detail = "文件太大，单个文件至多 8 MB，请压缩后再上传。"
    kind = "too_large"


class TooManyFiles(CaseError):
    """A material has enough files."""

    code = "cases.too_many_files"
    title = "Too many files"
    detail = "文件太多，请先删除不需要的文件。"


class FileUnknown(CaseError):
    """No such file in this draft or case."""

    code = "cases.file_unknown"
    title = "No such file"
    detail = "没有找到这个文件，可能已经删除。"
    kind = "not_found"


class FileInfected(CaseError):
    """The virus scanner found something."""

    code = "cases.file_infected"
    title = "The virus scanner refused the file"
    detail = "这个文件没有通过安全检查，请换一个文件，或在手机上重新拍照上传。"
    kind = "unprocessable"


class ScannerSilent(CaseError):
    """A virus scanner is set up and does not answer: nothing is taken unseen."""

    code = "cases.scanner_silent"
    title = "The virus scanner does not answer"
    detail = "暂时不能上传文件，请稍后再试。"
    kind = "unavailable"


class StorageSilent(CaseError):
    """The store of materials does not answer, or does not let the platform in."""

    code = "cases.storage_silent"
    title = "The store of materials does not answer"
    detail = "材料存储暂时不可用，文件没有保存，已填写的内容都还在，请稍后再试。"
    kind = "unavailable"
    retry_after = 10


class StepNotTheirs(CaseError):
    """The division of duties gives the step to another system; that it was told is kept."""

    code = "cases.step_not_theirs"
    title = "The division of duties gives this step to another system"
    detail = "按照本事项的职责分工，这个环节不由该系统办理；来报已记录，请按分工由相应机关办理。"
    kind = "forbidden"


class CaseUnknown(CaseError):
    """No case of that number that the caller has to do with."""

    code = "cases.case_unknown"
    title = "No such case"
    detail = "没有找到这个办件，请核对办件编号。"
    kind = "not_found"


class ActNotPossible(CaseError):
    """The state of the case does not allow it (any more)."""

    code = "cases.act_not_possible"
    title = "The state of the case does not allow this"
    detail = "办件目前的状态不能进行这项操作，请刷新后查看进度。"

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"state": self.state}


class UrgedBefore(CaseError):
    """Once a working day is enough."""

    code = "cases.urged_before"
    title = "The department was urged today already"
    detail = "今天已经催办过，部门会收到提醒。需要帮助请拨打页面上的咨询电话。"
    kind = "too_many"
    retry_after = 86400


class ResultMissing(CaseError):
    """The case has no document as its result."""

    code = "cases.result_missing"
    title = "There is no result document"
    detail = "这个办件没有可下载的结果文书。"
    kind = "not_found"


class ReceiptUnknown(CaseError):
    """No receipt of that number and code was ever made."""

    code = "cases.receipt_unknown"
    title = "No such receipt"
    detail = "没有这张回执，请核对办件编号和核验码。"
    kind = "not_found"


class CursorRefused(CaseError):
    """A page cursor that is not ours."""

    code = "cases.cursor_invalid"
    title = "The cursor is not one of this list"
    detail = "翻页标记无效，请从第一页重新查看。"
    kind = "invalid"


class EventInvalid(CaseError, PlacesWrong):
    """An event lacks what its kind needs; says where."""

    code = "cases.event_invalid"
    title = "The event lacks what its kind needs"
    detail = "办件环节缺少必要的内容，请按接口说明补全后重新发送。"
    kind = "unprocessable"


class DeliveryUnknown(CaseError):
    """No such delivery."""

    code = "cases.delivery_unknown"
    title = "No such delivery"
    detail = "没有找到这条投递记录。"
    kind = "not_found"


class DeliveryNotDead(CaseError):
    """It is done, or goes on by itself."""

    code = "cases.delivery_not_dead"
    title = "The delivery does not wait for anybody"
    detail = "这条投递正在自动重试或已送达，不需要重发。"
