"""What an officer reads: systems, revisions, history, a page at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.exchange.service import Manifest
from backend.onboarding.errors import CursorInvalid
from backend.onboarding.models import (
    ApprovedAddress,
    Event,
    JoiningSystem,
    Revision,
    SystemKey,
)
from backend.onboarding.records import (
    DEPARTMENT,
    READERS,
    allow,
    manifest_of,
    revision_of,
    system_for,
)
from backend.onboarding.states import ACT_NAMES, OPEN, STATE_NAMES, Act, State
from backend.operators.service import Officer

_OTHER_ACTS: Mapping[str, str] = {
    "key_added": "登记新密钥",
    "key_approved": "启用密钥",
    "key_retired": "停用密钥",
    "key_revoked": "吊销密钥",
    "address_approved": "批准接入地址",
    "address_refused": "不批准接入地址",
    "address_revoked": "取消接入地址",
    "conformance_started": "开始符合性测试",
    "conformance_failed": "符合性测试未通过",
    "conformance_broken": "符合性测试中断",
    "conformance_passed": "符合性测试通过",
    "maintenance_announced": "公告维护",
    "maintenance_cancelled": "取消维护公告",
}
ACT_WORDS: Mapping[str, str] = {
    **{act.value: name for act, name in ACT_NAMES.items()},
    **_OTHER_ACTS,
}


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A revision without its content."""

    number: int
    state: State
    state_name: str
    digest: str
    origin: int | None
    acknowledged: Sequence[str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SystemView:
    """A system: what serves and what is under way.

    Attributes:
        state: of what serves, or else of what is under way, or else of the last revision.
        version: grows with everything that happens to it, for entity tags.
    """

    code: str
    name: str
    department_name: str
    department_uscc: str
    state: State
    state_name: str
    published: RevisionView | None
    opened: RevisionView | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of the history."""

    id: UUID
    number: int | None
    act: str
    act_name: str
    before: str
    after: str
    username: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RevisionDetail:
    """A revision with its content."""

    view: RevisionView
    manifest: Manifest
    note: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many revisions stand in each open state, and addresses and keys to be decided."""

    revisions: Mapping[State, int]
    addresses: int
    keys: int


class Views:
    """Reads for the console, the API and the command line."""

    async def systems(
        self, officer: Officer, cursor: str | None, limit: int
    ) -> tuple[list[SystemView], str | None]:
        """The systems that the officer may see, by code.

        Args:
            cursor: of the page before; limit: lines of a page.

        Raises:
            RoleMissing: the account reads no systems. CursorInvalid: not ours.
        """
        allow(officer, READERS)
        found = JoiningSystem.all()
        if officer.role in DEPARTMENT:
            found = found.filter(department_uscc=officer.department_uscc)
        if cursor is not None:
            found = found.filter(code__gt=cursor)
        rows = await found.order_by("code").limit(limit + 1)
        views = await _systems(rows[:limit])
        return views, rows[limit - 1].code if len(rows) > limit else None

    async def waiting(self, officer: Officer) -> Waiting:
        """How much waits, for the officer's role and department.

        Raises:
            RoleMissing: the account reads no systems.
        """
        allow(officer, READERS)
        systems = JoiningSystem.all()
        if officer.role in DEPARTMENT:
            systems = systems.filter(department_uscc=officer.department_uscc)
        codes = [str(code) for code in await systems.values_list("code", flat=True)]
        rows = Revision.filter(system_code__in=codes, state__in=list(OPEN))
        states = Counter(str(state) for state in await rows.values_list("state", flat=True))
        addresses = ApprovedAddress.filter(system_code__in=codes, state="pending")
        serving = systems.exclude(published=None)
        served = [str(code) for code in await serving.values_list("code", flat=True)]
        keys = SystemKey.filter(system_code__in=served, state="declared").exclude(proven="")
        return Waiting(
            {state: states[state.value] for state in State if state in OPEN},
            await addresses.count(),
            await keys.count(),
        )

    async def system(self, officer: Officer, code: str) -> SystemView:
        """One system.

        Raises:
            RoleMissing, SystemUnknown: there is none for this officer.
        """
        return (await _systems([await system_for(officer, code)]))[0]

    async def revisions(
        self, officer: Officer, code: str, cursor: str | None, limit: int
    ) -> tuple[list[RevisionView], str | None]:
        """A system's revisions, the latest first.

        Raises:
            RoleMissing, SystemUnknown, CursorInvalid: there is nothing to show.
        """
        await system_for(officer, code)
        found = Revision.filter(system_code=code)
        if cursor is not None:
            if not cursor.isdecimal() or len(cursor) > 9:
                raise CursorInvalid
            found = found.filter(number__lt=int(cursor))
        rows = await found.order_by("-number").limit(limit + 1)
        following = str(rows[limit - 1].number) if len(rows) > limit else None
        return [_revision(row) for row in rows[:limit]], following

    async def revision(self, officer: Officer, code: str, number: int) -> RevisionDetail:
        """One revision with its content and what the department wrote to it.

        Raises:
            RoleMissing, SystemUnknown, RevisionUnknown, ContentDamaged: there is nothing to show.
        """
        await system_for(officer, code)
        row = await revision_of(code, number)
        submitted = Event.filter(system_code=code, number=number, act=Act.SUBMIT)
        last = await submitted.order_by("-id").first()
        return RevisionDetail(_revision(row), manifest_of(row), last.reason if last else "")

    async def history(
        self, officer: Officer, code: str, cursor: str | None, limit: int
    ) -> tuple[list[EventView], str | None]:
        """Everything that happened to a system, the latest first.

        Raises:
            RoleMissing, SystemUnknown, CursorInvalid: there is nothing to show.
        """
        await system_for(officer, code)
        found = Event.filter(system_code=code)
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor))
        rows = await found.order_by("-id").limit(limit + 1)
        following = str(rows[limit - 1].id) if len(rows) > limit else None
        return [_event(row) for row in rows[:limit]], following


async def _systems(rows: Sequence[JoiningSystem]) -> list[SystemView]:
    """With their revisions, in two questions for the whole page; contents stay in the database."""
    codes = [row.code for row in rows]
    columns = (
        "system_code", "number", "state", "digest", "origin", "acknowledged", "created_at"
    )  # fmt: skip
    wanted = {(row.code, n) for row in rows for n in (row.published, row.opened, row.last_number)}
    found = await Revision.filter(
        system_code__in=codes, number__in={number for _, number in wanted if number}
    ).only("id", *columns)
    known = {(row.system_code, row.number): row for row in found}
    return [_system(row, known) for row in rows]


def _system(row: JoiningSystem, known: Mapping[tuple[str, int], Revision]) -> SystemView:
    published = known.get((row.code, row.published)) if row.published else None
    opened = known.get((row.code, row.opened)) if row.opened else None
    shown = published or opened or known.get((row.code, row.last_number))
    if published is not None and published.state is State.RETIRED and opened is not None:
        shown = opened
    state = shown.state if shown else State.DRAFT
    return SystemView(
        row.code, row.name, row.department_name, row.department_uscc, state, STATE_NAMES[state],
        _revision(published) if published else None, _revision(opened) if opened else None,
        row.version, row.created_at,
    )  # fmt: skip


def _revision(row: Revision) -> RevisionView:
    return RevisionView(
        row.number, row.state, STATE_NAMES[row.state], row.digest, row.origin, row.acknowledged,
        row.created_at,
    )  # fmt: skip


def _event(row: Event) -> EventView:
    return EventView(
        row.id, row.number, row.act, ACT_WORDS.get(row.act, row.act), row.before, row.after,
        row.username, row.reason, row.at,
    )  # fmt: skip


def _uuid(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise CursorInvalid from None
