"""电子营业执照 of 市场监管局: who may show an enterprise's licence, and the codes that they show.

Its representative holds it from the register; 证照管理员 and 办事人 are appointed (on the holder's
phone in reality, by the control interface here). A code lives for a minute and is used up by the
first request that asks for it. A test code (``KIT-`` and the USCC) does not run out: the
conformance kit uses it, always under the same request id.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from backend.sandbox.departments import inputs
from backend.sandbox.departments.operations import ENTERPRISE, as_of, now
from backend.sandbox.departments.store import Store
from backend.sandbox.problems import Refusal

Role = Literal["representative", "administrator", "agent"]
LIFE_S = 60
TEST = "KIT-"
# Without letters and figures that look alike; twelve of them are 59 bits.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SCHEMA = """
CREATE TABLE IF NOT EXISTS licence_bearers (
    uscc TEXT NOT NULL, id_number TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
    items BLOB NOT NULL, valid_until TEXT, PRIMARY KEY (uscc, id_number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS licence_codes (
    code TEXT PRIMARY KEY, uscc TEXT NOT NULL, id_number TEXT NOT NULL, expires_at TEXT,
    request_id TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody who may show the licence; ``items`` empty for all."""

    name: str
    id_number: str
    role: Role
    items: tuple[str, ...] = ()
    valid_until: datetime | None = None


class LicenceDesk:
    """Keeps bearers and codes in the department's file."""

    def __init__(self, store: Store) -> None:
        self._store, self._db = store, store.connection
        self._db.executescript(SCHEMA)

    def appoint(self, uscc: str, bearer: Bearer) -> None:
        """Let somebody show the licence of an enterprise, or change what they may.

        Raises:
            Refusal: there is no such enterprise.
        """
        self._entry(uscc)
        until = bearer.valid_until.isoformat() if bearer.valid_until else None
        self._db.execute(
            "INSERT OR REPLACE INTO licence_bearers VALUES (?, ?, ?, ?, ?, ?)",
            (
                uscc, bearer.id_number, bearer.name, bearer.role,
                orjson.dumps(list(bearer.items)), until,
            ),
        )  # fmt: skip

    def show(self, uscc: str, id_number: str | None, life_s: int = LIFE_S) -> str:
        """A new code, as the phone of a bearer shows it.

        Args:
            id_number: of the bearer; None for the representative.
            life_s: seconds.

        Raises:
            Refusal: there is no such enterprise, or its licence is not theirs to show.
        """
        number = id_number or str(self._entry(uscc)["legal_representative"]["id_number"])
        if self._bearer(uscc, number) is None:
            raise Refusal(404, "control.bearer_unknown", "They may not show that licence")
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        until = (now() + timedelta(seconds=life_s)).isoformat()
        self._put(code, uscc, number, until)
        return code

    def bearers(self, uscc: str) -> list[Bearer]:
        """Who may show the licence of an enterprise now, its representative first.

        Raises:
            Refusal: there is no such enterprise.
        """
        numbers = [str(self._entry(uscc)["legal_representative"]["id_number"])]
        appointed = "SELECT id_number FROM licence_bearers WHERE uscc = ? ORDER BY name"
        numbers += [row[0] for row in self._db.execute(appointed, (uscc,)) if row[0] not in numbers]
        return [one for number in numbers if (one := self._bearer(uscc, number)) is not None]

    def licence_name(self, uscc: str) -> str:
        """The name on the licence.

        Raises:
            Refusal: there is no such enterprise.
        """
        return str(self._entry(uscc)["name"])

    async def read(self, query: inputs.LicenceCodeInput) -> dict[str, Any]:
        """``enterprises.licence_code``: used up by the first request."""
        with self._store.changing():
            state, licence = self._used(query.code.upper(), query.request_id)
        return {"as_of": as_of(), "state": state, "licence": licence}

    def _used(self, code: str, request_id: str) -> tuple[str, dict[str, Any] | None]:
        self._make_test_code(code)
        found = self._db.execute(
            "SELECT uscc, id_number, expires_at, request_id FROM licence_codes WHERE code = ?",
            (code,),
        ).fetchone()
        if found is None:
            return "unknown", None
        uscc, number, until, used_by = found
        if used_by not in (None, request_id):
            return "used", None
        if until is not None and now() >= datetime.fromisoformat(until):
            return "expired", None
        bearer = self._bearer(uscc, number)
        if bearer is None:
            # Taken from them since they opened the code.
            return "expired", None
        self._db.execute(
            "UPDATE licence_codes SET request_id = ? WHERE code = ?", (request_id, code)
        )
        return "valid", self._licence(uscc, bearer)

    def _make_test_code(self, code: str) -> None:
        uscc = code.removeprefix(TEST)
        if uscc != code and (stored := self._store.holder(uscc)) is not None:
            entry = self._store.fact(stored.id, ENTERPRISE)
            if entry is not None:
                self._put(code, uscc, entry["legal_representative"]["id_number"], None)

    def _put(self, code: str, uscc: str, number: str, until: str | None) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO licence_codes VALUES (?, ?, ?, ?, NULL)",
            (code, uscc, number, until),
        )

    def _licence(self, uscc: str, bearer: Bearer) -> dict[str, Any]:
        until = bearer.valid_until
        return {
            "uscc": uscc,
            "name": self._entry(uscc)["name"],
            "holder": {"name": bearer.name, "id_number": bearer.id_number},
            "role": bearer.role,
            "items": list(bearer.items),
            "valid_until": until.isoformat(timespec="milliseconds") if until else None,
        }

    def _bearer(self, uscc: str, id_number: str) -> Bearer | None:
        boss = self._entry(uscc)["legal_representative"]
        if boss["id_number"] == id_number:
            return Bearer(boss["name"], id_number, "representative")
        row = self._db.execute(
            "SELECT name, role, items, valid_until FROM licence_bearers"
            " WHERE uscc = ? AND id_number = ?",
            (uscc, id_number),
        ).fetchone()
        if row is None:
            return None
        until = datetime.fromisoformat(row[3]) if row[3] else None
        if until is not None and now() >= until:
            return None
        return Bearer(row[0], id_number, row[1], tuple(orjson.loads(row[2])), until)

    def _entry(self, uscc: str) -> dict[str, Any]:
        stored = self._store.holder(uscc)
        entry = self._store.fact(stored.id, ENTERPRISE) if stored else None
        if entry is None:
            raise Refusal(404, "control.not_an_enterprise", "No enterprise of that number here")
        return entry


def kit_code(uscc: str) -> str:
    """The code of an enterprise that is for the conformance kit."""
    return f"{TEST}{uscc}"
