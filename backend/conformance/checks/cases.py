"""Applications: taken once, known afterwards, told in numbered events."""

from typing import Any

from backend.conformance.applications import NUMBERS, UNKNOWN, case_no, submission, withdrawal
from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend
from backend.exchange.manifest_conformance import CaseSubject

group = Group()
OPERATIONS = frozenset(NUMBERS)
_KEPT = ("case_no", "department_case_no", "received_at")


async def hand_in(case: Case) -> None:
    """Before an operation is looked at: the case that it is about has to be there."""
    if case.operation != "cases.submit":
        await _other(case, "cases.submit").ask(submission(_subject(case), NUMBERS[case.operation]))


async def take_back(case: Case) -> None:
    """Afterwards: nothing of the kit waits for a clerk."""
    await _other(case, "cases.withdraw").ask(withdrawal(_subject(case), NUMBERS[case.operation]))


@group.rule("cases.once", "同一办件换一个请求编号再送，仍是第一次的回执", "cases.submit")
async def once(case: Case) -> None:
    """Whoever lost the answer sends the case again: it must not open a second one."""
    first = await case.good(case.first.payload, "提交办件")
    payload = submission(_subject(case), NUMBERS["cases.submit"], again="again")
    second = await case.good(payload, "换一个请求编号再提交同一办件")
    for name in _KEPT:
        if first[name] != second[name]:
            raise Mend(f"再次提交同一 case_no：/{name} 应与第一次的回执相同，不得另立办件")


@group.rule("cases.on_file", "提交过的办件查得到", "cases.query")
async def on_file(case: Case) -> None:
    """What was receipted is on file, and its events are numbered from 1 without gaps."""
    record = await case.good(case.first.payload, "查询已提交的办件")
    if not record["known"] or not record["state"] or not record["department_case_no"]:
        raise Mend("查询已取得回执的办件：/known 应为 true，并给出 state 和 department_case_no")
    _check_numbers(record)


@group.rule("cases.unknown", "没有的办件如实说没有", "cases.query")
async def unknown(case: Case) -> None:
    """The platform submits it again then; a refusal would leave it waiting."""
    asked = {"case_no": case_no(_subject(case), UNKNOWN), "after_seq": 0}
    record = await case.good(asked, "查询不存在的办件")
    if record["known"] or record["events"]:
        raise Mend("查询不存在的办件：/known 应为 false，/events 应为空")


@group.rule("cases.after", "after_seq 之前的事件不再给出", "cases.query")
async def after(case: Case) -> None:
    """Reconciliation asks for what it does not know yet."""
    whole = await case.good(case.first.payload, "查询办件")
    asked = {**case.first.payload, "after_seq": whole["last_seq"]}
    if (await case.good(asked, "查询最后一个事件之后"))["events"]:
        raise Mend("after_seq 等于 last_seq 时，/events 应为空")


@group.rule("cases.withdrawn", "撤回留下编号的事件", "cases.withdraw")
async def withdrawn(case: Case) -> None:
    """What follows from a call of the platform is numbered like everything else."""
    receipt = await case.good(case.first.payload, "撤回办件")
    query = {"case_no": case.first.payload["case_no"], "after_seq": 0}
    record = await _other(case, "cases.query").good(query, "查询已撤回的办件")
    told = [event["event"] for event in record["events"]]
    if receipt["taken"] and (record["state"] != "withdrawn" or "withdrawn" not in told):
        raise Mend("撤回的回执 taken 为 true，cases.query 的 state 和 events 也应是 withdrawn")
    _check_numbers(record)


@group.rule("cases.reason", "没有采纳时说明理由", "cases.supplement")
async def reason(case: Case) -> None:
    """A supplement that nobody waits for changes nothing, and says why."""
    receipt = await case.good(case.first.payload, "提交没有被要求的补正")
    if not receipt["taken"] and not receipt.get("reason"):
        raise Mend("taken 为 false 的回执应有 reason，写给申请人看")


def _check_numbers(record: dict[str, Any]) -> None:
    numbers = [event["seq"] for event in record["events"]]
    if numbers != list(range(1, len(numbers) + 1)) or record["last_seq"] != len(numbers):
        raise Mend("事件的 seq 应从 1 起连续编号，last_seq 等于最后一个")


def _subject(case: Case) -> CaseSubject:
    return case.bench.subjects.cases[0]


def _other(case: Case, operation: str) -> Case:
    return Case(case.bench, operation)
