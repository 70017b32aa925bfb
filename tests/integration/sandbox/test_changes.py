"""Changes by officials: the files follow, revisions grow, and the platform hears of it in order."""

from typing import Any

import pytest

from backend.numbers.licence_identifier import parse_identifier
from backend.sandbox.departments.operations import now
from backend.sandbox.population.people import Person
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.orders import change, file_of, licence_order, of_kind
from tests.sandbox_world import (
    COMPANY,
    HUSBAND,
    USCC,
    WIFE,
    WITHOUT,
    Running,
    company_holder,
    holder,
    picture,
)

NEW_NUMBER = "440106198402280132"


async def test_a_new_status_is_seen_at_once_and_raises_the_revision(gongan: Running) -> None:
    before = await file_of(gongan)
    revision = await change(gongan, "licences", licence_order("set_status", status="LOST"))
    after = await file_of(gongan)
    assert after["revision"] == revision == before["revision"] + 1
    assert of_kind(after, "机动车驾驶证")["status"] == "LOST"
    assert (await file_of(gongan, WIFE))["revision"] == before["revision"]


async def test_a_renewed_licence_keeps_its_serial_and_has_the_next_version(
    gongan: Running,
) -> None:
    asked_on = now().date()
    before = parse_identifier(of_kind(await file_of(gongan), "机动车驾驶证")["licence_identifier"])
    order = licence_order("reissue", valid_to="2040-01-01", extend_info={"classes": "C1D"})
    await change(gongan, "licences", order)
    licence = of_kind(await file_of(gongan), "机动车驾驶证")
    after = parse_identifier(licence["licence_identifier"])
    assert (after.serial, after.version) == (before.serial, before.version + 1)
    assert licence["licence_version"] == "002"
    assert licence["issue_date"] in {asked_on.isoformat(), now().date().isoformat()}
    assert licence["valid_to"] == "2040-01-01"
    assert licence["extend_info"]["classes"] == "C1D"


async def test_a_withdrawn_licence_is_gone(gongan: Running) -> None:
    await change(gongan, "licences", licence_order("withdraw"))
    names = [licence["licence_name"] for licence in (await file_of(gongan))["licences"]]
    assert names == ["居民身份证", "机动车行驶证"]


async def test_a_new_licence_opens_a_file_where_there_was_none(start: Start) -> None:
    renshe = await start("renshe")
    order = {
        "action": "issue",
        "holder": holder(WITHOUT),
        "type": "职业资格证书",
        "number": "Y000000001",
        "valid_to": "2030-01-01",
        "extend_info": {"occupation": "电工"},
    }
    before = await file_of(renshe, WITHOUT)
    await change(renshe, "licences", order)
    await change(renshe, "licences", {**order, "number": "Y000000002"})
    file = await file_of(renshe, WITHOUT)
    assert file["revision"] == before["revision"] + 2
    assert [one["licence_number"] for one in file["licences"]] == ["Y000000001", "Y000000002"]
    identifiers = {str(parse_identifier(one["licence_identifier"])) for one in file["licences"]}
    assert len(identifiers) == 2


async def test_a_joint_licence_changes_for_all_its_holders(start: Start) -> None:
    minzheng = await start("minzheng")
    order = {"action": "set_status", "holder": holder(WIFE), "type": "结婚证", "status": "LOST"}
    await change(minzheng, "licences", order)
    for person in (HUSBAND, WIFE):
        file = await file_of(minzheng, person)
        assert of_kind(file, "结婚证")["status"] == "LOST"


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        (licence_order("set_status", "结婚证"), 404, "control.type_unknown"),
        (licence_order("withdraw", "居住证"), 404, "control.licence_not_found"),
        (licence_order("withdraw", number="none"), 404, "control.licence_not_found"),
        (
            {**licence_order("withdraw"), "holder": {**holder(HUSBAND), "code": NEW_NUMBER}},
            404,
            "control.holder_unknown",
        ),
        (licence_order("destroy"), 400, "control.order_invalid"),
        (licence_order("set_status", status="GONE"), 400, "control.order_invalid"),
    ],
)
async def test_an_order_that_fits_nothing_is_refused_and_changes_nothing(
    gongan: Running, order: dict[str, Any], status: int, code: str
) -> None:
    before = await file_of(gongan)
    answer = await gongan.control("POST", "licences", order)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert {**await file_of(gongan), "as_of": ""} == {**before, "as_of": ""}


async def test_of_several_alike_the_number_says_which(start: Start) -> None:
    renshe = await start("renshe")
    order = {"action": "issue", "holder": holder(HUSBAND), "type": "职业资格证书"}
    for number in ("Y1", "Y2"):
        await change(renshe, "licences", {**order, "number": number})
    answer = await renshe.control("POST", "licences", {**order, "action": "withdraw"})
    assert (answer.status, answer.body["code"]) == (409, "control.licence_ambiguous")
    await change(renshe, "licences", {**order, "action": "withdraw", "number": "Y1"})
    numbers = [one["licence_number"] for one in (await file_of(renshe))["licences"]]
    assert "Y2" in numbers
    assert "Y1" not in numbers


async def test_after_a_death_nothing_is_matched_and_all_is_cancelled(gongan: Running) -> None:
    await change(gongan, "people", {"action": "died", "id_number": HUSBAND.id_number})
    query = {"name": HUSBAND.name, "id_type": "111", "id_number": HUSBAND.id_number}
    assert (await gongan.call("identity.match", query)).body["result"] == "deceased"
    statuses = {licence["status"] for licence in (await file_of(gongan))["licences"]}
    assert statuses == {"CANCELLED"}


async def test_a_replaced_number_is_said_to_be_and_the_new_one_holds_the_licences(
    gongan: Running,
) -> None:
    before = await file_of(gongan)
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": NEW_NUMBER,
    }
    await change(gongan, "people", order)
    old = {"name": HUSBAND.name, "id_type": "111", "id_number": HUSBAND.id_number}
    assert (await gongan.call("identity.match", old)).body["result"] == "replaced"
    new = (await gongan.call("identity.match", {**old, "id_number": NEW_NUMBER})).body
    assert new["result"] == "match"
    assert new["previous_numbers"] == [HUSBAND.id_number]
    empty = await file_of(gongan)
    assert empty["licences"] == []
    assert empty["revision"] > before["revision"]
    renewed = {"holder": {**holder(HUSBAND), "code": NEW_NUMBER}}
    licences = (await gongan.call("licences.query", renewed)).body["licences"]
    assert len(licences) == len(before["licences"])
    card = next(one for one in licences if one["licence_name"] == "居民身份证")
    assert (card["licence_number"], card["licence_version"]) == (NEW_NUMBER, "002")


async def test_a_replaced_number_stands_on_the_joint_licence_of_the_other(start: Start) -> None:
    minzheng = await start("minzheng")
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": NEW_NUMBER,
    }
    await change(minzheng, "people", order)
    hers = of_kind(await file_of(minzheng, WIFE), "结婚证")
    assert hers["holder_code"] == f"{NEW_NUMBER}^{WIFE.id_number}"


async def test_a_number_that_has_a_file_cannot_be_given_away(gongan: Running) -> None:
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": WIFE.id_number,
    }
    answer = await gongan.control("POST", "people", order)
    assert (answer.status, answer.body["code"]) == (409, "control.number_taken")
    missing = await gongan.control("POST", "people", {**order, "new_number": None})
    assert (missing.status, missing.body["code"]) == (400, "control.new_number_missing")


async def test_the_machine_recognises_whom_it_is_told_to(gongan: Running) -> None:
    query = {"name": HUSBAND.name, "id_number": HUSBAND.id_number, "image": picture()}
    order = {"action": "set_face", "id_number": HUSBAND.id_number, "face_ok": False}
    await change(gongan, "people", order)
    assert (await gongan.call("identity.face", query)).body["passed"] is False
    await gongan.control("PUT", "face", {"passed": True})
    assert (await gongan.call("identity.face", query)).body["passed"] is True
    await gongan.control("PUT", "face", {"passed": False, "reason": "演示"})
    assert (await gongan.call("identity.face", query)).body["reason"] == "演示"
    await gongan.control("PUT", "face", {"passed": None})
    await change(gongan, "people", {**order, "face_ok": True})
    assert (await gongan.call("identity.face", query)).body["passed"] is True


async def test_a_new_legal_representative_takes_over_in_the_register(shijian: Running) -> None:
    order = {
        "uscc": USCC,
        "legal_representative": {"name": WIFE.name, "id_number": WIFE.id_number},
    }
    await change(shijian, "enterprises", order)

    async def represented(person: Person) -> list[str]:
        query = {"id_number": person.id_number, "name": person.name}
        answer = await shijian.call("enterprises.represented", query)
        return [enterprise["uscc"] for enterprise in answer.body["enterprises"]]

    assert USCC not in await represented(HUSBAND)
    assert await represented(WIFE) == [USCC]
    answer = await shijian.call("licences.query", {"holder": company_holder(COMPANY)})
    licence = of_kind(answer.body, "营业执照")
    assert licence["extend_info"]["legal_representative"] == WIFE.name
    assert licence["licence_version"] == "002"


async def test_a_closed_enterprise_loses_its_licences(shijian: Running) -> None:
    await change(shijian, "enterprises", {"uscc": USCC, "status": "吊销"})
    found = (await shijian.call("enterprises.get", {"uscc": USCC})).body["enterprise"]
    assert found["status"] == "吊销"
    answer = await shijian.call("licences.query", {"holder": company_holder(COMPANY)})
    assert {licence["status"] for licence in answer.body["licences"]} == {"FORFEITED"}
    person = await shijian.control(
        "POST", "enterprises", {"uscc": HUSBAND.id_number, "status": "注销"}
    )
    assert person.status == 404


async def test_a_section_can_be_given_other_data(gongan: Running) -> None:
    query = {"section": "driver", "holder": holder(HUSBAND)}
    order = {"code": HUSBAND.id_number, "section": "driver", "data": {"points": 11}}
    await change(gongan, "sections", order)
    assert (await gongan.call("sections.query", query)).body["data"] == {"points": 11}
    await change(gongan, "sections", {**order, "data": None})
    assert (await gongan.call("sections.query", query)).body["data"] is None
