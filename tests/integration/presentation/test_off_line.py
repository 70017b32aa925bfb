"""Credentials on real stores: issued by the type's data, withdrawn with the licence."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from backend.presentation import statuslist
from backend.presentation.credentials import MOST_PHONES
from backend.presentation.errors import (
    HolderKeyRefused,
    LicenceNotValid,
    LicenceWithdrawn,
    OfflineForbidden,
    StatusListUnknown,
    TooManyCredentials,
)
from backend.presentation.jose import json_object
from backend.presentation.models import Credential
from backend.presentation.reasons import Refused
from backend.presentation.service import Issued
from backend.presentation.statuslist import StatusList
from backend.presentation.verifying import Facts, verify
from backend.upstream.deadline import Deadline
from tests.integration.presentation.conftest import Showing
from tests.presentation_world import Phone, key_binding, presented
from tests.wallet_world import HOLDER, SUBJECT

DAY = 86_400


@pytest.fixture
def phone() -> Phone:
    return Phone()


async def issued(showing: Showing, phone: Phone) -> Issued:
    return await showing.presentations.credential(await showing.card(), SUBJECT, SUBJECT, phone.jwk)


async def lists(showing: Showing) -> Mapping[str, StatusList]:
    """What a verifier has fetched a moment ago."""
    credentials, keys = showing.presentations.credentials, showing.presentations.keys.key_set
    names = await credentials.list_names()
    found = [statuslist.read(await credentials.status_list(name), keys) for name in names]
    return {each.uri: each for each in found}


async def checked(showing: Showing, phone: Phone, credential: str, *names: str) -> Facts:
    now = int(showing.world.clock())
    shown = key_binding(presented(credential, names), phone, audience="前台", nonce="n", now=now)
    return verify(
        shown, showing.presentations.keys.key_set, await lists(showing),
        audience="前台", nonce="n", now=now,
    )  # fmt: skip


@pytest.mark.parametrize("alg", ["ed25519", "sm2"])
async def test_issued_by_the_types_data_and_verified_without_us(
    showing: Showing, phone: Phone, alg: str
) -> None:
    await showing.confirm_rule("never", alg=alg, days=3)
    made = await issued(showing, phone)
    now = int(showing.world.clock())
    assert made.expires_at == now + 3 * DAY
    assert now < made.renew_after < made.expires_at
    facts = await checked(showing, phone, made.credential, "age_over_18", "classes")
    assert facts.shown == {"age_over_18": True, "classes": "C1"}
    assert facts.expires_at == made.expires_at


async def test_it_does_not_outlive_the_licence(showing: Showing, phone: Phone) -> None:
    await showing.card()
    await showing.notice(valid_to="2026-09-22")
    made = await issued(showing, phone)
    assert made.expires_at < showing.world.clock() + 2 * DAY


async def test_nothing_personal_is_always_visible(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    claims = json_object(made.credential.split(".")[1])
    assert claims.keys() == {
        "iss", "vct", "type_name", "issuing_authority", "iat", "nbf", "exp", "as_of", "cnf",
        "status", "_sd", "_sd_alg",
    }  # fmt: skip
    assert len(claims["_sd"]) == len(made.facts)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "LOST"}, "suspended"), ({"status": "SUSPENDED"}, "suspended"),
        ({"status": "REVOKED"}, "withdrawn"), ({"status": "CANCELLED"}, "withdrawn"),
        ({"status": "FORFEITED"}, "withdrawn"), ({"status": "SUPERSEDED"}, "withdrawn"),
        ({"status": "TRANSFERRED"}, "withdrawn"), ({"version": "002"}, "withdrawn"),
    ],
)  # fmt: skip
async def test_a_notice_is_in_the_list_when_it_is_answered(
    showing: Showing, phone: Phone, change: dict[str, Any], reason: str
) -> None:
    made = await issued(showing, phone)
    assert await checked(showing, phone, made.credential)
    await showing.notice(**change)
    with pytest.raises(Refused, match=reason):
        await checked(showing, phone, made.credential)


async def test_a_licence_that_is_gone_altogether(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    issuer = showing.world.issuers[0]
    issuer.revision, issuer.licences = issuer.revision + 1, []
    await _asked_anew(showing)
    with pytest.raises(Refused, match="withdrawn"):
        await checked(showing, phone, made.credential)


async def test_also_when_no_wallet_is_kept_and_no_account_bears_the_number(
    showing: Showing, phone: Phone
) -> None:
    made = await issued(showing, phone)
    await showing.wallet.forget(SUBJECT)
    await showing.notice(subject=None, status="REVOKED")
    with pytest.raises(Refused, match="withdrawn"):
        await checked(showing, phone, made.credential)


async def test_what_an_issuer_answers_withdraws_too(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    showing.world.issuers[0].change(status="REVOKED")
    await _asked_anew(showing)
    with pytest.raises(Refused, match="withdrawn"):
        await checked(showing, phone, made.credential)


async def test_found_again_it_is_valid_again(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    await showing.notice(status="LOST")
    await showing.notice(status="VALID")
    assert await checked(showing, phone, made.credential)


async def test_for_good_is_for_good(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    await showing.notice(status="REVOKED")
    await showing.notice(status="VALID")
    with pytest.raises(Refused, match="withdrawn"):
        await checked(showing, phone, made.credential)


async def test_an_older_word_does_not_bring_it_back(showing: Showing, phone: Phone) -> None:
    made = await issued(showing, phone)
    await showing.notice(status="LOST")
    showing.world.issuers[0].revision -= 2
    await showing.notice(status="VALID")
    with pytest.raises(Refused, match="suspended"):
        await checked(showing, phone, made.credential)


async def test_a_licence_that_is_not_valid_gets_no_credential(
    showing: Showing, phone: Phone
) -> None:
    await showing.card()
    await showing.notice(status="SUSPENDED")
    with pytest.raises(LicenceNotValid):
        await issued(showing, phone)


async def test_withdrawn_while_it_is_being_issued(showing: Showing, phone: Phone) -> None:
    card = await showing.card()
    await showing.notice(status="LOST")
    with pytest.raises(LicenceWithdrawn):
        await showing.presentations.credential(card, SUBJECT, SUBJECT, phone.jwk)
    assert [row.status for row in await Credential.all()] == [1]


@pytest.mark.one_store
@pytest.mark.parametrize(
    "jwk",
    [{}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
     {"kty": "OKP", "crv": "Ed25519", "x": "!"}, {"kty": "EC", "crv": "P-256"},
     {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": "A" * 43}],
)  # fmt: skip
async def test_a_key_that_nothing_can_be_bound_to(showing: Showing, jwk: dict[str, str]) -> None:
    with pytest.raises(HolderKeyRefused):
        await showing.presentations.credential(await showing.card(), SUBJECT, SUBJECT, jwk)


async def test_only_so_many_phones(showing: Showing, phone: Phone) -> None:
    for _ in range(MOST_PHONES):
        await issued(showing, phone)
    with pytest.raises(TooManyCredentials):
        await issued(showing, phone)
    showing.world.clock.now += 8 * DAY
    assert await issued(showing, phone)


async def test_a_type_may_forbid_phones_to_keep_it(showing: Showing, phone: Phone) -> None:
    card = await showing.card()
    spec = card.kind.presentation.model_copy(update={"offline": False})
    forbidden = replace(card, kind=card.kind.model_copy(update={"presentation": spec}))
    with pytest.raises(OfflineForbidden):
        await showing.presentations.credential(forbidden, SUBJECT, SUBJECT, phone.jwk)
    assert await Credential.all() == []


async def test_an_expired_credential_is_forgotten_a_day_later(
    showing: Showing, phone: Phone
) -> None:
    await issued(showing, phone)
    assert await showing.presentations.purge() is None
    showing.world.clock.now += 8 * DAY + 1
    assert await showing.presentations.purge() == 1
    assert await showing.presentations.credentials.list_names() == []


@pytest.mark.one_store
@pytest.mark.parametrize(
    "name", ["", "0", "x-sm2", "0-rsa", "99999-sm2", "٣-sm2", "9" * 13 + "-sm2"]
)
async def test_no_such_list(showing: Showing, name: str) -> None:
    with pytest.raises(StatusListUnknown):
        await showing.presentations.credentials.status_list(name)


async def test_a_list_is_signed_anew_only_when_it_changed(showing: Showing, phone: Phone) -> None:
    await issued(showing, phone)
    credentials = showing.presentations.credentials
    (name, *_) = await credentials.list_names()
    first = await credentials.status_list(name)
    showing.world.clock.now += 1
    assert await credentials.status_list(name) == first
    await showing.notice(status="LOST")
    assert await credentials.status_list(name) != first


async def test_neither_name_nor_number_is_in_the_table(showing: Showing, phone: Phone) -> None:
    await issued(showing, phone)
    (row,) = await Credential.all().values()
    assert not any(private in repr(row) for private in (HOLDER.name, HOLDER.code, SUBJECT))


async def _asked_anew(showing: Showing) -> None:
    """The issuer is asked again, and what it said has been looked at."""
    showing.world.clock.now += 1_001
    await showing.wallet.open(SUBJECT, HOLDER, deadline=Deadline.after(5))
    await showing.presentations.credentials.close()
