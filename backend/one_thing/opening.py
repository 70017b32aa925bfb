"""Drafts of a 一件事: begun, filled in by what registers and licences say, steps chosen.

Such a draft is a draft of the cases package whose item is the plan: saved, resumed, materials and
files handled like any other.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from backend.cases.errors import DraftUnknown
from backend.cases.service import JOINT, Acting, Content, Draft, ForKind, wanted_by
from backend.catalogue.service import Offer
from backend.identity.service import Session
from backend.one_thing.definition import Step
from backend.one_thing.errors import ForWhomNotServed
from backend.one_thing.parts import Parts, choice
from backend.one_thing.plan import Plan
from backend.one_thing.register import Register


class Opening:
    """The use cases."""

    def __init__(self, parts: Parts, register: Register) -> None:
        self._parts, self._register = parts, register
        self._drafts, self._joint = parts.services.cases.drafts, parts.services.cases.joint
        self._drafts.composed = self._compose

    async def _compose(self, code: str, parts: Sequence[str]) -> Offer:
        guide = await self._register.sound(code)
        known = {one.code for one in guide.thing.steps}
        return guide.plan([one for one in parts if one in known]).offer

    async def open(
        self, session: Session, code: str, kind: ForKind, for_id: str,
        chosen: Sequence[str] | None, trace: str,
    ) -> Draft:  # fmt: skip
        """Begin a draft; None chooses what is done by default.

        Raises:
            OneThingUnknown, OneThingPaused, ForWhomNotServed, ChoiceInvalid, NotOnline,
            WrongApplicant, LevelTooLow, TooManyDrafts, ForWhomUnknown, MandateMissing,
            RegisterUnavailable.
        """
        guide = await self._register.sound(code)
        if kind not in guide.thing.for_:
            raise ForWhomNotServed
        plan = guide.plan(choice(guide.thing, chosen))
        acting = await self.acting(session, plan, kind, for_id, trace)
        content = Content(acting.applicant, acting.subject, acting.about, acting.agent)
        content.parts = plan.chosen
        await self._fill(session, plan, acting, content, trace)
        return await self._drafts.open_joint(session, kind, for_id, plan.offer, content)

    async def choose(
        self, session: Session, draft_id: UUID, version: int, chosen: Sequence[str], trace: str
    ) -> Draft:
        """Do other steps; what was filled in stays as far as it is still asked for.

        Raises:
            DraftUnknown, DraftChanged, OneThingUnknown, OneThingPaused, ChoiceInvalid, NotOnline,
            WrongApplicant, LevelTooLow, ForWhomUnknown, MandateMissing, RegisterUnavailable.
        """
        draft = await self._drafts.get(session, draft_id)
        if draft.kind != JOINT:
            raise DraftUnknown
        guide = await self._register.sound(draft.offer.task_code)
        plan = guide.plan(choice(guide.thing, chosen))
        acting = await self.acting(session, plan, draft.for_kind, draft.for_id, trace)
        content, offer = draft.content, plan.offer
        fields = offer.form.fields if offer.form else {}
        for name in [name for name in content.values if name not in fields]:
            content.fill({name: None})
        content.parts = plan.chosen
        await self._fill(session, plan, acting, content, trace)
        remade = replace(draft, offer=offer, wanted=wanted_by(offer))
        return await self._drafts.keep(remade, version)

    async def acting(
        self, session: Session, plan: Plan, kind: ForKind, for_id: str, trace: str
    ) -> Acting:
        """Whether this person may apply for every chosen item, and for whom.

        Raises:
            NotOnline, WrongApplicant, LevelTooLow, ForWhomUnknown, MandateMissing,
            RegisterUnavailable.
        """
        found: Acting | None = None
        for step in plan.steps:
            founded = step.founded_by is not None
            await self._drafts.offer(session, step.item, "enterprise" if founded else kind)
            # Only a relative's mandate may be for one item alone.
            if found is None or (kind == "relative" and not founded):
                found = await self._parts.services.cases.actors.acting(
                    session, kind, for_id, step.item, trace
                )
        if found is None:
            raise ForWhomNotServed
        return found

    async def _fill(
        self, session: Session, plan: Plan, acting: Acting, content: Content, trace: str
    ) -> None:
        """Ask each item's own sources, under its own department's grants; all at once."""
        scratches = {
            step.code: Content(acting.applicant, acting.subject, acting.about, acting.agent)
            for step in plan.steps
        }
        await asyncio.gather(
            *(
                self._joint.prefilled(
                    scratches[step.code], plan.offers[step.code],
                    _founder(acting, session) if step.founded_by else acting,
                    session.subject, trace,
                )
                for step in plan.steps
            )
        )  # fmt: skip
        for step in plan.steps:
            self._take(plan, step, scratches[step.code], content)

    @staticmethod
    def _take(plan: Plan, step: Step, scratch: Content, content: Content) -> None:
        offer, form = plan.offer, plan.offers[step.code].form
        typed = {one.name for one in plan.thing.fields if not one.prefill}
        for own, merged in plan.merged.names.get(step.code, {}).items():
            if merged in content.values or own not in scratch.values or form is None:
                continue
            if merged in typed:
                continue
            # Of a company that is still to be founded only who founds it is known.
            if step.founded_by and "applicant" not in form.ui[own]["prefill"]:
                continue
            value = scratch.values[own]
            mistakes = offer.filling.mistakes({merged: value}) if offer.filling else []
            if all(one["pointer"] != f"/{merged}" for one in mistakes):
                content.values[merged] = value
                content.provenance[f"/{merged}"] = scratch.provenance[f"/{own}"]


def _founder(acting: Acting, session: Session) -> Acting:
    """Who founds a company, as if it were they who apply."""
    holder = acting.agent.holder if acting.agent else acting.applicant
    return Acting(holder, session.subject, acting.about, "citizen", None)
