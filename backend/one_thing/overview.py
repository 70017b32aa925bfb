"""一件事 under way, for operators: where each step is, of nobody in particular."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count

from backend.cases.service import STATE_LABELS, Standing
from backend.one_thing.models import OneThingRun, OneThingStep
from backend.one_thing.parts import LEFT, OVER, WAITING, Parts

MOST = 100
_WORDS = {WAITING: "等待前一步", LEFT: "等申请人补填", OVER: "没有办理"}


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run: when, and how each step stands in words; who submitted it is not told.

    Attributes:
        steps: title and state, in their order.
    """

    id: UUID
    code: str
    name: str
    version: int
    for_kind: str
    submitted_at: datetime
    ended_at: datetime | None
    steps: Sequence[tuple[str, str]]


class Overview:
    """Reads what operators see of runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self) -> Mapping[str, int]:
        """How many runs of each code are under way."""
        rows = OneThingRun.filter(ended_at=None).annotate(runs=Count("id")).group_by("code")
        return {str(code): int(runs) for code, runs in await rows.values_list("code", "runs")}

    async def runs(self, code: str) -> list[RunLine]:
        """Those of one code, the newest first, what has ended too."""
        rows = await OneThingRun.filter(code=code).order_by("-id").limit(MOST)
        steps: dict[UUID, list[OneThingStep]] = defaultdict(list)
        for step in await OneThingStep.filter(run_id__in=[row.id for row in rows]).order_by(
            "place"
        ):
            steps[step.run_id].append(step)
        drafts = [step.draft_id for each in steps.values() for step in each]
        cases = await self._parts.services.cases.joint.standings(drafts)
        return [_line(row, steps[row.id], cases) for row in rows]


def _line(
    row: OneThingRun, steps: Sequence[OneThingStep], cases: Mapping[UUID, Standing]
) -> RunLine:
    titles = {one["code"]: str(one["title"]) for one in row.body["steps"]}
    told = [(titles[step.code], _words(step, cases.get(step.draft_id))) for step in steps]
    return RunLine(
        row.id, row.code, row.name, row.version, row.for_kind, row.submitted_at, row.ended_at, told
    )


def _words(step: OneThingStep, case: Standing | None) -> str:
    if case is not None:
        return STATE_LABELS[case.state]
    return _WORDS.get(step.state, "正在提交")
