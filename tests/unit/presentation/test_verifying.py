"""A presentation without a network: what passes, and every way in which one is refused."""

import base64
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.presentation import sdjwt, statuslist
from backend.presentation.jose import KeySet, b64, compact, json_object, key_of, parse
from backend.presentation.keys import Algorithm, IssuerKeys
from backend.presentation.reasons import WORDS, Reason, Refused
from backend.presentation.statuslist import Status
from backend.presentation.verifying import LEEWAY_S, MAX_AGE_S, verify
from backend.upstream.signing import gateway_keys
from tests.presentation_world import (
    AUDIENCE,
    FACTS,
    ISSUER,
    LIST,
    NONCE,
    NOW,
    PLACE,
    Phone,
    World,
    presented,
)

SHOWN = ("age_over_18", "holder_name")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def refused(reason: Reason, world: World, presentation: str, **changes: Any) -> None:
    with pytest.raises(Refused) as caught:
        world.verify(presentation, **changes)
    assert caught.value.reason is reason


@pytest.mark.parametrize("alg", ["ed25519", "sm2"])
@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "SM2"])
def test_only_the_chosen_facts_are_seen(alg: str, kind: str) -> None:
    world = World(cast(Algorithm, alg), Phone(kind))
    presentation = world.present(*SHOWN)
    facts = world.verify(presentation)
    assert facts.shown == {"age_over_18": True, "holder_name": "张建国"}
    assert (facts.type_name, facts.authority) == ("居民身份证", "广东省公安厅")
    hidden = [FACTS["birth_date"], FACTS["licence_number"], FACTS["address"]]
    jwt = sdjwt.take_apart(presentation).jwt
    always_visible = orjson.dumps(parse(jwt, sdjwt.TYPE).claims).decode()
    assert not any(each in always_visible for each in [*hidden, FACTS["holder_name"]])


def test_yes_or_no_without_the_birth_date(world: World) -> None:
    facts = world.verify(world.present("age_over_18"))
    assert facts.shown == {"age_over_18": True}


def test_nothing_chosen_proves_that_there_is_a_valid_licence(world: World) -> None:
    assert world.verify(world.present()).shown == {}


def test_two_credentials_of_one_licence_have_no_digest_in_common(world: World) -> None:
    one, other = (json_object(world.credential().split(".")[1])["_sd"] for _ in range(2))
    assert set(one).isdisjoint(other)
    assert one == sorted(one)


def test_a_disclosure_altered(world: World) -> None:
    jwt, *shown, binding = world.present("holder_name").split("~")
    forged = b64(orjson.dumps(["c2FsdA", "holder_name", "李四"]))
    refused(Reason.DISCLOSURE_UNKNOWN, world, "~".join([jwt, forged, binding]))
    assert shown


def test_the_signed_part_altered(world: World) -> None:
    credential = world.credential()
    header, payload, rest = credential.split(".", 2)
    claims = json_object(payload) | {"type_name": "机动车驾驶证"}
    forged = f"{header}.{b64(orjson.dumps(claims))}.{rest}"
    refused(Reason.ALTERED, world, world.present(credential=forged))


def test_a_disclosure_taken_out_after_the_phone_signed(world: World) -> None:
    jwt, _, *more = world.present(*SHOWN).split("~")
    refused(Reason.ALTERED, world, "~".join([jwt, *more]))


def test_a_disclosure_of_another_credential(world: World) -> None:
    other = presented(world.credential(), ["address"]).split("~")[1]
    jwt, rest = world.credential().split("~", 1)
    refused(Reason.DISCLOSURE_UNKNOWN, world, world.present("address", credential=(
        f"{jwt}~{other}~{rest}"
    )))  # fmt: skip


def test_a_disclosure_twice(world: World) -> None:
    shown = presented(world.credential(), ["address"])
    jwt, one, _ = shown.split("~")
    twice = f"{jwt}~{one}~{one}~"
    refused(Reason.DISCLOSURE_UNKNOWN, world, world.present("address", credential=twice))


def test_expired(world: World) -> None:
    credential = world.credential(exp=NOW)
    refused(Reason.EXPIRED, world, world.present(credential=credential))


def test_not_yet_valid(world: World) -> None:
    credential = world.credential(nbf=NOW + LEEWAY_S + 1)
    refused(Reason.NOT_YET_VALID, world, world.present(credential=credential))


def test_shown_to_another_verifier(world: World) -> None:
    refused(Reason.WRONG_AUDIENCE, world, world.present(audience="另一家"))


def test_an_answer_to_another_question(world: World) -> None:
    refused(Reason.WRONG_NONCE, world, world.present(nonce="of-yesterday"))


@pytest.mark.parametrize("signed_at", [NOW - MAX_AGE_S - 1, NOW + LEEWAY_S + 1])
def test_signed_too_long_ago_or_in_the_future(world: World, signed_at: int) -> None:
    presentation = world.present(now=signed_at)
    refused(Reason.NOT_FRESH, world, presentation, audience=None, nonce=None)


def test_without_a_question_a_fresh_presentation_passes(world: World) -> None:
    assert world.verify(world.present(), audience=None, nonce=None).audience == AUDIENCE


def test_without_the_phone(world: World) -> None:
    refused(Reason.NO_KEY_BINDING, world, presented(world.credential(), SHOWN))


def test_a_credential_bound_to_no_key(world: World) -> None:
    refused(Reason.NO_KEY_BINDING, world, world.present(credential=world.credential(cnf=None)))


def test_shown_by_another_phone(world: World) -> None:
    refused(Reason.WRONG_HOLDER, world, world.present(phone=Phone()))


def test_an_algorithm_that_is_not_that_of_the_phones_key(world: World) -> None:
    refused(Reason.WRONG_HOLDER, world, world.present(phone=Phone("EdDSA")))


def test_a_key_that_nobody_published(world: World) -> None:
    stranger = World(keys=IssuerKeys(b"x" * 32, ISSUER))
    refused(Reason.UNKNOWN_KEY, world, stranger.present())


def test_another_issuer_with_a_key_that_we_know(world: World) -> None:
    credential = world.credential(iss="https://other.example")
    refused(Reason.WRONG_ISSUER, world, world.present(credential=credential))


def test_a_known_key_under_another_algorithm(world: World) -> None:
    class Liar:
        alg, kid = "SM2", world.keys.signer("ed25519").kid

        def sign(self, message: bytes) -> bytes:
            return world.keys.signer("ed25519").sign(message)

    claims = parse(sdjwt.take_apart(world.present()).jwt, sdjwt.TYPE).claims
    forged = sdjwt.issue({**claims, "_sd": [], "_sd_alg": "sha-256"}, {}, Liar())
    refused(Reason.UNKNOWN_KEY, world, world.present(credential=forged))


def test_no_algorithm_at_all(world: World) -> None:
    head = b64(orjson.dumps({"alg": "none", "typ": sdjwt.TYPE, "kid": "k"}))
    _, payload, rest = world.present().split(".", 2)
    refused(Reason.UNSUPPORTED, world, f"{head}.{payload}.{rest}")


def test_withdrawn_for_good(world: World) -> None:
    lists = world.lists({PLACE: Status.INVALID})
    refused(Reason.WITHDRAWN, world, world.present(), lists=lists)


def test_suspended(world: World) -> None:
    lists = world.lists({PLACE: Status.SUSPENDED})
    refused(Reason.SUSPENDED, world, world.present(), lists=lists)


def test_a_neighbours_withdrawal_is_none_of_ours(world: World) -> None:
    others = {place: Status.INVALID for place in range(PLACE - 5, PLACE + 5) if place != PLACE}
    assert world.verify(world.present(), lists=world.lists(others))


def test_no_list(world: World) -> None:
    refused(Reason.STATUS_MISSING, world, world.present(), lists={})


def test_an_old_list(world: World) -> None:
    token = world.status_list(now=NOW - 86_400, life_s=86_400)
    lists = {LIST: statuslist.read(token, world.keys.key_set)}
    refused(Reason.STATUS_STALE, world, world.present(), lists=lists)


def test_a_place_beyond_the_list(world: World) -> None:
    status = {"status_list": {"idx": statuslist.PLACES, "uri": LIST}}
    credential = world.credential(status=status)
    refused(Reason.MALFORMED, world, world.present(credential=credential))


def test_a_credential_without_a_status(world: World) -> None:
    refused(Reason.MALFORMED, world, world.present(credential=world.credential(status=None)))


def test_a_list_of_somebody_else(world: World) -> None:
    stranger = World(keys=IssuerKeys(b"x" * 32, ISSUER))
    with pytest.raises(Refused, match="unknown_key"):
        statuslist.read(stranger.status_list(), world.keys.key_set)


def test_a_list_that_was_altered(world: World) -> None:
    header, payload, signature = world.status_list({PLACE: Status.INVALID}).split(".")
    claims = json_object(payload) | {"exp": NOW * 2}
    with pytest.raises(Refused, match="altered"):
        statuslist.read(f"{header}.{b64(orjson.dumps(claims))}.{signature}", world.keys.key_set)


def test_a_new_generation_of_keys_while_the_old_credentials_live(world: World) -> None:
    second = IssuerKeys(b"s" * 32, ISSUER, 2)
    assert second.signer("ed25519").kid != world.keys.signer("ed25519").kid
    assert world.verify(world.present(), keys=second.key_set).shown == {}
    third = IssuerKeys(b"s" * 32, ISSUER, 3)
    refused(Reason.UNKNOWN_KEY, world, world.present(), keys=third.key_set)
    named = IssuerKeys(b"s" * 32, ISSUER, 3, [world.keys.signer("ed25519").jwk])
    assert world.verify(world.present(), keys=named.key_set).shown == {}


def test_the_keys_are_not_those_that_calls_are_signed_with(world: World) -> None:
    published = {each.get("x") for each in world.keys.document["keys"]}
    for key in gateway_keys("gateway-1", b"s" * 32):
        raw = base64.b64decode(key.public_base64)
        assert b64(raw[-64:-32] if len(raw) == 65 else raw) not in published


def test_the_example_of_the_rfc() -> None:
    """RFC 9901 §5: signature, disclosures inside of lists, key binding and its hash."""
    text = Path(__file__).with_name("rfc9901_example.txt").read_text("ascii")
    issuer = {
        "kty": "EC", "crv": "P-256", "kid": "example",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }  # fmt: skip
    parts = sdjwt.take_apart(text)
    token = parse(parts.jwt, "example+sd-jwt")
    assert key_of(issuer).verify(token.signed, token.signature)
    claims = sdjwt.disclosed(token.claims, parts.disclosures)
    assert (claims["given_name"], claims["family_name"]) == ("John", "Doe")
    assert claims["nationalities"] == ["US"]
    assert claims["address"]["street_address"] == "123 Main St"
    assert not {"_sd", "_sd_alg", "email"} & claims.keys()
    binding = parse(parts.binding, sdjwt.KEY_BINDING)
    assert key_of(claims["cnf"]["jwk"]).verify(binding.signed, binding.signature)
    assert binding.claims["sd_hash"] == sdjwt.digest(parts.shown)
    assert binding.claims["aud"] == "https://verifier.example.org"


@pytest.mark.parametrize("around", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_facts_in_facts_have_an_end(around: Callable[[Any], Any]) -> None:
    deep: Any = "x"
    for _ in range(7):
        deep = around(deep)
    assert sdjwt.disclosed({"a": deep}, []) == {"a": deep}
    for _ in range(3):
        deep = around(deep)
    with pytest.raises(Refused) as refusal:
        sdjwt.disclosed({"a": deep}, [])
    assert refusal.value.reason is Reason.MALFORMED


def test_a_disclosure_and_its_digest_as_in_the_rfc() -> None:
    """RFC 9901 §4.2.3."""
    text = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert sdjwt.digest(text) == "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"


def test_every_reason_has_words() -> None:
    assert WORDS.keys() == set(Reason)
    assert all(Refused(reason).words for reason in Reason)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def _signed_anew(world: World, name: str, value: Any) -> str:
    credential = world.credential()
    claims = json_object(credential.split(".")[1]) | {name: value}
    signer = world.keys.signer("ed25519")
    disclosures = credential.split("~")[1:]
    return "~".join([compact({}, claims, signer, sdjwt.TYPE), *disclosures])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        ["iss", "vct", "type_name", "issuing_authority", "iat", "nbf", "exp", "as_of", "cnf",
         "status", "_sd", "_sd_alg", "holder_name"]
    ),
    ANYTHING,
)  # fmt: skip
def test_whatever_a_signed_claim_holds_only_a_refusal_comes_out(name: str, value: Any) -> None:
    world = World()
    try:
        orjson.dumps(value)
        presentation = world.present("address", credential=_signed_anew(world, name, value))
    except (TypeError, UnicodeEncodeError, Refused):
        return
    with contextlib.suppress(Refused):
        world.verify(presentation)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["iat", "aud", "nonce", "sd_hash"]), ANYTHING)
def test_whatever_the_phone_signs_only_a_refusal_comes_out(name: str, value: Any) -> None:
    world = World(phone=Phone("EdDSA"))
    shown = presented(world.credential(), SHOWN)
    claims = {"iat": NOW, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": sdjwt.digest(shown)}
    try:
        binding = compact({}, {**claims, name: value}, world.phone, sdjwt.KEY_BINDING)
    except TypeError:
        return
    with pytest.raises(Refused):
        world.verify(shown + binding)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_character_of_a_presentation_can_be_changed(data: st.DataObject) -> None:
    world = World(phone=Phone("EdDSA"))
    text = world.present(*SHOWN)
    place = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.sampled_from(["drop", "replace", "insert", "cut", "double"]))
    other = data.draw(st.characters())
    changed = {
        "drop": text[:place] + text[place + 1 :],
        "replace": text[:place] + other + text[place + 1 :],
        "insert": text[:place] + other + text[place:],
        "cut": text[:place],
        "double": text[:place] + text[place:] * 2,
    }[change]
    if changed.strip() == text:
        return
    with pytest.raises(Refused):
        world.verify(changed)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=200) | st.text(max_size=80))
def test_any_text_at_all_is_refused(text: str) -> None:
    world = World()
    with pytest.raises(Refused):
        verify(text, world.keys.key_set, {}, audience=None, nonce=None, now=NOW)


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
def test_whatever_a_key_set_holds_only_a_refusal_comes_out(document: Any) -> None:
    for each in (document, {"keys": document}, {"keys": [document]}, {"keys": [{"kid": "a",
        "kty": "OKP", "crv": "Ed25519", "x": document}]}):  # fmt: skip
        with contextlib.suppress(Refused):
            KeySet.read(each)


def test_a_private_key_is_no_key(world: World) -> None:
    with pytest.raises(Refused, match="malformed"):
        KeySet.read({"keys": [{**world.keys.signer("ed25519").jwk, "d": "c2VjcmV0"}]})
