"""Whose data are asked for which policy, and what is said of those that were not."""

from typing import Any

from backend.policies.models import PolicyEntitlement
from backend.policies.service import Act, State
from gateway.channels.policies.shapes import card
from tests.integration.policies.world import ACCOUNT, HEAD, World, enterprise, state
from tests.unit.policies.samples import document

TAX, STAFF = "301197/0003", "301123/0003"
OLD: dict[str, Any] = {
    "code": "old-firms", "title": "老字号补贴",
    "conditions": [
        {"id": "tax", "words": "依法纳税", "cel": "enterprise.tax > 0.0"},
        {"id": "old", "words": "成立满二十年", "cel": "enterprise.years >= 20"},
    ],
    "benefit": {"kind": "money", "words": "按纳税额", "formula": "enterprise.tax * 0.1",
                "cap": 1000, "budget": 5000},
}  # fmt: skip


async def test_a_source_is_asked_only_for_a_policy_that_is_open(world: World) -> None:
    await world.publish(document())
    await world.publish(document(**OLD))
    world.department.records[TAX] = {"tax": 5000.0}
    young = enterprise(1)
    shown = {one.policy.code: one for one in await world.policies.matching.mine(young, "")}
    assert world.department.asked == [STAFF]
    assert shown["sample-policy"].outcome == "matched"
    assert shown["old-firms"].outcome == "unmatched"
    reasons = {one.words: one for one in shown["old-firms"].reasons}
    tax, years = reasons["依法纳税"], reasons["成立满二十年"]
    assert (tax.result, tax.looked, tax.change) == (None, (), "已经有条件不满足，这一条不用再查。")
    assert years.result is False
    assert "到 2040 年 1 月 1 日就满足了" in years.change
    assert card(shown["old-firms"])["why"] == years.change


async def test_the_list_of_data_used_has_what_was_looked_at_and_no_more(world: World) -> None:
    await world.publish(document())
    await world.publish(document(**OLD))
    used = await world.policies.matching.data_used(enterprise(1), "")
    found = {one.label: set(one.policies) for one in used}
    assert found == {
        "主体类型": {"示例补贴", "老字号补贴"},
        "参保人数": {"示例补贴"},
        "成立时间": {"老字号补贴"},
    }
    older = enterprise(2, established_on="2001-01-01")
    used = await world.policies.matching.data_used(older, "")
    assert "上年度纳税额" in {one.label for one in used}


async def test_the_day_on_which_a_policy_opens_its_sources_are_asked(world: World) -> None:
    await world.publish(document(**OLD))
    world.department.records[TAX] = {"tax": 5000.0}
    me = enterprise(1, established_on="2006-11-26")
    world.move(hours=11, minutes=55)
    (before,) = await world.policies.matching.mine(me, "")
    assert (before.outcome, world.department.asked) == ("unmatched", [])
    world.move(minutes=6)
    (after,) = await world.policies.matching.mine(me, "")
    assert (after.outcome, after.amount) == ("matched", 50_000)


async def test_whoever_asks_for_a_person_has_every_source_asked(world: World) -> None:
    await world.publish(document(**OLD))
    world.department.records[TAX] = {"tax": 5000.0}
    me = enterprise(1)
    await world.policies.matching.mine(me, "")
    benefits = world.policies.entitlements
    found = str(await benefits.review(me, "old-firms", "登记的成立日期有误", ""))
    assert world.department.asked == [TAX]
    row = await PolicyEntitlement.get(id=found)
    assert (row.amount, row.state) == (50_000, State.CANDIDATE)
    seen = await benefits.one(me, found)
    assert len(seen.reasons) == 3
    await world.policies.deciding.decide(HEAD, found, Act.APPROVE, "")
    await benefits.confirm(me, found, ACCOUNT)
    assert await state(found) is State.PAYING


async def test_who_is_found_later_is_found_without_being_asked_again(world: World) -> None:
    automatic = document(**OLD, kind="automatic", steps={"check": True})
    await world.publish(automatic)
    world.department.records[TAX] = {"tax": 5000.0}
    await world.policies.matching.mine(enterprise(1, established_on="2006-12-26"), "")
    assert world.department.asked == [TAX]
    assert await world.policies.runs.find_candidates() is None
    world.move(days=40)
    assert await world.policies.runs.find_candidates() == 1
