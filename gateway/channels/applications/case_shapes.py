"""Cases as phones get them."""

from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from backend.cases.service import (
    KIND_LABELS,
    LIGHT_LABELS,
    RELATIONS,
    STATE_LABELS,
    CaseCard,
    CaseView,
    Running,
    Step,
)
from backend.divisions.service import Shared
from backend.numbers.service import mask_name
from gateway.channels.applications.draft_shapes import AskedOut, SubmitIn
from gateway.edge.endpoint import In, Out
from gateway.edge.moments import Moment


class ListQuery(In):
    """Which of them."""

    cursor: str | None = Field(None, max_length=40)
    state: Literal["all", "open", "ended"] = "all"


class ReasonIn(In):
    """Why, in the person's words."""

    reason: str = Field(default="", max_length=500)


class SupplementIn(SubmitIn):
    """The draft that is handed in."""

    draft_id: UUID


class ClockOut(Out):
    """The period that runs; ``light`` is amber or red (黄牌, 红牌) when it is nearly over or is."""

    kind: Literal["accept", "decide", "deliver"]
    label: str
    due_on: date
    provisional: bool = Field(description="a year on the way has no announced calendar yet")
    paused: bool
    left: int | None = Field(description="working days; negative when overdue, null while stopped")
    light: Literal["green", "amber", "red"]
    light_label: str


class CaseCardOut(Out):
    """A case in a list."""

    id: UUID
    case_no: str
    item_code: str
    item_name: str
    department_name: str
    for_kind: Literal["self", "child", "relative", "enterprise"]
    applicant: str
    state: str
    state_label: str
    delivered: bool
    ended: bool
    submitted_at: Moment
    updated_at: Moment
    clock: ClockOut | None


class CasesOut(Out):
    """Newest first."""

    items: list[CaseCardOut]
    next_cursor: str | None


class StepOut(Out):
    """A line of the timeline."""

    event: str
    label: str
    state: str
    at: Moment
    by: Literal["person", "system", "platform"]
    words: dict[str, Any] = Field(description="officer, reason, remedies, items, due_on…")


class ContactOut(Out):
    """Whom to call."""

    department: str
    hotline: str
    complaints: str


class ResultOut(Out):
    """What was decided, and how it reaches the applicant."""

    decision: str | None
    decided_at: str | None
    reason: str
    remedies: str
    document_no: str
    kind: str | None = Field(description="licence, document or none")
    name: str | None
    licence_type_code: str | None
    licence_identifier: str | None
    has_file: bool
    delivery: dict[str, Any] | None


class LateOut(Out):
    """A material that was promised by a day (容缺后补)."""

    material: str
    name: str
    due_on: date
    overdue: bool


class DivisionOut(Out):
    """职责分工: who accepts, who decides, who supervises, where that is divided."""

    accepting: str
    deciding: str
    supervising: str
    legal_basis: str
    words: str = Field(description="the same as a sentence")


class CaseOut(CaseCardOut):
    """A case: what happened, what comes, until when, whom to call."""

    department_case_no: str | None
    relation: str | None
    steps: list[StepOut]
    next: str
    actions: list[Literal["supplement", "withdraw", "urge", "evaluate"]]
    on_its_way: list[str]
    asked: list[AskedOut]
    late: list[LateOut] = Field(description="promised materials that have not come yet")
    deemed_accepted: bool
    division: DivisionOut | None
    result: ResultOut | None
    contact: ContactOut


def case_out(view: CaseView) -> CaseOut:
    """A case as the phone gets it."""
    agent = view.content.agent
    return CaseOut.model_validate(
        {
            **card_out(view.card), "department_case_no": view.department_case_no,
            "relation": RELATIONS[agent.relation] if agent else None,
            "steps": [_step(one) for one in view.steps], "next": view.following,
            "actions": list(view.actions), "on_its_way": list(view.on_its_way),
            "asked": list(view.asked), "late": [asdict(one) for one in view.late],
            "division": division_out(view.division) if view.division else None,
            "deemed_accepted": view.deemed,
            "result": result(view.result) if view.result else None,
            "contact": {
                "department": view.card.department_name, "hotline": view.hotline,
                "complaints": view.complaints,
            },
        }
    )  # fmt: skip


def card_out(card: CaseCard) -> dict[str, Any]:
    applicant = card.applicant if card.for_kind == "enterprise" else mask_name(card.applicant)
    return {
        "id": card.id, "case_no": card.case_no, "item_code": card.item_code,
        "item_name": card.item_name, "department_name": card.department_name,
        "for_kind": card.for_kind, "applicant": applicant, "state": card.state,
        "state_label": STATE_LABELS[card.state], "delivered": card.delivered,
        "ended": card.ended, "submitted_at": card.submitted_at, "updated_at": card.updated_at,
        "clock": _clock(card.clock) if card.clock else None,
    }  # fmt: skip


def _clock(clock: Running) -> dict[str, Any]:
    return {
        "kind": clock.kind, "label": KIND_LABELS[clock.kind], "due_on": clock.due_on,
        "provisional": clock.provisional, "paused": clock.paused, "left": clock.left,
        "light": clock.light, "light_label": LIGHT_LABELS[clock.light],
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "event": step.event, "label": step.label, "state": step.state, "at": step.at,
        "by": step.by, "words": dict(step.words),
    }  # fmt: skip


def division_out(division: Shared) -> dict[str, Any]:
    """A division of duties as ``DivisionOut``."""
    return {
        "accepting": division.accepting.name, "deciding": division.deciding.name,
        "supervising": division.supervising.name, "legal_basis": division.legal_basis,
        "words": division.words,
    }  # fmt: skip


def result(kept: Any) -> dict[str, Any]:
    """What was decided as ``ResultOut``."""
    named = kept.get("result", {})
    return {
        "decision": kept.get("decision"), "decided_at": kept.get("decided_at"),
        "reason": kept.get("reason", ""), "remedies": kept.get("remedies", ""),
        "document_no": kept.get("document_no", ""), "kind": named.get("kind"),
        "name": named.get("name"), "licence_type_code": named.get("licence_type_code"),
        "licence_identifier": named.get("licence_identifier"), "has_file": "file" in kept,
        "delivery": kept.get("delivery"),
    }  # fmt: skip
