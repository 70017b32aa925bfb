"""The vocabulary of department files: draws that repeat, terms that are mostly in force."""

from datetime import date, timedelta

import pytest

from backend.sandbox.departments.files import (
    Draw,
    drawn_term,
    month_before,
    months_between,
    serial,
    years_after,
)

TODAY = date(2026, 11, 23)


def test_a_draw_repeats_and_differs_by_department_index_and_word() -> None:
    first = Draw("gongan", 7)
    assert first.below("x", 10**9) == Draw("gongan", 7).below("x", 10**9)
    others = [Draw("renshe", 7), Draw("gongan", 8)]
    values = {draw.below("x", 10**9) for draw in [first, *others]} | {first.below("y", 10**9)}
    assert len(values) == 4


def test_draws_stay_within_their_bounds() -> None:
    draws = [Draw("d", index) for index in range(500)]
    assert {draw.between("n", 3, 5) for draw in draws} == {3, 4, 5}
    first, last = date(2026, 1, 1), date(2026, 1, 3)
    assert {draw.day("d", first, last) for draw in draws} == {
        first,
        date(2026, 1, 2),
        last,
    }
    assert draws[0].day("d", last, first) == last


def test_most_licences_are_in_force_some_end_soon_and_some_have_ended() -> None:
    terms = [drawn_term(Draw("d", i), "t", TODAY, 5, date(2000, 1, 1)) for i in range(4000)]
    soon = sum(TODAY < last <= TODAY + timedelta(days=30) for _, last in terms)
    over = sum(last < TODAY for _, last in terms)
    assert 60 <= soon <= 160
    assert 30 <= over <= 110
    assert all(first <= TODAY for first, _ in terms)
    assert all(first < last for first, last in terms)


def test_a_term_never_begins_before_its_holder_could_have_it() -> None:
    birthday = TODAY - timedelta(days=200)
    terms = [drawn_term(Draw("d", i), "t", TODAY, 10, birthday) for i in range(500)]
    assert all(first >= birthday for first, _ in terms)


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 11, 23), -5, date(2021, 11, 23)),
    ],
)
def test_years_later_is_the_same_day(day: date, years: int, expected: date) -> None:
    assert years_after(day, years) == expected


def test_months_and_serials() -> None:
    assert months_between(date(2025, 12, 31), date(2026, 2, 1)) == 2
    assert months_between(date(2026, 2, 1), date(2025, 12, 31)) == 0
    assert month_before(date(2026, 1, 31)) == "2025-12"
    assert serial(date(2026, 1, 1), 1_000_000, 12) == "2026000100000012"
