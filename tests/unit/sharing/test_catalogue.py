"""The data catalogue: found by words, pinyin and initials, quickly among thousands."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend.exchange.manifest_resources import DataResourceSpec
from backend.sandbox.departments.registry import departments
from backend.sharing.catalogue import DataCatalogue, Filters, csv_lines
from backend.sharing.errors import CursorRefused, ResourceUnknown


def system(code: str, name: str, resources: list[DataResourceSpec]) -> Any:
    department = SimpleNamespace(code=code.removeprefix("gd-"), name=name, uscc=f"1144{code}")
    who = SimpleNamespace(code=code, short_name=name[-3:], department=department)
    manifest = SimpleNamespace(system=who, data_resources=resources, licence_types=[])
    return SimpleNamespace(code=code, short_name=name[-3:], manifest=manifest)


def specs(department: Any) -> list[DataResourceSpec]:
    return [
        DataResourceSpec.model_validate({k: v for k, v in each.items() if k != "source"})
        for each in department.resources
    ]


def catalogue_of(systems: list[Any]) -> DataCatalogue:
    exchange = SimpleNamespace(generation=object(), systems=lambda: systems)
    return DataCatalogue(exchange)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def catalogue() -> DataCatalogue:
    """The sandbox's departments."""
    return catalogue_of(
        [system(f"gd-{one.code}", one.described["name"], specs(one)) for one in departments()]
    )


def names(catalogue: DataCatalogue, text: str, **more: Any) -> list[str]:
    page = catalogue.page(Filters(text, **more), None, 50)
    return [resource.spec.name for resource in page.resources]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("公积金缴存", "住房公积金缴存信息"),
        ("gongjijin", "住房公积金账户状态"),
        ("gjj", "住房公积金缴存信息"),
        ("HUNYIN", "婚姻登记信息"),
        ("房产证", "不动产登记信息"),
        ("准驾车型", "机动车驾驶证信息"),
        ("301146/0001", "住房公积金缴存信息"),
        ("税务 信用", "企业纳税信用等级"),
    ],
)
def test_what_people_type(catalogue: DataCatalogue, text: str, first: str) -> None:
    assert first in names(catalogue, text)[:3]


def test_filters_and_nothing_found(catalogue: DataCatalogue) -> None:
    assert set(names(catalogue, "", provider="gd-gjj")) == set(names(catalogue, "", provider="gjj"))
    assert "居民身份证指纹登记信息" in names(catalogue, "", share_type=3)
    assert names(catalogue, "登月许可") == []
    files = catalogue.page(Filters(mode="file"), None, 50).resources
    assert files
    assert all("file" in each.spec.share_modes for each in files)


def test_pages_and_foreign_cursors(catalogue: DataCatalogue) -> None:
    first = catalogue.page(Filters(), None, 10)
    assert first.next_cursor is not None
    second = catalogue.page(Filters(), first.next_cursor, 10)
    assert not {r.spec.code for r in first.resources} & {r.spec.code for r in second.resources}
    for cursor in (first.next_cursor, "x", "99999999.1", f"999.{first.next_cursor[-12:]}"):
        with pytest.raises(CursorRefused):
            catalogue.page(Filters("公积金"), cursor, 10)


def test_by_code_as_written_and_as_in_addresses(catalogue: DataCatalogue) -> None:
    assert catalogue.get("301146/0001") is catalogue.get("301146-0001")
    with pytest.raises(ResourceUnknown):
        catalogue.get("301146")
    assert catalogue.name_of("301146/0001") == "住房公积金缴存信息"
    assert catalogue.name_of("9") == "9"


def test_a_table_opens_in_a_spreadsheet_and_runs_nothing(catalogue: DataCatalogue) -> None:
    lines = list(csv_lines(catalogue.all()))
    assert lines[0].startswith("资源代码,名称")
    assert len(lines) == len(catalogue.all()) + 1
    plain = catalogue.get("301146/0001")
    spec = plain.spec.model_copy(update={"name": "=1+1"})
    (_, line) = csv_lines([type(plain)(spec, plain.system)])
    assert ",'=1+1," in line


def test_among_2334_resources_the_right_one_comes_first() -> None:
    base = catalogue_source()
    systems = [
        system(f"gd-many-{number}", f"第{number}厅", base[number * 12 : number * 12 + 12])
        for number in range(195)
    ]
    many = catalogue_of(systems)
    assert many.page(Filters(), None, 1).total == 2334
    found = many.page(Filters("不动产登记信息 2000 号"), None, 5)
    assert found.resources[0].spec.name.startswith("不动产登记信息2000")


def catalogue_source() -> list[DataResourceSpec]:
    found = [spec for one in departments() for spec in specs(one)]
    made = []
    for number in range(2334):
        plain = found[number % len(found)]
        name = f"不动产登记信息{number}号" if number == 2000 else f"{plain.name}{number}号"
        digit = plain.code[0]
        made.append(plain.model_copy(update={"code": f"{digit}01{number:04d}/0001", "name": name}))
    return made
