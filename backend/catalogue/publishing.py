"""Publishing items: whether a system may, every check of it, and the rows that are kept."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from backend.catalogue.checks import check_item
from backend.catalogue.compact import expand_items, unknown_parts
from backend.catalogue.errors import ItemsRefused
from backend.catalogue.items import Department, ServiceItemSpec, published
from backend.catalogue.models import CatalogueGeneration, ServiceItem
from backend.catalogue.terms import words_of
from backend.errors import DomainError
from backend.mistakes import MOST_NAMED
from backend.regions.service import Regions

BATCH = 200


class RegisteringDepartment(Protocol):
    """The part of a manifest's system that names the department."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def uscc(self) -> str: ...


class RegisteringSystem(Protocol):
    """What the catalogue needs to know of the system that registers items."""

    @property
    def code(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def department(self) -> RegisteringDepartment: ...


def publishable(
    regions: Regions, document: object, department: Department
) -> Sequence[ServiceItemSpec]:
    """The items of a document.

    Raises:
        ItemsRefused: one is malformed, fails a publication check, or repeats another.
    """
    specs = expand_items(document, department)
    errors = unknown_parts(document)
    seen: set[str] = set()
    prefix = place_of_items(document)
    for place, spec in enumerate(specs):
        for pointer, element, why in [*_failures(spec), *_places_unknown(regions, spec)]:
            message = f"{spec.task_name}：{why}"
            at = f"{prefix}/{place}/{pointer}"
            errors.append({"pointer": at, "element": element, "message": message})
        if spec.task_code in seen:
            message = f"{spec.task_name}：实施编码 {spec.task_code} 在本次登记中重复"
            at = f"{prefix}/{place}/task_code"
            errors.append({"pointer": at, "element": "实施编码", "message": message})
        seen.add(spec.task_code)
        if len(errors) >= MOST_NAMED:
            break
    if errors:
        raise ItemsRefused(errors)
    return specs


def _places_unknown(regions: Regions, spec: ServiceItemSpec) -> Iterator[tuple[str, str, str]]:
    for number, code in enumerate(spec.regions):
        try:
            regions.get(code)
        except DomainError:
            yield f"regions/{number}", "开通地区", f"没有区划代码为 {code} 的地区"


def _failures(spec: ServiceItemSpec) -> Iterator[tuple[str, str, str]]:
    for failure in check_item(spec):
        yield failure.field, failure.element, failure.message


def department_of(system: RegisteringSystem) -> Department:
    """The department of a system, as its items name it."""
    return Department(
        code=system.department.code,
        name=system.department.name,
        short_name=system.short_name,
        uscc=system.department.uscc,
    )


def elements_of(specs: Sequence[ServiceItemSpec]) -> dict[str, dict[str, Any]]:
    """The elements of each item by 实施编码."""
    return {spec.task_code: spec.model_dump(mode="json", exclude={"department"}) for spec in specs}


def place_of_items(document: object) -> str:
    """Where the items lie in what registers them, as the beginning of a JSON pointer."""
    return "" if isinstance(document, list) else "/items"


async def refuse_taken(
    system: RegisteringSystem, specs: Sequence[ServiceItemSpec], document: object
) -> None:
    """Refuse 实施编码 that another system has published.

    Args:
        document: that the items were read from.

    Raises:
        ItemsRefused: naming whose they are.
    """
    places = {spec.task_code: place for place, spec in enumerate(specs)}
    codes, prefix = list(places), place_of_items(document)
    errors = []
    for start in range(0, len(codes), BATCH):
        some = ServiceItem.filter(task_code__in=codes[start : start + BATCH])
        theirs = some.exclude(system_code=system.code).order_by("task_code")
        for code, name, owner, department in await theirs.values_list(
            "task_code", "task_name", "system_code", "department_name"
        ):
            whose = f"{department}（{owner}）"
            message = f"实施编码 {code} 已由其他系统登记：{whose}的“{name}”"
            at = f"{prefix}/{places[str(code)]}/task_code"
            errors.append({"pointer": at, "element": "实施编码", "message": message})
    if errors:
        raise ItemsRefused(errors)


def row_of(spec: ServiceItemSpec, system_code: str) -> ServiceItem:
    """An item as it is kept."""
    return ServiceItem(
        task_code=spec.task_code,
        system_code=system_code,
        task_name=spec.task_name,
        plain_name=spec.plain_name,
        department_code=spec.department.code,
        department_name=spec.department.name,
        department_short_name=spec.department.short_name,
        citizen="citizen" in spec.audience,
        enterprise="enterprise" in spec.audience,
        online=spec.is_online,
        hot=spec.hot,
        fee=spec.is_fee,
        visits=spec.limit_scene_num,
        min_level=spec.min_level,
        promise=spec.promise_text,
        themes=spec.themes,
        regions=spec.regions,
        keywords=spec.keywords,
        words=words_of(spec),
        elements=published(spec).model_dump(mode="json"),
    )


async def next_generation() -> None:
    """Give the catalogue's new state a number that no other state has.

    It is the time in microseconds: a database that was put back, or made anew, must not meet the
    files of another one under the same number.
    """
    # Whoever comes second at the same moment waits for the first and inserts nothing.
    first = CatalogueGeneration(id=1, generation=0)
    await CatalogueGeneration.bulk_create([first], ignore_conflicts=True)
    while True:
        row = await CatalogueGeneration.get(id=1)
        now = time.time_ns() // 1000
        # Only from the number that was read: two registrations at once give two numbers.
        kept = CatalogueGeneration.filter(id=1, generation=row.generation)
        if await kept.update(generation=max(now, row.generation + 1)):
            return
