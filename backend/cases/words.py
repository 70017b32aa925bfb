"""What a person is told of each event, in words."""

from collections.abc import Mapping
from typing import Any

from backend.cases.models import Case
from backend.cases.states import Event

_PLEASE = "请在“我的办件”中查看。"
# Event → title and text; what is not here is seen in the timeline and told to nobody.
_TOLD: Mapping[Event, tuple[str, str]] = {
    Event.ACCEPTED: ("您的申请已受理", "{who}已受理“{name}”。"),
    Event.NOT_ACCEPTED: ("您的申请未被受理", "{who}对“{name}”不予受理：{reason}。{remedies}"),
    Event.TRANSFERRED: ("您的申请已转办", "“{name}”已转由{to}办理。"),
    Event.CORRECTION_REQUESTED: (
        "请补正材料", "“{name}”还需补正 {count} 项，请在 {due_on} 前提交。",
    ),
    Event.CORRECTION_TIMEOUT: (
        "您的申请已因逾期未补正办结", "“{name}”：{reason}。您可以重新申请。",
    ),
    Event.WITHDRAWN: ("您的申请已撤回", "“{name}”已撤回。"),
    Event.SPECIAL_STARTED: (
        "您的申请进入特别程序", "“{name}”需要{special}：{reason}。所需时间不计入办理期限。",
    ),
    Event.EXTENDED: ("办理期限已延长", "“{name}”延长 {workdays} 个工作日：{reason}。"),
    Event.APPROVED: ("您的申请已办成", "“{name}”已准予，结果：{result}。"),
    Event.DENIED: ("您的申请未获准予", "“{name}”：{reason}。{remedies}"),
    Event.DELIVERING: ("办理结果正在送达", "“{name}”的结果正在送达。"),
    Event.RESULT_DELIVERED: ("办件已办结", "“{name}”已办结，欢迎评价本次服务。"),
    Event.TERMINATED: ("您的申请已终止办理", "“{name}”：{reason}。"),
}  # fmt: skip


def words_for(case: Case, event: Event, detail: Mapping[str, Any]) -> tuple[str, str] | None:
    """Title and text for the person; None where nothing has to be told."""
    found = _TOLD.get(event)
    if found is None:
        return None
    title, text = found
    known = {name: str(detail.get(name, "")) for name in _NAMES}
    told = text.format(
        **known, who=case.department_name, name=case.item_name,
        count=len(detail.get("items") or ()), result=(detail.get("result") or {}).get("name", ""),
    )  # fmt: skip
    # Departments end their reasons with a full stop, or they do not.
    return title, f"{told.replace('。。', '。')}{_PLEASE}"


_NAMES = ("reason", "remedies", "to", "due_on", "special", "workdays")
