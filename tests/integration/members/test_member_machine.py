"""Memberships under every order of giving, accepting, taking back, coming in by licence, filing,
time and register changes, against a plain model that looks at everything each time.
"""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from tortoise.transactions import in_transaction

from backend.errors import DomainError
from backend.members import errors
from backend.members.granting import INVITING
from backend.members.licensed import SHOWING
from backend.members.models import CorpBar, CorpBook, CorpMember
from backend.members.parts import MOST_ADMINISTRATORS
from backend.members.service import Role, Scope
from backend.store.tries import Mark, Tries
from tests.identity_world import CHEN, LI, RARE, UNSEEN, ZHANG, Someone
from tests.integration.members.member_model import BOSS_ROLE, COMPANIES, Given, Model, Refusal
from tests.machines import Machine, every_order
from tests.members_world import BOSS, SUCCESSOR, MembersWorld

STEPS, EXAMPLES = 24, 10
PEOPLE = (BOSS, SUCCESSOR, LI, CHEN, ZHANG, RARE, UNSEEN)
T = TypeVar("T")

someone = st.sampled_from(PEOPLE)
company = st.sampled_from(COMPANIES)
# Mostly administrators, so that five are soon too few.
most = st.sampled_from((None, 1, 2))
role = st.sampled_from((Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.AGENT))


class Memberships(Machine):
    """Two companies of one representative, and seven people who come and go."""

    here: MembersWorld

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @initialize()
    def begin(self) -> None:
        self._run(self._fresh())

    @rule(by=someone, company=company, who=someone, role=role, days=st.integers(0, 9), most=most)
    def invite(
        self, by: Someone, company: str, who: Someone, role: Role, days: int,
        most: int | None = None,
    ) -> None:  # fmt: skip
        model = self.model
        may = model.come(by, company)
        allowed = (Role.LEGAL_REP, Role.ADMINISTRATOR)[: 1 if role is Role.ADMINISTRATOR else 2]
        new = Given(company, who, role, by, model.boss[company], model.day, model.day + days)
        new.most = most if role is Role.AGENT else None
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

    @rule(who=someone, company=company)
    def come_by_licence(self, who: Someone, company: str) -> None:
        self._expect(self._enter(who, company), self.model.enter(who, company))

    @rule(company=company, data=st.data())
    def let_come_by_licence_again(self, company: str, data: st.DataObject) -> None:
        model = self.model
        found = [one for one in model.barred if one[0] == company]
        if not found or not isinstance(model.come(model.boss[company], company), Role):
            return
        nth = data.draw(st.integers(0, len(found) - 1))
        model.barred.remove(found[nth])
        self._expect(self._lift(company, nth), None)

    @rule(who=someone, company=company)
    def file(self, who: Someone, company: str) -> None:
        """Whoever may not act is refused as at any door."""
        expected = self.model.come(who, company)
        if not isinstance(expected, Role):
            self._expect(self.here.admit(who, Scope.CASES_APPLY, uscc=company), expected)
        elif expected is not BOSS_ROLE:
            held = self.model.acting(who, company)
            one = next(each for each in held if not self.model.over(each))
            self._expect(self._file(who, company), self.model.file(one))

    @rule(who=someone, company=company, data=st.data())
    def take_out_and_let_in(self, who: Someone, company: str, data: st.DataObject) -> None:
        """An agent with a number comes by licence, is taken out, comes back when they may."""
        self.invite(self.model.boss[company], company, who, Role.AGENT, 9, 1)
        self.accept(who)
        for _ in range(2):
            self.come_by_licence(who, company)
            self.file(who, company)
        self.revoke(company, data)
        self.come_by_licence(who, company)
        self.let_come_by_licence_again(company, data)
        self.come_by_licence(who, company)
        self.file(who, company)

    @rule(who=someone)
    def decline(self, who: Someone) -> None:
        one = self.model.waiting(who)
        if one is not None:
            one.state = "ended"
        self._expect(self._decline(who), None if one else errors.InvitationUnknown)

    @rule(company=company, data=st.data())
    def revoke(self, company: str, data: st.DataObject) -> None:
        found = [g for g in self.model.of(company, "active", "invited") if g.role is not BOSS_ROLE]
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
        await CorpBar.all().delete()
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
        number = {} if new.most is None else {"most_cases": new.most}
        grant = self.here.grant(new.who, new.role, ends_on=until, **number)
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
        rows = CorpMember.filter(uscc=company, state__in=("invited", "active")).exclude(
            role=BOSS_ROLE
        )
        row = (await rows.order_by("-id"))[nth]
        await self.here.members.granting.revoke(acting, row.id)

    async def _enter(self, who: Someone, company: str) -> None:
        """Everybody is named in the licence; nobody runs out of tries."""
        bearer = {"uscc": company, "name": who.name, "id_number": who.id_number}
        await self.here.register.control("POST", "licence-bearers", bearer)
        session = await self.here.session(who)
        await Tries(self.here.here.redis).forget([Mark(SHOWING, session.subject)])
        shown = {"uscc": company, "id_number": who.id_number}
        answer = await self.here.register.control("POST", "licence-codes", shown)
        code = str(answer.body["code"])
        await self.here.members.licensing.enter(session, self.here.holder(who), code)

    async def _lift(self, company: str, nth: int) -> None:
        acting = await self.here.admit(self.model.boss[company], Scope.MEMBERS, uscc=company)
        found = list(await self.here.members.barring.bars(acting))[::-1]
        await self.here.members.barring.lift(acting, found[nth].id)

    async def _file(self, who: Someone, company: str) -> None:
        acting = await self.here.admit(who, Scope.CASES_APPLY, uscc=company)
        assert acting.member_id is not None
        async with in_transaction():
            await self.here.members.count(acting.member_id)

    async def _held(self, who: Someone) -> list[str]:
        held = await self.here.members.held(await self.here.session(who))
        return [one.grant.uscc for one in held]

    async def _places(self, company: str) -> tuple[int, int]:
        book = await CorpBook.get_or_none(uscc=company)
        active = CorpMember.filter(uscc=company, state="active", role=Role.ADMINISTRATOR)
        return (book.administrators if book else 0), await active.count()


async def test_every_order_of_giving_and_taking_does_what_the_model_says(
    here: MembersWorld,
) -> None:
    await every_order(Memberships, EXAMPLES, STEPS, here=here)
