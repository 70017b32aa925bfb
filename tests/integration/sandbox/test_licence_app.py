"""The page that stands for the 电子营业执照 app: a code that the register takes, once."""

import re
from uuid import uuid4

from backend.sandbox.departments.licence_codes import LIFE_S
from tests.sandbox_world import USCC, Running


async def _asked(system: Running, **headers: str) -> tuple[int, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with system.session.post(
        f"{system.url}/licence-app", data={"uscc": USCC.lower()}, headers=sent
    ) as answer:
        return answer.status, await answer.text()


async def test_a_licence_is_shown_as_a_code_that_counts_once(shijian: Running) -> None:
    status, page = await _asked(shijian)
    assert status == 200, page
    assert "广州示范贸易有限公司" in page
    assert f'data-seconds="{LIFE_S}"' in page
    assert "<svg" in page
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", page)
    assert found
    states = []
    for _ in range(2):
        query = {"request_id": str(uuid4()), "code": found[0]}
        states.append((await shijian.call("enterprises.licence_code", query)).body["state"])
    assert states == ["valid", "used"]


async def test_what_is_nobodys_licence_is_said_on_the_page(shijian: Running) -> None:
    async with shijian.session.post(f"{shijian.url}/licence-app", data={"uscc": "X"}) as answer:
        assert (answer.status, "没有这家企业" in await answer.text()) == (404, True)
    status, _ = await _asked(shijian, origin="http://evil.example")
    assert status == 403
