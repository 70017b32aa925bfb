"""Access tokens: only the very token that was issued passes."""

import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.identity import sessions
from backend.identity.errors import SessionExpired, SessionMissing
from backend.identity.levels import Level

PERSON = uuid.UUID("0190a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")


def test_a_token_passes_with_its_record() -> None:
    session_id = sessions.new_session_id()
    token, record = sessions.issue(PERSON, session_id, Level.REAL_NAME)
    session = sessions.check(sessions.parse(token), record)
    assert session.person_id == PERSON
    assert session.session_id == session_id
    assert session.level is Level.REAL_NAME


def test_keys_of_one_person_share_a_hash_tag_and_do_not_show_the_token() -> None:
    token, record = sessions.issue(PERSON, sessions.new_session_id(), Level.FACE)
    parsed = sessions.parse(token)
    assert "{" + sessions.subject_of(PERSON) + "}" in parsed.key
    assert token not in parsed.key
    assert parsed.secret not in record


def test_without_a_record_the_session_has_ended() -> None:
    token, _ = sessions.issue(PERSON, sessions.new_session_id(), Level.PHONE)
    with pytest.raises(SessionExpired):
        sessions.check(sessions.parse(token), None)


def test_an_older_token_of_the_session_does_not_pass() -> None:
    session_id = sessions.new_session_id()
    old, _ = sessions.issue(PERSON, session_id, Level.PHONE)
    _, newer = sessions.issue(PERSON, session_id, Level.PHONE)
    with pytest.raises(SessionExpired):
        sessions.check(sessions.parse(old), newer)


@given(st.text(max_size=80))
def test_what_is_no_token_is_refused_as_missing(text: str) -> None:
    with pytest.raises(SessionMissing):
        sessions.parse(text)


@given(st.integers(min_value=0, max_value=53))
def test_a_token_with_one_changed_character_never_passes(place: int) -> None:
    token, record = sessions.issue(PERSON, sessions.new_session_id(), Level.PHONE)
    other = "A" if token[place] != "A" else "B"
    forged = token[:place] + other + token[place + 1 :]
    parsed = sessions.parse(forged)
    if parsed == sessions.parse(token):  # the last character carries four unused bits
        return
    same_key = parsed.key == sessions.parse(token).key
    with pytest.raises(SessionExpired):
        sessions.check(parsed, record if same_key else None)


def test_random_secrets_do_not_collide_in_the_record() -> None:
    records = {sessions.record(Level.PHONE, os.urandom(16)) for _ in range(1000)}
    assert len(records) == 1000
