"""What people have: jobs, pensions, driving licences, cars and homes."""

from datetime import date, timedelta
from functools import cache
from random import Random

from backend.numbers.service import make_uscc
from backend.sandbox.population.calendar_days import (
    DRAWN_FOR,
    first_of_next_month,
    years_later,
)
from backend.sandbox.population.draws import between, pick, spread
from backend.sandbox.population.enterprises import Profile
from backend.sandbox.population.people import Car, Driver, Job, Property, Sex
from backend.sandbox.population.places import City, Home
from backend.sandbox.population.serials import (
    file_number,
    plate,
    property_numbers,
    vehicle_number,
)

# Ages before the gradual rise that began in 2025: all pensioners of the stream retired by them.
PENSION_AGE: dict[Sex, int] = {"男": 60, "女": 55}
_CLASSES = spread([("C1", 70), ("C2", 20), ("B2", 6), ("A2", 2), ("D", 2)])
_PUBLIC_BODIES = ("第一人民医院", "实验小学", "第二中学", "图书馆", "市政园林服务中心")
_MODELS = ("岭南牌LN7150", "穗星牌SX6450", "粤海牌YH7160", "南风牌NF6470")
_ELECTRIC_MODELS = ("岭南牌LN7000BEV", "穗星牌SX6460BEV", "南风牌NF7001BEV")


def day_between(rng: Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``; ``first`` where they are the wrong way round."""
    days = (last - first).days
    return first + timedelta(days=int(rng.random() * (days + 1))) if days > 0 else first


def enterprise_job(rng: Random, profile: Profile, birth: date) -> Job:
    """Work at an enterprise since some day after both have come of age."""
    first = max(profile.established_on, years_later(birth, 18), date(2008, 1, 1))
    since = day_between(rng, first, DRAWN_FOR)
    return Job(profile.index, profile.name, profile.uscc, since, _salary(rng))


def public_job(rng: Random, city: City, birth: date) -> Job:
    """Work at a public body of the city."""
    rank = int(rng.random() * len(_PUBLIC_BODIES))
    since = day_between(rng, years_later(birth, 21), DRAWN_FOR)
    name, uscc = public_body(city.name, city.code, rank)
    return Job(None, name, uscc, since, _salary(rng))


@cache
def public_body(city: str, code: str, rank: int) -> tuple[str, str]:
    """Name and 统一社会信用代码 of a public body (事业单位)."""
    return city + _PUBLIC_BODIES[rank], make_uscc("1", "2", code, f"YW{code}"[:7] + str(rank))


def _salary(rng: Random) -> int:
    # The square keeps most of them low.
    return 3800 + int(rng.random() ** 2 * 282) * 100


def pension_start(rng: Random, birth: date, sex: Sex) -> date | None:
    """First day of the pension; none yet, or none at all for three elders of ten."""
    reached = years_later(birth, PENSION_AGE[sex])
    if reached >= DRAWN_FOR or rng.random() < 0.3:
        return None
    return first_of_next_month(reached)


def driving_licence(rng: Random, index: int, birth: date, city: City) -> Driver:
    """A driving licence in its first six years, its second term of ten, or long-term after that
    (机动车驾驶证申领和使用规定). Long-term begins when the second term ends."""
    first = day_between(
        rng,
        max(years_later(birth, 18), date(1990, 1, 1)),
        min(DRAWN_FOR, years_later(birth, 60)),
    )
    start, end = first, years_later(first, 6)
    until: date | None = end
    if end <= DRAWN_FOR:
        start, until = end, years_later(end, 10)
        if until <= DRAWN_FOR:
            start, until = until, None
    return Driver(pick(rng, _CLASSES), first, start, until, file_number(index, city.code))


def car(rng: Random, index: int, city: City, driver: Driver) -> Car:
    """A car registered after its owner learned to drive; newer ones are often electric."""
    registered = day_between(rng, max(driver.first_issued, date(2012, 1, 1)), DRAWN_FOR)
    electric = registered.year >= 2019 and rng.random() < 0.4
    return Car(
        plate=plate(index, city.plate, electric=electric),
        vin=vehicle_number(index, registered.year),
        engine_number=f"{'TZ' if electric else 'E'}{index:07d}",
        model=pick(rng, _ELECTRIC_MODELS if electric else _MODELS),
        vehicle_type="小型轿车" if rng.random() < 0.6 else "小型普通客车",
        electric=electric,
        registered_on=registered,
    )


def own_home(rng: Random, index: int, home: Home, birth: date) -> Property:
    """The household's home as the property of one person."""
    acquired = day_between(rng, max(years_later(birth, 23), date(1999, 1, 1)), DRAWN_FOR)
    certificate, unit = property_numbers(index, home.county.code, home.city.name, acquired)
    return Property(
        certificate_number=certificate,
        unit_number=unit,
        region_code=home.street_code,
        address=home.address,
        area_m2=between(rng, 4200, 16800) / 100,
        usage="住宅",
        acquired_on=acquired,
    )
