"""Mobile numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.numbers.service import PhoneReason, PhoneRefused, normalise_phone


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        (" 138 0013 8000 ", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("＋８６１３８００１３８０００", "+8613800138000"),
        ("19900000001", "+8619900000001"),
        ("17000000001", "+8617000000001"),
        ("16200000001", "+8616200000001"),
        ("14700000001", "+8614700000001"),
        ("+85298765432", "+85298765432"),
        ("+853 6612 3456", "+85366123456"),
        ("+886912345678", "+886912345678"),
    ],
)
def test_mobile_numbers_become_e164(typed: str, phone: str) -> None:
    assert normalise_phone(typed) == phone
    assert normalise_phone(phone) == phone


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", PhoneReason.FORMAT),
        ("1", PhoneReason.FORMAT),
        ("12345678901", PhoneReason.FORMAT),
        ("10649000000", PhoneReason.FORMAT),
        ("85298765432", PhoneReason.FORMAT),
        ("1380013800", PhoneReason.FORMAT),
        ("138001380000", PhoneReason.FORMAT),
        ("1380013800A", PhoneReason.FORMAT),
        ("13800138000#12", PhoneReason.FORMAT),
        ("tel:+8613800138000", PhoneReason.FORMAT),
        ("+99913800138000", PhoneReason.FORMAT),
        ("١٣٨٠٠١٣٨٠٠٠", PhoneReason.FORMAT),
        ("02012345678", PhoneReason.NOT_MOBILE),
        ("+85223456789", PhoneReason.NOT_MOBILE),
        ("+14155552671", PhoneReason.REGION),
        ("+447911123456", PhoneReason.REGION),
    ],
)
def test_refusals_name_what_is_wrong(typed: str, reason: PhoneReason) -> None:
    with pytest.raises(PhoneRefused) as refused:
        normalise_phone(typed)
    assert refused.value.reason is reason
    assert not typed or typed not in str(refused.value)


@given(st.text(max_size=24) | st.from_regex(r"\A\+?[0-9()\-]{5,20}\Z"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        phone = normalise_phone(text)
    except PhoneRefused:
        return
    assert phone.startswith(("+86", "+852", "+853", "+886"))
    assert normalise_phone(phone) == phone
