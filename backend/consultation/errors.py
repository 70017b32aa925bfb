"""Refusals of the consultation package.

ConsultationError
├── TicketUnknown        no such ticket for this person or officer
├── KindUnknown, DepartmentUnknown
├── TooManyOpen          so many are being handled already
├── ActNotPossible       the ticket is not at that stage
├── ReopenedTooOften, ReopenTooLate
├── ExtendedAlready
└── NotYoursToDo         another role's or department's
"""

from backend.errors import DomainError


class ConsultationError(DomainError):
    """Base of the package's errors."""


class TicketUnknown(ConsultationError):
    """No such ticket, or it is somebody else's: the answer is the same."""

    code = "consultation.ticket_unknown"
    title = "No such ticket"
    detail = "没有找到这张工单，请核对编号。"
    kind = "not_found"


class KindUnknown(ConsultationError):
    """No such kind of ticket."""

    code = "consultation.kind_unknown"
    title = "No such kind of ticket"
    detail = "没有这种诉求类型，请重新选择。"
    kind = "invalid"


class DepartmentUnknown(ConsultationError):
    """No department of the province has this code."""

    code = "consultation.department_unknown"
    title = "No such department"
    detail = "没有找到这个部门，请重新选择；不知道归谁管时可以不选。"
    kind = "invalid"


class TooManyOpen(ConsultationError):
    """So many tickets of this person are open already."""

    code = "consultation.too_many_open"
    title = "Too many open tickets"
    detail = "您有十件诉求正在办理，请等其中一件办完再提交；急需帮助请拨打 12345。"
    kind = "too_many"


class ActNotPossible(ConsultationError):
    """The ticket is not at a stage on which this act follows; somebody may have been faster."""

    code = "consultation.act_not_possible"
    title = "The act does not follow on the state"
    detail = "工单当前状态不能进行这项操作，可能已有人处理，请刷新查看。"
    kind = "conflict"


class ReopenedTooOften(ConsultationError):
    """It was handled anew twice."""

    code = "consultation.reopened_too_often"
    title = "Reopened too often"
    detail = "这件诉求已重新办理两次。仍不满意请拨打 12345，或依法申请行政复议。"
    kind = "conflict"


class ReopenTooLate(ConsultationError):
    """The answer lies too long ago."""

    code = "consultation.reopen_too_late"
    title = "Too late to reopen"
    detail = "答复已超过三十天，请提交一件新的诉求。"
    kind = "gone"


class ExtendedAlready(ConsultationError):
    """The term was extended already."""

    code = "consultation.extended_already"
    title = "Extended already"
    detail = "办理期限只能延长一次，请按期答复。"
    kind = "conflict"


class NotYoursToDo(ConsultationError):
    """The act is another role's, or another department's."""

    code = "consultation.not_yours_to_do"
    title = "Not yours to do"
    detail = "这项操作不由您的岗位或单位进行。"
    kind = "forbidden"
