"""Time-based codes: RFC 6238, used once, a step either way."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.operators.codes import (
    matching_step,
    new_secret,
    qr_svg,
    step_of,
    uri_of,
    usable_code,
)

# Appendix B of RFC 6238, SHA-1: the seed, and codes by seconds, their last six digits.
SEED = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
NOW = datetime(2026, 11, 25, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc_fit(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(SEED, code, moment, 0) == seconds // 30


@given(steps=st.integers(-5, 5), used=st.integers(-5, 5))
def test_a_code_counts_within_a_step_and_after_the_last_used(steps: int, used: int) -> None:
    secret, here = new_secret(), step_of(NOW)
    code = pyotp.TOTP(secret).generate_otp(here + steps)
    found = matching_step(secret, code, NOW, here + used)
    # Two steps may by chance have the same code: it is then the other one that counts.
    if abs(steps) <= 1 and steps > used:
        assert found is not None
    elif found is not None:
        assert pyotp.TOTP(secret).generate_otp(found) == code
        assert found > here + used


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "😀", "\x00" * 6]
)
def test_what_is_no_code_counts_for_nothing(code: str) -> None:
    assert matching_step(SEED, code, NOW, 0) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    code = pyotp.TOTP(SEED).generate_otp(step_of(NOW))
    assert matching_step(SEED, f" {code[:3]} {code[3:]} ", NOW, 0) == step_of(NOW)


@given(used=st.integers(-3, 3), passed=st.integers(0, 29))
def test_the_shown_code_is_one_that_would_be_taken(used: int, passed: int) -> None:
    now = NOW.replace(second=0) + timedelta(seconds=passed)
    after = step_of(now) + used
    code = usable_code(SEED, now, after)
    assert (code is None) == (used >= 1)
    if code is not None:
        assert matching_step(SEED, code, now, after) is not None


def test_the_address_is_what_authenticators_read() -> None:
    secret = new_secret()
    parts = urlsplit(uri_of(secret, "gd-yibao.clerk"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/省事通控制台:gd-yibao.clerk"
    assert parse_qs(parts.query)["secret"] == [secret]
    assert len(base64.b32decode(secret)) == 20


def test_the_picture_is_an_svg_without_style_or_script() -> None:
    drawn = ET.fromstring(qr_svg(uri_of(new_secret(), "someone")))  # noqa: S314 (our own)
    assert drawn.tag == "svg"
    assert {one.tag for one in drawn.iter()} == {"svg", "path"}
    assert not any(one.get("style") or one.get("class") for one in drawn.iter())
