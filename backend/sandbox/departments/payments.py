"""Benefits that a department pays out (``payments.submit``): once for an entitlement, whoever asks.

No money moves in the sandbox. What an account does is told by how its number ends: ``0000`` is an
account that was closed, ``9999`` one on which the payment takes a while, all others are paid.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

from backend.sandbox.departments import inputs
from backend.sandbox.departments.store import Store

CLOSED, SLOW = "0000", "9999"
CHINA = timezone(timedelta(hours=8))
SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    entitlement_no TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, request_id TEXT NOT NULL,
    state TEXT NOT NULL, amount_fen INTEGER NOT NULL, paid_at TEXT, times INTEGER NOT NULL,
    body BLOB NOT NULL) WITHOUT ROWID;
"""


class PaymentDesk:
    """Takes instructions; the file remembers what was paid."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._db, self._prefix = store.connection, prefix
        self._db.executescript(SCHEMA)

    async def submit(self, query: inputs.PaymentInput) -> dict[str, Any]:
        """Pay, once; the answer of what was paid stays the same."""
        known = self._db.execute(
            "SELECT number, request_id, state FROM payments WHERE entitlement_no = ?",
            (query.entitlement_no,),
        ).fetchone()
        now = datetime.now(CHINA).isoformat(timespec="milliseconds")
        if known is None:
            (number,) = self._db.execute(
                "SELECT coalesce(max(number), 0) + 1 FROM payments"
            ).fetchone()
            state = _of_account(query.account.number, first=True)
            self._db.execute(
                "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                (
                    query.entitlement_no, number, query.request_id, state, query.amount_fen,
                    now if state == "paid" else None, orjson.dumps(query.model_dump()),
                ),
            )  # fmt: skip
            return self._receipt(query, number, state, now)
        number, request_id, state = known
        if state == "pending" or (state == "refused" and request_id != query.request_id):
            state = _of_account(query.account.number, first=state == "refused")
        self._db.execute(
            "UPDATE payments SET state = ?, request_id = ?, times = times + 1, paid_at ="
            " CASE WHEN ? = 'paid' THEN coalesce(paid_at, ?) END WHERE entitlement_no = ?",
            (state, query.request_id, state, now, query.entitlement_no),
        )
        return self._receipt(query, number, state, now)

    def _receipt(
        self, query: inputs.PaymentInput, number: int, state: str, now: str
    ) -> dict[str, Any]:
        return {
            "entitlement_no": query.entitlement_no,
            "payment_no": f"{self._prefix}{now[:4]}-{number:06d}",
            "state": state,
            "reason": "收款账户已注销" if state == "refused" else None,
            "as_of": now,
        }


def _of_account(number: str, first: bool) -> str:
    if number.endswith(CLOSED):
        return "refused"
    return "pending" if first and number.endswith(SLOW) else "paid"
