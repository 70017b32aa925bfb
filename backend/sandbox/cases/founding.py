"""A new enterprise, as it stands in the register after its registration (设立登记)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from backend.numbers.holder import Holder
from backend.numbers.uscc import make_uscc
from backend.sandbox.cases.book import CaseRow
from backend.sandbox.departments.operations import now

ENTERPRISE_TYPE = "001"
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def founded_enterprise(case: CaseRow, founder: Holder) -> dict[str, Any]:
    """The register's entry for the enterprise that a case founds, with a number of its own.

    The number follows from that of the case, so that the same case never founds two.
    """
    form = case.submission["form"]
    region = str(form.get("region_code", "440100"))[:6]
    individual = "premises" in form
    scope = form.get("business") or form.get("business_scope") or ["零售"]
    return {
        "uscc": make_uscc("9", "2" if individual else "1", region, _organisation(case.case_no)),
        "name": _name(form, founder),
        "kind": "individual" if individual else "enterprise",
        "status": "存续",
        "legal_representative": {"name": founder.name, "id_number": founder.code},
        "region_code": region,
        "address": str(form.get("premises") or form.get("address", "")),
        "established_on": now().date().isoformat(),
        "registered_capital": form.get("capital"),
        "industry": {"code": "F5299", "name": str(scope[0] if isinstance(scope, list) else scope)},
    }


def licence_face(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What stands on its business licence."""
    return {
        "kind": "个体工商户" if entry["kind"] == "individual" else "有限责任公司",
        "legal_representative": entry["legal_representative"]["name"],
        "registered_capital": f"{entry['registered_capital']}万元",
        "established_on": entry["established_on"],
        "address": entry["address"],
        "scope": entry["industry"]["name"],
        "registrar": "广东省市场监督管理局",
    }


def _name(form: Mapping[str, Any], founder: Holder) -> str:
    names = form.get("names") or [form.get("name") or f"{founder.name}的企业"]
    return str(names[0])


def _organisation(case_no: str) -> str:
    """Eight characters of 组织机构代码, in the series of new ones (MA…)."""
    digest = hashlib.sha256(case_no.encode()).digest()
    return "MA" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:6])
