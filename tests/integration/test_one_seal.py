"""一枚印章管到底 in a province: an enterprise applies, the bureau decides, another supervises."""

import asyncio
import base64
from typing import Any

import httpx

from tests.integration import cast
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

# 公共场所卫生许可: an item of the health commission, which the approval bureau decides.
ITEM = "11440000MB9X0016214440123004003"
OWN, BUREAU = "gd-weijian", "gd-shenpi"
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF").decode()
WITHIN_S = 60


async def test_an_enterprise_applies_and_the_bureau_decides_under_its_seal(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    company = cast.company(platform)
    headers = bearer(await citizen(http, company.legal_representative, level=4))
    cases = f"/api/v1/enterprise/enterprises/{company.uscc}/cases"
    opened = await http.post(f"{cases}/drafts", json={"item_code": ITEM}, headers=headers)
    assert opened.status_code == 201, opened.text
    draft = opened.json()
    path = f"{cases}/drafts/{draft['id']}"
    for material in draft["materials"]:
        if material["lacking"]:
            file = {"name": f"{material['code']}.pdf", "content": PDF}
            url = f"{path}/materials/{material['code']}/files"
            added = await http.post(url, json=file, headers=headers)
            assert added.status_code == 201, added.text
    draft = (await http.get(path, headers=headers)).json()
    assert draft["ready"], draft["mistakes"]
    done = await http.post(
        f"{path}/submission", json={"version": draft["version"]}, headers=headers
    )
    assert done.status_code == 201, done.text
    case_no = done.json()["case_no"]
    case = await _until(http, headers, f"{cases}/{case_no}", "delivered")
    assert case["division"]["deciding"] == case["department_name"] == "示范行政审批局"
    assert "由示范行政审批局受理并作出决定、盖章" in case["division"]["words"]

    async with httpx.AsyncClient(timeout=20) as department:
        own = (await department.get(f"{platform.systems[OWN]}/_control/cases")).json()
        assert case_no not in [one["case_no"] for one in own["cases"]]
        desk = f"{platform.systems[BUREAU]}/_control/cases/{case_no}"
        decided = await department.post(desk, json={"action": "approve"})
        assert decided.status_code == 200, decided.text
        await _until(http, headers, f"{cases}/{case_no}", "ended")
        result = await http.get(f"{cases}/{case_no}/result.pdf", headers=headers)
        for words in ("审批专用章", "监管：", "一枚印章管到底"):
            assert words.encode("utf-16-be").hex().upper().encode() in result.content
        async with asyncio.timeout(WITHIN_S):
            while True:
                told = (await department.get(f"{platform.systems[OWN]}/_control/cases")).json()
                notices = [one for one in told["notices"] if one["case_no"] == case_no]
                if notices:
                    break
                await asyncio.sleep(0.3)
    assert notices[0]["decision"] == "approved"
    assert notices[0]["applicant"]["name"] == company.name


async def _until(
    http: httpx.AsyncClient, headers: dict[str, str], url: str, reached: str
) -> dict[str, Any]:
    async with asyncio.timeout(WITHIN_S):
        while True:
            case: dict[str, Any] = (await http.get(url, headers=headers)).json()
            if case[reached]:
                return case
            await asyncio.sleep(0.3)
