"""What 医保局 has: the electronic credential and the personal account."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import (
    Draw,
    HolderFile,
    NewLicence,
    month_before,
    months_between,
    serial,
)
from backend.sandbox.departments.places import city_name
from backend.sandbox.population.people import Household, Person

CREDENTIAL_SINCE = date(2020, 6, 1)
# 2 % of the salary goes to the personal account since the reform of 2022 (国办发〔2021〕14号).
ACCOUNT_SHARE = 0.02


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each living person: basic insurance covers everybody."""
    for person in household.people:
        if person.status == "alive" and person.licence_load != "none":
            yield _file(person, today)


def _file(person: Person, today: date) -> HolderFile:
    draw = Draw("yibao", person.index)
    section = _section(person, draw, today)
    issued = draw.day("credential", max(CREDENTIAL_SINCE, min(person.birth, today)), today)
    credential = NewLicence(
        kind="医保电子凭证",
        serial=serial(issued, person.index),
        number=f"44{draw.below('number', 10**9):09d}{person.index % 10**9:09d}",
        issued=issued,
        valid_from=issued,
        valid_to=None,
        region_code=person.region_code,
        extra={key: section[key] for key in ("insurance_kind", "insured_region", "state")},
    )
    holder = Holder(person.id_type, person.id_number, person.name)
    return HolderFile(holder, (credential,), {"medical_insurance": section})


def _section(person: Person, draw: Draw, today: date) -> dict[str, Any]:
    employee = person.job is not None or person.retired_on is not None
    balance = 0.0
    if person.job is not None:
        months = months_between(person.job.since, today)
        kept = draw.between("kept", 20, 80) / 100
        balance = person.job.monthly_salary * ACCOUNT_SHARE * months * kept
    elif person.retired_on is not None:
        balance = draw.between("balance", 20_000, 1_200_000) / 100
    return {
        "insurance_kind": "职工基本医疗保险" if employee else "城乡居民基本医疗保险",
        "insured_region": city_name(person.region_code),
        "state": "正常参保",
        "balance": round(balance, 2),
        "last_paid_month": month_before(today) if person.job else f"{today.year}-01",
    }
