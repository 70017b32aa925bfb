"""Reading and writing of what onboarding keeps. The one place where a state changes."""

import hashlib

import orjson
from tortoise.expressions import F

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.exchange.service import Manifest, parse_manifest
from backend.onboarding.diff import Content
from backend.onboarding.errors import (
    ContentDamaged,
    ReasonMissing,
    RevisionUnknown,
    SameHand,
    StateConflict,
    SystemUnknown,
)
from backend.onboarding.models import Event, JoiningSystem, Revision
from backend.onboarding.states import ACT_NAMES, STATE_NAMES, STEPS, Act, State
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role

PLATFORM = "platform"
LONGEST_REASON = 1000
READERS = frozenset({Role.CLERK, Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN})
DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})


def text_of(manifest: Manifest) -> str:
    """A manifest as it is stored. The order within a part is kept, for it can carry meaning."""
    return orjson.dumps(manifest.model_dump(mode="json")).decode()


def digest_of(text: str) -> str:
    """The digest by which a stored content is known."""
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_of(revision: Revision) -> Manifest:
    """The manifest of a revision.

    Raises:
        ContentDamaged: it is not what was handed in.
    """
    if digest_of(revision.content) != revision.digest:
        raise ContentDamaged
    return parse_manifest(
        orjson.loads(revision.content), f"{revision.system_code}-{revision.number}"
    )


async def content_of(catalogue: Catalogue, revision: Revision | None) -> Content | None:
    """A revision with its service items in full; None for None."""
    if revision is None:
        return None
    manifest = manifest_of(revision)
    return Content(manifest, await catalogue.elements(manifest.system, manifest.service_items))


def allow(officer: Officer, roles: frozenset[Role]) -> None:
    """Refuse an account of another role.

    Raises:
        RoleMissing: with the roles that may.
    """
    if officer.role not in roles:
        raise RoleMissing(sorted(roles))


def reasoned(reason: str) -> str:
    """A reason that somebody gave.

    Raises:
        ReasonMissing: it says nothing.
    """
    if not (words := reason.strip()):
        raise ReasonMissing
    return words[:LONGEST_REASON]


async def system_for(officer: Officer, code: str) -> JoiningSystem:
    """A system that this officer may see.

    Raises:
        RoleMissing: the account reads no systems.
        SystemUnknown: there is none, or it is another department's.
    """
    allow(officer, READERS)
    system = await JoiningSystem.get_or_none(code=code)
    hidden = officer.role in DEPARTMENT and (
        system is None or system.department_uscc != officer.department_uscc
    )
    if system is None or hidden:
        raise SystemUnknown
    return system


async def revision_of(code: str, number: int) -> Revision:
    """A revision by its number.

    Raises:
        RevisionUnknown: there is none.
    """
    found = await Revision.get_or_none(system_code=code, number=number)
    if found is None:
        raise RevisionUnknown
    return found


async def served(system: JoiningSystem) -> Revision | None:
    """The revision that serves, be it suspended at present; None when there is none."""
    if system.published is None:
        return None
    found = await revision_of(system.code, system.published)
    return found if found.state in (State.PUBLISHED, State.SUSPENDED) else None


class Ledger:
    """Writes what happens: the state, the history, the audit and the version of the system."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def move(
        self, revision: Revision, act: Act, officer: Officer | None, reason: str = ""
    ) -> None:
        """Do an act of the transition table; within a transaction of the caller.

        Args:
            officer: None where the platform does it, as part of another act.

        Raises:
            RoleMissing: the table gives the act to other roles.
            ReasonMissing: the act needs a reason.
            StateConflict: the revision does not stand where the act begins, or no longer.
            SameHand: it has to be another account than the one that submitted.
        """
        step, words = STEPS[act], reason.strip()[:LONGEST_REASON]
        if officer is not None:
            allow(officer, step.roles)
        if officer is not None and step.reason:
            words = reasoned(reason)
        if revision.state not in step.before:
            raise _conflict(revision, act)
        if officer is not None and step.other_hand and officer.account_id == revision.submitted_by:
            raise SameHand
        before = revision.state
        rows = Revision.filter(id=revision.id, state=before)
        if not await rows.update(state=step.after):
            raise _conflict(revision, act)
        revision.state = step.after
        await self.note(
            revision.system_code, act, officer, number=revision.number,
            before=before, after=step.after, reason=words, digest=revision.digest,
        )  # fmt: skip

    async def note(
        self,
        code: str,
        act: str,
        officer: Officer | None,
        *,
        number: int | None = None,
        before: str = "",
        after: str = "",
        reason: str = "",
        **detail: str | int | bool | None,
    ) -> None:
        """Add a line to the history of a system and to the audit."""
        actor = officer.actor if officer else PLATFORM
        await Event.create(
            system_code=code, number=number, act=act, before=before, after=after,
            actor=actor, username=officer.username if officer else "", reason=reason,
        )  # fmt: skip
        await JoiningSystem.filter(code=code).update(version=F("version") + 1)
        await self._audit.record(
            actor, f"onboarding.{act}", f"system:{code}", {"revision": number, **detail}
        )


def _conflict(revision: Revision, act: Act) -> StateConflict:
    state = STATE_NAMES[revision.state]
    return StateConflict(
        f"第 {revision.number} 版现在是“{state}”，不能{ACT_NAMES[act]}。", revision.state
    )


def link_to(code: str, number: int | None = None) -> str:
    """The console page of a system or of one of its revisions."""
    return f"/console/systems/{code}" + (f"/revisions/{number}" if number else "")
