"""Refusals around 一件事.

OneThingError
├── OneThingUnknown, RunUnknown, StepUnknown   no such thing, or somebody else's
├── DefinitionRefused                          what an operator wanted to register
├── OneThingPaused                             an item changed so that the whole no longer fits
├── ChoiceInvalid                              which steps were chosen
├── ForWhomNotServed                           not for this kind of applicant
└── StepStarted                                a step that waits no more
"""

from typing import ClassVar

from backend.errors import DomainError, Kind, PlacesWrong


class OneThingError(DomainError):
    """Base of the package's errors."""

    code = "one_thing.refused"
    title = "Refused"
    kind: ClassVar[Kind] = "conflict"


class OneThingUnknown(OneThingError):
    """None of that code is registered."""

    code = "one_thing.unknown"
    title = "No such one-thing"
    detail = "没有找到这“一件事”，可能已停办。请在“办事”中查看，或拨打 12345 咨询。"
    kind = "not_found"


class RunUnknown(OneThingError):
    """The person submitted no such one."""

    code = "one_thing.run_unknown"
    title = "No such submission"
    detail = "没有找到这次“一件事”申请，请在“我的办件”中查看。"
    kind = "not_found"


class StepUnknown(OneThingError):
    """It has no such step."""

    code = "one_thing.step_unknown"
    title = "No such step"
    detail = "没有找到这一步，请刷新后再试。"
    kind = "not_found"


class DefinitionRefused(OneThingError, PlacesWrong):
    """A definition does not hold; every place with the reason."""

    code = "one_thing.definition_refused"
    title = "The definition does not hold"
    detail = "这份“一件事”定义不能发布，请按指出的位置逐条更正。"
    kind = "invalid"


class OneThingPaused(OneThingError):
    """An item of it changed, or is no longer offered: an operator has to register it anew."""

    code = "one_thing.paused"
    title = "One of its items changed"
    detail = "这“一件事”里有事项刚刚调整，暂停联办。您可以分别办理各个事项，或拨打 12345 咨询。"


class ChoiceInvalid(OneThingError):
    """Steps that do not exist, or that cannot be left out."""

    code = "one_thing.choice_invalid"
    title = "These steps cannot be chosen together"
    detail = "所选的事项不对：必办的事项不能去掉，请重新选择。"
    kind = "invalid"


class ForWhomNotServed(OneThingError):
    """It is not for this kind of applicant."""

    code = "one_thing.for_whom_not_served"
    title = "Not for this kind of applicant"
    detail = "这“一件事”不能这样代办，请换一种身份办理。"


class StepStarted(OneThingError):
    """It is a case already: that is withdrawn like any case."""

    code = "one_thing.step_started"
    title = "The step waits no more"
    detail = "这一步已经提交给部门，请在这一步的办件里申请撤回。"
