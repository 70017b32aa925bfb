"""Keys rotate with an overlap and are revoked at once; addresses are approved or never called."""

import pytest

from backend.exchange.errors import KeyTaken, SignatureInvalid, SignatureKeyRevoked
from backend.exchange.manifest import parse_manifest
from backend.exchange.service import Key
from backend.onboarding.errors import (
    AddressInUse,
    AddressUnapproved,
    AddressUnknown,
    BreakingChanges,
    KeyDiffers,
    KeyEnded,
    KeyProofWrong,
    KeyStateConflict,
    KeyUnknown,
    KeyUnproven,
    LastKey,
    ReasonMissing,
    SameHand,
    StateConflict,
    SystemUnknown,
)
from backend.onboarding.models import SystemKey
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.upstream.signing import SigningKey, sign_request
from tests.onboarding_world import (
    CODE,
    OTHER_USCC,
    World,
    changed,
    declared,
    document,
    proof,
    signing_key,
)

PATH = "/api/v1/provider/licence-notices"
PRODUCTION = "https://zwfw.ceshi.example:443"


async def admitted(world: World, key: SigningKey) -> str:
    """The system for which a request signed by this key is let in."""
    headers = dict(sign_request(key, "POST", PATH, "", b"{}"))
    named = {name.lower(): value for name, value in headers.items()}
    return (await world.exchange.authenticate("POST", PATH, "", named, b"{}")).code


def key_of(key: SigningKey) -> Key:
    return Key.model_validate(declared(key))


async def test_a_key_rotates_with_an_overlap(world: World) -> None:
    await world.publish()
    keys, new = world.onboarding.keys, signing_key("gd-ceshi-2")
    assert await admitted(world, world.key) == CODE
    await keys.add(world.clerk, CODE, key_of(new), proof(new))
    await world.exchange.reload()
    with pytest.raises(SignatureInvalid):
        await admitted(world, new)
    assert (await world.notices(world.security))[0] == "onboarding.key_added"
    await keys.approve(world.security, CODE, new.key_id)
    await world.exchange.reload()
    assert [await admitted(world, key) for key in (world.key, new)] == [CODE, CODE]
    await keys.retire(world.clerk, CODE, world.key.key_id)
    await world.exchange.reload()
    assert await admitted(world, new) == CODE
    with pytest.raises(SignatureInvalid):
        await admitted(world, world.key)
    states = {one.id: one.state for one in await keys.list(world.clerk, CODE)}
    assert states == {world.key.key_id: "retired", new.key_id: "active"}


async def test_a_key_is_revoked_at_once_be_it_the_last(world: World) -> None:
    await world.publish()
    keys = world.onboarding.keys
    with pytest.raises(ReasonMissing):
        await keys.revoke(world.head, CODE, world.key.key_id, " ")
    await keys.revoke(world.head, CODE, world.key.key_id, "私钥所在的主机失窃")
    # Without a reload: the worker still knows the key, the door does not open.
    with pytest.raises(SignatureKeyRevoked):
        await admitted(world, world.key)
    with pytest.raises(KeyStateConflict):
        await keys.revoke(world.head, CODE, world.key.key_id, "再来一次")
    await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert system is not None
    assert system.target.keys == {}
    assert (await world.notices(world.clerk))[0] == "onboarding.key_revoked"


async def test_a_revoked_key_stays_revoked_when_the_cache_is_lost(world: World) -> None:
    await world.publish()
    await world.onboarding.keys.revoke(world.security, CODE, world.key.key_id, "泄露")
    await world.exchange._door._redis.delete(f"revoked:{{{world.key.key_id}}}", "revoked-keys")
    await world.exchange.reload()
    with pytest.raises(SignatureInvalid):
        await admitted(world, world.key)


async def test_a_key_needs_a_proof_that_the_system_holds_it(world: World) -> None:
    drafts, other = world.onboarding.drafts, signing_key("gd-ceshi-2")
    raw = changed(world.raw, keys=[declared(world.key), declared(other)])
    number = await world.save(raw)
    for wrong in (
        {world.key.key_id: proof(other)},
        {world.key.key_id: proof(world.key, "gd-other")},
        {world.key.key_id: "?"},
        {"gd-unknown": proof(other)},
    ):
        with pytest.raises(KeyProofWrong):
            await drafts.submit(world.clerk, CODE, number, "", wrong)
    await drafts.submit(world.clerk, CODE, number, "", {world.key.key_id: proof(world.key)})
    await world.approve_addresses()
    await world.onboarding.review.take(world.operator, CODE, number)
    await world.onboarding.review.approve(world.operator, CODE, number)
    await world.onboarding.examination.run(world.clerk, CODE, number)
    # Of two keys a passed run does not say which one signed.
    with pytest.raises(KeyUnproven) as refusal:
        await world.onboarding.review.publish(world.operator, CODE, number)
    assert refusal.value.key_ids == [other.key_id]


async def test_a_passed_run_proves_an_only_key(world: World) -> None:
    number = await world.save()
    await world.onboarding.drafts.submit(world.clerk, CODE, number)
    await world.approve_addresses()
    await world.onboarding.review.take(world.operator, CODE, number)
    await world.onboarding.review.approve(world.operator, CODE, number)
    await world.onboarding.examination.run(world.clerk, CODE, number)
    await world.onboarding.review.publish(world.operator, CODE, number)
    assert (await SystemKey.get(id=world.key.key_id)).proven == "conformance"


async def test_key_ids_are_unique_across_systems(world: World) -> None:
    await world.publish()
    raw = document(signing_key(world.key.key_id), "gd-x", OTHER_USCC)
    raw["service_items"] = []
    number = (await world.onboarding.drafts.save(world.stranger, parse_manifest(raw))).number
    with pytest.raises(KeyTaken):
        await world.onboarding.drafts.submit(world.stranger, "gd-x", number)
    mine = signing_key(world.key.key_id)
    with pytest.raises(KeyDiffers):
        await world.onboarding.keys.add(world.clerk, CODE, key_of(mine), proof(mine))


async def test_an_id_that_was_never_proven_is_nobodys(world: World) -> None:
    raw = document(signing_key(world.key.key_id), "gd-x", OTHER_USCC)
    raw["service_items"] = []
    number = (await world.onboarding.drafts.save(world.stranger, parse_manifest(raw))).number
    await world.onboarding.drafts.submit(world.stranger, "gd-x", number)
    await world.publish()
    assert (await SystemKey.get(id=world.key.key_id)).system_code == CODE


async def test_an_ended_key_does_not_come_back(world: World) -> None:
    await world.publish()
    keys, new = world.onboarding.keys, signing_key("gd-ceshi-2")
    await keys.add(world.clerk, CODE, key_of(new), proof(new))
    await keys.approve(world.security, CODE, new.key_id)
    await keys.retire(world.clerk, CODE, new.key_id)
    with pytest.raises(KeyEnded):
        await keys.add(world.clerk, CODE, key_of(new), proof(new))
    number = await world.save(changed(world.raw, keys=[declared(new)]))
    with pytest.raises(KeyEnded):
        await world.onboarding.drafts.submit(world.clerk, CODE, number)


async def test_a_key_that_is_revoked_while_its_revision_is_reviewed_never_serves(
    world: World,
) -> None:
    number = await world.to_conformant()
    await world.onboarding.keys.revoke(world.security, CODE, world.key.key_id, "私钥泄露")
    with pytest.raises(KeyEnded):
        await world.onboarding.review.publish(world.operator, CODE, number)
    assert (await SystemKey.get(id=world.key.key_id)).state == "revoked"
    await world.exchange.reload()
    assert world.exchange.system(CODE) is None


async def test_each_act_on_a_key_has_its_hands_and_its_moment(world: World) -> None:
    keys, new = world.onboarding.keys, signing_key("gd-ceshi-2")
    await world.save()
    with pytest.raises(StateConflict):
        await keys.add(world.clerk, CODE, key_of(new), proof(new))
    await world.onboarding.drafts.discard(world.clerk, CODE, 1)
    await world.publish()
    with pytest.raises(RoleMissing):
        await keys.add(world.operator, CODE, key_of(new), proof(new))
    with pytest.raises(SystemUnknown):
        await keys.add(world.stranger, CODE, key_of(new), proof(new))
    with pytest.raises(KeyProofWrong):
        await keys.add(world.clerk, CODE, key_of(new), proof(world.key))
    with pytest.raises(KeyStateConflict):
        await keys.add(world.clerk, CODE, key_of(world.key), proof(world.key))
    await keys.add(world.clerk, CODE, key_of(new), proof(new))
    with pytest.raises(RoleMissing):
        await keys.approve(world.operator, CODE, new.key_id)
    with pytest.raises(KeyUnknown):
        await keys.approve(world.security, CODE, "gd-none")
    same = Officer(world.clerk.account_id, "clerk", "clerk", Role.SECURITY_ADMIN)
    with pytest.raises(SameHand):
        await keys.approve(same, CODE, new.key_id)
    with pytest.raises(LastKey):
        await keys.retire(world.clerk, CODE, world.key.key_id)
    await keys.retire(world.clerk, CODE, new.key_id)
    for act in (keys.approve, keys.retire):
        with pytest.raises(KeyStateConflict):
            await act(world.security, CODE, new.key_id)


async def test_a_new_revision_ends_the_keys_that_it_does_not_name(world: World) -> None:
    await world.publish()
    new = signing_key("gd-ceshi-2")
    number = await world.save(changed(world.raw, keys=[declared(new)]))
    await world.onboarding.drafts.submit(world.clerk, CODE, number, "", {new.key_id: proof(new)})
    review = world.onboarding.review
    await review.take(world.operator, CODE, number)
    (ended,) = await review.breaking(world.operator, CODE, number)
    assert ended.id == f"key_dropped:/keys/{world.key.key_id}"
    with pytest.raises(BreakingChanges):
        await review.approve(world.operator, CODE, number)
    await review.approve(world.operator, CODE, number, "换密钥", [ended.id])
    await world.onboarding.examination.run(world.clerk, CODE, number)
    await world.onboarding.review.publish(world.operator, CODE, number)
    await world.exchange.reload()
    assert await admitted(world, new) == CODE
    with pytest.raises(SignatureInvalid):
        await admitted(world, world.key)


async def test_a_key_that_was_added_is_not_lost_unseen_by_an_older_manifest(world: World) -> None:
    await world.publish()
    new = signing_key("gd-ceshi-2")
    await world.onboarding.keys.add(world.clerk, CODE, key_of(new), proof(new))
    await world.onboarding.keys.approve(world.security, CODE, new.key_id)
    number = await world.submit(changed(world.raw, limits={"concurrency": 5}))
    breaks = await world.onboarding.review.breaking(world.operator, CODE, number)
    assert [one.place for one in breaks] == [f"/keys/{new.key_id}"]


async def test_a_restored_revision_keeps_the_keys_of_now(world: World) -> None:
    await world.publish()
    await world.publish(changed(world.raw, limits={"concurrency": 5}))
    keys, new = world.onboarding.keys, signing_key("gd-ceshi-2")
    await keys.add(world.clerk, CODE, key_of(new), proof(new))
    await keys.approve(world.security, CODE, new.key_id)
    await keys.revoke(world.clerk, CODE, world.key.key_id, "泄露")
    asked = await world.onboarding.review.ask_to_restore(world.clerk, CODE, 1, "出错")
    await world.onboarding.review.restore(world.operator, CODE, asked.number, "同意")
    await world.exchange.reload()
    assert await admitted(world, new) == CODE
    with pytest.raises(SignatureInvalid):
        await admitted(world, world.key)


async def test_addresses_are_decided_by_the_security_officer(world: World) -> None:
    addresses = world.onboarding.addresses
    await world.submit()
    for officer in (world.operator, world.clerk):
        with pytest.raises(RoleMissing):
            await addresses.approve(officer, CODE, PRODUCTION)
    with pytest.raises(AddressUnknown):
        await addresses.approve(world.security, CODE, "https://else.example:443")
    same = Officer(world.clerk.account_id, "clerk", "clerk", Role.SECURITY_ADMIN)
    with pytest.raises(SameHand):
        await addresses.approve(same, CODE, PRODUCTION)
    with pytest.raises(ReasonMissing):
        await addresses.refuse(world.security, CODE, PRODUCTION, "")
    await addresses.refuse(world.security, CODE, PRODUCTION, "域名未备案")
    states = {one.origin: one.state for one in await addresses.list(world.clerk, CODE)}
    assert states == {"https://test.ceshi.example:443": "pending", PRODUCTION: "refused"}
    assert (await world.notices(world.clerk))[0] == "onboarding.address_refused"


async def test_an_address_in_use_is_not_taken_away_under_the_system(world: World) -> None:
    await world.publish()
    addresses = world.onboarding.addresses
    with pytest.raises(AddressInUse):
        await addresses.refuse(world.security, CODE, PRODUCTION, "换机房")
    await world.onboarding.serving.suspend(world.security, CODE, "换机房")
    await addresses.refuse(world.security, CODE, PRODUCTION, "换机房")
    with pytest.raises(AddressUnapproved):
        await world.onboarding.serving.resume(world.security, CODE, "先恢复")
    await world.submit(changed(world.raw, limits={"concurrency": 2}))
    states = {one.origin: one.state for one in await addresses.list(world.clerk, CODE)}
    assert states[PRODUCTION] == "pending"
    await addresses.approve(world.security, CODE, PRODUCTION)
    await world.onboarding.serving.resume(world.security, CODE, "新机房已核实")
