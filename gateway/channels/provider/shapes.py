"""What the onboarding channel takes and gives, as models, and how it tags its answers."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from backend.exchange.service import Window
from backend.onboarding.errors import (
    RevisionUnknown,
    RunUnknown,
    StateConflict,
    SystemUnknown,
)
from backend.onboarding.service import (
    AddressView,
    Breaking,
    Change,
    EventView,
    KeyView,
    RevisionView,
    RunView,
    SystemView,
)
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.answers import JsonAnswer, etag_answer
from gateway.edge.endpoint import Call, In, Out

PREFIX = "/api/v1/provider/systems"
MANIFEST_LIMIT = 4 * 1024 * 1024
MOST_REVISIONS = 999_999_999
READERS = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN)
DEPARTMENT = Staff(Role.CLERK, Role.HEAD)
REVIEW = Staff(Role.OPERATOR)
SECURITY = Staff(Role.SECURITY_ADMIN)
FOUND = (SystemUnknown, RevisionUnknown)
MOVED = (*FOUND, StateConflict)


class PageIn(In):
    """Which page; lists come newest first, systems by code."""

    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")
    limit: int = Field(default=20, ge=1, le=100)


class ReasonIn(In):
    """Why; stands in the history and is told to whoever is concerned."""

    reason: str = Field(min_length=1, max_length=1000)


class NoteIn(In):
    """A remark that may be left out."""

    reason: str = Field(default="", max_length=1000)


class RevisionOut(Out):
    """A revision without its content."""

    number: int
    state: str = Field(examples=["in_review"])
    state_name: str = Field(examples=["审核中"])
    digest: str = Field(description="SHA-256 of the stored content, which never changes")
    origin: int | None = Field(description="the earlier revision whose content it repeats")
    acknowledged: list[str] = Field(description="breaking changes that the approver has seen")
    created_at: datetime


class SystemOut(Out):
    """A system: what serves and what is under way."""

    code: str = Field(examples=["gd-gongan"])
    name: str
    department: str
    department_uscc: str
    state: str
    state_name: str
    published: RevisionOut | None
    opened: RevisionOut | None
    created_at: datetime


class SystemList(Out):
    """A page of systems."""

    items: list[SystemOut]
    next_cursor: str | None


class RevisionList(Out):
    """A page of revisions."""

    items: list[RevisionOut]
    next_cursor: str | None


class ContentOut(RevisionOut):
    """A revision with the manifest as it was handed in."""

    note: str = Field(description="what the department wrote to the reviewers")
    manifest: dict[str, Any]


class ErrorOut(Out):
    """An element that cannot be published, and why."""

    pointer: str = Field(examples=["/service_items/items/0/promise_day"])
    element: str = Field(examples=["承诺办结时限"])
    message: str


class ChecksOut(Out):
    """What keeps a revision from being published; empty when nothing does."""

    errors: list[ErrorOut]


class ChangeOut(Out):
    """A difference between two revisions."""

    kind: str = Field(examples=["changed"])
    pointer: str = Field(description="JSON pointer; parts of lists by their own names")
    place: list[str] = Field(description="the same in words, from the outside to the inside")
    before: str | None
    after: str | None
    text: str = Field(examples=["限额 › 并发上限：64 → 128"])


class BreakingOut(Out):
    """A change that would break running applications, wallets or grants."""

    id: str = Field(description="by which it is acknowledged")
    place: str
    message: str


class DiffOut(Out):
    """What a revision changes, and what of it breaks something."""

    changes: list[ChangeOut]
    breaking: list[BreakingOut]


class EventOut(Out):
    """A line of the history."""

    id: UUID
    revision: int | None
    act: str
    act_name: str
    before: str
    after: str
    username: str = Field(description="empty where the platform itself acted")
    reason: str
    at: datetime


class EventList(Out):
    """A page of the history, newest first."""

    items: list[EventOut]
    next_cursor: str | None


class RunOut(Out):
    """A run of the conformance kit by the platform."""

    id: UUID
    revision: int
    state: str = Field(description="running, passed, failed, broken")
    state_name: str
    started_at: datetime
    ended_at: datetime | None
    report: dict[str, Any] = Field(description="empty while it runs")


class RunList(Out):
    """The runs of a revision, newest first."""

    items: list[RunOut]


class KeyOut(Out):
    """A key of a system."""

    id: str
    alg: str
    public: str
    state: str = Field(description="declared, active, retired, revoked")
    state_name: str
    proven: str = Field(description="signature or conformance; empty when not yet")
    created_at: datetime
    changed_at: datetime


class KeyList(Out):
    """Every key that a system ever had."""

    items: list[KeyOut]


class AddressOut(Out):
    """An address of a system and what was decided on it."""

    origin: str = Field(examples=["https://zwfw.example.gov.cn:443"])
    state: str = Field(description="pending, approved, refused, revoked")
    state_name: str
    reason: str
    created_at: datetime
    changed_at: datetime


class AddressList(Out):
    """Every address that a system asked for."""

    items: list[AddressOut]


class WindowOut(Out):
    """A maintenance window."""

    id: UUID
    system: str
    starts_at: datetime
    ends_at: datetime
    words: str


class WindowList(Out):
    """Windows that run or are to come, the next first."""

    items: list[WindowOut]


def revision_out(view: RevisionView) -> RevisionOut:
    """A revision without its content."""
    return RevisionOut(
        number=view.number, state=view.state, state_name=view.state_name, digest=view.digest,
        origin=view.origin, acknowledged=list(view.acknowledged), created_at=view.created_at,
    )  # fmt: skip


def system_out(view: SystemView) -> SystemOut:
    """A system."""
    return SystemOut(
        code=view.code, name=view.name, department=view.department_name,
        department_uscc=view.department_uscc, state=view.state, state_name=view.state_name,
        published=revision_out(view.published) if view.published else None,
        opened=revision_out(view.opened) if view.opened else None, created_at=view.created_at,
    )  # fmt: skip


def diff_out(changes: Sequence[Change], breaks: Sequence[Breaking]) -> DiffOut:
    """Both in one answer."""
    return DiffOut(
        changes=[
            ChangeOut(
                kind=one.kind, pointer=one.pointer, place=list(one.place), before=one.before,
                after=one.after, text=one.text,
            )
            for one in changes
        ],
        breaking=[BreakingOut(**one.as_dict()) for one in breaks],
    )  # fmt: skip


def event_out(view: EventView) -> EventOut:
    """A line of the history."""
    return EventOut(
        id=view.id, revision=view.number, act=view.act, act_name=view.act_name,
        before=view.before, after=view.after, username=view.username, reason=view.reason,
        at=view.at,
    )  # fmt: skip


def run_out(view: RunView) -> RunOut:
    """A conformance run."""
    return RunOut(
        id=view.id, revision=view.number, state=view.state, state_name=view.state_name,
        started_at=view.started_at, ended_at=view.ended_at, report=view.report,
    )  # fmt: skip


def key_out(view: KeyView) -> KeyOut:
    """A key."""
    return KeyOut(
        id=view.id, alg=view.alg, public=view.public, state=view.state,
        state_name=view.state_name, proven=view.proven, created_at=view.created_at,
        changed_at=view.changed_at,
    )  # fmt: skip


def address_out(view: AddressView) -> AddressOut:
    """An address."""
    return AddressOut(
        origin=view.origin, state=view.state, state_name=view.state_name, reason=view.reason,
        created_at=view.created_at, changed_at=view.changed_at,
    )  # fmt: skip


def window_out(window: Window) -> WindowOut:
    """A maintenance window."""
    return WindowOut(
        id=window.id, system=window.system, starts_at=window.starts_at, ends_at=window.ends_at,
        words=window.words,
    )  # fmt: skip


def number_of(text: str) -> int:
    """A revision's number from a path.

    Raises:
        RevisionUnknown: it is no number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise RevisionUnknown
    return int(text)


def run_id_of(text: str) -> UUID:
    """A run's id from a path.

    Raises:
        RunUnknown: it is no id.
    """
    try:
        return UUID(text)
    except ValueError:
        raise RunUnknown from None


def tagged(call: Call[Any, Any], answer: BaseModel) -> JsonAnswer:
    """An answer with an entity tag made from it, or 304 for who has it already."""
    body = answer.__pydantic_serializer__.to_json(answer)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return etag_answer(body, tag, call.request.headers.get("if-none-match"))
