"""Events in any order, twice, wrong: the case stands where the department's own history puts it."""

import uuid
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from backend.cases.models import Case, CaseEvent, CaseStep
from backend.cases.service import Event, State, Taken
from backend.cases.states import TABLE, after
from tests.cases_department import NEEDED
from tests.cases_world import CasesWorld
from tests.machines import Machine, every_order

STEPS, EXAMPLES = 14, 12
TOLD = [event for event in Event if event is not Event.SUBMIT]


class Told(Machine):
    """One case.

    The model: the department's history, a list of events of which each follows on the one before;
    the platform has been sent some of them, in any order, some twice, some that never were. It
    stands where the longest beginning of the history that it was sent leads.
    """

    here: CasesWorld

    def __init__(self) -> None:
        super().__init__()
        self.case_no = ""
        self.history: list[dict[str, Any]] = []
        self.states = [State.SUBMITTED]
        self.sent: set[int] = set()
        self.extended = self.corrected = False

    @initialize()
    def submit(self) -> None:
        self.case_no = self._run(self.here.delivered())

    @rule(choice=st.integers(0, 30))
    def happens(self, choice: int) -> None:
        """The department takes a step and tells nobody yet."""
        possible = [e for s, e in TABLE if s == self.states[-1] and e in TOLD]
        if self.extended:
            possible = [event for event in possible if event is not Event.EXTENDED]
        if not possible:
            return
        event = possible[choice % len(possible)]
        self.extended = self.extended or event is Event.EXTENDED
        self.history.append(self.here.department.event(self.case_no, event))
        following = after(self.states[-1], event)
        assert following is not None
        self.states.append(following)

    @rule(place=st.integers(0, 30))
    @precondition(lambda self: self.history)
    def is_told(self, place: int) -> None:
        """One of the events arrives, perhaps again, perhaps before others."""
        event = self.history[place % len(self.history)]
        before = self.reached
        again, overtaken = event["seq"] in self.sent, any(s > event["seq"] for s in self.sent)
        self.sent.add(event["seq"])
        outcome = self._run(self.here.take(self.case_no, event))
        if again:
            assert outcome.taken is Taken.DUPLICATE
        elif self.reached == before:
            assert outcome.taken is Taken.HELD
        else:
            assert outcome.taken is (Taken.LATE if overtaken else Taken.APPLIED)

    @rule(name=st.sampled_from(TOLD), ahead=st.integers(-3, 1))
    def is_contradicted(self, name: Event, ahead: int) -> None:
        """An event that is not in the history, where it cannot be."""
        seq = self.reached + ahead
        possible = after(self.states[self.reached], name) is not None
        if seq < 1 or (ahead == 1 and possible):
            return
        event = {
            "event_id": str(uuid.uuid4()), "seq": seq, "event": name.value,
            "at": "2026-01-05T10:00:00.000+08:00", **NEEDED.get(name.value, {}),
        }  # fmt: skip
        assert self._run(self.here.take(self.case_no, event)).taken is Taken.CONTRADICTORY

    @property
    def reached(self) -> int:
        """How much of the history the platform can know."""
        count = 0
        while count + 1 in self.sent:
            count += 1
        return count

    @invariant()
    def the_case_stands_where_the_history_leads(self) -> None:
        if not self.case_no:
            return
        case = self._run(Case.get(case_no=self.case_no))
        assert (case.state, case.seq) == (self.states[self.reached], self.reached)
        steps = self._run(CaseStep.filter(case_id=case.id, seq__not_isnull=True).order_by("seq"))
        assert [step.state for step in steps] == self.states[1 : self.reached + 1]
        held = self._run(CaseEvent.filter(case_id=case.id, taken=Taken.HELD).count())
        assert held == len(self.sent) - self.reached

    def teardown(self) -> None:
        """Comparing the two records brings what never arrived."""
        if self.case_no:
            case = self._run(Case.get(case_no=self.case_no))
            self._run(self.here.compare(case))
            fresh = self._run(Case.get(id=case.id))
            assert (fresh.state, fresh.seq) == (self.states[-1], len(self.history))
            assert fresh.disagrees is None


async def test_every_order_of_events_does_what_the_model_says(here: CasesWorld) -> None:
    await every_order(Told, EXAMPLES, STEPS, here=here)
