"""Why, why not, and what would change it: in everyday words, with the data behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backend.policies.document import Condition, Policy
from backend.policies.grammar import (
    Atom,
    Compare,
    Equal,
    Flag,
    Node,
    Not,
    OneOf,
    StartsWith,
    Value,
    atoms,
    looked_at,
)
from backend.policies.judging import Judgement
from backend.policies.variables import KIND_WORDS, Raw, variables

RegionName = Callable[[str], str]
_RELATIONS = {
    "==": "等于", "!=": "不等于", "<": "少于", "<=": "不超过", ">": "多于", ">=": "不少于",
}  # fmt: skip
_FARTHEST_YEARS = 30
_NOT_ASKED = "已经有条件不满足，这一条不用再查。"


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition as a person reads it.

    Attributes:
        result: fulfilled, not, or None where data are missing.
        looked: what was looked at, label and value.
        change: what would change it; empty where it is fulfilled.
    """

    words: str
    clause: str
    result: bool | None
    looked: tuple[tuple[str, str], ...]
    change: str


class Explaining:
    """Puts judgements into words.

    Args:
        region: the name of a region by its code.
    """

    def __init__(self, region: RegionName) -> None:
        self._region = region

    def reasons(
        self, judged: Judgement, values: Mapping[str, Value], facts: Mapping[str, Raw],
        today: date, *, asked: bool,
    ) -> list[Reason]:  # fmt: skip
        """Every condition of a policy.

        Args:
            asked: its sources were asked; they are not where it is ruled out without them, and then
                nothing is said of what they would have answered.
        """
        policy = judged.policy
        return [
            Reason(
                words=condition.words, clause=condition.clause, result=result,
                looked=tuple(
                    (variables()[name].label, self.shown(name, values.get(name)))
                    for name in sorted(looked_at(node)) if asked or name in values
                ),
                change=self._change(condition, node, values, facts, today, result, asked),
            )
            for condition, node, result in zip(
                policy.conditions, policy.nodes, judged.results, strict=True
            )
        ]  # fmt: skip

    def shown(self, name: str, value: Value | None) -> str:
        """A value as people say it."""
        variable = variables()[name]
        if value is None:
            return "暂无数据"
        if isinstance(value, bool):
            return "是" if value else "否"
        if variable.kind == "region":
            return self._region(str(value))
        if variable.kind == "subject":
            return KIND_WORDS.get(str(value), str(value))
        if isinstance(value, float):
            return f"{value:,.2f}".rstrip("0").rstrip(".") + f" {variable.unit}".rstrip()
        return f"{value} {variable.unit}".rstrip()

    def _change(
        self, condition: Condition, node: Node, values: Mapping[str, Value],
        facts: Mapping[str, Raw], today: date, result: bool | None, asked: bool,
    ) -> str:  # fmt: skip
        if result:
            return ""
        if result is None and not asked:
            return _NOT_ASKED
        if result is None:
            missing = [name for name in sorted(looked_at(node)) if name not in values]
            labels = "、".join(f"“{variables()[name].label}”" for name in missing)
            return f"没有查到{labels}，判断不了。没有的不用管；有的请稍后再看，或申请人工复核。"
        wants = "，或".join(self._wants(atom) for atom in atoms(node))
        negated = isinstance(node, Not)
        found = condition.remedy or (f"需要不是：{wants}。" if negated else f"需要{wants}。")
        when = "" if negated else self._when(node, facts, today)
        return f"{found}{when}"

    def _wants(self, atom: Atom) -> str:
        match atom:
            case Compare(left, relation, right) if left.variable and not looked_at(right):
                name = left.variable
                bound = sum((one.factor or 0) * one.sign for one in right.summands)
                return f"{variables()[name].label}{_RELATIONS[relation]} {self.shown(name, bound)}"
            case Compare():
                labels = "、".join(variables()[name].label for name in sorted(looked_at(atom)))
                return f"{labels}达到规定的比例"
            case Equal(name, relation, value):
                word = "为" if relation == "==" else "不为"
                return f"{variables()[name].label}{word}“{self.shown(name, value)}”"
            case OneOf(name, values):
                allowed = "、".join(f"“{self.shown(name, each)}”" for each in values)
                return f"{variables()[name].label}为{allowed}之一"
            case StartsWith(name, prefix):
                variable = variables()[name]
                if variable.kind == "region":
                    return f"{variable.label}在{self._region(prefix.ljust(6, '0'))}"
                return f"{variable.label}以 {prefix} 开头"
            case Flag(name):
                return f"“{variables()[name].label}”"

    def _when(self, node: Node, facts: Mapping[str, Raw], today: date) -> str:
        """The day on which a single condition on an age or a term comes true by itself."""
        if not isinstance(node, Compare) or node.left.variable is None or looked_at(node.right):
            return ""
        variable = variables()[node.left.variable]
        since = facts.get(variable.name)
        if variable.derive not in ("years", "months") or not isinstance(since, str):
            return ""
        bound = sum((one.factor or 0) * one.sign for one in node.right.summands)
        wanted = {">=": int(bound), ">": int(bound) + 1}.get(node.relation)
        if wanted is None:
            return ""
        day = _after(date.fromisoformat(since), wanted * (12 if variable.derive == "years" else 1))
        if not today < day < today + timedelta(days=366 * _FARTHEST_YEARS):
            return ""
        return f"到 {day.year} 年 {day.month} 月 {day.day} 日就满足了。"


def _after(since: date, months: int) -> date:
    """The first day on which so many whole months have passed."""
    years, month = divmod(since.month - 1 + months, 12)
    try:
        return since.replace(year=since.year + years, month=month + 1)
    except ValueError:
        # There is no such day in that month: the first of the next one.
        years, month = divmod(since.month + months, 12)
        return date(since.year + years, month + 1, 1)


def period_of(policy: Policy, today: date) -> str:
    """For which period a benefit of this day is."""
    match policy.document.benefit.per:
        case "year":
            return f"{today.year}"
        case "month":
            return f"{today:%Y-%m}"
    return "once"
