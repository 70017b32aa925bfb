"""The two examples of the sandbox, on a whole province: from one form to the last licence."""

import asyncio
import base64
from typing import Any

import httpx

from backend.sandbox.population.people import Person
from tests.integration.cast import carries_identity_card, somebody
from tests.integration.people import CITIZEN, bearer, citizen
from tests.one_thing_world import PDF
from tests.provinces import Platform

THINGS = f"{CITIZEN}/one-things"
WITHIN_S = 90
SYSTEMS = {
    "11440000MB9X00162": "gd-weijian", "11440000MB9X00111": "gd-gongan",
    "11440000MB9X00138": "gd-yibao", "11440000MB9X0012X": "gd-renshe",
    "11440000MB9X00189": "gd-shijian", "11440000MB9X00197": "gd-shuiwu",
}  # fmt: skip
NEWBORN = {
    "child": "安安", "sex": "女", "born_on": "2026-11-01", "birth_hospital": "广州市妇幼保健院",
    "birth_mother": "母亲", "birth_mother_id": "110105194912310021", "birth_both_parents": False,
    "home_ethnicity": "汉", "home_follow": "mother", "home_relation": "女",
    "region_code": "440106", "home_address": "广州市天河区示范路 1 号", "guardian": "母亲",
    "insurance_guardian_relation": "母亲", "insurance_pay_by": "online",
    "card_bank": "中国银行", "card_pick_up": "branch", "card_region_code": "440106",
    "card_phone": "13800138000",
}  # fmt: skip
COMPANY = {
    "registration_names": ["广州安安示范科技有限公司"], "registration_region_code": "440106",
    "registration_address": "广州市天河区示范路 2 号", "registration_business": ["软件开发"],
    "registration_shareholders": [
        {"name": "股东", "id_number": "110105194912310021", "amount": 50, "by": "货币"}
    ],
    "registration_promise": True, "tax_taxpayer": "小规模纳税人", "tax_invoice": False,
    "tax_promise": True, "social_risk": "一类", "staff": 3, "social_wage": 6000,
    "social_bank_name": "中国银行", "social_bank_account": "6222020200112233445",
}  # fmt: skip


def _ready(person: Person) -> bool:
    return (
        person.birth.year < 1998
        and person.licence_load == "normal"
        and carries_identity_card(person)
    )


async def test_a_newborn_from_one_form_to_the_last_card(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    parent = somebody(platform, _ready)
    play = _Play(platform, http, bearer(await citizen(http, parent, 4)))
    run = await play.hand_in("newborn", NEWBORN)
    assert [one["state"] for one in run["steps"]] == ["handed_in", "waiting", "waiting", "waiting"]
    for code in ("birth", "home", "insurance", "card"):
        await play.grant(run["id"], code)
    run = await play.until(run["id"], lambda one: one["ended"])
    results = {one["code"]: one["case"]["result"] for one in run["steps"]}
    assert {code: one["kind"] for code, one in results.items()} == {
        "birth": "licence", "home": "licence", "insurance": "document", "card": "licence",
    }  # fmt: skip
    insured = play.submissions["insurance"]
    assert await play.licence("居民户口簿")
    assert insured["form"]["child_id"].startswith("44010620261101")
    source = insured["provenance"]["/child_id"]
    assert source["licence"].startswith("1.2.156.3005.2.11440000MB9X00111Q006.")
    assert (source["grade"], source["signed"]) == ("A", True)
    # The card lies on the child's file: that of the parent is what it was.
    assert play.submissions["card"]["form"]["child_id"] == insured["form"]["child_id"]


async def test_a_company_that_is_founded_goes_on_by_itself(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    founder = somebody(platform, _ready)
    play = _Play(platform, http, bearer(await citizen(http, founder, 4)))
    run = await play.hand_in("company", COMPANY)
    for code in ("registration", "tax", "social"):
        await play.grant(run["id"], code)
    await play.until(run["id"], lambda one: one["ended"])
    there = play.submissions["social"]
    assert there["applicant"]["code_type"] == "001"
    assert there["applicant"]["name"] == COMPANY["registration_names"][0]  # type: ignore[index]
    assert there["form"]["uscc"] == there["applicant"]["code"]
    assert there["agent"]["relation"] == "representative"
    by_name = {one["name"]: one for one in there["materials"]}
    assert by_name["营业执照"]["licence"]["number"] == there["applicant"]["code"]
    assert by_name["法定代表人居民身份证"]["how"] == "licence"


class _Play:
    """A person with a phone, and the clerks at the desks."""

    def __init__(
        self, platform: Platform, http: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        self._platform, self._http, self._headers = platform, http, headers
        self.submissions: dict[str, dict[str, Any]] = {}

    async def _ask(self, method: str, path: str, **json: Any) -> Any:
        answer = await self._http.request(method, path, headers=self._headers, json=json or None)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def hand_in(self, code: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in, supply, submit; gives the run."""
        await self.licence("居民身份证")
        draft = await self._ask("POST", f"{THINGS}/{code}/drafts", **{"for": {"kind": "self"}})
        path = f"{CITIZEN}/cases/drafts/{draft['id']}"
        draft = await self._ask("PATCH", path, version=draft["version"], values=values)
        card = await self.licence("居民身份证")
        for material in draft["materials"]:
            if material["need"] != "必要" or material["how"] in ("result", "shared"):
                continue
            place = f"{path}/materials/{material['code']}"
            if "licence" in material["ways"]:
                draft = await self._ask(
                    "PUT", place, version=draft["version"], how="licence", licence_id=card["id"]
                )
            else:
                content = base64.b64encode(PDF).decode()
                found = await self._ask("POST", f"{place}/files", name="材料.pdf", content=content)
                draft = found["draft"]
        assert draft["ready"], draft["mistakes"]
        submit = f"{THINGS}/drafts/{draft['id']}/submission"
        done = await self._ask("POST", submit, version=draft["version"])
        again = await self._ask("POST", submit, version=draft["version"])
        assert (again["run_id"], again["again"]) == (done["run_id"], True)
        run: dict[str, Any] = await self._ask("GET", f"{THINGS}/runs/{done['run_id']}")
        return run

    async def licence(self, name: str) -> dict[str, Any]:
        """One of the person's licences, as soon as its issuer has answered."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                held = (await self._ask("GET", f"{CITIZEN}/wallet"))["items"]
                for one in held:
                    if one["name"] == name:
                        found: dict[str, Any] = one
                        return found
                await asyncio.sleep(0.2)

    async def until(self, run_id: str, wanted: Any) -> dict[str, Any]:
        """The run as soon as it is as wanted."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                run: dict[str, Any] = await self._ask("GET", f"{THINGS}/runs/{run_id}")
                if wanted(run):
                    return run
                await asyncio.sleep(0.2)

    async def grant(self, run_id: str, code: str) -> None:
        """The clerk of the step's department grants it, as soon as it is there."""

        def _step(run: dict[str, Any]) -> dict[str, Any]:
            return next(one for one in run["steps"] if one["code"] == code)

        run = await self.until(
            run_id, lambda one: _step(one)["case"] and _step(one)["case"]["delivered"]
        )
        case_no = _step(run)["case"]["case_no"]
        desk = f"{self._platform.systems[SYSTEMS[case_no[:17]]]}/_control/cases/{case_no}"
        async with httpx.AsyncClient(timeout=15) as department:
            self.submissions[code] = (await department.get(desk)).json()["submission"]
            done = await department.post(desk, json={"action": "approve"})
            assert done.status_code == 200, done.text
