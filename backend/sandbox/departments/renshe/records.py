"""What 人社厅 has: social security cards, insurance, skill and trade certificates."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backend.numbers.citizen_id import age_on
from backend.numbers.holder import Holder
from backend.sandbox.departments.allotment import missing_licences
from backend.sandbox.departments.files import (
    Draw,
    HolderFile,
    NewLicence,
    drawn_term,
    month_before,
    months_between,
    serial,
    years_after,
)
from backend.sandbox.population.people import Enterprise, Household, Person

LOST_ONE_IN = 150
BANKS = ("岭南农商银行(示范)", "珠江城市银行(示范)", "粤海商业银行(示范)")
OCCUPATIONS = (
    "电工",
    "焊工",
    "中式烹调师",
    "养老护理员",
    "汽车维修工",
    "企业人力资源管理师",
    "保育师",
)
SKILL_LEVELS = ("五级/初级工", "四级/中级工", "三级/高级工", "二级/技师")
WORK_KINDS = (
    "低压电工作业",
    "高处安装、维护、拆除作业",
    "熔化焊接与热切割作业",
    "制冷与空调设备运行操作作业",
)


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each living person and each enterprise."""
    for person in household.people:
        if person.status == "alive" and person.licence_load != "none":
            yield _person_file(household, person, today)
    for enterprise in household.enterprises:
        yield _enterprise_file(enterprise, today)


def _person_file(household: Household, person: Person, today: date) -> HolderFile:
    draw = Draw("renshe", person.index)
    licences = [_card(person, draw, today)]
    if person.licence_load == "many":
        more = missing_licences("renshe", household, person, today) - len(licences)
        licences += [_certificate(person, draw, nth, today) for nth in range(1, more + 1)]
    section = _insurance(person, draw, today)
    facts = {"social_security": section} if section else {}
    return HolderFile(Holder(person.id_type, person.id_number, person.name), tuple(licences), facts)


def _card(person: Person, draw: Draw, today: date) -> NewLicence:
    earliest = max(date(2012, 1, 1), person.birth + timedelta(days=20))
    issued = draw.day("card", min(earliest, today), today)
    lost = draw.one_in("lost", LOST_ONE_IN)
    return NewLicence(
        kind="社会保障卡",
        serial=serial(issued, person.index),
        number=person.id_number,
        issued=issued,
        valid_from=issued,
        valid_to=years_after(issued, 20),
        region_code=person.region_code,
        extra={
            "card_number": f"{draw.below('card_number', 10**9):09d}",
            "bank": BANKS[draw.below("bank", len(BANKS))],
            "card_status": "挂失" if lost else "正常",
        },
        status="LOST" if lost else "VALID",
    )


def _certificate(person: Person, draw: Draw, nth: int, today: date) -> NewLicence:
    """Skill certificates without end and trade certificates for six years, in turn."""
    word = f"certificate{nth}"
    if nth % 2:
        issued = draw.day(word, years_after(person.birth, 18), today)
        return NewLicence(
            kind="职业资格证书",
            serial=serial(issued, person.index, nth),
            number=f"Y{draw.below(word, 10**9):09d}{nth:03d}",
            issued=issued,
            valid_from=issued,
            valid_to=None,
            region_code=person.region_code,
            extra={
                "occupation": OCCUPATIONS[nth % len(OCCUPATIONS)],
                "skill_level": SKILL_LEVELS[draw.below(word, len(SKILL_LEVELS))],
            },
        )
    issued, until = drawn_term(draw, word, today, 6, years_after(person.birth, 18))
    return NewLicence(
        kind="特种作业操作证",
        serial=serial(issued, person.index, nth),
        number=f"T{person.id_number}-{nth:02d}",
        issued=issued,
        valid_from=issued,
        valid_to=until,
        region_code=person.region_code,
        extra={
            "work_kind": WORK_KINDS[nth // 2 % len(WORK_KINDS)],
            "review_due": years_after(issued, 3).isoformat(),
        },
    )


def _insurance(person: Person, draw: Draw, today: date) -> dict[str, Any] | None:
    """社保缴费: employees pay monthly, pensioners receive, half of the others pay yearly."""
    if person.job is not None:
        earlier = draw.below("earlier", 61) if age_on(person.birth, person.job.since) > 24 else 0
        return {
            "state": "正常参保",
            "paid_months": months_between(person.job.since, today) + earlier,
            "last_paid_month": month_before(today),
            "base": person.job.monthly_salary,
            "employer": person.job.employer_name,
        }
    if person.retired_on is not None:
        return {
            "state": "待遇领取",
            "paid_months": draw.between("paid", 180, 420),
            "last_paid_month": month_before(person.retired_on),
            "pension": draw.between("pension", 1800, 6800),
        }
    if age_on(person.birth, today) >= 18 and draw.one_in("resident", 2):
        years = draw.between("years", 1, max(1, min(15, age_on(person.birth, today) - 17)))
        return {
            "state": "城乡居民参保",
            "paid_months": years * 12,
            "last_paid_month": f"{today.year}-01",
        }
    return None


def _enterprise_file(enterprise: Enterprise, today: date) -> HolderFile:
    facts: dict[str, dict[str, Any]] = {}
    if enterprise.status == "存续":
        facts["staff_insurance"] = {
            "insured_staff": len(enterprise.staff_indexes),
            "last_paid_month": month_before(today),
            "state": "正常" if enterprise.staff_indexes else "无参保人员",
        }
    return HolderFile(Holder("001", enterprise.uscc, enterprise.name), (), facts)
