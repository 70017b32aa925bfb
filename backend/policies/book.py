"""The published policies in memory: every worker looks every two seconds whether they changed."""

import time
from collections.abc import Mapping, Sequence
from datetime import date

from backend.policies.document import Policy, read_document
from backend.policies.errors import PolicyUnknown
from backend.policies.models import PolicyVersion
from backend.policies.variables import Audience

PUBLISHED, WITHDRAWN = "published", "withdrawn"
_LOOK_S = 2.0


class Book:
    """Knows the published versions; which one holds depends on the day."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, int], Policy] = {}
        self._open: Mapping[str, Sequence[Policy]] = {}
        self._names: dict[str, str] = {}
        self._generation: object = None
        self._looked = 0.0

    async def reload(self, now: bool = False) -> None:
        """Read what was published since; versions that were read never change."""
        if not now and time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        rows = await PolicyVersion.filter(state__in=(PUBLISHED, WITHDRAWN)).values_list(
            "code", "version", "state"
        )
        generation = sorted(rows)
        if generation == self._generation:
            return
        known = {(str(code), int(version)) for code, version, _ in generation}
        missing = sorted({code for code, version in known - self._versions.keys()})
        if missing:
            for row in await PolicyVersion.filter(
                code__in=missing, state__in=(PUBLISHED, WITHDRAWN)
            ):
                self._versions[row.code, row.version] = policy_of(row)
                self._names[row.code] = row.department_name
        opened: dict[str, list[Policy]] = {}
        for code, version, state in generation:
            if state == PUBLISHED:
                opened.setdefault(code, []).append(self._versions[code, version])
        self._open, self._generation = opened, generation

    def in_force(self, side: Audience, today: date) -> list[Policy]:
        """The policies that hold on a day: of each the newest version that has begun."""
        found = []
        for versions in self._open.values():
            begun = [one for one in versions if one.document.valid_from <= today]
            if begun and begun[-1].document.side == side and begun[-1].in_force(today):
                found.append(begun[-1])
        return found

    def get(self, code: str, today: date) -> Policy:
        """The version of a policy that holds.

        Raises:
            PolicyUnknown.
        """
        begun = [one for one in self._open.get(code, ()) if one.in_force(today)]
        if not begun:
            raise PolicyUnknown
        return begun[-1]

    def version(self, code: str, version: int) -> Policy:
        """A version on which something stands, whether it still holds or not."""
        return self._versions[code, version]

    def department(self, code: str) -> str:
        """Who answers for a policy."""
        return self._names.get(code, "")


def policy_of(row: PolicyVersion) -> Policy:
    """A row as a policy."""
    return Policy(read_document(row.document), row.system_code, row.version)
