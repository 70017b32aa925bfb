"""Items for the catalogue's tests: one that passes every check, and all that the sandbox ships."""

from functools import cache
from typing import Any

from backend.catalogue.compact import expand_items
from backend.catalogue.items import Department, ServiceItemSpec
from backend.exchange.manifest import System
from backend.sandbox.departments.registry import departments

DEPARTMENT = Department(code="ceshi", name="测试厅", short_name="测试", uscc="11440000MB9X00015F")


def full_item(**changes: Any) -> dict[str, Any]:
    """A licensing item in full that passes every publication check, with changes."""
    stages = ("受理", "审核", "审批", "办结", "送达")
    item: dict[str, Any] = {
        "task_name": "测试事项",
        "plain_name": "办一件测试的事",
        "catalog_code": "440109001000",
        "task_type": "01",
        "by_law": ["《中华人民共和国行政许可法》"],
        "use_level": "4",
        "anticipate_day": 20,
        "promise_day": 5,
        "accept_condition": ["想试一试"],
        "handle_flow": [{"stage": stage, "explain": f"{stage}这件事"} for stage in stages],
        "server_type": ["1"],
        "project_type": "2",
        "handle_type": ["1", "3"],
        "limit_scene_num": 0,
        "link_way": "020-12345",
        "supervise_way": "020-12389",
        "is_online": True,
        "online_handle_depth": 4,
        "result_name": "测试证",
        "result_type": "出证办结",
        "result_sample": "一张卡片",
        "faqs": [{"question": "真的吗", "answer": "真的。"}],
        "themes": ["household"],
        "regions": ["440000"],
    }
    return item | changes


def spec(**changes: Any) -> ServiceItemSpec:
    """The same, read."""
    return expand_items([full_item(**changes)], DEPARTMENT)[0]


def system(code: str = "gd-ceshi", department: Department = DEPARTMENT) -> System:
    """Who registers, as a manifest says it."""
    return System.model_validate(
        {
            "code": code,
            "name": f"{department.name}政务服务系统",
            "short_name": department.short_name,
            "department": department.model_dump(include={"code", "name", "uscc"}),
            "region_code": "440000",
            "level": 2,
            "hotline": "020-12345",
        }
    )


@cache
def documents() -> tuple[tuple[Department, Any], ...]:
    """Each department of the sandbox with its items as they are written."""
    found = []
    for one in departments():
        manifest = one.manifest("http://127.0.0.1:1", "")
        told = manifest["system"]
        department = Department(
            code=told["department"]["code"],
            name=told["department"]["name"],
            short_name=told["short_name"],
            uscc=told["department"]["uscc"],
        )
        found.append((department, manifest["service_items"]))
    return tuple(found)


@cache
def shipped() -> tuple[ServiceItemSpec, ...]:
    """Every item that the sandbox ships."""
    return tuple(
        item for department, document in documents() for item in expand_items(document, department)
    )
