"""What a bench says in the end."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement.

    Attributes:
        value: in ``unit``; ratio: against ``of``, measured in the same run.
        met: whether the target was reached; details: what else was seen.
    """

    value: float
    unit: str
    met: bool
    ratio: float | None = None
    of: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def emit(self, bench: str) -> None:
        """Print it as one JSON line."""
        line: dict[str, Any] = {"bench": bench, "value": round(self.value, 2), "unit": self.unit}
        if self.ratio is not None:
            line |= {"ratio": round(self.ratio, 3), "of": self.of}
        line |= {"met": self.met, **self.details}
        print(json.dumps(line, ensure_ascii=False), flush=True)
