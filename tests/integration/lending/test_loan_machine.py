"""Loans under every order of lending, using, taking back and waiting, against a plain model."""

import asyncio
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from backend.lending.errors import LoanExpired, LoanRevoked, LoanUsedUp
from backend.lending.models import Loan as LoanRow
from backend.lending.service import Loan
from backend.wallet.service import china_day
from tests.lending_world import LendingWorld
from tests.machines import Machine, every_order

STEPS, EXAMPLES = 10, 12


class Lent(Machine):
    """One loan.

    The model: taken back or given back it is over for good; else its last day ends it; else as
    many uses go through as were agreed, alone or many at once, and not one more.
    """

    here: LendingWorld

    def __init__(self) -> None:
        super().__init__()
        self.loan: Loan | None = None
        self.left = self.times = self.days = 0
        self.over = False

    @initialize(times=st.integers(1, 5), days=st.integers(0, 3), invited=st.booleans())
    def lend(self, times: int, days: int, invited: bool) -> None:
        until = china_day(int(self.here.clock())) + timedelta(days=days)
        wish: dict[str, object] = {"times": times, "until": until}
        if invited:
            self.loan = self._run(self.here.invite(**wish))
            # Every example would use up the tries of an hour.
            self._run(self._forget_tries())
            code = self.loan.invitation or ""
            self._run(self.here.lending.loans.accept(self.here.friend, code))
        else:
            self._run(self._forget_tries())
            self.loan = self._run(self.here.lend(**wish))
        self.left = self.times = times
        self.days = days

    @rule(at_once=st.integers(1, 4))
    def use(self, at_once: int) -> None:
        found = self._run(self._uses(at_once))
        good = [each for each in found if not isinstance(each, BaseException)]
        expected = 0 if self.over or self.days < 0 else min(at_once, self.left)
        assert len(good) == expected
        self.left -= expected
        if self.over:
            refusal: type[Exception] = LoanRevoked
        else:
            refusal = LoanExpired if self.days < 0 else LoanUsedUp
        refused = [each for each in found if isinstance(each, BaseException)]
        assert all(isinstance(each, refusal) for each in refused), refused

    @rule()
    def a_day_passes(self) -> None:
        self.here.clock.on(days=1)
        self.days -= 1

    @rule(by_owner=st.booleans())
    @precondition(lambda self: not self.over)
    def end(self, by_owner: bool) -> None:
        assert self.loan is not None
        loans = self.here.lending.loans
        if by_owner:
            self._run(loans.revoke(self.here.owner, self.loan.id))
        else:
            self._run(loans.give_back(self.here.friend, self.loan.id))
        self.over = True

    @invariant()
    def what_is_counted_is_what_went_through(self) -> None:
        if self.loan is not None:
            row = self._run(LoanRow.get(id=self.loan.id))
            assert row.used == self.times - self.left

    async def _uses(self, at_once: int) -> list[object]:
        assert self.loan is not None
        loans = self.here.lending.loans
        uses = (loans.use(self.here.friend, self.loan.id, "") for _ in range(at_once))
        return list(await asyncio.gather(*uses, return_exceptions=True))

    async def _forget_tries(self) -> None:
        index = self.here.identity.index
        for session in (self.here.owner, self.here.friend):
            tag = index.of("lending-try", str(session.person_id))[:32]
            await self.here.identity.redis.delete(f"limit:{{{tag}}}:phone")
            await self.here.identity.redis.delete(f"limit:{{{tag}}}:invitation")


async def test_every_order_of_use_does_what_the_model_says(here: LendingWorld) -> None:
    await every_order(Lent, EXAMPLES, STEPS, here=here)
