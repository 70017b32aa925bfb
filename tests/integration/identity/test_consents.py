"""Consents and preferences."""

import pytest

from backend.identity.errors import AgreementNotFound, AgreementOutdated, SessionExpired
from backend.identity.models import Consent
from tests.identity_world import FACE, LI, ZHANG, World


async def test_a_consent_is_recorded_once_with_version_and_time(here: World) -> None:
    session = await here.session(await here.login(ZHANG))
    first = await here.identity.give_consent(session, "face", FACE)
    again = await here.identity.give_consent(session, "face", FACE)
    assert first == again
    assert first.version == FACE
    assert await Consent.filter(kind="face").count() == 1


async def test_consent_to_an_old_version_is_refused_and_names_the_current_one(
    here: World,
) -> None:
    session = await here.session(await here.login(ZHANG))
    with pytest.raises(AgreementOutdated) as refused:
        await here.identity.give_consent(session, "face", "2020-01-01")
    assert refused.value.context() == {"version": FACE}


@pytest.mark.one_store
@pytest.mark.parametrize("kind", ["", "cookies", "😀"])
async def test_there_is_no_other_kind_of_consent(here: World, kind: str) -> None:
    session = await here.session(await here.login(ZHANG))
    with pytest.raises(AgreementNotFound):
        await here.identity.give_consent(session, kind, FACE)
    with pytest.raises(AgreementNotFound):
        await here.identity.withdraw_consent(session, kind)


async def test_a_withdrawal_is_recorded_beside_the_consent(here: World) -> None:
    tokens = await here.login(ZHANG)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    await here.identity.withdraw_consent(session, "face")
    await here.identity.withdraw_consent(session, "face")
    row = await Consent.get(kind="face")
    assert row.withdrawn_at is not None
    actions = await here.actions(tokens.person.id)
    assert actions.count("identity.consent_withdrawn") == 1
    await here.session(tokens)


async def test_without_the_privacy_policy_nobody_stays_logged_in(here: World) -> None:
    tokens = await here.login(ZHANG)
    await here.identity.withdraw_consent(await here.session(tokens), "privacy")
    with pytest.raises(SessionExpired):
        await here.session(tokens)
    # Agreeing again is as easy as it was.
    again = await here.login(ZHANG)
    assert again.person.id == tokens.person.id
    assert [consent.kind for consent in again.person.consents] == ["privacy"]


async def test_preferences_are_kept_one_by_one(here: World) -> None:
    session = await here.session(await here.login(ZHANG))
    assert (await here.identity.set_preferences(session, True, None)).elder
    changed = await here.identity.set_preferences(session, None, "440100")
    assert changed.elder
    assert changed.region_code == "440100"
    other = await here.session(await here.login(LI, "other"))
    assert (await here.identity.me(other)).region_code == "440000"
    assert not (await here.identity.set_preferences(other, None, None)).elder
