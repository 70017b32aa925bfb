"""The breaker against a plain account of what it promises, under every order of events."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.upstream.breaker import (
    FIRST_WAIT_S,
    GOOD_PROBES,
    IN_A_ROW,
    LONGEST_WAIT_S,
    MANY,
    SLICE_S,
    Breaker,
    Permit,
)


def made() -> Breaker:
    return Breaker(jitter=lambda: 0.5)


def opened(now: float = 0.0) -> Breaker:
    breaker = made()
    for _ in range(IN_A_ROW):
        fail(breaker, now)
    return breaker


def fail(breaker: Breaker, now: float) -> None:
    permit = breaker.admit(now)
    assert permit is not None
    breaker.failed(permit, now)


def succeed(breaker: Breaker, now: float) -> None:
    permit = breaker.admit(now)
    assert permit is not None
    breaker.succeeded(permit, now)


def test_failures_in_a_row_open_it_and_its_wait_half_opens_it() -> None:
    breaker = opened()
    assert (breaker.state(0.0), breaker.admit(0.0)) == ("open", None)
    assert breaker.waits(0.5) == FIRST_WAIT_S - 0.5
    assert breaker.state(FIRST_WAIT_S) == "half_open"


def test_a_success_between_them_starts_the_row_anew() -> None:
    breaker = made()
    for _ in range(2):
        for _ in range(IN_A_ROW - 1):
            fail(breaker, 0.0)
        succeed(breaker, 0.0)
    assert breaker.state(0.0) == "closed"


def test_many_failures_that_are_half_of_all_open_it() -> None:
    breaker = made()
    for _ in range(MANY - 1):
        fail(breaker, 0.0)
        succeed(breaker, 0.0)
    assert breaker.state(0.0) == "closed"
    fail(breaker, 0.0)
    assert breaker.state(0.0) == "open"


def test_few_failures_among_many_successes_leave_it_closed() -> None:
    breaker = made()
    for number in range(10 * MANY):
        (fail if number % 3 == 0 else succeed)(breaker, number * 0.01)
    assert breaker.state(1.0) == "closed"


def test_old_failures_are_forgotten() -> None:
    breaker = made()
    for number in range(3 * MANY):
        (fail if number % 2 == 0 else succeed)(breaker, number * 2 * SLICE_S)
    assert breaker.state(3 * MANY * 2 * SLICE_S) == "closed"


def test_one_probe_at_a_time_and_enough_good_ones_close_it() -> None:
    breaker, now = opened(), FIRST_WAIT_S
    for _ in range(GOOD_PROBES):
        probe = breaker.admit(now)
        assert probe is Permit.PROBE
        assert breaker.admit(now) is None
        breaker.succeeded(probe, now)
    assert breaker.state(now) == "closed"
    assert breaker.admit(now) is Permit.ORDINARY


def test_a_bad_probe_opens_it_for_longer_each_time_up_to_a_bound() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(8):
        waits.append(breaker.waits(now))
        now += breaker.waits(now)
        fail(breaker, now)
    assert waits == [2.0, 4.0, 8.0, 16.0, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S, 30.0]


def test_a_probe_that_says_nothing_gives_its_place_back() -> None:
    breaker = opened()
    probe = breaker.admit(FIRST_WAIT_S)
    assert probe is not None
    breaker.abandoned(probe)
    assert breaker.admit(FIRST_WAIT_S) is Permit.PROBE


def test_calls_that_were_under_way_when_it_opened_change_nothing() -> None:
    breaker = made()
    late = [breaker.admit(0.0) for _ in range(IN_A_ROW + 2)]
    for permit in late[:IN_A_ROW]:
        breaker.failed(permit or Permit.PROBE, 0.0)
    until = breaker.waits(0.0)
    breaker.failed(late[-1] or Permit.PROBE, 0.5)
    breaker.succeeded(late[-2] or Permit.PROBE, 0.5)
    assert breaker.state(0.5) == "open"
    assert breaker.waits(0.0) == until


@given(st.floats(0.0, 1.0))
def test_the_wait_is_spread_by_a_fifth(jitter: float) -> None:
    breaker = Breaker(jitter=lambda: jitter)
    for _ in range(IN_A_ROW):
        fail(breaker, 0.0)
    assert 0.79 * FIRST_WAIT_S < breaker.waits(0.0) < 1.21 * FIRST_WAIT_S


class Journeys(RuleBasedStateMachine):
    """Any order of calls, outcomes and time."""

    @initialize()
    def start(self) -> None:
        self.breaker, self.now = made(), 0.0
        self.under_way: list[Permit] = []

    @rule()
    def call(self) -> None:
        permit = self.breaker.admit(self.now)
        state = self.breaker.state(self.now)
        if state == "closed":
            assert permit is Permit.ORDINARY
        elif state == "open":
            assert permit is None
        elif permit is None:
            assert Permit.PROBE in self.under_way
        else:
            assert permit is Permit.PROBE
            assert Permit.PROBE not in self.under_way
        if permit is not None:
            self.under_way.append(permit)

    @precondition(lambda self: self.under_way)
    @rule(place=st.integers(0, 100), outcome=st.sampled_from(("good", "bad", "gone")))
    def ends(self, place: int, outcome: str) -> None:
        permit = self.under_way.pop(place % len(self.under_way))
        before = self.breaker.opened
        if outcome == "good":
            self.breaker.succeeded(permit, self.now)
        elif outcome == "bad":
            self.breaker.failed(permit, self.now)
        else:
            self.breaker.abandoned(permit)
        if permit is Permit.PROBE and outcome == "bad":
            assert self.breaker.opened == before + 1
        if outcome != "bad":
            assert self.breaker.opened == before

    @rule(seconds=st.floats(0.0, 40.0))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def never_waits_longer_than_the_bound(self) -> None:
        assert 0.0 <= self.breaker.waits(self.now) <= LONGEST_WAIT_S
        assert self.under_way.count(Permit.PROBE) <= 1


TestJourneys = Journeys.TestCase
TestJourneys.settings = settings(max_examples=100, deadline=None)
