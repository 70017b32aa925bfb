"""One page for all of it: which step is where, what waits for what, until when, whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.audit.service import person
from backend.cases.service import STATE_LABELS, CaseView
from backend.identity.service import Session
from backend.one_thing.advancing import Advancing
from backend.one_thing.errors import RunUnknown, StepStarted, StepUnknown
from backend.one_thing.models import OneThingRun, OneThingStep
from backend.one_thing.parts import HANDED_IN, LEFT, OVER, WAITING, Parts

MOST = 50


@dataclass(frozen=True, slots=True)
class StepView:
    """A step.

    Attributes:
        state: ``waiting``, ``handed_in``, ``draft`` or ``ended``.
        words: where it stands, a sentence.
        waits_for: names of the steps that are not granted yet.
        case: once it is one; draft_id: of what the person has to finish.
    """

    code: str
    title: str
    item_code: str
    item_name: str
    department_name: str
    state: str
    words: str
    waits_for: Sequence[str]
    case: CaseView | None
    draft_id: UUID | None


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run in a list."""

    id: UUID
    code: str
    name: str
    for_kind: str
    submitted_at: datetime
    updated_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its steps.

    Attributes:
        done: how many steps came to their end.
    """

    card: RunCard
    steps: Sequence[StepView]
    done: int


class Progress:
    """Shows runs to the person who submitted them."""

    def __init__(self, parts: Parts, advancing: Advancing) -> None:
        self._parts, self._advancing = parts, advancing

    async def list(self, session: Session) -> list[RunCard]:
        """The person's, newest first."""
        rows = OneThingRun.filter(person_id=session.person_id).order_by("-id").limit(MOST)
        return [_card(row) for row in await rows]

    async def get(self, session: Session, run_id: UUID) -> RunView:
        """One of them.

        Raises:
            RunUnknown.
        """
        run = await self._own(session, run_id)
        steps = await OneThingStep.filter(run_id=run.id).order_by("place")
        views = await self._cases(session, steps)
        shown = [self._step(run, one, steps, views) for one in steps]
        done = sum(
            one.state == OVER or (one.case is not None and one.case.card.ended) for one in shown
        )
        return RunView(_card(run), shown, done)

    async def cancel(self, session: Session, run_id: UUID, code: str) -> RunView:
        """Take back a step that still waits; what waits for it ends with it. Again does nothing.

        Raises:
            RunUnknown, StepUnknown.
            StepStarted: it is a case by now.
        """
        run = await self._own(session, run_id)
        step = await OneThingStep.get_or_none(run_id=run.id, code=code)
        if step is None:
            raise StepUnknown
        if step.state != OVER and not await self._advancing.stop(
            run, step, person(session.person_id)
        ):
            raise StepStarted
        return await self.get(session, run_id)

    async def _own(self, session: Session, run_id: UUID) -> OneThingRun:
        run = await OneThingRun.get_or_none(id=run_id, person_id=session.person_id)
        if run is None:
            raise RunUnknown
        return run

    async def _cases(self, session: Session, steps: Sequence[OneThingStep]) -> dict[UUID, CaseView]:
        cases = self._parts.services.cases
        found = await cases.joint.cases([one.draft_id for one in steps])
        return {
            draft_id: await cases.views.view(case, session.person_id)
            for draft_id, case in found.items()
        }

    def _step(
        self, run: OneThingRun, step: OneThingStep, steps: Sequence[OneThingStep],
        views: dict[UUID, CaseView],
    ) -> StepView:  # fmt: skip
        titles = {one["code"]: str(one["title"]) for one in run.body["steps"]}
        view = views.get(step.draft_id)
        waits = [
            titles[one.code]
            for one in steps
            if one.code in step.after and not _is_granted(views.get(one.draft_id))
        ]
        state = HANDED_IN if view is not None else step.state
        return StepView(
            code=step.code, title=titles[step.code], item_code=step.item_code,
            item_name=step.item_name, department_name=step.department_name, state=state,
            words=_words(step, view, waits), waits_for=waits if state == WAITING else (),
            case=view, draft_id=step.draft_id if state == LEFT else None,
        )  # fmt: skip


def _card(run: OneThingRun) -> RunCard:
    return RunCard(
        run.id, run.code, run.name, run.for_kind, run.submitted_at, run.updated_at,
        run.ended_at is not None,
    )  # fmt: skip


def _is_granted(view: CaseView | None) -> bool:
    result: Any = view.result if view is not None else None
    return bool(result) and result.get("decision") == "approved"


def _words(step: OneThingStep, view: CaseView | None, waits: Sequence[str]) -> str:
    if view is not None:
        label = STATE_LABELS[view.card.state]
        return view.following if view.following.startswith(label) else f"{label}。{view.following}"
    if step.state == LEFT:
        return "有内容需要您补充，补充后提交。"
    if step.state == OVER:
        return f"没有办理：{step.reason}。"
    if waits:
        return f"等“{'”“'.join(waits)}”办好后自动提交，不用您操作。"
    return "前一步已办好，正在取结果并自动提交。"
