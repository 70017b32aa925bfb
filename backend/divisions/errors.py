"""Refusals of the divisions package.

DivisionError
├── DivisionUnknown     no such record for this officer
├── SystemUnfit         a named system is not registered, or cannot do its part
├── NothingDivided      one department would do it all, and nothing else is in force
├── PeriodInvalid       it would begin before today, or end before it begins
├── ProposedAlready     another proposal for the item waits for consent
├── NotYoursToDo        the officer's department has no part in it
├── SameHand            whoever proposed it does not consent to it
└── DecidedAlready      it waits for no consent any more
"""

from backend.errors import DomainError


class DivisionError(DomainError):
    """Base of the package's errors."""


class DivisionUnknown(DivisionError):
    """No such record, or one of departments that are not the officer's: the answer is the same."""

    code = "divisions.unknown"
    title = "No such division of an item"
    detail = "没有找到这条职责分工记录。"
    kind = "not_found"


class SystemUnfit(DivisionError):
    """Who accepts and decides takes applications; who supervises takes notices of decisions."""

    code = "divisions.system_unfit"
    title = "The system cannot do its part"
    detail = (
        "所选系统尚未接入，或没有登记相应接口：受理、决定要有全部办件接口，监管要有决定抄告接口。"
    )
    kind = "invalid"


class NothingDivided(DivisionError):
    """The item's own department does all of it already."""

    code = "divisions.nothing_divided"
    title = "Nothing is divided"
    detail = "受理、决定、监管都是原部门，且目前没有其他分工，不需要登记。"
    kind = "invalid"


class PeriodInvalid(DivisionError):
    """A division is agreed before it takes effect."""

    code = "divisions.period_invalid"
    title = "The period is not one to come"
    detail = "生效日期不能早于今天，失效日期不能早于生效日期。"
    kind = "invalid"


class ProposedAlready(DivisionError):
    """One proposal at a time for an item."""

    code = "divisions.proposed_already"
    title = "Another proposal waits for consent"
    detail = "这个事项已有一条分工方案在征求同意，请先等它办完或撤回。"
    kind = "conflict"


class NotYoursToDo(DivisionError):
    """Only departments that have a part in it say anything about it."""

    code = "divisions.not_yours"
    title = "The department has no part in it"
    detail = "您所在的部门不是这项分工的当事部门，不能办理。"
    kind = "forbidden"


class SameHand(DivisionError):
    """Two hands: proposing and consenting are never one's own."""

    code = "divisions.same_hand"
    title = "Whoever proposed it does not consent to it"
    detail = "提出分工方案的人不能同意自己的方案，请由其他当事部门的负责人办理。"
    kind = "forbidden"


class DecidedAlready(DivisionError):
    """Somebody was faster, or the department has consented before."""

    code = "divisions.decided_already"
    title = "It waits for no consent of this department any more"
    detail = "这条分工方案已办完，或您的部门已经同意过。"
    kind = "conflict"
