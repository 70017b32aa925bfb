"""A call under a grant: checked, counted, carried to the owner, cut to the grant, written down.

The order is what makes it safe: nothing is asked of the owner before the grant, the purpose, the
fields, the address and the quota hold, and nothing is handed out before it is written down.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
import structlog

from backend.calendar.service import BEIJING
from backend.exchange.service import Exchange, ProviderSystem
from backend.sharing.book import QUERY_MODES, Grant, GrantBook
from backend.sharing.catalogue import DataCatalogue, Plan, Resource
from backend.sharing.errors import (
    AddressNotAllowed,
    CaseMissing,
    FieldNotGranted,
    GrantRevoked,
    GrantSuspended,
    LogUnavailable,
    QuotaUsedUp,
    RecordRefused,
    RequestReused,
    ResourceNotShared,
    SharingError,
    SubjectKindWrong,
)
from backend.sharing.ledger import OK, Entry, Ledger
from backend.store.keyring import BlindIndex
from backend.store.redis import HotLink, Script
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

log = structlog.get_logger("sharing")

OPERATION = "resources.query"
MOST_SUBJECTS = 200
REPEATABLE_S = 24 * 3600
SUSPENDED, REVOKED = b"suspended", b"revoked"

# KEYS: revocation, request, quota of the day. ARGV: digest, subjects, quota, life of a request.
# 0: counted. 1: this very request was counted before. Below 0: refused.
_COUNT = Script("""
local mark = redis.call('GET', KEYS[1])
if mark == 'revoked' then return -1 end
if mark then return -2 end
local before = redis.call('GET', KEYS[2])
if before then
  if before == ARGV[1] then return 1 end
  return -3
end
local used = redis.call('INCRBY', KEYS[3], ARGV[2])
if used > tonumber(ARGV[3]) then
  redis.call('DECRBY', KEYS[3], ARGV[2])
  return -4
end
redis.call('EXPIRE', KEYS[3], 172800)
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[4])
return 0
""")


def revoked_key(grant_id: str) -> str:
    """Marks a grant that holds no more, for workers that do not know it yet."""
    return f"revoked:{{{grant_id}}}"


def quota_key(grant_id: str, day: str) -> str:
    """Counts the subjects that were asked about under a grant on a day (in China)."""
    return f"quota:{{{grant_id}}}:{day}"


@dataclass(slots=True)
class Query:
    """What a system asks; not changed once it is made.

    Attributes:
        fields: None asks for all that the grant holds.
        subjects: mappings of ``code_type``, ``code`` and ``name``.
        cursor: ``next_cursor`` of the page before; limit: subjects a page.
        identifier: of the licence that is asked for without naming a subject.
    """

    request_id: str
    purpose: str
    case_no: str | None
    fields: Sequence[str] | None
    subjects: Sequence[Mapping[str, str]]
    cursor: str | None = None
    limit: int = MOST_SUBJECTS
    identifier: str | None = None

    @property
    def weight(self) -> int:
        """How many subjects it counts for; one whom only the owner can name counts, too."""
        return max(len(self.subjects), 1)

    def digest(self, key: bytes, resource: str) -> str:
        """Of what must not change when a request is repeated or paged through.

        Args:
            key: without it nobody can try whether a query was about somebody.
            resource: code of what is asked for.
        """
        asked = self.subjects if self.identifier is None else [self.identifier, *self.subjects]
        words = orjson.dumps((resource, self.purpose, self.case_no, self.fields, asked))
        return hashlib.blake2b(words, digest_size=16, key=key).hexdigest()


@dataclass(slots=True)
class Asked:
    """A query on its way, and what it is checked against."""

    system: ProviderSystem
    resource: Resource
    query: Query
    grant: Grant
    fields: Sequence[str]
    trace_id: str
    digest: str


class Asking:
    """Answers the queries of systems.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self,
        hot: HotLink,
        index: BlindIndex,
        exchange: Exchange,
        catalogue: DataCatalogue,
        book: GrantBook,
        ledger: Ledger,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hot, self._index, self._exchange = hot, index, exchange
        self._catalogue, self._book, self._ledger, self._clock = catalogue, book, ledger, clock
        self._digest_key = bytes.fromhex(index.of("call-digest", "key"))

    async def query(
        self,
        system: ProviderSystem,
        code: str,
        query: Query,
        address: str,
        trace: str,
        deadline: Deadline,
    ) -> dict[str, Any]:
        """The granted fields of the subjects of a query.

        Args:
            code: of the resource, as written or as in addresses.
            address: of the caller, an IP address.
            trace: a W3C ``traceparent``.

        Raises:
            SharingError: it is refused; each reason has a class of its own.
            UpstreamError: the owner's system does not answer.
        """
        started = time.perf_counter()
        asked = await self.admit(system, code, query, address, trace[3:35], QUERY_MODES)
        indexes = self.indexes(query.subjects)
        try:
            answer = await self.ask_owner(asked, trace, deadline)
        except (UpstreamError, RecordRefused) as error:
            await self.note(asked, error.code, started, indexes, "0" * len(indexes))
            raise
        found = ["0"] * len(indexes)
        for item in answer["items"]:
            if item["record"] is not None:
                found[item["subject"]] = "1"
        await self.note(asked, OK, started, indexes, "".join(found))
        return {"request_id": query.request_id, "resource": asked.resource.spec.code, **answer}

    async def admit(
        self,
        system: ProviderSystem,
        code: str,
        query: Query,
        address: str,
        trace_id: str,
        modes: frozenset[str],
    ) -> Asked:
        """Check a query and count its subjects; a refusal is written down.

        Raises:
            SharingError: it is refused.
        """
        resource = self._catalogue.get(code)
        grant: Grant | None = None
        try:
            if not resource.spec.shared:
                raise ResourceNotShared(resource.spec.share_ground or "")
            grant = self._book.choose(
                system.code, resource.spec.code, query.purpose, modes, self._clock()
            )
            fields = _checked(query, grant, resource, address)
            digest = self.digest(query, resource.spec.code)
            asked = Asked(system, resource, query, grant, fields, trace_id, digest)
            await self._count(asked)
            return asked
        except SharingError as refusal:
            await self._note_refusal(system, resource, query, grant, refusal.code, trace_id)
            raise

    async def _count(self, asked: Asked) -> None:
        """The revocation, the quota and the repetition of a request, in one round trip."""
        grant, query, now = asked.grant, asked.query, self._clock()
        tag = grant.id
        answer = await self._hot.run(
            _COUNT,
            (
                revoked_key(tag),
                f"request:{{{tag}}}:{query.request_id}",
                quota_key(tag, _day_of(int(now) // 3600)),
            ),
            (asked.digest, str(query.weight), str(grant.quota), str(REPEATABLE_S)),
        )
        if answer >= 0:
            return
        if answer == -1:
            raise GrantRevoked
        if answer == -2:
            raise GrantSuspended
        if answer == -3:
            raise RequestReused
        raise QuotaUsedUp(grant.quota, seconds_to_midnight(datetime.fromtimestamp(now, BEIJING)))

    async def still_holds(self, grant_id: str) -> None:
        """Refuse a grant that was suspended or revoked a moment ago.

        Raises:
            GrantSuspended, GrantRevoked.
        """
        (mark,) = await self._hot.ask(("GET", revoked_key(grant_id)))
        if mark == REVOKED:
            raise GrantRevoked
        if mark is not None:
            raise GrantSuspended

    async def ask_owner(self, asked: Asked, trace: str, deadline: Deadline) -> dict[str, Any]:
        """The owner's answer to a query that was admitted, cut to the grant.

        Raises:
            UpstreamError: there is none; RecordRefused: it does not fit.
        """
        query, grant, resource = asked.query, asked.grant, asked.resource
        payload = {
            "resource": resource.spec.code,
            "request_id": query.request_id,
            "purpose": grant.purpose,
            "legal_basis": grant.legal_basis,
            "case_no": query.case_no,
            "caller": {
                "system": asked.system.code,
                "uscc": asked.system.manifest.system.department.uscc,
            },
            "fields": asked.fields,
            "subjects": query.subjects,
            "cursor": query.cursor,
            "limit": query.limit,
        }
        answer = await self._exchange.call(resource.system, OPERATION, payload, deadline, trace)
        return cut(answer, asked)

    def digest(self, query: Query, resource: str) -> str:
        """The digest of a query by which a repeated request is known."""
        return query.digest(self._digest_key, resource)

    def indexes(self, subjects: Sequence[Mapping[str, str]]) -> list[str]:
        """Blind indexes of the subjects of a query."""
        return [self.index_of(each["code_type"], each["code"]) for each in subjects]

    def index_of(self, code_type: str, code: str) -> str:
        """The blind index under which readings of somebody's data are found."""
        return self._index.of("call-subject", f"{code_type}:{code}")

    async def note(
        self,
        asked: Asked,
        result: str,
        started: float,
        subjects: Sequence[str] = (),
        found: str = "",
    ) -> None:
        """Write a call down.

        Args:
            started: ``time.perf_counter()`` when it began.

        Raises:
            LogUnavailable: it cannot be written down.
        """
        query = asked.query
        entry = Entry(
            query.request_id, asked.digest, asked.grant.id, asked.system.code,
            asked.resource.spec.code, asked.trace_id, int(self._clock() * 1000),
            int((time.perf_counter() - started) * 1000),
            result, query.case_no, asked.fields, subjects, found,
        )  # fmt: skip
        try:
            await self._ledger.write(entry)
        except Exception as error:  # noqa: BLE001 (whatever it is, nothing is handed out)
            log.error("call.unwritten", error=type(error).__name__)
            raise LogUnavailable from None

    async def _note_refusal(
        self,
        system: ProviderSystem,
        resource: Resource,
        query: Query,
        grant: Grant | None,
        result: str,
        trace_id: str,
    ) -> None:
        # What was asked for is kept as far as it is ours to name: never whom it was about.
        entry = Entry(
            query.request_id, self.digest(query, resource.spec.code),
            grant.id if grant else "", system.code, resource.spec.code,
            trace_id, int(self._clock() * 1000), 0, result, query.case_no, (), (), "",
        )  # fmt: skip
        try:
            await self._ledger.write(entry)
        except Exception as error:  # noqa: BLE001 (the refusal stands, written down or not)
            log.error("call.unwritten", error=type(error).__name__)


def _checked(query: Query, grant: Grant, resource: Resource, address: str) -> Sequence[str]:
    """The fields that a query gets.

    Raises:
        AddressNotAllowed, CaseMissing, FieldNotGranted, SubjectKindWrong: it is refused.
    """
    if not grant.admits(address):
        raise AddressNotAllowed
    if grant.case_bound and not query.case_no:
        raise CaseMissing
    kinds = resource.spec.subject_code_types
    for subject in query.subjects:
        if subject["code_type"] not in kinds:
            raise SubjectKindWrong(kinds)
    if query.fields is None:
        return grant.fields
    beyond = [name for name in query.fields if name not in grant.allowed]
    if beyond:
        raise FieldNotGranted(beyond)
    return query.fields


def cut(answer: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """The owner's answer with the granted fields alone, each of its registered type.

    Raises:
        RecordRefused: it does not fit the query or the registered data items.
    """
    owner, plan = asked.resource.system.code, asked.resource.plan(asked.fields)
    items: list[dict[str, Any]] = []
    seen: set[int] = set()
    for each in answer["items"]:
        place, record = each["subject"], each["record"]
        if place in seen or not 0 <= place < len(asked.query.subjects):
            raise RecordRefused(owner, "subject")
        seen.add(place)
        chosen = None if record is None else _fields(record, plan, owner)
        items.append({"subject": place, "record": chosen})
    return {"as_of": answer["as_of"], "items": items, "next_cursor": answer["next_cursor"]}


def _fields(record: Mapping[str, Any], plan: Plan, owner: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, fits, required in plan:
        value = record.get(name)
        if required if value is None else not fits(value):
            raise RecordRefused(owner, name)
        chosen[name] = value
    return chosen


@lru_cache(maxsize=4)
def _day_of(hour: int) -> str:
    """The day in China of an hour of Unix time: every hour there lies within one day."""
    return f"{datetime.fromtimestamp(hour * 3600, BEIJING):%Y%m%d}"


def seconds_to_midnight(moment: datetime) -> int:
    """Until the next day begins in China."""
    tomorrow = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((tomorrow - moment).total_seconds()))
