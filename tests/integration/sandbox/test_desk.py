"""The desk: pages without a script on which a clerk plays the whole loop by hand."""

import re
import uuid
from collections.abc import Mapping

import pytest

from tests.integration.sandbox.casework import hand_in, record
from tests.sandbox_world import Running


async def _page(system: Running, path: str = "", status: int = 200) -> str:
    async with system.session.get(f"{system.url}/desk{path}") as answer:
        assert answer.status == status
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        return await answer.text()


async def _post(
    system: Running, case_no: str, fields: Mapping[str, str], **headers: str
) -> tuple[int, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with system.session.post(
        f"{system.url}/desk/cases/{case_no}", data=fields, headers=sent
    ) as answer:
        return answer.status, await answer.text()


async def test_what_came_in_waits_on_the_first_page_with_its_words(gongan: Running) -> None:
    assert "这里没有办件" in await _page(gongan)
    of = {"as_of": "2026-11-25T09:00:00+08:00", "grade": "A", "signed": True}
    provenance = {
        "/purpose": {"source": "gd-renshe", **of}, "/region_code": {"source": "platform", **of},
    }  # fmt: skip
    form = {"purpose": "就业", "region_code": "440106"}
    case_no = await hand_in(gongan, "居住证申领", provenance=provenance, form=form)
    listed = await _page(gongan)
    assert "居住证申领" in listed
    assert f"/desk/cases/{case_no}" in listed
    shown = await _page(gongan, f"/cases/{case_no}")
    assert "来自人社厅，2026-11-25 09:00" in shown
    assert "来自省事通实名信息" in shown
    assert "广东省广州市天河区（440106）" in shown
    assert "数据共享（免提交）" in shown
    assert "<script" not in shown


async def test_a_clerk_asks_for_corrections_by_ticking(gongan: Running) -> None:
    case_no = await hand_in(gongan, "居住证申领")
    status, page = await _post(
        gongan,
        case_no,
        {
            "action": "correct",
            "officer": "窗口 1",
            "reason": "材料不齐",
            "material_m1": "居民身份证",
            "what_material_m1": "",
            "field_purpose": "用途",
            "other": "请补充租赁合同\n",
        },
    )
    assert status == 200, page
    assert "待补正" in page
    event = (await record(gongan, case_no))["events"][0]
    assert event["officer"] == "窗口 1"
    assert event["items"] == [
        {"material": "m1", "field": None, "what": "请重新提供居民身份证"},
        {"material": None, "field": "/purpose", "what": "请重新提供用途"},
        {"material": None, "field": None, "what": "请补充租赁合同"},
    ]


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        ("accept", {}, "已受理"),
        ("not_accept", {"reason": "不归本机关管"}, "不予受理"),
        ("transfer", {"to": "市公安局 020-12345"}, "已转办"),
    ],
)
async def test_a_clerk_takes_refuses_or_passes_on(
    gongan: Running, action: str, fields: dict[str, str], state: str
) -> None:
    case_no = await hand_in(gongan, "居住证申领")
    status, page = await _post(gongan, case_no, {"action": action, "officer": "窗口", **fields})
    assert status == 200
    assert re.search(rf'class="state">{state}', page)


async def test_what_is_missing_is_said_on_the_page_and_nothing_is_lost(gongan: Running) -> None:
    case_no = await hand_in(gongan, "居住证申领")
    fields = {"action": "correct", "officer": "王五", "reason": "材料不齐"}
    status, page = await _post(gongan, case_no, fields)
    assert status == 400
    assert "请勾选或写明需要补正的内容" in page
    assert 'value="王五"' in page
    assert (await record(gongan, case_no))["events"] == []


async def test_a_page_of_somebody_else_decides_nothing(gongan: Running) -> None:
    case_no = await hand_in(gongan, "居住证申领")
    act = {"action": "accept", "officer": "窗口"}
    for headers in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}):
        status, _ = await _post(gongan, case_no, act, **headers)
        assert status == 403
    assert (await record(gongan, case_no))["state"] == "submitted"


async def test_what_is_not_there_is_not_found(gongan: Running) -> None:
    case_no = await hand_in(gongan, "居住证申领")
    for path in ("/cases/1", f"/cases/{case_no}/files/{uuid.uuid4()}", "?view=all"):
        async with gongan.session.get(f"{gongan.url}/desk{path}") as answer:
            assert answer.status == 404
