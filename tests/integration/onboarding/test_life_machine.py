"""Any act, by anybody, in any order: what is written is a row of the table, or nothing is.

The table below is written down a second time, from the design and not from the code.
"""

from collections.abc import Awaitable, Callable
from itertools import count, pairwise
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from backend.errors import DomainError
from backend.exchange.manifest import parse_manifest
from backend.onboarding.errors import SameHand
from backend.onboarding.models import ApprovedAddress, Event, JoiningSystem, Revision
from backend.onboarding.records import digest_of
from backend.operators.service import Officer, Role
from tests.machines import Machine, every_order
from tests.onboarding_world import World, changed, document, signing_key

STEPS, EXAMPLES = 25, 12
NUMBERS = count(1)

PATH = {
    ("draft", "submit"): "submitted",
    ("submitted", "withdraw"): "draft",
    ("in_review", "withdraw"): "draft",
    ("sandbox", "withdraw"): "draft",
    ("conformant", "withdraw"): "draft",
    ("submitted", "take"): "in_review",
    ("in_review", "return"): "draft",
    ("sandbox", "return"): "draft",
    ("conformant", "return"): "draft",
    ("in_review", "approve"): "sandbox",
    ("sandbox", "examine"): "conformant",
    ("conformant", "publish"): "published",
    ("in_review", "restore"): "published",
    ("published", "suspend"): "suspended",
    ("suspended", "resume"): "published",
    ("published", "retire"): "retired",
    ("suspended", "retire"): "retired",
    ("draft", "discard"): "discarded",
    ("submitted", "discard"): "discarded",
    ("in_review", "discard"): "discarded",
    ("sandbox", "discard"): "discarded",
    ("conformant", "discard"): "discarded",
}
DEPARTMENT, PLATFORM = {Role.CLERK, Role.HEAD}, {Role.OPERATOR}
WHO = {
    "submit": DEPARTMENT, "withdraw": DEPARTMENT, "discard": DEPARTMENT,
    "take": PLATFORM, "return": PLATFORM, "approve": PLATFORM, "publish": PLATFORM,
    "restore": PLATFORM, "retire": PLATFORM, "examine": DEPARTMENT | PLATFORM,
    "suspend": {Role.SECURITY_ADMIN}, "resume": {Role.SECURITY_ADMIN},
}  # fmt: skip
# What has to be done by another account than the one that submitted, by the state it is done in.
SECOND_HAND = {
    "submitted": "take", "in_review": "approve", "conformant": "publish",
}  # fmt: skip
# What the right person can always do, whatever became of keys, addresses and other revisions.
SURE = {"take", "return", "withdraw", "discard"}
OPEN = {"draft", "submitted", "in_review", "sandbox", "conformant"}


class Life(Machine):
    """One system; several revisions of it, pushed about by officers of every kind."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.code = f"gd-m{next(NUMBERS)}"
        self.raw = changed(document(signing_key(f"{self.code}-1"), self.code), licence_types=[],
                           service_items=[])  # fmt: skip
        self.states: dict[int, str] = {}
        self.digests: dict[int, str] = {}
        self.origins: set[int] = set()
        self.submitted_by: dict[int, UUID] = {}
        self.concurrency = count(1)

    @property
    def officers(self) -> list[Officer]:
        """One of each kind, and the clerk again as an operator."""
        here = self.world
        both = Officer(here.clerk.account_id, "clerk", "clerk", Role.OPERATOR)
        return [here.clerk, here.head, here.stranger, here.operator, here.second_operator,
                here.security, here.administrator, both]  # fmt: skip

    @initialize()
    def first(self) -> None:
        self._save()

    @rule()
    def save(self) -> None:
        self._save()

    def _save(self) -> None:
        raw = changed(self.raw, limits={"concurrency": next(self.concurrency)})
        opened = [number for number, state in self.states.items() if state in OPEN]
        blocked = any(self.states[number] != "draft" for number in opened)
        try:
            made = self._run(
                self.world.onboarding.drafts.save(self.world.clerk, parse_manifest(raw))
            )
        except DomainError:
            assert blocked
            return
        assert not blocked
        for number in opened:
            self.states[number] = "discarded"
        self.states[made.number] = "draft"
        self.digests[made.number] = made.digest

    @rule(data=st.data(), act=st.sampled_from(sorted(WHO)))
    def anybody_tries(self, data: st.DataObject, act: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.states)))
        officer = data.draw(st.sampled_from(self.officers))
        self._try(act, number, officer)

    @rule(data=st.data())
    def the_right_person_tries_what_is_next(self, data: st.DataObject) -> None:
        """Otherwise chance would seldom get as far as a publication."""
        number = max(self.states)
        acts = [act for state, act in PATH if state == self.states[number]]
        if acts:
            act = data.draw(st.sampled_from(acts))
            may = [one for one in self.officers if one.role in WHO[act]]
            officer = data.draw(st.sampled_from(may))
            done = self._try(act, number, officer)
            own = officer.account_id == self.submitted_by.get(number)
            other_hand = act in SECOND_HAND.values() and own
            if act in SURE and officer != self.world.stranger and not other_hand:
                assert done, (act, officer.username)

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.states)))
        officer = data.draw(st.sampled_from(self.officers))
        opened = [one for one, state in self.states.items() if state in OPEN]
        try:
            made = self._run(
                self.world.onboarding.review.ask_to_restore(officer, self.code, number, "回到从前")
            )
        except DomainError:
            return
        assert self.states[number] == "superseded"
        assert officer.role in DEPARTMENT | PLATFORM
        for one in opened:
            assert self.states[one] == "draft"
            self.states[one] = "discarded"
        self.states[made.number] = "in_review"
        self.digests[made.number] = self.digests[number]
        self.origins.add(made.number)
        self.submitted_by[made.number] = officer.account_id

    def _try(self, act: str, number: int, officer: Officer) -> bool:
        number = self._serving() or number if act in ("suspend", "resume", "retire") else number
        before = self.states[number]
        try:
            self._run(self._call(act, number, officer))
        except DomainError:
            return False
        assert officer.role in WHO[act]
        assert officer != self.world.stranger
        if act in ("take", "approve", "publish", "restore"):
            assert officer.account_id != self.submitted_by[number]
        if act == "submit":
            self.submitted_by[number] = officer.account_id
        self.states[number] = PATH[before, act]
        if act in ("publish", "restore"):
            assert "suspended" not in self.states.values()
            assert (act == "restore") == (number in self.origins)
            for other, state in self.states.items():
                if other != number and state == "published":
                    self.states[other] = "superseded"
        if act == "retire":
            for other, state in self.states.items():
                if state in OPEN:
                    self.states[other] = "discarded"
        return True

    def _serving(self) -> int | None:
        serving = [n for n, state in self.states.items() if state in ("published", "suspended")]
        return serving[0] if serving else None

    def _call(self, act: str, number: int, officer: Officer) -> Awaitable[Any]:
        joining, code, why = self.world.onboarding, self.code, "因为"
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "submit": lambda: self._submit(number, officer),
            "withdraw": lambda: joining.drafts.withdraw(officer, code, number, why),
            "discard": lambda: joining.drafts.discard(officer, code, number),
            "take": lambda: joining.review.take(officer, code, number),
            "return": lambda: joining.review.send_back(officer, code, number, why),
            "approve": lambda: joining.review.approve(officer, code, number, why),
            "examine": lambda: joining.examination.run(officer, code, number),
            "publish": lambda: joining.review.publish(officer, code, number, why),
            "restore": lambda: joining.review.restore(officer, code, number, why),
            "suspend": lambda: joining.serving.suspend(officer, code, why),
            "resume": lambda: joining.serving.resume(officer, code, why),
            "retire": lambda: joining.serving.retire(officer, code, why),
        }
        return calls[act]()

    async def _submit(self, number: int, officer: Officer) -> None:
        await self.world.onboarding.drafts.submit(officer, self.code, number)
        await ApprovedAddress.filter(system_code=self.code).update(state="approved")

    @invariant()
    def nobody_decides_on_what_they_submitted(self) -> None:
        """Wherever a decision is due, the submitter tries it, with the role of those who may."""
        for number, submitter in self.submitted_by.items():
            act = SECOND_HAND.get(self.states[number])
            if act is None:
                continue
            act = "restore" if number in self.origins else act
            same = Officer(submitter, "same", "same", Role.OPERATOR)
            try:
                self._run(self._call(act, number, same))
            except SameHand:
                continue
            raise AssertionError(f"{act} by the hand that submitted")

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        self._run(self._compare())

    async def _compare(self) -> None:
        rows = await Revision.filter(system_code=self.code)
        assert {row.number: row.state.value for row in rows} == self.states
        for row in rows:
            assert row.digest == digest_of(row.content) == self.digests[row.number]
        assert sum(state in OPEN for state in self.states.values()) <= 1
        assert sum(state in ("published", "suspended") for state in self.states.values()) <= 1
        system = await JoiningSystem.get_or_none(code=self.code)
        opened = [number for number, state in self.states.items() if state in OPEN]
        assert (system.opened if system else None) == (opened[0] if opened else None)
        for number in self.states:
            lines = await Event.filter(system_code=self.code, number=number).order_by("id")
            moves = [line for line in lines if line.after]
            for one, following in pairwise(moves):
                assert following.before == one.after
            assert moves[-1].after == self.states[number]


async def test_any_order_of_acts_leaves_a_row_of_the_table_or_nothing(world: World) -> None:
    await every_order(Life, EXAMPLES, STEPS, world=world)
