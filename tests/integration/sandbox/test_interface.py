"""The description of the provider interface is true: examples and answers fit its schemas."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import backend.exchange
from backend.exchange.manifest_resources import FITS, DataResourceSpec
from backend.numbers.licence_identifier import parse_identifier
from backend.sandbox.departments.inputs import Input
from backend.sandbox.departments.operations import SPECS
from backend.sandbox.departments.registry import departments
from backend.sandbox.population.people import Person
from tests.integration.sandbox.conftest import Start
from tests.sandbox_world import (
    COMPANY,
    HOUSEHOLD,
    HUSBAND,
    USCC,
    Answer,
    Running,
    company_holder,
    holder,
    picture,
)

INTERFACE: dict[str, Any] = yaml.safe_load(
    Path(backend.exchange.__path__[0], "provider_interface.yaml").read_text(encoding="utf-8")
)
OPERATIONS = {
    route["post"]["operationId"]: route["post"]
    for path, route in INTERFACE["paths"].items()
    if "post" in route
}


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": INTERFACE["components"]}, validate_formats=True
    )


def _query_schema(operation: str) -> dict[str, Any]:
    content: dict[str, Any] = OPERATIONS[operation]["requestBody"]["content"]
    schema: dict[str, Any] = content["application/json"]["schema"]
    return schema


def _check(operation: str, answer: Answer) -> None:
    responses = OPERATIONS[operation]["responses"]
    if answer.status == 200:
        schema = responses["200"]["content"]["application/json"]["schema"]
    else:
        schema = {"$ref": "#/components/schemas/Problem"}
    _validator(schema).validate(answer.body)


def test_every_operation_is_described_and_no_other() -> None:
    assert set(OPERATIONS) == set(SPECS)


def test_every_example_fits_its_schema() -> None:
    seen = 0
    for operation in OPERATIONS.values():
        content = [operation["requestBody"]["content"]["application/json"]]
        content.append(operation["responses"]["200"]["content"]["application/json"])
        for media in content:
            examples = [one["value"] for one in media.get("examples", {}).values()]
            examples += [media["example"]] if "example" in media else []
            for example in examples:
                _validator(media["schema"]).validate(example)
                seen += 1
    assert seen >= 2 * len(OPERATIONS)
    refused = INTERFACE["components"]["responses"]["Refused"]["content"]
    problem = refused["application/problem+json"]
    _validator(problem["schema"]).validate(problem["example"])


def test_the_licence_of_the_example_has_a_true_identifier() -> None:
    media = OPERATIONS["licences.query"]["responses"]["200"]["content"]["application/json"]
    for licence in media["example"]["licences"]:
        parse_identifier(licence["licence_identifier"])


@pytest.mark.parametrize("operation", sorted(SPECS))
def test_the_described_inputs_are_those_that_are_checked(operation: str) -> None:
    model: type[Input] = SPECS[operation].model  # type: ignore[index]
    reference = _query_schema(operation)["$ref"].rpartition("/")[2]
    described = INTERFACE["components"]["schemas"][reference]
    assert set(described["properties"]) == set(model.model_fields)
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert set(described["required"]) == required
    assert described["additionalProperties"] is False


def _queries(system: Running, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """Everything that the system can be asked about a person and about the company."""
    sections = {section.code: section.audience for section in system.manifest.sections}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("identity.match", {"name": person.name, "id_type": "111", "id_number": person.id_number}),
        (
            "identity.face",
            {"name": person.name, "id_number": person.id_number, "image": picture()},
        ),
        ("enterprises.represented", {"name": person.name, "id_number": person.id_number}),
        ("enterprises.get", {"uscc": USCC}),
        ("enterprises.get", {"uscc": "91440300MA5ABCD19W"}),
        ("licences.query", {"holder": holder(person), "types": None}),
        ("licences.query", {"holder": company_holder(COMPANY)}),
        *(("sections.query", {"section": code, "holder": holder(person)}) for code in sections),
        *(
            ("sections.query", {"section": code, "holder": company_holder(COMPANY)})
            for code in sections
        ),
    ]
    asked += [
        ("resources.query", _resource_query(resource, person))
        for resource in system.manifest.data_resources
        if resource.shared
    ]
    return [(name, query) for name, query in asked if name in system.manifest.operations]


def _resource_query(resource: DataResourceSpec, person: Person) -> dict[str, Any]:
    """Everything that a resource has of a person and of the company."""
    return {
        "resource": resource.code,
        "request_id": "0198c0de-0000-7000-8000-000000000001",
        "purpose": "核验",
        "legal_basis": "《政务数据共享条例》第二十条",
        "case_no": None,
        "caller": {"system": "gd-test", "uscc": "11440000MB9X00111Q"},
        "fields": [item.name for item in resource.items],
        "subjects": [holder(person), company_holder(COMPANY)],
    }


@pytest.mark.parametrize("code", [department.code for department in departments()])
async def test_every_answer_about_everybody_fits_the_interface(start: Start, code: str) -> None:
    system = await start(code)
    for person in HOUSEHOLD.people:
        for operation, query in _queries(system, person):
            _validator(_query_schema(operation)).validate(query)
            answer = await system.call(operation, query)
            assert answer.status == 200, (operation, answer.body)
            assert answer.signed
            _check(operation, answer)


async def test_refusals_fit_the_interface(gongan: Running) -> None:
    for answer in (
        await gongan.call("licences.query", {}),
        await gongan.post("/v1/licences/query", b"{}", key=None),
        await gongan.post("/v1/licences/query", b"{"),
    ):
        assert answer.status >= 400
        _check("licences.query", answer)


@pytest.mark.parametrize("code", [department.code for department in departments()])
async def test_every_licence_is_valid_and_says_what_its_type_declares(
    start: Start, code: str
) -> None:
    system = await start(code)
    identifiers: dict[str, str] = {}
    if "licences.query" not in system.manifest.operations:
        assert system.manifest.licence_types == []
        return
    for asked in [*(holder(person) for person in HOUSEHOLD.people), company_holder(COMPANY)]:
        answer = await system.call("licences.query", {"holder": asked})
        for licence in answer.body["licences"]:
            query = {"licence_identifier": licence["licence_identifier"]}
            _validator(_query_schema("licences.get")).validate(query)
            alone = await system.call("licences.get", query)
            _check("licences.get", alone)
            assert alone.body["licence"] == licence
            identifier = parse_identifier(licence["licence_identifier"])
            assert identifier.type_code == licence["licence_type_code"]
            assert identifier.issuer_code == licence["issuer_code"]
            assert f"{identifier.version:03d}" == licence["licence_version"]
            kind = system.manifest.licence_type(licence["licence_type_code"])
            assert kind is not None
            assert kind.name == licence["licence_name"]
            declared = {field.name for field in kind.fields}
            assert set(licence["extend_info"]) <= declared
            assert asked["code"] in licence["holder_code"].split("^")
            number = identifiers.setdefault(
                licence["licence_identifier"], licence["licence_number"]
            )
            assert number == licence["licence_number"], "one identifier for two licences"
    assert identifiers


async def test_the_number_of_a_licence_is_the_holders_where_the_law_says_so(
    gongan: Running,
) -> None:
    for licence in await gongan.licences(HUSBAND):
        if licence["licence_name"] in ("居民身份证", "机动车驾驶证"):
            assert licence["licence_number"] == HUSBAND.id_number


@pytest.mark.parametrize("code", [department.code for department in departments()])
async def test_every_resource_answers_with_what_it_declares(start: Start, code: str) -> None:
    system = await start(code)
    seen = set()
    for resource in system.manifest.data_resources:
        if not resource.shared:
            continue
        for person in HOUSEHOLD.people:
            answer = await system.call("resources.query", _resource_query(resource, person))
            for item in answer.body["items"]:
                record = item["record"]
                if record is None:
                    continue
                seen.add(resource.code)
                for declared in resource.items:
                    value = record[declared.name]
                    assert value is not None or not declared.required, declared.name
                    assert value is None or FITS[declared.type](value), (declared, value)
    assert seen == {each.code for each in system.manifest.data_resources if each.shared}


async def test_queries_of_data_that_a_department_refuses(gongan: Running) -> None:
    resource = gongan.manifest.data_resources[0]
    good = _resource_query(resource, HUSBAND)
    for changes, code in (
        ({"resource": "301999/0001"}, "provider.resource_unknown"),
        ({"fields": ["nothing"]}, "provider.field_unknown"),
        ({"cursor": "9"}, "provider.cursor_unknown"),
        ({"subjects": []}, "provider.input_invalid"),
        ({"subjects": [holder(HUSBAND)] * 201}, "provider.input_invalid"),
    ):
        answer = await gongan.call("resources.query", {**good, **changes})
        assert (answer.status, answer.body["code"]) == (400, code)
        _check("resources.query", answer)


async def test_data_come_in_pages_and_only_to_whom_the_name_fits(gongan: Running) -> None:
    query = _resource_query(gongan.manifest.data_resources[0], HUSBAND)
    wrong_name = {**holder(HUSBAND), "name": "别人"}
    query |= {"subjects": [holder(HUSBAND), wrong_name, holder(HUSBAND)], "limit": 2}
    first = (await gongan.call("resources.query", query)).body
    assert [each["record"] is None for each in first["items"]] == [False, True]
    second = (await gongan.call("resources.query", {**query, "cursor": "2"})).body
    assert [each["subject"] for each in second["items"]] == [2]
    assert second["next_cursor"] is None
