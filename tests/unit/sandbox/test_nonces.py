"""Nonces are taken once, and forgotten when their signature has ended."""

import time

import pytest

from backend.sandbox.departments.nonces import NonceLedger
from backend.upstream.signing import MAX_SKEW_S


def test_a_nonce_is_taken_once_per_key() -> None:
    ledger = NonceLedger()
    expires = int(time.time()) + MAX_SKEW_S
    assert ledger.first_use("gateway-1", "n" * 20, expires)
    assert not ledger.first_use("gateway-1", "n" * 20, expires)
    assert ledger.first_use("gateway-2", "n" * 20, expires)


def test_nonces_of_ended_signatures_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = NonceLedger()
    start = time.time()
    for number in range(1000):
        ledger.first_use("gateway-1", f"nonce-{number}", int(start) + MAX_SKEW_S)
    assert len(ledger) == 1000
    monkeypatch.setattr(time, "time", lambda: start + 3 * MAX_SKEW_S)
    assert ledger.first_use("gateway-1", "fresh", int(start) + 4 * MAX_SKEW_S)
    assert len(ledger) == 1
