"""What an application for data asks for, and what keeps it from being asked for."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from backend.exchange.service import ProviderSystem
from backend.sharing.catalogue import Resource

MOST_QUOTA = 10_000_000
LONGEST_YEARS = 5
Mode = Literal["interface", "batch", "file"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks for (art. 20: 使用依据、场景、范围、共享方式、时限).

    Attributes:
        fields: names of data items.
        daily_quota: subjects a day.
        addresses: IP addresses or networks of the caller; empty for anywhere.
        valid_until: last day.
    """

    system: str
    resource: str
    fields: Sequence[str]
    purpose: str
    legal_basis: str
    scenario: str
    mode: Mode
    case_bound: bool
    daily_quota: int
    addresses: Sequence[str]
    valid_until: date


def mistakes(
    system: ProviderSystem, resource: Resource, wish: Wish, today: date
) -> Iterator[tuple[str, str]]:
    """What keeps it from being asked for: where (a JSON pointer), and why in Chinese."""
    if resource.provider_uscc == system.manifest.system.department.uscc:
        yield "/resource", "本部门的资源无需申请"
    if wish.mode not in resource.spec.share_modes:
        yield "/mode", "资源不提供这种共享方式"
    if not 1 <= wish.daily_quota <= MOST_QUOTA:
        yield "/daily_quota", f"每日额度应为 1 至 {MOST_QUOTA} 人次"
    if not today < wish.valid_until <= _years_on(today, LONGEST_YEARS):
        yield "/valid_until", f"使用期限应在今天之后，且不超过 {LONGEST_YEARS} 年"
    for name in ("purpose", "legal_basis", "scenario"):
        if not getattr(wish, name).strip():
            yield f"/{name}", "请填写使用用途、使用依据和应用场景"
    yield from _wrong_fields(resource, wish)
    yield from _wrong_addresses(wish)


def _wrong_fields(resource: Resource, wish: Wish) -> Iterator[tuple[str, str]]:
    if not wish.fields:
        yield "/fields", "请至少选择一个信息项"
    for place, name in enumerate(wish.fields):
        if resource.spec.item(name) is None or name in wish.fields[:place]:
            yield f"/fields/{place}", f"资源没有信息项 {name}，或重复选择"


def _wrong_addresses(wish: Wish) -> Iterator[tuple[str, str]]:
    for place, address in enumerate(wish.addresses):
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            yield f"/addresses/{place}", "不是有效的 IP 地址或网段"


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def wished(wish: Wish, resource: Resource) -> dict[str, Any]:
    """It as columns of an application."""
    return {
        "resource_code": resource.spec.code,
        "provider_system": resource.system.code,
        "provider_uscc": resource.provider_uscc,
        "share_type": resource.spec.share_type,
        "fields_asked": list(wish.fields),
        "purpose": wish.purpose.strip(),
        "legal_basis": wish.legal_basis.strip(),
        "scenario": wish.scenario.strip(),
        "share_mode": wish.mode,
        "case_bound": wish.case_bound,
        "daily_quota": wish.daily_quota,
        "addresses": list(wish.addresses),
        "valid_until": wish.valid_until,
    }
