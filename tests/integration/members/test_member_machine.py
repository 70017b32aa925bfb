"""Memberships under every order of giving, accepting, taking back, time and register changes,
against a plain model that looks at everything each time.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.enterprise.service import NotRepresentative
from backend.errors import DomainError
from backend.members import errors
from backend.members.granting import INVITING
from backend.members.models import CorpBook, CorpMember
from backend.members.parts import MOST_ADMINISTRATORS
from backend.members.service import Role, Scope
from backend.store.tries import Mark, Tries
from tests.identity_world import CHEN, LI, RARE, UNSEEN, ZHANG, Someone
from tests.members_world import BOSS, SUCCESSOR, MembersWorld
from tests.sandbox_world import CLOSED_USCC, USCC

STEPS, EXAMPLES = 24, 10
PEOPLE = (BOSS, SUCCESSOR, LI, CHEN, ZHANG, RARE, UNSEEN)
COMPANIES = (USCC, CLOSED_USCC)
T = TypeVar("T")
Refusal = type[DomainError]

someone = st.sampled_from(PEOPLE)
company = st.sampled_from(COMPANIES)
# Mostly administrators, so that five are soon too few.
role = st.sampled_from((Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.AGENT))


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
    state: str = "invited"
    accepted: bool = False


class Model:
    """What should be true: one list that is searched, and a register; days are counted from 0."""

    def __init__(self) -> None:
        self.day = 0
        self.boss = dict.fromkeys(COMPANIES, BOSS)
        self.trading = dict.fromkeys(COMPANIES, True)
        self.grants: list[Given] = []

    def over(self, one: Given) -> bool:
        """Its last day has passed, or nobody answered for a week."""
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
        active = [one for one in mine if one.state == "active"]
        if not active:
            return errors.GrantEnded if any(g.accepted for g in mine) else NotRepresentative
        if self.over(active[0]):
            return errors.GrantExpired
        self.notice(company)
        return active[0].role if active[0].state == "active" else errors.GrantEnded

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
            if before.who is one.who or expired:
                before.state = "ended"
        one.state, one.accepted = "active", True
        return None

    def revoke(self, one: Given) -> None:
        """Take it back, with the open invitations of an administrator."""
        was_active, one.state = one.state == "active", "ended"
        if was_active and one.role is Role.ADMINISTRATOR:
            for other in self.of(one.company, "invited"):
                if other.by is one.who:
                    other.state = "ended"


class Memberships(RuleBasedStateMachine):
    """Two companies of one representative, and seven people who come and go."""

    here: MembersWorld
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @initialize()
    def begin(self) -> None:
        self._run(self._fresh())

    @rule(by=someone, company=company, who=someone, role=role, days=st.integers(0, 9))
    def invite(self, by: Someone, company: str, who: Someone, role: Role, days: int) -> None:
        model = self.model
        may = model.come(by, company)
        allowed = (Role.LEGAL_REP, Role.ADMINISTRATOR)[: 1 if role is Role.ADMINISTRATOR else 2]
        new = Given(company, who, role, by, model.boss[company], model.day, model.day + days)
        expected: Refusal | None = may if not isinstance(may, Role) else errors.ScopeMissing
        if may in allowed:
            expected = model.invite(by, new)
        self._expect(self._invite(by, new, days), expected)

    @rule(who=someone)
    def accept(self, who: Someone) -> None:
        one = self.model.waiting(who)
        expected = self.model.accept(one) if one else errors.InvitationUnknown
        self._expect(self._accept(who), expected)

    @rule(company=company, order=st.permutations(PEOPLE), days=st.integers(0, 2))
    def appoint_everybody(self, company: str, order: list[Someone], days: int) -> None:
        for who in order:
            self.invite(self.model.boss[company], company, who, Role.ADMINISTRATOR, days)
            self.accept(who)

    @rule(who=someone)
    def decline(self, who: Someone) -> None:
        one = self.model.waiting(who)
        if one is not None:
            one.state = "ended"
        self._expect(self._decline(who), None if one else errors.InvitationUnknown)

    @rule(company=company, data=st.data())
    def revoke(self, company: str, data: st.DataObject) -> None:
        found = self.model.of(company, "active", "invited")
        if not found or not isinstance(self.model.come(self.model.boss[company], company), Role):
            return
        nth = data.draw(st.integers(0, len(found) - 1))
        self.model.revoke(found[nth])
        self._expect(self._revoke(company, nth), None)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.here.clock.on(days=days)
        self.model.day += days

    @rule(company=company, noticed=st.booleans())
    def another_representative(self, company: str, noticed: bool) -> None:
        model = self.model
        model.boss[company] = SUCCESSOR if model.boss[company] is BOSS else BOSS
        self._run(self._change(company))
        if noticed:
            self.worker_looks()

    @rule(company=company)
    def struck_off_or_back(self, company: str) -> None:
        self.model.trading[company] = not self.model.trading[company]
        self._run(self._change(company))

    @rule()
    def worker_looks(self) -> None:
        for each in COMPANIES:
            self.model.notice(each)
        self._run(self.here.members.watch())

    @rule(who=someone)
    def switch_between_companies(self, who: Someone) -> None:
        for each in COMPANIES:
            self._look(who, each)
        mine = {c for c in COMPANIES if self.model.come(who, c) in (Role.ADMINISTRATOR, Role.AGENT)}
        held = self._run(self._held(who))
        assert {one for one in held if self.model.boss[one] is not who} == mine

    @invariant()
    def there_are_never_six(self) -> None:
        for each in COMPANIES:
            places, counted = self._run(self._places(each))
            assert places == counted <= MOST_ADMINISTRATORS

    def teardown(self) -> None:
        for who in PEOPLE:
            for each in COMPANIES:
                self._look(who, each)

    def _look(self, who: Someone, company: str) -> None:
        expected = self.model.come(who, company)
        refusal = None if isinstance(expected, Role) else expected
        found = self._expect(self.here.admit(who, Scope.VIEW, uscc=company), refusal)
        assert found is None or found.role is expected

    def _expect(self, work: Awaitable[T], refusal: Refusal | None) -> T | None:
        if refusal is None:
            return self._run(work)
        with pytest.raises(DomainError) as refused:
            self._run(work)
        assert type(refused.value) is refusal
        return None

    # What is done to the platform

    async def _fresh(self) -> None:
        await CorpMember.all().delete()
        await CorpBook.all().delete()
        for each in COMPANIES:
            await self._change(each)

    async def _change(self, company: str) -> None:
        boss, trading = self.model.boss[company], self.model.trading[company]
        named = {"name": boss.name, "id_number": boss.id_number}
        status = "存续" if trading else "吊销"
        await self.here.change(uscc=company, legal_representative=named, status=status)

    async def _invite(self, by: Someone, new: Given, days: int) -> None:
        acting = await self.here.admit(by, Scope.VIEW, uscc=new.company)
        until = self.here.today() + timedelta(days=days)
        # Every example would use up the invitations of a day.
        await Tries(self.here.here.redis).forget([Mark(INVITING, str(acting.person_id))])
        grant = self.here.grant(new.who, new.role, ends_on=until)
        await self.here.members.granting.invite(acting, grant)

    async def _newest(self, who: Someone) -> CorpMember | None:
        session = await self.here.session(who)
        found = await self.here.members.granting.invitations(session, self.here.holder(who))
        return await CorpMember.get(id=found[0].id) if found else None

    async def _accept(self, who: Someone) -> None:
        row = await self._newest(who)
        if row is None:
            raise errors.InvitationUnknown
        await self.here.accept(who, row.id)

    async def _decline(self, who: Someone) -> None:
        row = await self._newest(who)
        if row is None:
            raise errors.InvitationUnknown
        session = await self.here.session(who)
        await self.here.members.granting.decline(session, self.here.holder(who), row.id)

    async def _revoke(self, company: str, nth: int) -> None:
        acting = await self.here.admit(self.model.boss[company], Scope.MEMBERS, uscc=company)
        rows = CorpMember.filter(uscc=company, state__in=("invited", "active"))
        row = (await rows.order_by("-id"))[nth]
        await self.here.members.granting.revoke(acting, row.id)

    async def _held(self, who: Someone) -> list[str]:
        held = await self.here.members.held(await self.here.session(who))
        return [one.grant.uscc for one in held]

    async def _places(self, company: str) -> tuple[int, int]:
        book = await CorpBook.get_or_none(uscc=company)
        active = CorpMember.filter(uscc=company, state="active", role=Role.ADMINISTRATOR)
        return (book.administrators if book else 0), await active.count()

    def _run(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(30)


async def test_every_order_of_giving_and_taking_does_what_the_model_says(
    here: MembersWorld,
) -> None:
    loop = asyncio.get_running_loop()
    machine = type("Bound", (Memberships,), {"here": here, "loop": loop})
    machine.TestCase.settings = settings(  # type: ignore[attr-defined]
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(machine.TestCase("runTest").debug)  # type: ignore[attr-defined]
