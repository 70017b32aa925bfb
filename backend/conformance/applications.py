"""Applications that the kit hands in (``cases.*``): invented, known by fixed numbers, taken back.

Their numbers and request ids follow from the system, the item and the day, so that a second run of
a day finds the cases of the first: an interface whose every call may come again allows it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.exchange.manifest import Manifest
from backend.exchange.manifest_conformance import CaseSubject
from backend.numbers.service import make_uscc

CHINA_HOURS = timedelta(hours=8)
# Each operation has a case of its own, since they are examined at the same time.
NUMBERS = {
    "cases.submit": 99990001,
    "cases.supplement": 99990002,
    "cases.withdraw": 99990003,
    "cases.urge": 99990004,
    "cases.query": 99990005,
}
NOTICED = 99990006
UNKNOWN = 99999999
PREFIX = "cases."


def case_no(subject: CaseSubject, number: int) -> str:
    """办件编号 of today."""
    today = (datetime.now(UTC) + CHINA_HOURS).strftime("%Y%m%d")
    return f"{subject.item_code}{today}{number}"


def submission(subject: CaseSubject, number: int, again: str = "") -> dict[str, Any]:
    """An application; ``again`` hands the same one in under another request."""
    name = case_no(subject, number)
    return {
        "request_id": _request_id("submit", name, again),
        "case_no": name,
        "item_code": subject.item_code,
        "item_version": 1,
        "submitted_at": _at(),
        "applicant": {
            "code_type": subject.code_type,
            "code": subject.code,
            "name": subject.name,
        },
        "agent": None,
        "contact_phone": None,
        "form": dict(subject.form),
        "provenance": {},
        "materials": [{"code": "m1", "name": "居民身份证", "how": "shared"}],
        "result_delivery": {"how": "electronic"},
    }


def payload(subject: CaseSubject, operation: str) -> dict[str, Any]:
    """A good call of an operation about its own case."""
    number = NUMBERS[operation]
    if operation == "cases.submit":
        return submission(subject, number)
    name = case_no(subject, number)
    if operation == "cases.query":
        return {"case_no": name, "after_seq": 0}
    said = {"request_id": _request_id(operation, name, ""), "case_no": name, "at": _at()}
    if operation == "cases.supplement":
        return {**said, "form": dict(subject.form), "provenance": {}, "materials": []}
    return {**said, "reason": "接入符合性核验"}


def notice(manifest: Manifest, subject: CaseSubject) -> dict[str, Any]:
    """That an invented body decided a case of today which this department supervises."""
    name, department = case_no(subject, NOTICED), manifest.system.department
    other = {
        "system": "conformance",
        "uscc": make_uscc("1", "1", "440199", "MB9XNNX0"),
        "name": "接入符合性核验（并非真实单位）",
    }
    own = {"system": manifest.system.code, "uscc": department.uscc, "name": department.name}
    return {
        "request_id": _request_id("supervision.notice", name, ""),
        "case_no": name,
        "item_code": subject.item_code,
        "item_name": "接入符合性核验",
        "decision": "approved",
        # Of the day and not of the moment: a second run of a day sends the same notice.
        "decided_at": f"{name[-16:-12]}-{name[-12:-10]}-{name[-10:-8]}T00:00:00.000+08:00",
        "decided_by": other,
        "applicant": {
            "code_type": subject.code_type,
            "code": subject.code,
            "name": subject.name,
        },
        "document_no": None,
        "reason": None,
        "result": None,
        "division": {
            "id": _request_id("division", manifest.system.code, ""),
            "accepting": dict(other),
            "deciding": dict(other),
            "supervising": own,
            "legal_basis": "接入符合性核验",
        },
    }


def withdrawal(subject: CaseSubject, number: int) -> dict[str, Any]:
    """Take a case of the kit back."""
    name = case_no(subject, number)
    said = {"request_id": _request_id("cases.withdraw", name, ""), "case_no": name, "at": _at()}
    return {**said, "reason": "接入符合性核验"}


def _request_id(operation: str, name: str, again: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"conformance:{operation}:{name}:{again}"))


def _at() -> str:
    """Midnight in China: the same all day, so that a repeated call is word for word the same."""
    return f"{datetime.now(UTC) + CHINA_HOURS:%Y-%m-%d}T00:00:00.000+08:00"
