"""Every operation of the provider interface, asked of real servers."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.numbers.service import parse_identifier
from backend.sandbox.population.people import Person
from tests.integration.sandbox.conftest import Start
from tests.sandbox_world import (
    CHILD,
    CLOSED_SHOP,
    CLOSED_USCC,
    COMPANY,
    DECEASED,
    FACELESS,
    FOREIGNER,
    HONG_KONG,
    HUSBAND,
    MANY,
    MOVED,
    RENUMBERED,
    TODAY,
    USCC,
    WIFE,
    WITHOUT,
    Running,
    company_holder,
    holder,
    picture,
)


async def _match(gongan: Running, name: str, number: str) -> dict[str, object]:
    answer = await gongan.call(
        "identity.match", {"name": name, "id_type": "111", "id_number": number}
    )
    assert answer.status == 200
    assert answer.signed
    body: dict[str, object] = answer.body
    return body


async def test_health_needs_no_signature(gongan: Running) -> None:
    async with gongan.session.get(f"{gongan.url}/v1/health") as response:
        assert response.status == 200
        assert await response.json() == {"status": "ok"}


async def test_name_and_number_of_one_person_match(gongan: Running) -> None:
    found = await _match(gongan, HUSBAND.name, HUSBAND.id_number)
    assert found["result"] == "match"
    assert found["previous_numbers"] == []


@pytest.mark.parametrize("name", [" 王 伟", "王伟 "])
async def test_blanks_in_a_name_do_not_matter(gongan: Running, name: str) -> None:
    assert (await _match(gongan, name, HUSBAND.id_number))["result"] == "match"


async def test_a_wrong_name_and_an_unknown_number_answer_alike(gongan: Running) -> None:
    wrong = await _match(gongan, "李伟", HUSBAND.id_number)
    unknown = await _match(gongan, HUSBAND.name, "440106199901010011")
    assert {**wrong, "as_of": ""} == {**unknown, "as_of": ""}
    assert wrong["result"] == "mismatch"


async def test_a_death_is_told_only_to_who_knows_the_name(gongan: Running) -> None:
    assert (await _match(gongan, DECEASED.name, DECEASED.id_number))["result"] == "deceased"
    assert (await _match(gongan, "别人", DECEASED.id_number))["result"] == "mismatch"


async def test_an_old_number_is_replaced_and_the_new_one_knows_it(gongan: Running) -> None:
    old = RENUMBERED.previous_numbers[0]
    assert (await _match(gongan, RENUMBERED.name, old))["result"] == "replaced"
    assert (await _match(gongan, "别人", old))["result"] == "mismatch"
    found = await _match(gongan, RENUMBERED.name, RENUMBERED.id_number)
    assert found["result"] == "match"
    assert found["previous_numbers"] == [old]


@pytest.mark.parametrize(
    ("person", "image", "reason"),
    [
        (HUSBAND, picture(), None),
        (HUSBAND, picture(200, "JPEG"), None),
        (HUSBAND, picture(40), "太小"),
        (HUSBAND, base64.b64encode(b"no picture").decode(), "无法识别"),
        (HUSBAND, "not base64!", "无法识别"),
        (HUSBAND, picture()[:200], "无法识别"),
        (FACELESS, picture(), "未检测到"),
        (DECEASED, picture(), "不一致"),
    ],
)
async def test_a_face_passes_or_is_told_why_not(
    gongan: Running, person: Person, image: str, reason: str | None
) -> None:
    query = {"name": person.name, "id_number": person.id_number, "image": image}
    answer = await gongan.call("identity.face", query)
    assert answer.status == 200
    assert answer.signed
    assert answer.body["passed"] is (reason is None)
    assert reason is None or reason in answer.body["reason"]
    assert answer.body["reference"]


async def test_a_face_with_somebody_elses_number_does_not_pass(gongan: Running) -> None:
    query = {"name": WIFE.name, "id_number": HUSBAND.id_number, "image": picture()}
    answer = await gongan.call("identity.face", query)
    assert answer.body["passed"] is False


async def test_police_give_identity_driving_and_vehicle_licences(gongan: Running) -> None:
    found = {licence["licence_name"]: licence for licence in await gongan.licences(HUSBAND)}
    assert set(found) == {"居民身份证", "机动车驾驶证", "机动车行驶证"}
    assert found["居民身份证"]["licence_number"] == HUSBAND.id_number
    assert found["居民身份证"]["licence_type_code"] == "11100000000013127D001"
    assert found["机动车驾驶证"]["valid_to"] == (TODAY + timedelta(days=20)).isoformat()
    assert found["机动车驾驶证"]["extend_info"]["classes"] == "C1"
    assert found["机动车行驶证"]["licence_number"] == "粤A12345"
    assert all(record["holder_name"] == HUSBAND.name for record in found.values())


async def test_residents_from_elsewhere_have_permits_of_their_own(gongan: Running) -> None:
    async def names(person: Person) -> list[str]:
        return [licence["licence_name"] for licence in await gongan.licences(person)]

    assert await names(HONG_KONG) == ["港澳台居民居住证"]
    assert await names(FOREIGNER) == ["外国人永久居留身份证"]
    assert await names(MOVED) == ["居民身份证", "居住证"]
    (_, permit) = await gongan.licences(MOVED)
    assert permit["extend_info"]["home_region"].startswith("湖南省长沙市")


@pytest.mark.parametrize("person", [WITHOUT, DECEASED])
async def test_some_people_have_no_licence(gongan: Running, person: Person) -> None:
    assert await gongan.licences(person) == []


async def test_only_the_types_asked_for_are_given(gongan: Running) -> None:
    driving = gongan.department.type_codes()["机动车驾驶证"]
    (licence,) = await gongan.licences(HUSBAND, types=[driving])
    assert licence["licence_name"] == "机动车驾驶证"


@pytest.mark.parametrize(
    "change", [{"name": "李伟"}, {"code_type": "553"}, {"code": "440106199901010011"}]
)
async def test_a_holder_who_does_not_fit_in_all_parts_is_unknown(
    gongan: Running, change: dict[str, str]
) -> None:
    answer = await gongan.call("licences.query", {"holder": {**holder(HUSBAND), **change}})
    assert answer.status == 200
    assert answer.body["licences"] == []


async def test_spouses_hold_one_certificate_together(start: Start) -> None:
    minzheng = await start("minzheng")
    (his,) = await minzheng.licences(HUSBAND)
    (hers,) = await minzheng.licences(WIFE)
    assert his == hers
    assert his["holder_name"] == "王伟^李娜"
    assert his["holder_code"] == f"{HUSBAND.id_number}^{WIFE.id_number}"
    assert his["holder_code_type"] == "111^111"


async def test_a_birth_certificate_is_held_by_child_mother_and_father(start: Start) -> None:
    weijian = await start("weijian")
    records = [await weijian.licences(person) for person in (CHILD, WIFE, HUSBAND)]
    assert records[0] == records[1] == records[2]
    ((record,), _, _) = records
    assert record["holder_name"] == "王小明^李娜^王伟"
    assert record["extend_info"]["mother"] == "李娜"


async def test_a_licence_is_found_by_its_identifier_whoever_holds_it(start: Start) -> None:
    minzheng = await start("minzheng")
    whole = (await minzheng.call("licences.query", {"holder": holder(WIFE)})).body
    (joint,) = whole["licences"]
    found = (await minzheng.call("licences.get", by(joint["licence_identifier"]))).body
    assert (found["licence"], found["revision"]) == (joint, whole["revision"])
    parsed = parse_identifier(joint["licence_identifier"])
    wrong = replace(parsed, check="0" if parsed.check != "0" else "1")
    for other in (parsed.next_version(), wrong):
        answer = await minzheng.call("licences.get", by(str(other)))
        assert (answer.status, answer.body["licence"]) == (200, None)


def by(identifier: str) -> dict[str, str]:
    return {"licence_identifier": identifier}


@pytest.mark.parametrize(
    ("code", "section", "person", "fields"),
    [
        ("gongan", "driver", HUSBAND, {"classes", "points", "next_review", "state"}),
        ("renshe", "social_security", HUSBAND, {"paid_months", "last_paid_month", "base"}),
        ("yibao", "medical_insurance", CHILD, {"balance", "insurance_kind", "insured_region"}),
        ("gjj", "housing_fund", HUSBAND, {"balance", "monthly_deposit", "last_deposit_month"}),
        ("ziran", "property", HUSBAND, {"count", "area", "mortgage"}),
        ("shuiwu", "tax", HUSBAND, {"tax", "last_paid_month", "settlement"}),
    ],
)
async def test_each_section_answers_for_who_has_one(
    start: Start, code: str, section: str, person: Person, fields: set[str]
) -> None:
    system = await start(code)
    answer = await system.call("sections.query", {"section": section, "holder": holder(person)})
    assert answer.status == 200
    assert answer.signed
    assert fields <= set(answer.body["data"])
    none = await system.call("sections.query", {"section": section, "holder": holder(WITHOUT)})
    assert none.body["data"] is None


@pytest.mark.parametrize(
    ("code", "section"),
    [("renshe", "staff_insurance"), ("shijian", "annual_report"), ("shuiwu", "enterprise_tax")],
)
async def test_enterprises_have_sections_too(start: Start, code: str, section: str) -> None:
    system = await start(code)
    query = {"section": section, "holder": company_holder(COMPANY)}
    assert (await system.call("sections.query", query)).body["data"]
    closed = {"section": section, "holder": company_holder(CLOSED_SHOP)}
    assert (await system.call("sections.query", closed)).body["data"] is None


async def test_a_section_of_another_system_is_refused(gongan: Running) -> None:
    query = {"section": "housing_fund", "holder": holder(HUSBAND)}
    answer = await gongan.call("sections.query", query)
    assert answer.status == 400
    assert answer.signed
    assert answer.body["code"] == "provider.section_unknown"


async def test_the_register_names_the_enterprises_of_a_representative(shijian: Running) -> None:
    query = {"id_number": HUSBAND.id_number, "name": HUSBAND.name}
    found = (await shijian.call("enterprises.represented", query)).body["enterprises"]
    assert [enterprise["uscc"] for enterprise in found] == [USCC, CLOSED_USCC]
    assert [enterprise["status"] for enterprise in found] == ["存续", "注销"]
    assert found[0]["legal_representative"]["id_number"] == HUSBAND.id_number
    for other in (
        {"id_number": HUSBAND.id_number, "name": "李伟"},
        {"id_number": WIFE.id_number, "name": WIFE.name},
    ):
        answer = await shijian.call("enterprises.represented", other)
        assert answer.body["enterprises"] == []


async def test_an_enterprise_is_found_by_its_code_or_is_null(shijian: Running) -> None:
    answer = await shijian.call("enterprises.get", {"uscc": USCC})
    assert answer.body["enterprise"]["name"] == COMPANY.name
    assert answer.body["enterprise"]["registered_capital"] == 100
    missing = await shijian.call("enterprises.get", {"uscc": "91440300MA5ABCD19W"})
    assert missing.status == 200
    assert missing.body["enterprise"] is None


async def test_enterprises_hold_business_and_food_licences(shijian: Running) -> None:
    answer = await shijian.call("licences.query", {"holder": company_holder(COMPANY)})
    names = [licence["licence_name"] for licence in answer.body["licences"]]
    assert names == ["营业执照", "食品经营许可证"]
    assert {licence["holder_code_type"] for licence in answer.body["licences"]} == {"001"}
    closed = await shijian.call("licences.query", {"holder": company_holder(CLOSED_SHOP)})
    assert {licence["status"] for licence in closed.body["licences"]} == {"CANCELLED"}


async def test_a_full_wallet_has_thirty_licences_over_several_issuers(start: Start) -> None:
    issuers = ("gongan", "renshe", "yibao", "minzheng", "weijian", "ziran", "shuiwu")
    per_issuer = [len(await (await start(code)).licences(MANY)) for code in issuers]
    assert sum(per_issuer) == 30
    assert sum(1 for count in per_issuer if count) >= 5
