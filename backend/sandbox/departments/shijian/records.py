"""What 市场监管局 has: the register of enterprises, business licences and food licences."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import (
    Draw,
    HolderFile,
    NewLicence,
    drawn_term,
    serial,
)
from backend.sandbox.departments.places import office
from backend.sandbox.population.people import Enterprise, Household

LICENCE_STATUS = {"存续": "VALID", "吊销": "FORFEITED", "注销": "CANCELLED"}
KIND_NAMES = {
    "enterprise": "有限责任公司",
    "individual": "个体工商户",
    "cooperative": "农民专业合作社",
}
# 企业信息公示暂行条例 art. 8: the report for a year is due by 30 June of the next.
REPORT_DUE = (6, 30)


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each enterprise, found by its legal representative too."""
    for enterprise in household.enterprises:
        draw = Draw("shijian", enterprise.index)
        licences = [_business_licence(enterprise)]
        if enterprise.food_licence:
            licences.append(_food_licence(enterprise, draw, today))
        facts: dict[str, dict[str, Any]] = {"enterprise": _register_entry(enterprise)}
        if enterprise.status == "存续":
            facts["annual_report"] = _annual_report(enterprise, draw, today)
        yield HolderFile(
            Holder("001", enterprise.uscc, enterprise.name),
            tuple(licences),
            facts,
            found_by=(enterprise.legal_representative.id_number,),
        )


def _register_entry(enterprise: Enterprise) -> dict[str, Any]:
    """The Enterprise of the provider interface."""
    representative = enterprise.legal_representative
    return {
        "uscc": enterprise.uscc,
        "name": enterprise.name,
        "kind": enterprise.kind,
        "status": enterprise.status,
        "legal_representative": {
            "name": representative.name,
            "id_number": representative.id_number,
        },
        "region_code": enterprise.region_code,
        "address": enterprise.address,
        "established_on": enterprise.established_on.isoformat(),
        "registered_capital": enterprise.registered_capital,
        "industry": {"code": enterprise.industry_code, "name": enterprise.industry_name},
    }


def _business_licence(enterprise: Enterprise) -> NewLicence:
    extra: dict[str, Any] = {
        "kind": KIND_NAMES[enterprise.kind],
        "legal_representative": enterprise.legal_representative.name,
        "established_on": enterprise.established_on.isoformat(),
        "address": enterprise.address,
        "scope": f"{enterprise.industry_name};依法须经批准的项目，经批准后方可开展经营活动。",
        "registrar": office(enterprise.region_code, "市场监督管理局"),
    }
    if enterprise.registered_capital is not None:
        extra["registered_capital"] = f"{enterprise.registered_capital}万元人民币"
    return NewLicence(
        kind="营业执照",
        serial=serial(enterprise.established_on, enterprise.index),
        number=enterprise.uscc,
        issued=enterprise.established_on,
        valid_from=enterprise.established_on,
        valid_to=None,
        region_code=enterprise.region_code,
        extra=extra,
        status=LICENCE_STATUS[enterprise.status],
    )


def _food_licence(enterprise: Enterprise, draw: Draw, today: date) -> NewLicence:
    """食品经营许可证: five years (食品经营许可和备案管理办法 art. 31)."""
    issued, until = drawn_term(draw, "food", today, 5, enterprise.established_on)
    form = "餐饮服务经营者" if enterprise.industry_code.startswith("H") else "食品销售经营者"
    return NewLicence(
        kind="食品经营许可证",
        serial=serial(issued, enterprise.index),
        number=f"JY{draw.between('form', 1, 3)}{enterprise.region_code}{enterprise.index:06d}0",
        issued=issued,
        valid_from=issued,
        valid_to=until,
        region_code=enterprise.region_code,
        extra={
            "business_form": form,
            "items": "预包装食品销售;热食类食品制售" if form.startswith("餐") else "预包装食品销售",
            "address": enterprise.address,
            "responsible": enterprise.legal_representative.name,
        },
        status="VALID" if enterprise.status == "存续" else "CANCELLED",
    )


def _annual_report(enterprise: Enterprise, draw: Draw, today: date) -> dict[str, Any]:
    due = date(today.year, *REPORT_DUE)
    reported = due < today and not draw.one_in("late", 12)
    state = "已报送" if reported else "待报送" if today <= due else "逾期未报"
    return {
        "state": state,
        "due": (due.replace(year=due.year + 1) if reported else due).isoformat(),
        "last_reported_year": str(today.year - (1 if reported else 2)),
    }
