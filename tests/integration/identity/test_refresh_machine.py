"""Refresh tokens under every order of use: a model of what may happen, against the real thing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from backend.identity.errors import RefreshReused, SessionExpired
from backend.identity.families import GRACE_S
from backend.identity.models import SessionFamily
from backend.identity.service import Tokens
from tests.identity_world import ZHANG, World
from tests.machines import Machine, every_order

STEPS, EXAMPLES = 12, 15


class Family(Machine):
    """One login; its tokens are used in any order, in time and late, and it may be logged out.

    The model: the newest token is good; the one before is answered again within the grace;
    whatever else is used ends everything.
    """

    here: World

    def __init__(self) -> None:
        super().__init__()
        self.chain: list[Tokens] = []
        self.alive = True
        self.in_grace = False

    @initialize()
    def log_in(self) -> None:
        self.chain = [self._run(self.here.login(ZHANG))]

    @rule()
    @precondition(lambda self: self.alive)
    def use_the_newest(self) -> None:
        answer = self._run(self.here.identity.refresh(self.chain[-1].refresh_token))
        assert answer.refresh_token != self.chain[-1].refresh_token
        self.chain.append(answer)
        self.in_grace = True

    @rule()
    @precondition(lambda self: self.alive and len(self.chain) > 1 and self.in_grace)
    def use_the_one_before_in_time(self) -> None:
        answer = self._run(self.here.identity.refresh(self.chain[-2].refresh_token))
        assert answer.refresh_token == self.chain[-1].refresh_token
        assert answer.access_token == self.chain[-1].access_token

    @rule()
    @precondition(lambda self: self.alive and len(self.chain) > 1 and not self.in_grace)
    def use_the_one_before_too_late(self) -> None:
        self._reused(self.chain[-2])

    @rule(data=st.data())
    @precondition(lambda self: self.alive and len(self.chain) > 2)
    def use_an_older_one(self, data: st.DataObject) -> None:
        self._reused(self.chain[data.draw(st.integers(0, len(self.chain) - 3))])

    @rule()
    @precondition(lambda self: self.alive)
    def let_the_grace_pass(self) -> None:
        past = datetime.now(UTC) - timedelta(seconds=GRACE_S + 1)
        person_id = self.chain[0].person.id
        self._run(SessionFamily.filter(person_id=person_id, ended_at=None).update(rotated_at=past))
        self.in_grace = False

    @rule()
    @precondition(lambda self: self.alive)
    def log_out(self) -> None:
        session = self._run(self.here.session(self.chain[-1]))
        self._run(self.here.identity.end_session(session, session.session_id))
        self.alive = False

    @rule(data=st.data())
    @precondition(lambda self: not self.alive)
    def nothing_comes_back(self, data: st.DataObject) -> None:
        tokens = data.draw(st.sampled_from(self.chain))
        with pytest.raises(SessionExpired):
            self._run(self.here.identity.refresh(tokens.refresh_token))
        with pytest.raises(SessionExpired):
            self._run(self.here.session(tokens))

    def _reused(self, tokens: Tokens) -> None:
        with pytest.raises(RefreshReused):
            self._run(self.here.identity.refresh(tokens.refresh_token))
        self.alive = False

    def teardown(self) -> None:
        if self.chain and self.alive:
            self._run(self.here.session(self.chain[-1]))
        self._run(self.here.redis.flushdb())


async def test_every_order_of_use_does_what_the_model_says(here: World) -> None:
    await every_order(Family, EXAMPLES, STEPS, here=here)
