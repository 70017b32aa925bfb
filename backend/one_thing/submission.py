"""From a draft of a 一件事 to its cases: one transaction.

What waits for nothing becomes a case at once, with its own 办件编号, and goes to its department by
the outbox. What waits for another's result is kept sealed, as it was signed for, and becomes a case
when that is there: a period of the law runs from the day on which a department has all it needs
(行政许可法 art. 32), and a number is of that day.

A draft becomes a run once, however often it is submitted at the same moment: its state is written
from ``open``, and the run carries its id under a unique constraint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.cases.errors import DraftChanged, DraftIncomplete, DraftUnknown, ItemChanged
from backend.cases.service import JOINT, Application, Content, Draft, incomplete
from backend.identity.service import Session
from backend.one_thing.models import OneThingRun, OneThingStep
from backend.one_thing.opening import Opening
from backend.one_thing.parts import HANDED_IN, WAITING, Parts
from backend.one_thing.plan import Plan
from backend.one_thing.register import Register
from backend.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Handed:
    """What a submission is answered with.

    Attributes:
        case_nos: of the cases that were handed in at once.
        waiting: names of the steps that wait for them.
        again: it was submitted before; nothing was done now.
    """

    run_id: UUID
    name: str
    submitted_at: datetime
    case_nos: Sequence[str]
    waiting: Sequence[str]
    again: bool


class Submission:
    """Submits."""

    def __init__(self, parts: Parts, register: Register, opening: Opening) -> None:
        self._parts, self._register, self._opening = parts, register, opening
        self._drafts, self._joint = parts.services.cases.drafts, parts.services.cases.joint

    async def submit(
        self, session: Session, draft_id: UUID, version: int, trace: str,
        stored: bytes | None = None,
    ) -> Handed:  # fmt: skip
        """Submit a draft; again, the run that it became.

        Args:
            stored: the value of ``holder_key(subject)``, if it was fetched already.

        Raises:
            DraftUnknown, DraftChanged, DraftIncomplete, ItemChanged, OneThingUnknown,
            OneThingPaused, NotOnline, WrongApplicant, LevelTooLow, ForWhomUnknown,
            MandateMissing, RegisterUnavailable, LicenceUnfit, CommitmentChanged, IssuersSilent.
        """
        try:
            draft = await self._drafts.get(session, draft_id)
        except DraftUnknown:
            return await self._before(session, draft_id)
        if draft.kind != JOINT:
            raise DraftUnknown
        if draft.version != version:
            raise DraftChanged(draft.version)
        if draft.item_changed:
            raise ItemChanged
        incomplete(draft)
        guide = await self._register.sound(draft.offer.task_code)
        plan = guide.plan(draft.content.parts)
        await self._may(session, plan, draft, trace, stored)
        pieces = {code: self._piece(plan, draft, code) for code in plan.chosen}
        _check(plan, pieces)
        applications = await self._ready(session, plan, draft, pieces, trace)
        try:
            done = await self._write(session, plan, draft, pieces, applications)
        except IntegrityError:
            done = None
        if done is None:
            await self._joint.drop(applications.values())
            return await self._before(session, draft_id)
        return done

    async def _may(
        self, session: Session, plan: Plan, draft: Draft, trace: str, stored: bytes | None
    ) -> None:
        await self._opening.acting(session, plan, draft.for_kind, draft.for_id, trace)
        for step in plan.steps:
            if step.founded_by is None:
                await self._joint.still_theirs(session, draft, step.item, trace, stored)
                # The right to act was looked at for every item; whose draft it is, once is enough.
                return

    def _piece(self, plan: Plan, draft: Draft, code: str) -> Draft:
        """What of the draft is one step's."""
        content, offer = draft.content, plan.offers[code]
        form = content.form_for(draft.offer)
        piece = Content(content.applicant, content.subject, content.about, content.agent)
        piece.values, piece.phone = plan.share(code, form), content.phone
        piece.provenance = {
            f"/{own}": content.provenance[f"/{merged}"]
            for own, merged in plan.merged.names.get(code, {}).items()
            if f"/{merged}" in content.provenance
        }
        piece.materials = _materials(plan, content, code)
        by_post = (content.delivery or {}).get("how") == "post"
        if not by_post or offer.elements["is_express"]:
            piece.delivery = content.delivery
        return self._drafts.drawn(uuid7(), draft.for_kind, draft.for_id, offer, piece)

    async def _ready(
        self, session: Session, plan: Plan, draft: Draft, pieces: Mapping[str, Draft], trace: str
    ) -> dict[str, Application]:
        made: dict[str, Application] = {}
        try:
            for code in plan.chosen:
                if not plan.before[code]:
                    made[code] = await self._joint.ready(
                        session.person_id, pieces[code], draft.id, trace
                    )
        except BaseException:
            await self._joint.drop(made.values())
            raise
        return made

    async def _write(
        self, session: Session, plan: Plan, draft: Draft, pieces: Mapping[str, Draft],
        applications: Mapping[str, Application],
    ) -> Handed | None:  # fmt: skip
        now = self._parts.now()
        run = OneThingRun(
            id=uuid7(), draft_id=draft.id, person_id=session.person_id, code=plan.thing.code,
            version=plan.version, name=plan.thing.plain_name, for_kind=draft.for_kind,
            for_id=draft.for_id, body=plan.thing.as_json(), look_at=now, submitted_at=now,
            updated_at=now,
        )  # fmt: skip
        async with in_transaction():
            # First of all, and from the version that was checked: a second one finds nothing.
            if not await self._joint.claim(draft):
                return None
            await run.save(force_create=True)
            await self._joint.write(list(applications.values()))
            cases = {code: one.case for code, one in applications.items()}
            for place, step in enumerate(plan.steps):
                await self._step(run, plan, place, pieces[step.code], step.code in cases)
            await self._parts.services.audit.record(
                person(session.person_id), "one_thing.submitted", draft.content.about,
                {
                    "run": str(run.id), "one_thing": run.code, "for": draft.for_kind,
                    "for_id": draft.for_id if draft.for_kind != "enterprise" else None,
                    "cases": "、".join(one.case_no for one in cases.values()),
                },
            )  # fmt: skip
        return Handed(
            run.id, run.name, now, [one.case_no for one in cases.values()],
            [one.title for one in plan.steps if one.code not in cases], again=False,
        )  # fmt: skip

    async def _step(
        self, run: OneThingRun, plan: Plan, place: int, piece: Draft, handed_in: bool
    ) -> None:
        step, step_id = plan.steps[place], uuid7()
        await OneThingStep.create(
            id=step_id, run_id=run.id, place=place, code=step.code, item_code=step.item,
            item_name=piece.offer.name, department_name=piece.offer.department_name,
            state=HANDED_IN if handed_in else WAITING, after=plan.before[step.code],
            draft_id=piece.id, updated_at=run.submitted_at,
            content=None if handed_in else self._parts.seal(piece.content.as_json(), step_id),
        )  # fmt: skip

    async def _before(self, session: Session, draft_id: UUID) -> Handed:
        run = await OneThingRun.get_or_none(draft_id=draft_id, person_id=session.person_id)
        if run is None:
            raise DraftUnknown
        steps = await OneThingStep.filter(run_id=run.id).order_by("place")
        cases = await self._joint.cases([one.draft_id for one in steps])
        titles = {one["code"]: one["title"] for one in run.body["steps"]}
        return Handed(
            run.id, run.name, run.submitted_at, [one.case_no for one in cases.values()],
            [titles[one.code] for one in steps if one.draft_id not in cases], again=True,
        )  # fmt: skip


def _materials(plan: Plan, content: Content, code: str) -> dict[str, dict[str, Any]]:
    """The materials of a step: given once, they go to every step that asks for them."""
    founded = plan.thing.step(code).founded_by is not None
    found = {}
    for one in plan.materials:
        supplied = content.materials.get(one.code)
        for step, own in one.to:
            if step != code or supplied is None or one.raw.get("from_step"):
                continue
            found[own] = dict(supplied)
            if founded and supplied.get("how") == "licence":
                # The founder's own; the new company's wallet has no such licence.
                found[own]["agent_subject"] = content.subject
    return found


def _check(plan: Plan, pieces: Mapping[str, Draft]) -> None:
    """Each item's own rules, as its department will look at it.

    Raises:
        DraftIncomplete: by the pointers of the merged draft.
    """
    places = []
    for code, piece in pieces.items():
        excused = plan.excused(code)
        for one in (*piece.mistakes, *piece.lacking):
            top = "/".join(one["pointer"].split("/")[: 3 if "/materials/" in one["pointer"] else 2])
            if top not in excused:
                pointer = _merged_pointer(plan, code, one["pointer"])
                places.append({"pointer": pointer, "message": one["detail"]})
    if places:
        raise DraftIncomplete(places)


def _merged_pointer(plan: Plan, code: str, pointer: str) -> str:
    _, first, *rest = pointer.split("/")
    if first == "materials":
        for one in plan.materials:
            if (code, rest[0]) in one.to:
                return f"/materials/{one.code}"
    merged = plan.merged.names.get(code, {}).get(first, first)
    return "/".join(["", merged, *rest])
