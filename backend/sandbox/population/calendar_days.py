"""Days around the one that the population is drawn for."""

from datetime import date, timedelta

# Ages, terms and new-borns are relative to this day, never to the clock: the same seed gives the
# same people in every year.
DRAWN_FOR = date(2026, 11, 1)
_MONTH_DAYS = tuple(
    (day.month, day.day) for day in (date(2025, 1, 1) + timedelta(n) for n in range(365))
)


def birthday(age: int, day_of_year: int) -> date:
    """The day of birth of someone of this age whose birthday is this day (0 to 364) of a year."""
    month, day = _MONTH_DAYS[day_of_year]
    year = DRAWN_FOR.year - age
    if (month, day) > (DRAWN_FOR.month, DRAWN_FOR.day):
        year -= 1
    return date(year, month, day)


def years_later(day: date, years: int) -> date:
    """The same day in another year; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def first_of_next_month(day: date) -> date:
    """When a pension begins after this day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
