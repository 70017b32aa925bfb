"""What waits goes on by itself: filled with the result that it waited for, and handed in.

A decision marks the run in the transaction of its event, so nothing is missed; the worker looks at
marked runs. A run is taken by moving ``look_at`` on (a lease), so that a killed worker's runs are
taken by the next one, and a step becomes a case once: its state is written from ``waiting`` and the
case carries its draft's id under a unique constraint.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.cases.errors import CaseError
from backend.cases.service import ENDED, STATE_LABELS, Application, Content, Draft, Standing, State
from backend.catalogue.errors import ItemNotFound
from backend.errors import DomainError
from backend.one_thing.definition import OneThing, read_definition
from backend.one_thing.filling import Filling, NotYet
from backend.one_thing.models import OneThingRun, OneThingStep
from backend.one_thing.parts import HANDED_IN, LEFT, OVER, WAITING, Parts, link_of
from backend.one_thing.plan import Plan

log = structlog.get_logger("one_thing")

ACTOR = "platform"
BATCH = 50
LEASE = timedelta(seconds=30)
LONGEST_WAIT_S = 300
# With waits of 1, 2, 4 … 300 s: some two hours, after which the person is asked to help.
MOST_TRIES = 30
# Whether the person finished what was left to them is looked at now and then.
LEFT_S = 600
_GRANTED = "approved"


class Advancing:
    """Takes runs on."""

    def __init__(self, parts: Parts, filling: Filling) -> None:
        self._parts, self._filling = parts, filling
        self._joint = parts.services.cases.joint
        self._joint.follow(self.mark)

    async def mark(self, draft_id: UUID) -> None:
        """A case was decided or ended; inside the transaction of that."""
        step = await OneThingStep.get_or_none(draft_id=draft_id).only("run_id")
        if step is not None:
            await self._mark(step.run_id)

    async def _mark(self, run_id: UUID) -> None:
        now = self._parts.now()
        await OneThingRun.filter(id=run_id, ended_at=None).update(
            due=True, touched=F("touched") + 1, tries=0, look_at=now, updated_at=now
        )

    async def run(self) -> int | None:
        """Look at what is due; says how many runs were looked at."""
        now = self._parts.now()
        due = OneThingRun.filter(due=True, look_at__lte=now, ended_at=None)
        looked = 0
        for row in await due.order_by("look_at").limit(BATCH):
            mine = OneThingRun.filter(id=row.id, touched=row.touched, look_at=row.look_at)
            if await mine.update(look_at=now + LEASE):
                await self._looked(row)
                looked += 1
        return looked or None

    async def _looked(self, run: OneThingRun) -> None:
        try:
            await self._look(run)
        except Exception:
            # It is taken up again when its lease is over; the others do not wait for it.
            log.exception("one_thing.look_failed", run=str(run.id))

    async def _look(self, run: OneThingRun) -> None:
        steps = await OneThingStep.filter(run_id=run.id).order_by("place")
        standings = await self._joint.standings([one.draft_id for one in steps])
        later = False
        for step in steps:
            if step.state != WAITING:
                continue
            why = await self._stopped_by(run, step, steps, standings)
            if why:
                await self._end(run, step, why)
            elif all(_granted(one, standings) for one in _before(step, steps)):
                later |= not await self._hand_in(run, step, steps, standings)
        await self._put_down(run, steps, standings, later)

    async def _put_down(
        self, run: OneThingRun, steps: Sequence[OneThingStep],
        standings: Mapping[UUID, Standing], later: bool,
    ) -> None:  # fmt: skip
        """Ended, to be looked at again, or left alone until something happens."""
        now = self._parts.now()
        mine = OneThingRun.filter(id=run.id, touched=run.touched)
        if all(_over(one, standings) for one in steps):
            if await mine.update(due=False, ended_at=now, updated_at=now):
                await self._joint.forget_files(run.draft_id)
            return
        if later:
            wait = min(2 ** min(run.tries, 10), LONGEST_WAIT_S)
            await mine.update(look_at=now + timedelta(seconds=wait), tries=run.tries + 1)
        elif any(one.state == LEFT for one in steps):
            await mine.update(look_at=now + timedelta(seconds=LEFT_S))
        else:
            await mine.update(due=False)

    # One step

    async def _stopped_by(
        self, run: OneThingRun, step: OneThingStep, steps: Sequence[OneThingStep],
        standings: Mapping[UUID, Standing],
    ) -> str:  # fmt: skip
        """Why a step can never be handed in; empty while it can."""
        for one in _before(step, steps):
            standing = standings.get(one.draft_id)
            title = _title(run, one.code)
            if one.state == OVER:
                return f"前一步“{title}”没有办成"
            if standing is None:
                if one.state == LEFT and not await self._joint.still_open([one.draft_id]):
                    return f"前一步“{title}”没有提交"
            elif standing.decision not in ("", _GRANTED):
                return f"前一步“{title}”未获准予"
            elif not standing.decision and standing.state in ENDED:
                return f"前一步“{title}”{STATE_LABELS[State(standing.state)]}"
        return ""

    async def _end(self, run: OneThingRun, step: OneThingStep, why: str) -> None:
        now, content = self._parts.now(), self._content(step)
        text = f"“{_title(run, step.code)}”没有提交：{why}。您可以在办好前一步后单独办理这一项。"
        async with in_transaction():
            mine = OneThingStep.filter(id=step.id, state=WAITING)
            if not await mine.update(state=OVER, reason=why, content=None, updated_at=now):
                return
            await self._record(run, step, "one_thing.step_ended", content)
            await self._tell(run, step, "有一步没能接着办", text)
        step.state = OVER

    async def _hand_in(
        self, run: OneThingRun, step: OneThingStep, steps: Sequence[OneThingStep],
        standings: Mapping[UUID, Standing],
    ) -> bool:  # fmt: skip
        """Hand a step in, or leave it to the person; False where it has to wait a little."""
        try:
            draft = await self._filled(run, step, steps, standings)
        except NotYet:
            return run.tries >= MOST_TRIES and await self._leave(run, step, None)
        except (ItemNotFound, ValueError) as error:
            # An item went, or was published so that it fits the others no more.
            log.info("one_thing.items_changed", error=type(error).__name__)
            return await self._leave(run, step, None)
        except DomainError as error:
            log.warning("one_thing.not_filled", error=type(error).__name__)
            return False
        if not draft.ready:
            return await self._leave(run, step, draft)
        try:
            application = await self._joint.ready(run.person_id, draft, run.draft_id, "")
        except CaseError as error:
            log.info("one_thing.left_to_person", error=type(error).__name__)
            return await self._leave(run, step, draft)
        except DomainError as error:
            log.warning("one_thing.not_handed_in", error=type(error).__name__)
            return False
        return await self._written(run, step, application)

    async def _filled(
        self,
        run: OneThingRun,
        step: OneThingStep,
        steps: Sequence[OneThingStep],
        standings: Mapping[UUID, Standing],
    ) -> Draft:
        plan = await self._plan(run, steps)
        earlier = {
            one.code: standings[one.draft_id]
            for one in steps
            if one.code in plan.ancestors(step.code) and one.draft_id in standings
        }
        return await self._filling.filled(
            plan, step.code, step.draft_id, self._content(step), run, earlier
        )

    async def _written(
        self, run: OneThingRun, step: OneThingStep, application: Application
    ) -> bool:
        content = application.draft.content
        now = self._parts.now()
        try:
            async with in_transaction():
                mine = OneThingStep.filter(id=step.id, state=WAITING)
                if not await mine.update(state=HANDED_IN, content=None, updated_at=now):
                    await self._joint.drop([application])
                    return True
                await self._joint.write([application])
                await self._record(run, step, "one_thing.step_handed_in", content)
                await self._tell(
                    run, step, "下一步已自动提交",
                    f"前一步已办好，“{_title(run, step.code)}”已提交给{step.department_name}，"
                    f"办件编号 {application.case.case_no}。",
                )  # fmt: skip
        except IntegrityError:
            await self._joint.drop([application])
            return False
        step.state = HANDED_IN
        return True

    async def _leave(self, run: OneThingRun, step: OneThingStep, draft: Draft | None) -> bool:
        """What cannot be completed by itself becomes an ordinary draft of the person.

        Args:
            draft: None where not even that is known which it would be.
        """
        title, now = _title(run, step.code), self._parts.now()
        if draft is None:
            await self._end(run, step, "没有取到前一步的结果，或事项已不再受理")
            return True
        async with in_transaction():
            mine = OneThingStep.filter(id=step.id, state=WAITING)
            if await mine.update(state=LEFT, content=None, updated_at=now):
                await self._joint.hand_back(run.person_id, draft, run.draft_id)
                await self._record(run, step, "one_thing.step_left", draft.content)
                await self._tell(
                    run, step, "有一步需要您补充",
                    f"“{title}”有内容不能自动取得，已为您存成草稿，请补充后提交。",
                )  # fmt: skip
        step.state = LEFT
        return True

    # Common

    async def _plan(self, run: OneThingRun, steps: Sequence[OneThingStep]) -> Plan:
        """The plan as it was submitted, over the items as they are now.

        Raises:
            ItemNotFound: one is no longer offered.
        """
        thing: OneThing = read_definition(run.body)
        offers = await self._parts.offers(thing)
        chosen = [one.code for one in steps]
        if not set(chosen) <= set(offers):
            raise ItemNotFound
        return Plan(thing, run.version, chosen, offers)

    def _content(self, step: OneThingStep) -> Content:
        return Content.of_json(self._parts.open(step.content or b"", step.id))

    async def _record(
        self, run: OneThingRun, step: OneThingStep, action: str, content: Content
    ) -> None:
        await self._parts.services.audit.record(
            ACTOR, action, content.about,
            {"run": str(run.id), "step": step.code, "person": str(run.person_id)},
        )  # fmt: skip

    async def _tell(self, run: OneThingRun, step: OneThingStep, title: str, text: str) -> None:
        await self._parts.services.messages.tell(
            run.person_id, "case.one_thing", title, text, link_of(run.id),
            dedupe_key=f"one-thing:{step.id}:{title}",
        )  # fmt: skip

    async def stop(self, run: OneThingRun, step: OneThingStep, about: str) -> bool:
        """The person takes a waiting step back; what waits for it ends with it."""
        now = self._now()
        async with in_transaction():
            mine = OneThingStep.filter(id=step.id, state=WAITING)
            if not await mine.update(
                state=OVER, reason="您已取消这一步", content=None, updated_at=now
            ):
                return False
            await self._parts.services.audit.record(
                about, "one_thing.step_cancelled", about,
                {"run": str(run.id), "step": step.code},
            )  # fmt: skip
            await self._mark(run.id)
        return True

    def _now(self) -> datetime:
        return self._parts.now()


def _before(step: OneThingStep, steps: Sequence[OneThingStep]) -> list[OneThingStep]:
    return [one for one in steps if one.code in step.after]


def _granted(step: OneThingStep, standings: Mapping[UUID, Standing]) -> bool:
    standing = standings.get(step.draft_id)
    return standing is not None and standing.decision == _GRANTED


def _over(step: OneThingStep, standings: Mapping[UUID, Standing]) -> bool:
    standing = standings.get(step.draft_id)
    return step.state == OVER or (standing is not None and standing.ended)


def _title(run: OneThingRun, code: str) -> str:
    return next(str(one["title"]) for one in run.body["steps"] if one["code"] == code)
