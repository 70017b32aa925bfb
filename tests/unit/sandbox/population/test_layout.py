"""The arithmetic of who lives where and works for whom."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.sandbox.population.layout import (
    CYCLE_HOUSEHOLDS,
    CYCLE_PEOPLE,
    SIZE,
    WORKING,
    Kind,
    Layout,
)

CAST = {"cast_households": 7, "cast_people": 9, "cast_enterprises": 2}


def layout(people: int, enterprises: int, seed: int = 44) -> Layout:
    return Layout(seed, people, enterprises, **CAST)


def test_a_cycle_has_every_sort_of_household() -> None:
    assert (CYCLE_HOUSEHOLDS, CYCLE_PEOPLE) == (24, 50)
    kinds = {layout(9 + CYCLE_PEOPLE, 2).slot(7 + place).kind for place in range(24)}
    assert kinds == set(Kind)


def test_fewer_than_the_cast_is_refused() -> None:
    for people, enterprises in ((8, 2), (9, 1), (0, 0)):
        with pytest.raises(ValueError, match="fixed cast alone has 9 people and 2 enterprises"):
            layout(people, enterprises)


def test_enterprises_without_people_to_run_them_are_refused() -> None:
    with pytest.raises(ValueError, match="take more people"):
        layout(9, 3)


def test_the_cast_alone_is_a_population() -> None:
    assert layout(9, 2).households == 7


@settings(deadline=None)
@given(people=st.integers(9, 700), enterprises=st.integers(2, 300), seed=st.integers(0, 2**70))
def test_both_directions_agree(people: int, enterprises: int, seed: int) -> None:
    if people == 9:
        enterprises = 2
    plan = layout(people, enterprises, seed)
    expected = 9
    owners: dict[int, int] = {}
    for household in range(7, plan.households):
        slot = plan.slot(household)
        assert slot.first_person == expected
        expected += SIZE[slot.kind]
        for enterprise in plan.enterprises_of(household):
            assert enterprise not in owners
            owners[enterprise] = household
            assert plan.owner_of(enterprise) == household
            assert WORKING[slot.kind] > 0
            assert slot.unusual == -1
    assert expected == people
    assert sorted(owners) == list(range(2, enterprises))
    employers = {person: plan.employer_of(person) for person in range(9, people)}
    for enterprise in range(2, enterprises):
        staff = plan.staff_of(enterprise)
        assert list(staff) == [p for p, employer in employers.items() if employer == enterprise]
        assert not (staff and plan.is_closed(enterprise))


def test_owners_of_open_enterprises_work_for_themselves() -> None:
    plan = layout(2009, 302)
    for enterprise in range(2, 302):
        owner = plan.slot(plan.owner_of(enterprise)).first_person
        own = plan.enterprises_of(plan.owner_of(enterprise))
        if any(not plan.is_closed(number) for number in own):
            assert plan.employer_of(owner) in own
        else:
            assert plan.employer_of(owner) is None


def test_some_own_several_enterprises() -> None:
    plan = layout(2009, 302)
    counts = {len(plan.enterprises_of(household)) for household in range(7, plan.households)}
    assert counts == {0, 1, 2, 3}
