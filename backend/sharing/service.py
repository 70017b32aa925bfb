"""Sharing of government data (政务数据共享): catalogue, applications, grants, calls, their log.

The only module of the package that others import. Everything between departments is refused unless
it was granted; every reading of a person's data is written down, and the person can see it.
"""

import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.exchange.service import Exchange, ProviderSystem
from backend.jobs.service import Queue
from backend.numbers.service import Holder
from backend.operators.service import Operators
from backend.sharing.applications import Application, ApplicationPage, Applications, History
from backend.sharing.asking import MOST_SUBJECTS, Asked, Asking, Query
from backend.sharing.book import QUERY_MODES, GrantBook
from backend.sharing.catalogue import (
    DataCatalogue,
    Filters,
    Resource,
    ResourcePage,
    csv_lines,
    resource_document,
)
from backend.sharing.clocks import KINDS, Clocks, Due
from backend.sharing.corrections import Correction, Corrections
from backend.sharing.disputes import Disputes
from backend.sharing.duties import Duties
from backend.sharing.errors import ModeNotOffered
from backend.sharing.files import MOST_FILE_SUBJECTS, Delivery, Files
from backend.sharing.grants import Grants
from backend.sharing.ledger import BOUNDS_MS, Ledger
from backend.sharing.models import CallRecord, CatalogueDuty, Dispute, ShareGrant, ShareStep
from backend.sharing.parts import Parts
from backend.sharing.readings import CallPage, Reading, ReadingPage, Readings
from backend.sharing.results import result_words
from backend.sharing.states import (
    CorrectionAct,
    CorrectionState,
    DisputeAct,
    DisputeState,
    GrantAct,
    GrantState,
    Stage,
)
from backend.sharing.statistics import QuotaUse, Statistics, Usage, month_until
from backend.sharing.wishes import Wish
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import HotLink, Redis
from backend.upstream.deadline import Deadline

__all__ = [
    "BOUNDS_MS",
    "KINDS",
    "MOST_FILE_SUBJECTS",
    "MOST_SUBJECTS",
    "Application",
    "ApplicationPage",
    "Asked",
    "CallPage",
    "CallRecord",
    "CatalogueDuty",
    "Correction",
    "CorrectionAct",
    "CorrectionState",
    "DataCatalogue",
    "Delivery",
    "Dispute",
    "DisputeAct",
    "DisputeState",
    "Due",
    "Filters",
    "GrantAct",
    "GrantState",
    "History",
    "Query",
    "QuotaUse",
    "Reading",
    "ReadingPage",
    "Resource",
    "ResourcePage",
    "ShareGrant",
    "ShareStep",
    "Sharing",
    "Stage",
    "Stores",
    "Usage",
    "Wish",
    "csv_lines",
    "month_until",
    "resource_document",
    "result_words",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """What sharing keeps things in."""

    redis: Redis
    hot: HotLink
    keyring: KeyRing
    index: BlindIndex


class Sharing:
    """The use cases, by subject: ``catalogue``, ``applications``, ``grants``, ``corrections``,
    ``disputes``, ``duties``, ``clocks``, ``statistics``, ``readings``, and calls themselves.
    """

    def __init__(
        self, stores: Stores, exchange: Exchange, calendar: WorkCalendar,
        operators: Operators, audit: Audit,
    ) -> None:  # fmt: skip
        self.catalogue = DataCatalogue(exchange)
        parts = Parts(self.catalogue, calendar, operators, audit)
        self._exchange, self._calendar = exchange, calendar
        self.clocks = Clocks(parts)
        self.applications = Applications(parts, self.clocks, exchange)
        self.grants = Grants(parts, self.clocks, stores.redis)
        self.corrections = Corrections(parts, self.clocks, stores.keyring)
        self.disputes = Disputes(parts)
        self.duties = Duties(parts, self.clocks, exchange)
        self.readings = Readings(exchange, self.catalogue)
        self.statistics = Statistics(stores.redis, exchange, self.catalogue)
        self._book = GrantBook()
        self._ledger = Ledger(stores.hot, stores.redis)
        self._asking = Asking(
            stores.hot, stores.index, exchange, self.catalogue, self._book, self._ledger
        )
        self._files = Files(self._asking, self._book, self.catalogue, exchange, stores.keyring)

    async def reload(self) -> bool:
        """Read grants that changed, and the overrides of the calendar."""
        await self._calendar.reload()
        return await self._book.reload()

    # Calls of systems

    def purpose_of(self, system: str, code: str) -> str | None:
        """For what a system may read a resource now without a case; None where it may not."""
        resource, now = self.catalogue.get(code).spec.code, time.time()
        for grant in self._book.of_system(system):
            holds = grant.state is GrantState.ACTIVE and now < grant.ends and not grant.case_bound
            holds = holds and grant.mode in QUERY_MODES
            if holds and grant.resource == resource and not grant.networks:
                return grant.purpose
        return None

    def may_read(self, system: str, code: str, field: str) -> bool:
        """Whether a system may read a field of a resource now without a case."""
        purpose = self.purpose_of(system, code)
        resource = self.catalogue.get(code).spec.code
        return any(
            grant.resource == resource and grant.purpose == purpose and field in grant.allowed
            for grant in self._book.of_system(system)
            if grant.state is GrantState.ACTIVE and grant.mode in QUERY_MODES
        )

    def query(
        self, system: ProviderSystem, code: str, query: Query, address: str, trace: str,
        deadline: Deadline,
    ) -> Coroutine[Any, Any, dict[str, Any]]:  # fmt: skip
        """The granted fields of up to 200 subjects. See ``Asking.query``."""
        self._refuse_licences(code)
        return self._asking.query(system, code, query, address, trace, deadline)

    async def order_file(
        self, system: ProviderSystem, code: str, query: Query, address: str, trace: str
    ) -> Delivery:
        """A query of many subjects that is carried out behind. See ``Files.order``."""
        self._refuse_licences(code)
        return await self._files.order(system, code, query, address, trace[3:35])

    def _refuse_licences(self, code: str) -> None:
        """Refuse a licence type: licences have operations of their own, which their holder sees.

        Raises:
            ModeNotOffered.
        """
        if self.catalogue.is_licence(code):
            raise ModeNotOffered

    async def admit_licence(
        self, system: ProviderSystem, type_code: str, query: Query, address: str, trace: str
    ) -> Asked:
        """Check and count a query for licences of a type, and say what of them was granted.

        Raises:
            SharingError: it is refused, and the refusal is written down.
        """
        resource = self.catalogue.of_licence_type(type_code)
        return await self._asking.admit(
            system, resource.spec.code, query, address, trace[3:35], QUERY_MODES
        )

    async def note_licence(
        self, asked: Asked, result: str, started: float, holders: Sequence[Holder], found: bool
    ) -> None:
        """Write down what became of a query that was admitted.

        Args:
            result: ``ok``, or the code of a refusal.
            started: ``time.perf_counter()`` when it began.
            holders: whose licences they are; the query itself need not name them.

        Raises:
            LogUnavailable: it cannot be written down; nothing may be handed out.
        """
        indexes = [self._asking.index_of(each.code_type, each.code) for each in holders]
        await self._asking.note(asked, result, started, indexes, "01"[found] * len(indexes))

    async def file(self, system: ProviderSystem, delivery_id: UUID) -> Delivery:
        """How far a delivery is. See ``Files.get``."""
        return await self._files.get(system, delivery_id)

    async def file_content(
        self, system: ProviderSystem, delivery_id: UUID, address: str
    ) -> AsyncIterator[bytes]:
        """A delivery, line by line. See ``Files.content``."""
        return await self._files.content(system, delivery_id, address)

    # The person

    async def readings_of(
        self, holder: Holder, system: str | None, cursor: str | None
    ) -> ReadingPage:
        """Who read a person's data, newest first.

        Raises:
            CursorRefused: not a cursor of ours.
        """
        index = self._asking.index_of(holder.code_type, holder.code)
        return await self.readings.of_person(index, system, cursor)

    # The worker

    async def drain(self) -> int | None:
        """Write the calls of the last moments into the database."""
        await self._exchange.reload()
        done = await self._ledger.drain([system.code for system in self._exchange.systems()])
        if done:
            await self.grants.note_first_uses()
        return done or None

    async def backlog(self) -> list[Queue]:
        """Call records on their way into the database, and files that are being made."""
        systems = [system.code for system in self._exchange.systems()]
        return [await self._ledger.backlog(systems), await self._files.backlog()]

    async def deliver_files(self) -> int | None:
        """Carry out the deliveries that wait."""
        await self._exchange.reload()
        await self._book.reload()
        return await self._files.carry_on()

    async def remind(self) -> int | None:
        """Tell of what is due and overdue."""
        await self._exchange.reload()
        await self._calendar.reload()
        await self.duties.settle()
        await self.grants.watch()
        return await self.clocks.remind()

    async def purge(self) -> int | None:
        """Forget deliveries that were not fetched in time; call records stay (art. 29)."""
        return await self._files.purge()
