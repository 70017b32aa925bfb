"""Refusals of the evaluation package.

EvaluationError
├── EventUnknown           no such service event of this person
├── EventTooOld            it may not be judged any more
├── AlreadyJudged          one evaluation per event
├── TagUnknown             a tag that is none of the level's
├── ReasonNeeded           a bad one says what was bad
├── EvaluationUnknown      no such evaluation of this person
├── AlreadyAdded, AddTooLate
├── OrderUnknown           no such order for this officer
├── ActNotPossible         the order is not at that stage
└── NotYoursToDo           another role's or department's
"""

from backend.errors import DomainError


class EvaluationError(DomainError):
    """Base of the package's errors."""


class EventUnknown(EvaluationError):
    """No such service event, or it is somebody else's: the answer is the same."""

    code = "evaluation.event_unknown"
    title = "No such service event"
    detail = "没有找到这次服务，请从“待评价”列表中选择。"
    kind = "not_found"


class EventTooOld(EvaluationError):
    """The service lies too long ago to be judged."""

    code = "evaluation.event_too_old"
    title = "The service lies too long ago"
    detail = "这次服务已超过评价期限，仍有意见请通过“咨询投诉”反映，或拨打 12345。"
    kind = "gone"


class AlreadyJudged(EvaluationError):
    """One evaluation per service event."""

    code = "evaluation.already_judged"
    title = "The service has been judged"
    detail = "您已评价过这次服务，可以在“我的评价”中追加评价。"
    kind = "conflict"


class TagUnknown(EvaluationError):
    """A tag that does not belong to the level."""

    code = "evaluation.tag_unknown"
    title = "No such tag for the level"
    detail = "所选标签与满意度不符，请重新选择。"
    kind = "invalid"


class ReasonNeeded(EvaluationError):
    """A bad evaluation without a tag and without words: nobody could put anything right."""

    code = "evaluation.reason_needed"
    title = "A bad evaluation says what was bad"
    detail = "请选一个原因或写几个字，让我们知道哪里需要改进。"
    kind = "invalid"


class EvaluationUnknown(EvaluationError):
    """No such evaluation, or it is somebody else's: the answer is the same."""

    code = "evaluation.unknown"
    title = "No such evaluation"
    detail = "没有找到这条评价。"
    kind = "not_found"


class AlreadyAdded(EvaluationError):
    """Something was added already."""

    code = "evaluation.already_added"
    title = "Something was added already"
    detail = "每次评价只能追加一次。仍有意见请通过“咨询投诉”反映。"
    kind = "conflict"


class AddTooLate(EvaluationError):
    """The time for adding is over."""

    code = "evaluation.add_too_late"
    title = "Too late to add"
    detail = "追加评价的期限已过。仍有意见请通过“咨询投诉”反映。"
    kind = "gone"


class OrderUnknown(EvaluationError):
    """No such order, or none of this officer's business."""

    code = "evaluation.order_unknown"
    title = "No such order"
    detail = "没有找到这张工单。"
    kind = "not_found"


class ActNotPossible(EvaluationError):
    """The order is not at a stage on which this act follows; somebody may have been faster."""

    code = "evaluation.act_not_possible"
    title = "The act does not follow on the stage"
    detail = "工单当前状态不能进行这项操作，可能已有人处理，请刷新查看。"
    kind = "conflict"


class NotYoursToDo(EvaluationError):
    """The act is another role's, or another department's."""

    code = "evaluation.not_yours_to_do"
    title = "Not yours to do"
    detail = "这项操作不由您的岗位或单位进行。"
    kind = "forbidden"
