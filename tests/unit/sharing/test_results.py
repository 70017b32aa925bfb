"""Every result that can stand in the call log has words."""

from collections.abc import Iterator

import pytest

from backend.errors import DomainError
from backend.sharing.errors import (
    AddressNotAllowed,
    CaseMissing,
    FieldNotGranted,
    GrantExpired,
    GrantMissing,
    GrantRevoked,
    GrantSuspended,
    LogUnavailable,
    ModeNotOffered,
    PurposeDiffers,
    QuotaUsedUp,
    RecordRefused,
    RequestReused,
    ResourceNotShared,
    SubjectKindWrong,
)
from backend.sharing.ledger import OK
from backend.sharing.results import result_words
from backend.upstream.errors import UpstreamError


def _all(error: type[DomainError]) -> Iterator[type[DomainError]]:
    yield error
    for child in error.__subclasses__():
        yield from _all(child)


OF_A_CALL: tuple[type[DomainError], ...] = (
    AddressNotAllowed, CaseMissing, FieldNotGranted, GrantExpired, GrantMissing, GrantRevoked,
    GrantSuspended, LogUnavailable, ModeNotOffered, PurposeDiffers, QuotaUsedUp, RecordRefused,
    RequestReused, ResourceNotShared, SubjectKindWrong, *_all(UpstreamError),
)  # fmt: skip


@pytest.mark.parametrize("code", sorted({OK, *(error.code for error in OF_A_CALL)}))
def test_whoever_reads_the_log_needs_no_codes(code: str) -> None:
    assert result_words(code) != code


def test_a_result_of_another_version_is_shown_as_it_is() -> None:
    assert result_words("sharing.of_tomorrow") == "sharing.of_tomorrow"
