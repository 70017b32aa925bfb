"""What the kit found: one line for each check, and all of them together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check ended.

    ``ADVISED`` passes with a remark; ``SKIPPED`` says in ``mend`` why nothing was checked.
    """

    PASSED = "passed"
    FAILED = "failed"
    ADVISED = "advised"
    SKIPPED = "skipped"


WORDS = {
    Outcome.PASSED: "通过",
    Outcome.FAILED: "未通过",
    Outcome.ADVISED: "建议",
    Outcome.SKIPPED: "未检查",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one operation.

    Attributes:
        id: stable dotted name, ``answer.signature``.
        operation: ``licences.query``, ``health``, or empty for the system as a whole.
        title: Chinese, what should be so.
        mend: Chinese, what to mend and where; empty where there is nothing to say. Never personal
            data: an answer is described by places (JSON pointers), not by values.
        seconds: how long the check took.
    """

    id: str
    operation: str
    title: str
    outcome: Outcome
    mend: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "operation": self.operation,
            "title": self.title,
            "outcome": self.outcome.value,
            "mend": self.mend,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run of the kit against one system.

    Attributes:
        address: ``sandbox`` or ``production``; base_url: where it really called.
        key_id: of the key that signed.
        interface: version of the provider interface.
        began_at: RFC 3339 with offset.
        only: the one operation that was looked at; empty for all.
    """

    system: str
    name: str
    address: str
    base_url: str
    key_id: str
    interface: str
    began_at: str
    seconds: float
    checks: Sequence[Check]
    only: str = ""

    @property
    def passed(self) -> bool:
        """Nothing failed, and something was checked."""
        counts = self.counts
        return counts[Outcome.FAILED] == 0 and counts[Outcome.PASSED] > 0

    @property
    def counts(self) -> Counter[Outcome]:
        """How many checks ended in which way."""
        return Counter(check.outcome for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        """What has to be mended."""
        return [check for check in self.checks if check.outcome is Outcome.FAILED]

    @property
    def operations(self) -> list[str]:
        """The operations in their order, the system as a whole (empty) first."""
        return list(dict.fromkeys(check.operation for check in self.checks))

    def of(self, operation: str) -> list[Check]:
        """The checks of one operation."""
        return [check for check in self.checks if check.operation == operation]

    def as_dict(self) -> dict[str, Any]:
        """As JSON, to be kept with what was checked."""
        return {
            "system": self.system,
            "name": self.name,
            "address": self.address,
            "base_url": self.base_url,
            "key_id": self.key_id,
            "interface": self.interface,
            "began_at": self.began_at,
            "seconds": round(self.seconds, 3),
            "only": self.only,
            "passed": self.passed,
            "counts": {outcome.value: self.counts[outcome] for outcome in Outcome},
            "checks": [check.as_dict() for check in self.checks],
        }
