"""A department's own record of its cases: what came in, what was answered, what it told of them.

It lies in the department's file beside the licences, so that a decision, the licence that it
grants and the event that tells of it are one transaction. What the platform believes is not known
here: a fault run compares both sides, and this is the side that decides.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import orjson

from backend.sandbox.cases.states import after
from backend.sandbox.departments.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    case_no TEXT PRIMARY KEY, department_case_no TEXT NOT NULL UNIQUE, item_code TEXT NOT NULL,
    state TEXT NOT NULL, last_seq INTEGER NOT NULL DEFAULT 0,
    received_at TEXT NOT NULL, changed_at TEXT NOT NULL, submissions INTEGER NOT NULL DEFAULT 1,
    urged INTEGER NOT NULL DEFAULT 0, submission BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cases_by_state ON cases (state, received_at);
CREATE TABLE IF NOT EXISTS case_requests (
    request_id TEXT PRIMARY KEY, operation TEXT NOT NULL, case_no TEXT NOT NULL,
    body BLOB NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS case_requests_by_case ON case_requests (case_no);
CREATE TABLE IF NOT EXISTS case_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, case_no TEXT NOT NULL,
    seq INTEGER NOT NULL, body BLOB NOT NULL, taken TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (case_no, seq));
CREATE INDEX IF NOT EXISTS case_events_waiting ON case_events (id) WHERE taken IS NULL;
CREATE TABLE IF NOT EXISTS case_numbers (day TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
"""
_CASE = (
    "SELECT case_no, department_case_no, item_code, state, last_seq, received_at,"
    " changed_at, submissions, urged, submission FROM cases"
)


@dataclass(slots=True)
class CaseRow:
    """A case as on file.

    Attributes:
        submission: as it was submitted, with what was supplied since.
        submissions: how often it came in; more than one needs an explanation.
    """

    case_no: str
    department_case_no: str
    item_code: str
    state: str
    last_seq: int
    received_at: str
    changed_at: str
    submissions: int
    urged: int
    submission: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as on file; ``taken`` is what the platform said, None while it has not."""

    id: int
    case_no: str
    seq: int
    body: bytes
    taken: str | None
    attempts: int


class StepRefused(Exception):
    """The state of the case does not allow the step."""

    def __init__(self, event: str, state: str) -> None:
        self.event, self.state = event, state
        super().__init__(f"{event} in {state}")


class CaseBook:
    """Reads and changes the cases of one department; used from one thread, as its store is."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store, self._db = store, store.connection
        self._prefix = prefix
        self._db.executescript(SCHEMA)

    def changing(self) -> AbstractContextManager[None]:
        """A transaction over cases, licences and notices alike."""
        return self._store.changing()

    def case(self, case_no: str) -> CaseRow | None:
        """The case of that number, or None."""
        row = self._db.execute(f"{_CASE} WHERE case_no = ?", (case_no,)).fetchone()
        return _case(row) if row else None

    def cases(self, states: frozenset[str] = frozenset(), limit: int = 200) -> list[CaseRow]:
        """Cases in these states (all by default), those that have waited longest first."""
        wanted = sorted(states)
        marks = ",".join("?" * len(wanted))
        where = f" WHERE state IN ({marks})" if wanted else ""
        order = " ORDER BY received_at, case_no LIMIT ?"
        return [_case(row) for row in self._db.execute(_CASE + where + order, (*wanted, limit))]

    def records(self) -> Iterator[dict[str, Any]]:
        """Every case in short: what a fault run compares with the platform's own records."""
        rows = self._db.execute(
            "SELECT case_no, state, last_seq, submissions FROM cases ORDER BY case_no"
        )
        for case_no, state, last_seq, submissions in rows:
            yield {
                "case_no": case_no,
                "state": state,
                "last_seq": last_seq,
                "submissions": submissions,
            }

    def counts(self) -> dict[str, int]:
        """How many cases stand in each state."""
        return dict(self._db.execute("SELECT state, count(*) FROM cases GROUP BY state"))

    def answered(self, request_id: str) -> tuple[str, bytes] | None:
        """Operation and answer of a request that came before, or None."""
        row = self._db.execute(
            "SELECT operation || ' ' || case_no, answer FROM case_requests WHERE request_id = ?",
            (request_id,),
        ).fetchone()
        return (str(row[0]), bytes(row[1])) if row else None

    def keep_request(
        self, request_id: str, operation: str, case_no: str, body: bytes, answer: bytes
    ) -> None:
        """Remember a request and its answer; inside a transaction."""
        self._db.execute(
            "INSERT INTO case_requests VALUES (?, ?, ?, ?, ?)",
            (request_id, operation, case_no, body, answer),
        )

    def requests_of(self, case_no: str, operation: str) -> list[dict[str, Any]]:
        """What came in about a case by one operation, oldest first."""
        rows = self._db.execute(
            "SELECT body FROM case_requests WHERE case_no = ? AND operation = ?"
            " ORDER BY request_id",
            (case_no, operation),
        )
        return [orjson.loads(row[0]) for row in rows]

    def open_case(self, case_no: str, item_code: str, at: str, body: bytes) -> CaseRow:
        """Put a new case on file under the next number of the day; inside a transaction."""
        number = f"{self._prefix}{self._next_number(at[:10])}"
        self._db.execute(
            "INSERT INTO cases (case_no, department_case_no, item_code, state, received_at,"
            " changed_at, submission) VALUES (?, ?, ?, 'submitted', ?, ?, ?)",
            (case_no, number, item_code, at, at, body),
        )
        submission = orjson.loads(body)
        return CaseRow(case_no, number, item_code, "submitted", 0, at, at, 1, 0, submission)

    def go_on_from(self, case: CaseRow, state: str, seq: int) -> None:
        """A case that another body accepted: its history goes on here; inside a transaction."""
        case.state, case.last_seq = state, seq
        self._db.execute(
            "UPDATE cases SET state = ?, last_seq = ? WHERE case_no = ?", (state, seq, case.case_no)
        )

    def notices(self) -> list[dict[str, Any]]:
        """Decisions of other bodies that this department was told of, the newest first."""
        rows = self._db.execute(
            "SELECT body FROM case_requests WHERE operation = 'supervision.notice'"
            " ORDER BY request_id DESC LIMIT 200"
        )
        return [orjson.loads(row[0]) for row in rows]

    def count_submission(self, case_no: str) -> None:
        """Note that a case that is on file was submitted under another request."""
        self._db.execute(
            "UPDATE cases SET submissions = submissions + 1 WHERE case_no = ?", (case_no,)
        )

    def count_urge(self, case_no: str) -> None:
        """Note that the applicant asked to hurry."""
        self._db.execute("UPDATE cases SET urged = urged + 1 WHERE case_no = ?", (case_no,))

    def put_submission(self, case: CaseRow) -> None:
        """Write what was supplied since."""
        self._db.execute(
            "UPDATE cases SET submission = ? WHERE case_no = ?",
            (orjson.dumps(case.submission), case.case_no),
        )

    def step(self, case: CaseRow, event: str, at: str, details: Mapping[str, Any]) -> None:
        """Take a step: move the case and queue the event that tells of it; inside a transaction.

        Raises:
            StepRefused: the state of the case does not allow it.
        """
        state = after(event, case.state)
        if state is None:
            raise StepRefused(event, case.state)
        case.state, case.changed_at, case.last_seq = state, at, case.last_seq + 1
        body = {
            "event_id": str(uuid.uuid4()),
            "seq": case.last_seq,
            "event": event,
            "at": at,
            **{name: value for name, value in details.items() if value is not None},
        }
        self._db.execute(
            "UPDATE cases SET state = ?, changed_at = ?, last_seq = ? WHERE case_no = ?",
            (case.state, at, case.last_seq, case.case_no),
        )
        self._db.execute(
            "INSERT INTO case_events (event_id, case_no, seq, body) VALUES (?, ?, ?, ?)",
            (body["event_id"], case.case_no, case.last_seq, orjson.dumps(body)),
        )

    def events(self, case_no: str, after_seq: int = 0, limit: int = 200) -> list[EventRow]:
        """The events of a case above a number, in their order."""
        rows = self._db.execute(
            "SELECT id, case_no, seq, body, taken, attempts FROM case_events"
            " WHERE case_no = ? AND seq > ? ORDER BY seq LIMIT ?",
            (case_no, after_seq, limit),
        )
        return [EventRow(*row) for row in rows]

    def waiting_events(self, limit: int) -> list[EventRow]:
        """The oldest event of each case that the platform has not taken."""
        rows = self._db.execute(
            "SELECT id, case_no, seq, body, taken, attempts FROM case_events WHERE id IN"
            " (SELECT min(id) FROM case_events WHERE taken IS NULL GROUP BY case_no)"
            " ORDER BY attempts, id LIMIT ?",
            (limit,),
        )
        return [EventRow(*row) for row in rows]

    def event_taken(self, event_id: int, taken: str) -> None:
        """Note what the platform said to an event."""
        self._db.execute(
            "UPDATE case_events SET taken = ?, attempts = attempts + 1 WHERE id = ?",
            (taken, event_id),
        )

    def event_tried(self, event_id: int) -> None:
        """Note that an event did not get through."""
        self._db.execute("UPDATE case_events SET attempts = attempts + 1 WHERE id = ?", (event_id,))

    def send_again(self, case_no: str | None) -> int:
        """Let the events of a case (or of all) go out once more; returns how many."""
        cursor = self._db.execute(
            "UPDATE case_events SET taken = NULL WHERE ? IS NULL OR case_no = ?",
            (case_no, case_no),
        )
        return int(cursor.rowcount)

    def count_waiting(self) -> int:
        """Events that the platform has not taken."""
        row = self._db.execute("SELECT count(*) FROM case_events WHERE taken IS NULL").fetchone()
        return int(row[0])

    def setting(self, name: str) -> str | None:
        """A word of the desk's own that survives a restart."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_setting(self, name: str, value: str) -> None:
        """Keep such a word."""
        self._db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    def _next_number(self, day: str) -> str:
        self._db.execute(
            "INSERT INTO case_numbers VALUES (?, 1)"
            " ON CONFLICT (day) DO UPDATE SET last = last + 1",
            (day,),
        )
        last = self._db.execute("SELECT last FROM case_numbers WHERE day = ?", (day,)).fetchone()
        return f"{day.replace('-', '')}{int(last[0]):06d}"


def _case(row: tuple[Any, ...]) -> CaseRow:
    columns: tuple[Any, ...] = (*row[:9], orjson.loads(row[9]))
    return CaseRow(*columns)
