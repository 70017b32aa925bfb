"""What 公积金中心 has: the deposit accounts of employees."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import Draw, HolderFile, month_before, months_between
from backend.sandbox.population.people import Household, Job, Person


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each employed person."""
    for person in household.people:
        if person.status == "alive" and person.licence_load != "none" and person.job is not None:
            holder = Holder(person.id_type, person.id_number, person.name)
            yield HolderFile(holder, (), {"housing_fund": _account(person, person.job, today)})


def _account(person: Person, job: Job, today: date) -> dict[str, Any]:
    """Employer and employee pay 5–12 % each (住房公积金管理条例 art. 18)."""
    draw = Draw("gjj", person.index)
    deposit = round(job.monthly_salary * draw.between("rate", 5, 12) / 100) * 2
    paid_in = deposit * months_between(job.since, today)
    withdrawn = draw.between("withdrawn", 0, 70) / 100
    return {
        "balance": round(paid_in * (1 - withdrawn), 2),
        "monthly_deposit": deposit,
        "last_deposit_month": month_before(today),
        "state": "正常",
        "employer": job.employer_name,
    }
