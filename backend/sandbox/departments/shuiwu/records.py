"""What 税务局 has: income tax of employees, and the tax of enterprises."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import Draw, HolderFile, NewLicence, month_before, serial
from backend.sandbox.population.people import Enterprise, Household, Job, Person

MANY_YEARS = 6
# 个人所得税法 (2018) art. 3, 6: yearly brackets for comprehensive income, 60,000 yuan free.
FREE_INCOME = 60_000
BRACKETS = (
    (36_000, 3, 0),
    (144_000, 10, 2_520),
    (300_000, 20, 16_920),
    (420_000, 25, 31_920),
    (660_000, 30, 52_920),
    (960_000, 35, 85_920),
)
TOP_RATE, TOP_DEDUCTION = 45, 181_920
GRADES = "AAABBBBMMC"


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each taxpayer and each enterprise that is in business."""
    for person in household.people:
        if person.status == "alive" and person.licence_load != "none" and person.job is not None:
            yield _person_file(person, person.job, today)
    for enterprise in household.enterprises:
        if enterprise.status == "存续":
            yield _enterprise_file(enterprise, today)


def income_tax(income: int) -> float:
    """Tax of a year in yuan on an income in yuan, without special deductions."""
    taxable = max(0, income - FREE_INCOME)
    for limit, rate, deduction in BRACKETS:
        if taxable <= limit:
            return round(taxable * rate / 100 - deduction, 2)
    return round(taxable * TOP_RATE / 100 - TOP_DEDUCTION, 2)


def _person_file(person: Person, job: Job, today: date) -> HolderFile:
    years = MANY_YEARS if person.licence_load == "many" else 1
    # A year is on record once it is over; somebody hired this year has none yet.
    back = range(1, years + 1) if years > 1 or job.since.year < today.year else ()
    months = today.month - 1
    section: dict[str, Any] = {
        "tax": income_tax(job.monthly_salary * months + FREE_INCOME * (12 - months) // 12),
        "last_paid_month": month_before(today),
        "settlement": "已完成" if today.month > 6 else "待办理",
    }
    return HolderFile(
        Holder(person.id_type, person.id_number, person.name),
        tuple(_record(person, job, today.year - ago, today) for ago in back),
        {"tax": section},
    )


def _record(person: Person, job: Job, year: int, today: date) -> NewLicence:
    """个人所得税纳税记录 of a year, made out after the settlement closes on 30 June."""
    issued = min(date(year + 1, 7, 1), today)
    income = job.monthly_salary * 12
    return NewLicence(
        kind="个人所得税纳税记录",
        serial=serial(issued, person.index, year % 100),
        number=f"{year}44{person.index:010d}",
        issued=issued,
        valid_from=issued,
        valid_to=None,
        region_code=person.region_code,
        extra={
            "year": str(year),
            "income": f"{income:.2f}",
            "tax": f"{income_tax(income):.2f}",
            "agent": job.employer_name,
        },
    )


def _enterprise_file(enterprise: Enterprise, today: date) -> HolderFile:
    draw = Draw("shuiwu", enterprise.index)
    # Enterprises and people share the space of indexes; the word keeps their draws apart.
    grade = GRADES[draw.below("enterprise-grade", len(GRADES))]
    filing = date(today.year + today.month // 12, today.month % 12 + 1, 15)
    section = {
        "credit_grade": grade,
        "tax": round(draw.below("enterprise-tax", 50_000_000) / 100, 2),
        "next_filing": filing.isoformat(),
    }
    return HolderFile(
        Holder("001", enterprise.uscc, enterprise.name), (), {"enterprise_tax": section}
    )
