"""Codes by which one thing is found belong to one system: whoever is second learns whose it is."""

import asyncio
from typing import Any

import pytest

from backend.catalogue.errors import ItemsRefused
from backend.exchange.errors import CodesTaken, KeyTaken
from backend.exchange.manifest import parse_manifest
from backend.exchange.models import RegisteredSystem
from backend.onboarding.errors import ElementsRefused
from backend.onboarding.states import State
from tests.catalogue_items import full_item
from tests.onboarding_world import CODE, World, document, signing_key

OTHER = "gd-qita"
RESOURCE: dict[str, Any] = {
    "code": "301146/0001", "name": "住房公积金缴存信息", "summary": "缴存情况",
    "category": "department", "share_type": 2,
    "share_conditions": {"scope": "民政部门", "use": "社会救助", "terms": "按人查询"},
    "share_modes": ["interface"], "update_cycle": "daily", "level": 3,
    "subject_code_types": ["111"],
    "items": [{"name": "balance", "label": "账户余额", "type": "money", "level": 3}],
}  # fmt: skip
# What is the first system's: its part of the manifest, and how the element is called.
PARTS = {
    "data_resources": "数据资源",
    "licence_types": "证照类型",
    "sections": "首页板块",
    "service_items": "实施编码",
}


def full(world: World) -> dict[str, Any]:
    """A manifest with one element of every part."""
    raw = world.raw | {"data_resources": [RESOURCE]}
    raw["operations"]["resources.query"] = {"path": "/v1/resources/query", "timeout_ms": 1200}
    return raw


def another(world: World, *parts: str) -> dict[str, Any]:
    """Another system's manifest that shares only these parts with the first."""
    theirs = full(world)
    raw = document(signing_key(f"{OTHER}-1"), OTHER)
    raw |= {"licence_types": [], "data_resources": [], "service_items": []}
    raw["operations"] = theirs["operations"]
    return raw | {part: theirs[part] for part in parts}


def told(refusal: ElementsRefused) -> set[str]:
    """The elements that are named, each with its place and whose it is."""
    for error in refusal.errors:
        assert f"（{CODE}）" in error["message"]
        assert error["pointer"].endswith(("/0/code", "/0/task_code"))
    return {error["element"] for error in refusal.errors}


async def conformant(world: World, raw: dict[str, Any]) -> int:
    """The other system's revision, ready to be published: the first one serves nothing yet."""
    drafts, review = world.onboarding.drafts, world.onboarding.review
    number = (await drafts.save(world.clerk, parse_manifest(raw))).number
    await drafts.submit(world.clerk, OTHER, number)
    for address in await world.onboarding.addresses.list(world.security, OTHER):
        await world.onboarding.addresses.approve(world.security, OTHER, address.origin)
    await review.take(world.operator, OTHER, number)
    await review.approve(world.operator, OTHER, number)
    await world.onboarding.examination.run(world.clerk, OTHER, number)
    return number


async def test_what_is_another_systems_is_refused_at_submission(world: World) -> None:
    await world.publish(full(world))
    # Not even the worker's memory is asked: it may be two seconds late.
    world.exchange._systems = {}
    manifest = parse_manifest(another(world, *PARTS))
    number = (await world.onboarding.drafts.save(world.clerk, manifest)).number
    with pytest.raises(ElementsRefused) as refusal:
        await world.onboarding.drafts.submit(world.clerk, OTHER, number)
    assert told(refusal.value) == set(PARTS.values())


async def test_and_at_publication_when_it_became_so_during_the_review(world: World) -> None:
    number = await conformant(world, another(world, *PARTS))
    await world.publish(full(world))
    with pytest.raises(ElementsRefused) as refusal:
        await world.onboarding.review.publish(world.operator, OTHER, number)
    assert told(refusal.value) == set(PARTS.values())
    views = world.onboarding.views
    kept = (await views.revision(world.operator, OTHER, number)).view
    assert kept.state is State.CONFORMANT
    assert [row.code for row in await RegisteredSystem.all()] == [CODE]


async def test_and_at_the_approval(world: World) -> None:
    drafts, review = world.onboarding.drafts, world.onboarding.review
    manifest = parse_manifest(another(world, "data_resources"))
    number = (await drafts.save(world.clerk, manifest)).number
    await drafts.submit(world.clerk, OTHER, number)
    await review.take(world.operator, OTHER, number)
    await world.publish(full(world))
    with pytest.raises(ElementsRefused, match="elements_refused"):
        await review.approve(world.operator, OTHER, number)


async def test_what_a_system_gave_up_is_free_for_another(world: World) -> None:
    review = world.onboarding.review
    await world.publish(full(world))
    number = await world.submit(world.raw)
    await review.take(world.operator, CODE, number)
    breaks = [one.id for one in await review.breaking(world.operator, CODE, number)]
    await review.approve(world.operator, CODE, number, "移交", breaks)
    await world.onboarding.examination.run(world.clerk, CODE, number)
    await world.onboarding.review.publish(world.operator, CODE, number)
    other = await conformant(world, another(world, "data_resources"))
    await world.onboarding.review.publish(world.operator, OTHER, other)
    await world.exchange.reload()
    system = world.exchange.system(OTHER)
    assert system is not None
    assert system.manifest.data_resource(RESOURCE["code"]) is not None


@pytest.mark.parametrize("part", ["data_resources", "service_items"])
async def test_of_two_that_register_it_in_the_same_moment_one_does(world: World, part: str) -> None:
    manifests = [parse_manifest(full(world)), parse_manifest(another(world, part))]
    tried = await asyncio.gather(
        *(world.exchange.register(one) for one in manifests), return_exceptions=True
    )
    assert [one for one in tried if one is True] == [True]
    (refusal,) = [one for one in tried if one is not True]
    assert isinstance(refusal, ItemsRefused if part == "service_items" else CodesTaken)
    assert "已由" in refusal.errors[0]["message"]
    assert await RegisteredSystem.all().count() == 1


async def test_nor_does_a_key_count_for_two(world: World) -> None:
    raw = another(world, "service_items") | {"keys": world.raw["keys"]}
    raw["service_items"] = [full_item(catalog_code="440109001001")]
    tried = await asyncio.gather(
        *(world.exchange.register(parse_manifest(one)) for one in (world.raw, raw)),
        return_exceptions=True,
    )
    assert [type(one) for one in tried if one is not True] == [KeyTaken]
