"""Materials as departments get them: licences with their facts, digests of files, promises."""

from dataclasses import replace
from typing import Any

from backend.cases.content import Content, Wanted
from backend.cases.drafts import Draft
from backend.cases.errors import CommitmentChanged, LicenceUnfit
from backend.cases.models import Case
from backend.cases.parts import Parts, digest_of
from backend.cases.supplying import Supplying
from backend.presentation.service import Look, facts_of
from backend.store.ids import uuid7
from backend.wallet.service import Card, LicenceStatus, china_day, china_time

_PERSON_CHARS = 22


class Materials:
    """Puts them together when something is submitted."""

    def __init__(self, parts: Parts, supplying: Supplying) -> None:
        self._parts, self._supplying = parts, supplying

    async def payload(self, draft: Draft, trace: str) -> list[dict[str, Any]]:
        """What goes to the department of a draft; a licence as it stands now.

        Raises:
            LicenceNotFound, IssuersSilent, LicenceUnfit, CommitmentChanged.
        """
        found = []
        for wanted in draft.wanted:
            supplied = draft.content.materials.get(wanted.code)
            one = await self._one(draft, wanted, supplied or {}, trace)
            if one is not None:
                found.append({"code": wanted.code, "name": wanted.name, **one})
        return found

    async def _one(
        self, draft: Draft, wanted: Wanted, supplied: dict[str, Any], trace: str
    ) -> dict[str, Any] | None:
        how = supplied.get("how")
        if how == "licence":
            whose, kind = _whose(draft, supplied)
            card = await self._supplying.licence(whose, kind, supplied["licence_id"], trace)
            if card.status is not LicenceStatus.VALID:
                raise LicenceUnfit
            return {"how": "licence", "licence": self._licence(card)}
        if how == "upload" and supplied.get("files"):
            return {"how": "upload", "files": supplied["files"]}
        if how == "promised":
            return {"how": "promised", "due_on": supplied["due_on"]}
        if how == "commitment":
            if supplied["agreed"] != digest_of(wanted.commitment):
                raise CommitmentChanged
            return {
                "how": "commitment",
                "commitment": {
                    "text": wanted.commitment, "sha256": supplied["agreed"],
                    "agreed_at": supplied["agreed_at"], "level": supplied["level"],
                },
            }  # fmt: skip
        return {"how": "shared"} if "shared" in wanted.ways else None

    def _licence(self, card: Card) -> dict[str, Any]:
        licence = card.licence
        facts = facts_of(card, china_day(int(self._parts.clock())))
        return {
            "licence_identifier": licence.identifier, "licence_type_code": licence.type_code,
            "name": card.kind.name, "number": licence.number, "issuer": licence.issuer_name,
            "valid_to": licence.valid_to, "trust_grade": card.kind.trust_grade,
            "as_of": china_time(card.as_of), "facts": {one.name: one.value for one in facts},
        }  # fmt: skip

    async def note_licences(
        self, case: Case, content: Content, materials: list[dict[str, Any]]
    ) -> None:
        """Each licence that goes out stands in its holder's usage log; inside the transaction."""
        looks = [
            self._look(case, content, material["code"], material["licence"])
            for material in materials
            if material["how"] == "licence"
        ]
        if looks:
            await self._parts.services.presentations.looks.keep(looks)

    def _look(self, case: Case, content: Content, code: str, licence: dict[str, Any]) -> Look:
        kind = self._parts.services.exchange.licence_type(licence["licence_type_code"])
        labels = {spec.name: spec.label for spec in kind.fields} if kind else {}
        subject = content.materials[code].get("agent_subject") or content.subject
        return Look(
            id=str(uuid7()), subject=subject,
            shower=subject if len(subject) == _PERSON_CHARS else "",
            licence_id=content.materials[code]["licence_id"],
            type_code=licence["licence_type_code"], type_name=licence["name"],
            at=int(self._parts.clock() * 1000), how="confirmed", verifier_kind="system",
            verifier_id=case.system_code, verifier=case.department_name,
            purpose=f"申请“{case.item_name}”（办件 {case.case_no}）",
            fields=[(name, labels.get(name, name)) for name in licence["facts"]],
        )  # fmt: skip


def _whose(draft: Draft, supplied: dict[str, Any]) -> tuple[Content, str]:
    """In whose wallet a licence lies: the applicant's, or that of who acts for a new company."""
    content, subject = draft.content, supplied.get("agent_subject")
    if content.agent is None or not subject:
        return content, draft.for_kind
    return replace(content, applicant=content.agent.holder, subject=subject), "self"
