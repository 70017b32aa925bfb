"""A manifest is read strictly, and what is wrong is said in Chinese with its place."""

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from pydantic import ValidationError

from backend.catalogue.items import Elements
from backend.exchange.errors import ManifestRefused
from backend.exchange.manifest import Manifest, load_manifest, parse_manifest
from backend.exchange.manifest_schema import manifest_schema
from backend.mistakes import FORMS
from backend.sandbox.departments.registry import departments
from backend.upstream.signing import SigningKey
from tests.catalogue_items import full_item

SCHEMA = jsonschema_rs.Draft202012Validator(manifest_schema())

TYPE_CODE = "11440000MB9X00111Q001"

GOOD: dict[str, Any] = {
    "manifest_version": 2,
    "system": {
        "code": "gd-gongan",
        "name": "广东省公安厅政务服务系统",
        "short_name": "公安厅",
        "department": {"code": "gongan", "name": "广东省公安厅", "uscc": "11440000MB9X00111Q"},
        "region_code": "440000",
        "level": 2,
        "hotline": "020-12345",
    },
    "endpoints": {
        "sandbox": {"base_url": "http://127.0.0.1:18101"},
        "production": {"base_url": "https://zwfw.gongan.example/api"},
    },
    "keys": [
        {
            "id": "gd-gongan-1",
            "alg": "ed25519",
            "public": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        }
    ],
    "operations": {
        "licences.query": {"path": "/v1/licences/query", "timeout_ms": 1200},
        "sections.query": {"path": "/v1/sections/query", "timeout_ms": 1200},
    },
    "licence_types": [
        {
            "code": TYPE_CODE,
            "name": "居住证",
            "audience": "citizen",
            "holder_code_type": "111",
            "definer": {"name": "广东省公安厅", "code": "11440000MB9X00111Q"},
            "min_level": 3,
            "hue": "teal",
            "trust_grade": "A",
            "freshness": {"fresh_s": 86400, "stale_s": 604800, "hard_s": 2592000},
            "number_label": "居住证号",
            "fields": [{"name": "address", "label": "住址", "sensitive": True}],
        }
    ],
    "sections": [
        {
            "code": "driver",
            "title": "驾驶证",
            "audience": "citizen",
            "min_level": 3,
            "timeout_ms": 1200,
            "fresh_s": 300,
            "order": 40,
            "headline": {"field": "points", "label": "累积记分", "unit": "分", "format": "integer"},
        }
    ],
}

Change = Callable[[dict[str, Any]], None]


def _refused(change: Change) -> list[dict[str, str]]:
    raw = copy.deepcopy(GOOD)
    change(raw)
    with pytest.raises(ManifestRefused) as refusal:
        parse_manifest(raw)
    return refusal.value.errors


def test_a_complete_manifest_is_read_and_its_parts_are_found_by_id() -> None:
    manifest = parse_manifest(GOOD)
    assert manifest.system.department.code == "gongan"
    assert manifest.key("gd-gongan-1") is not None
    assert manifest.key("other") is None
    kind = manifest.licence_type(TYPE_CODE)
    assert kind is not None
    assert kind.fields[0].sensitive
    assert manifest.licence_type("x") is None
    assert manifest.time_outs.answer_ms == 1500
    assert manifest.negative_s == 300


MISTAKES: list[tuple[Change, str, str]] = [
    (lambda m: m.update(surprise=1), "/surprise", "不认识"),
    (lambda m: m.pop("system"), "/system", "缺少"),
    (lambda m: m.update(manifest_version=3), "/manifest_version", "只能是"),
    (lambda m: m["system"].update(level="2"), "/system/level", "整数"),
    (lambda m: m["system"].update(level=9), "/system/level", "7"),
    (lambda m: m["system"].update(region_code="44"), "/system/region_code", "格式"),
    (
        lambda m: m["system"]["department"].update(uscc="11440000MB9X00111A"),
        "/system/department/uscc",
        "统一社会信用代码",
    ),
    (
        lambda m: m["endpoints"]["sandbox"].update(base_url="ftp://gongan.example"),
        "/endpoints/sandbox/base_url",
        "格式",
    ),
    (
        lambda m: m["endpoints"]["production"].update(base_url="http://user:pass@127.0.0.1"),
        "/endpoints/production/base_url",
        "格式",
    ),
    (
        lambda m: m["endpoints"]["sandbox"].update(base_url="https://a.example:99999"),
        "/endpoints/sandbox/base_url",
        "端口",
    ),
    (
        lambda m: m["endpoints"]["sandbox"].update(base_url="https://a.example:0"),
        "/endpoints/sandbox/base_url",
        "端口",
    ),
    (
        lambda m: m["endpoints"]["sandbox"].update(base_url="https://..."),
        "/endpoints/sandbox/base_url",
        "主机名",
    ),
    (lambda m: m["system"].update(name="公安厅\n系统"), "/system/name", "一行"),
    (lambda m: m["system"].update(short_name="\u202e厅安公"), "/system/short_name", "控制字符"),
    (lambda m: m["keys"][0].update(alg="rsa"), "/keys/0/alg", "只能是：ed25519、sm2"),
    (lambda m: m["keys"][0].update(public="c2hvcnQ="), "/keys/0/public", "Ed25519"),
    (lambda m: m.update(keys=[]), "/keys", "至少要有 1 项"),
    (lambda m: m["keys"].append(m["keys"][0]), "", "重复"),
    (
        lambda m: m["operations"].update(weather={"path": "/x", "timeout_ms": 100}),
        "/operations/weather",
        "只能是",
    ),
    (
        lambda m: m["operations"]["licences.query"].update(path="v1"),
        "/operations/licences.query/path",
        "格式",
    ),
    (
        lambda m: m["operations"]["licences.query"].update(timeout_ms=0),
        "/operations/licences.query/timeout_ms",
        "不得小于 10",
    ),
    (lambda m: m["operations"]["licences.query"].update(path="/v1/sections/query"), "", "路径重复"),
    (lambda m: m["operations"].pop("licences.query"), "", "licences.query"),
    (lambda m: m["operations"].pop("sections.query"), "", "sections.query"),
    (lambda m: m.update(time_outs={"answer_ms": 1000}), "", "answer_ms"),
    (
        lambda m: m["licence_types"][0].update(code="11440000MB9X0012XG001"),
        "/licence_types/0",
        "前 18 位",
    ),
    (
        lambda m: m["licence_types"][0].update(audience="enterprise"),
        "/licence_types/0",
        "001",
    ),
    (
        lambda m: m["licence_types"][0].update(freshness={"fresh_s": 9, "stale_s": 5, "hard_s": 7}),
        "/licence_types/0/freshness",
        "fresh_s",
    ),
    (lambda m: m["licence_types"].append(m["licence_types"][0]), "", "重复"),
    (lambda m: m["licence_types"][0].update(hue="pink"), "/licence_types/0/hue", "只能是"),
    (lambda m: m["sections"].append(m["sections"][0]), "", "重复"),
    (
        lambda m: m["sections"][0]["headline"].update(format="percent"),
        "/sections/0/headline/format",
        "只能是",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "word"), MISTAKES)
def test_each_mistake_is_named_with_its_place_in_chinese(
    change: Change, pointer: str, word: str
) -> None:
    errors = _refused(change)
    assert any(e["pointer"] == pointer and word in e["message"] for e in errors), errors


@pytest.mark.parametrize("change", [change for change, _, _ in MISTAKES])
def test_the_published_schema_refuses_what_a_schema_can_refuse(change: Change) -> None:
    raw = copy.deepcopy(GOOD)
    change(raw)
    with pytest.raises(ValidationError) as found:
        Manifest.model_validate(raw)
    # A value_error is ours: a check digit, a key, two parts that do not agree.
    beyond_a_schema = {error["type"] for error in found.value.errors()} == {"value_error"}
    assert SCHEMA.is_valid(raw) == beyond_a_schema


def test_the_published_schema_is_one_and_takes_every_manifest_of_the_sandbox() -> None:
    jsonschema_rs.meta.validate(manifest_schema())
    assert SCHEMA.is_valid(GOOD)
    for found in departments():
        key = SigningKey.from_seed(found.key_id, b"k" * 32, found.key_alg)
        raw = found.manifest("http://127.0.0.1:18101", key.public_base64)
        assert [error.message for error in SCHEMA.iter_errors(raw)] == []
        assert parse_manifest(raw).system.code == found.system_code


def test_every_field_of_the_published_schema_has_a_chinese_title() -> None:
    schema = manifest_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:shengshitong:manifest:2"
    for name, part in [("", schema), *schema["$defs"].items()]:
        for field, described in part.get("properties", {}).items():
            assert any("\u4e00" <= sign <= "\u9fff" for sign in described["title"]), (name, field)


def test_an_item_in_full_is_described_to_its_elements() -> None:
    assert SCHEMA.is_valid({**GOOD, "service_items": [full_item()]})
    assert not SCHEMA.is_valid({**GOOD, "service_items": [full_item(promise_day="3")]})
    assert not SCHEMA.is_valid({**GOOD, "service_items": [full_item(form={"ui": {}})]})


def test_a_manifest_of_version_1_is_read_as_one_of_version_2() -> None:
    old = copy.deepcopy(GOOD)
    old["manifest_version"] = 1
    old["endpoint"] = old.pop("endpoints")["sandbox"]
    manifest = parse_manifest(old)
    assert manifest.manifest_version == 2
    assert manifest.endpoints.of("sandbox") == "http://127.0.0.1:18101"
    assert manifest.endpoints.of("production") == "http://127.0.0.1:18101"
    assert not SCHEMA.is_valid(old)
    del old["endpoint"]
    with pytest.raises(ManifestRefused, match="/endpoints"):
        parse_manifest(old)


def test_json_is_read_like_yaml(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(GOOD, ensure_ascii=False), encoding="utf-8")
    assert load_manifest(path) == parse_manifest(GOOD)


def test_something_that_is_not_a_mapping_is_refused() -> None:
    with pytest.raises(ManifestRefused, match="键值对"):
        parse_manifest(["not", "a", "manifest"])


def test_service_items_are_read_from_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "items.yaml").write_text("[]", encoding="utf-8")
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump({**GOOD, "service_items": "@items.yaml"}), encoding="utf-8")
    assert load_manifest(path).service_items == []


@pytest.mark.parametrize("reference", ["items.yaml", "@../items.yaml", "@/etc/hosts", "@"])
def test_service_items_are_never_read_from_elsewhere(tmp_path: Path, reference: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump({**GOOD, "service_items": reference}), encoding="utf-8")
    with pytest.raises(ManifestRefused, match="service_items"):
        load_manifest(path)


def test_every_pattern_of_a_manifest_is_explained_in_words() -> None:
    asked: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(pattern := part.get("pattern"), str):
                asked.add(pattern)
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(Manifest.model_json_schema())
    look(Elements.model_json_schema())
    assert asked
    assert asked <= FORMS.keys(), asked - FORMS.keys()


@pytest.mark.parametrize("deep", [65, 500, 1000])
def test_what_nests_without_end_is_refused_before_anything_is_made_of_it(deep: int) -> None:
    nested: Any = []
    for _ in range(deep):
        nested = [nested]
    errors = _refused(lambda m: m.update(service_items={"items": [], "x": nested}))
    assert errors == [{"pointer": "/service_items", "message": "嵌套太深，至多 64 层"}]


def test_of_many_mistakes_the_first_hundred_are_named_and_the_rest_counted() -> None:
    errors = _refused(lambda m: m.update({f"surprise{number}": 1 for number in range(250)}))
    assert len(errors) == 101
    assert errors[-1] == {"pointer": "", "message": "另有 150 处，请先更正以上各处"}


def test_a_heap_of_anything_is_refused_at_once_and_in_few_words() -> None:
    def heap(manifest: dict[str, Any]) -> None:
        manifest.update({f"surprise{number}": 1 for number in range(200_000)})

    started = time.perf_counter()
    errors = _refused(heap)
    assert len(errors) == 1
    assert "有 200000 处不符合要求" in errors[0]["message"]
    many = _refused(lambda m: m.update(data_resources=[{"code": "x"}] * 100_000))
    assert many == [{"pointer": "/data_resources", "message": "至多 5000 项"}]
    assert time.perf_counter() - started < 5


def test_a_message_never_repeats_the_value_that_was_given() -> None:
    errors = _refused(lambda m: m["system"].update(hotline="13800138000x"))
    assert "13800138000" not in str(errors)
