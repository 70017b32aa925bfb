"""What should be true of memberships, in as few words as possible: a list that is searched."""

from dataclasses import dataclass

from backend.enterprise.service import NotRepresentative
from backend.errors import DomainError
from backend.members import errors
from backend.members.parts import MOST_ADMINISTRATORS
from backend.members.service import Role
from tests.identity_world import Someone
from tests.members_world import BOSS
from tests.sandbox_world import CLOSED_USCC, USCC

COMPANIES = (USCC, CLOSED_USCC)
BOSS_ROLE = Role.LEGAL_REP
Refusal = type[DomainError]


@dataclass(eq=False)
class Given:
    """One grant, from the invitation on."""

    company: str
    who: Someone
    role: Role
    by: Someone
    under: Someone
    born: int
    until: int
    most: int | None = None
    state: str = "invited"
    accepted: int = 0
    filed: int = 0
    licence: bool = False


class Model:
    """What should be true: one list that is searched, and a register; days are counted from 0."""

    def __init__(self) -> None:
        self.day = 0
        self.boss = dict.fromkeys(COMPANIES, BOSS)
        self.trading = dict.fromkeys(COMPANIES, True)
        self.grants: list[Given] = []
        self.barred: list[tuple[str, Someone]] = []
        self.moment = 0

    def over(self, one: Given) -> bool:
        """Its last day has passed, or the week to answer, or the half day of a licence."""
        if one.licence:
            return self.day > one.born
        late = one.state == "invited" and self.day >= one.born + 7
        return self.day > one.until or late

    def of(self, company: str, *states: str) -> list[Given]:
        """Grants of a company that are in one of these states, the newest first."""
        return [g for g in self.grants[::-1] if g.company == company and g.state in states]

    def administrators(self, company: str, *states: str) -> list[Given]:
        """Those whose time is not over."""
        found = self.of(company, *states)
        return [g for g in found if g.role is Role.ADMINISTRATOR and not self.over(g)]

    def notice(self, company: str) -> None:
        """The platform looks at the register, and ends what it contradicts."""
        for one in self.of(company, "active", "invited"):
            if not self.trading[company] or one.under is not self.boss[company]:
                one.state = "ended"

    def come(self, who: Someone, company: str) -> Role | Refusal:
        """What somebody is to a company who comes to its door."""
        if self.boss[company] is who:
            return Role.LEGAL_REP
        mine = [one for one in self.of(company, "active", "ended") if one.who is who]
        active = self.acting(who, company)
        if not active:
            return errors.GrantEnded if any(g.accepted for g in mine) else NotRepresentative
        first = next((one for one in active if not self.over(one)), None)
        if first is None:
            return errors.GrantExpired
        self.notice(company)
        return first.role if first.state == "active" else errors.GrantEnded

    def acting(self, who: Someone, company: str) -> list[Given]:
        """What they have of a company, besides being its representative; by licence first."""
        mine = [g for g in self.of(company, "active") if g.who is who and g.role is not BOSS_ROLE]
        return sorted(mine, key=lambda one: not one.licence)

    def enter(self, who: Someone, company: str) -> Refusal | None:
        """Come in by the licence, which everybody here may show."""
        self.notice(company)
        if not self.trading[company]:
            return errors.LicenceClosed
        role = BOSS_ROLE if self.boss[company] is who else Role.AGENT
        if role is Role.AGENT and (company, who) in self.barred:
            return errors.LicenceBarred
        for before in self.of(company, "active"):
            if before.who is who and before.licence:
                before.state = "ended"
        shown = Given(company, who, role, who, self.boss[company], self.day, self.day)
        shown.state, shown.licence, shown.accepted = "active", True, self.now()
        self.grants.append(shown)
        return None

    def now(self) -> int:
        """A moment after all others."""
        self.moment += 1
        return self.moment

    def file(self, one: Given) -> Refusal | None:
        """Hand in an application: by licence counts what was last accepted, still held or not."""
        counted = one
        if one.licence:
            accepted = [
                g for g in self.grants
                if (g.company, g.who, g.under) == (one.company, one.who, one.under)
                and g.accepted and not g.licence
            ]  # fmt: skip
            last = max(accepted, key=lambda g: g.accepted, default=one)
            counted = last if last.role is Role.AGENT else one
        if counted.most is not None and counted.filed >= counted.most:
            return errors.CasesSpent
        counted.filed += 1
        return None

    def invite(self, by: Someone, new: Given) -> Refusal | None:
        """Ask somebody in; a second invitation of the same kind takes the place of the first."""
        self.notice(new.company)
        if not self.trading[new.company]:
            return errors.EnterpriseClosed
        full = len(self.administrators(new.company, "active", "invited")) >= MOST_ADMINISTRATORS
        if new.role is Role.ADMINISTRATOR and full:
            return errors.TooManyAdministrators
        for one in self.of(new.company, "invited"):
            if (one.who, one.role) == (new.who, new.role):
                one.state = "ended"
        self.grants.append(new)
        return None

    def waiting(self, who: Someone) -> Given | None:
        """The newest invitation of somebody's that can be answered."""
        mine = [g for g in self.grants if g.who is who and g.state == "invited"]
        return next((g for g in mine[::-1] if not self.over(g)), None)

    def accept(self, one: Given) -> Refusal | None:
        """Become a member; what one had before is replaced."""
        self.notice(one.company)
        if one.state != "invited":
            return errors.InvitationUnknown
        if self.boss[one.company] is one.who:
            return errors.OwnInvitation
        others = [g for g in self.administrators(one.company, "active") if g.who is not one.who]
        if one.role is Role.ADMINISTRATOR and len(others) >= MOST_ADMINISTRATORS:
            return errors.TooManyAdministrators
        for before in self.of(one.company, "active"):
            expired = before.role is one.role is Role.ADMINISTRATOR and self.day > before.until
            if (before.who is one.who and not before.licence) or expired:
                before.state = "ended"
        one.state, one.accepted = "active", self.now()
        return None

    def revoke(self, one: Given) -> None:
        """Take it back, with the open invitations of an administrator."""
        was_active, one.state = one.state == "active", "ended"
        if was_active:
            for other in self.acting(one.who, one.company):
                if other.licence:
                    other.state = "ended"
            if (one.company, one.who) not in self.barred:
                self.barred.append((one.company, one.who))
        if was_active and one.role is Role.ADMINISTRATOR:
            for other in self.of(one.company, "invited"):
                if other.by is one.who:
                    other.state = "ended"
