"""A step filled with the results of those before it.

Which licence it is, the decision itself says (its identifier); it is taken from the wallet, where
its issuer put it, with the same provenance as when a single draft is filled in.
"""

import contextlib
from collections.abc import Mapping
from uuid import UUID

from backend.cases.service import Acting, Agent, Content, Draft, ForKind, Standing
from backend.numbers.service import Holder
from backend.one_thing.models import OneThingRun
from backend.one_thing.parts import Parts
from backend.one_thing.plan import Plan
from backend.wallet.service import Card, LicenceStatus, WalletError

FOUNDER = "经营主体登记的法定代表人（负责人）"
COMPANY = "001"


class NotYet(Exception):
    """What is needed is not there yet: an issuer or a register has not said so."""


class Filling:
    """Fills waiting steps in."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def filled(
        self, plan: Plan, code: str, draft_id: UUID, content: Content, run: OneThingRun,
        earlier: Mapping[str, Standing],
    ) -> Draft:  # fmt: skip
        """The draft of a step, with what the steps before it resulted in.

        Raises:
            NotYet.
        """
        step, offer = plan.thing.step(code), plan.offers[code]
        kind: ForKind = run.for_kind  # type: ignore[assignment]
        for_id, person = run.for_id, content.subject
        acting = _acting(content, kind)
        if step.founded_by is not None:
            acting = await self._founded(content, earlier[step.founded_by])
            kind, for_id = "enterprise", acting.applicant.code
            content.applicant, content.subject = acting.applicant, acting.subject
            content.about, content.agent = acting.about, acting.agent
        cards = await self._cards(plan, code, acting, earlier)
        await self._fill(plan, code, content, acting, person, frozenset(cards))
        for one in plan.materials:
            for own_step, own in one.to:
                card = cards.get(self._identifier(plan, code, one.raw, earlier))
                if own_step == code and card is not None:
                    content.materials[own] = {
                        "how": "licence", "files": [], "licence_id": card.licence.id,
                        "licence_name": card.kind.name,
                    }  # fmt: skip
        drafts = self._parts.services.cases.drafts
        return drafts.drawn(draft_id, kind, for_id, offer, content)

    async def _fill(
        self, plan: Plan, code: str, content: Content, acting: Acting, subject: str,
        first: frozenset[str],
    ) -> None:  # fmt: skip
        """Only what was not asked for; what the person wrote stays theirs."""
        given = [name for step, name in plan.given if step == code]
        if not given:
            return
        scratch = Content(acting.applicant, acting.subject, acting.about, acting.agent)
        await self._parts.services.cases.joint.prefilled(
            scratch, plan.offers[code], acting, subject, "", first
        )
        for name in given:
            if name in scratch.values:
                content.values[name] = scratch.values[name]
                content.provenance[f"/{name}"] = scratch.provenance[f"/{name}"]

    @staticmethod
    def _identifier(
        plan: Plan, code: str, raw: Mapping[str, object], earlier: Mapping[str, Standing]
    ) -> str:
        kind = raw.get("licence_type_code")
        if not raw.get("from_step") or not kind:
            return ""
        brings = plan.brings(code, str(kind))
        return earlier[brings].licence_identifier if brings and brings in earlier else ""

    async def _cards(
        self, plan: Plan, code: str, acting: Acting, earlier: Mapping[str, Standing]
    ) -> dict[str, Card]:
        """The licences that the earlier steps resulted in, as far as this one takes from them."""
        found = {}
        for one in self._takes_from(plan, code):
            standing = earlier.get(one)
            if standing is None or not standing.licence_identifier:
                continue
            card = await self._card(acting, standing)
            found[card.licence.identifier] = card
        return found

    @staticmethod
    def _takes_from(plan: Plan, code: str) -> frozenset[str]:
        fields = {source for (step, _), source in plan.given.items() if step == code}
        materials = {
            plan.brings(code, str(one.raw["licence_type_code"]))
            for one in plan.materials
            if one.raw.get("from_step") and any(step == code for step, _ in one.to)
        }
        return frozenset(fields | {one for one in materials if one is not None})

    async def _card(self, acting: Acting, standing: Standing) -> Card:
        """A licence by its identifier; its issuer is asked at once where it is not known yet."""
        wallet = self._parts.services.wallet
        for last in (False, True):
            cards, _ = await wallet.of_type(
                acting.subject, acting.applicant, standing.licence_type, acting.audience
            )
            for card in cards:
                same = card.licence.identifier == standing.licence_identifier
                if same and card.status is LicenceStatus.VALID:
                    return card
            if last:
                break
            for system in self._parts.services.exchange.with_operation("licences.query"):
                if system.manifest.licence_type(standing.licence_type) is not None:
                    with contextlib.suppress(WalletError):
                        await wallet.ask_again(system, acting.subject, acting.applicant)
        raise NotYet

    async def _founded(self, content: Content, standing: Standing) -> Acting:
        """The enterprise that came into being, and the person as its representative.

        Which one it is, its own licence says; that the person represents it, the register does.

        Raises:
            NotYet.
        """
        services, agent = self._parts.services, content.agent
        person = agent.holder if agent is not None else content.applicant
        found = await services.enterprises.represented_now(content.subject, person)
        for enterprise in reversed(found.enterprises):
            subject = services.wallet.enterprise_subject(enterprise.uscc)
            holder = Holder(COMPANY, enterprise.uscc, enterprise.name)
            acting = Acting(
                holder, subject, f"enterprise:{subject}", "enterprise",
                Agent(person, "representative", FOUNDER),
            )  # fmt: skip
            cards, _ = await services.wallet.of_type(
                subject, holder, standing.licence_type, "enterprise"
            )
            if any(one.licence.identifier == standing.licence_identifier for one in cards):
                return acting
        raise NotYet


def _acting(content: Content, kind: ForKind) -> Acting:
    audience = "enterprise" if kind == "enterprise" else "citizen"
    return Acting(
        content.applicant, content.subject, content.about,
        "enterprise" if audience == "enterprise" else "citizen", content.agent,
    )  # fmt: skip
