"""Time limits for systems in tests that are about something else.

A machine that runs two suites on two cores may stand still for a second or two: that must not make
a right answer a late one. A system that is meant not to answer gets the short limit, for that test.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.exchange.manifest import Manifest, TimeOuts

PATIENT_MS, HURRIED_MS = 20_000, 400
# How long our own services wait at most, in seconds.
_OURS = (
    "backend.cases.outbox.PATIENCE_S",
    "backend.cases.prefill.PREFILL_S",
    "backend.enterprise.service.ASK_S",
    "backend.policies.facts.ASK_S",
    "backend.wallet.identified.LONGEST_S",
    "backend.wallet.service.OPEN_S",
)


@contextmanager
def long_waits() -> Iterator[None]:
    """Let our own services wait longer than a machine stands still."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _OURS:
            patch.setattr(name, PATIENT_MS / 1000)
        yield


def patient(manifest: Manifest) -> Manifest:
    """The same system, with time enough to connect and to answer."""
    limits = TimeOuts(connect_ms=PATIENT_MS, answer_ms=PATIENT_MS)
    return _within(manifest, PATIENT_MS).model_copy(update={"time_outs": limits})


def hurried(manifest: Manifest) -> Manifest:
    """The same system, whose silence is noticed soon."""
    return _within(manifest, HURRIED_MS)


def _within(manifest: Manifest, timeout_ms: int) -> Manifest:
    limit = {"timeout_ms": timeout_ms}
    operations = {
        name: operation.model_copy(update=limit) for name, operation in manifest.operations.items()
    }
    sections = [section.model_copy(update=limit) for section in manifest.sections]
    return manifest.model_copy(update={"operations": operations, "sections": sections})
