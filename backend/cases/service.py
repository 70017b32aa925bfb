"""Applications (办件): drafts, submission, delivery to departments, their events, clocks.

The only module of the package that others import. Until an application is handed over it is the
platform's; from then on its state is the department's, and ours follows it event by event.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from backend.cases.actors import Acting, Actors, Mandate
from backend.cases.acts import Acts
from backend.cases.clocks import KIND_LABELS, LIGHT_LABELS, Clocks, Light, Running
from backend.cases.content import (
    RELATIONS,
    Agent,
    Content,
    ForKind,
    Wanted,
    is_late,
    wanted_by,
)
from backend.cases.drafts import JOINT, Draft, Drafts
from backend.cases.duties import Duties
from backend.cases.effects import Effects
from backend.cases.ended import Ended, EndedCases
from backend.cases.entering import Application, Entering
from backend.cases.events import Events, Outcome, Told, told
from backend.cases.files import LARGEST_BYTES, Files, Folder, Kept, Scanner
from backend.cases.joint import Joint, Standing
from backend.cases.materials import Materials
from backend.cases.models import Case
from backend.cases.outbox import Outbox
from backend.cases.parts import Parts, Services, digest_of
from backend.cases.prefill import Prefill
from backend.cases.promises import Missing, Promises
from backend.cases.receipt import CheckedReceipt, ReceiptPages
from backend.cases.receiving import Receipts
from backend.cases.reconciling import EVERY, Reconciling
from backend.cases.scanning import Clamd
from backend.cases.states import ENDED, EVENT_LABELS, STATE_LABELS, Event, State, Taken
from backend.cases.submission import Submission, Submitted, incomplete
from backend.cases.supervision import SupervisedCard, SupervisedCase, Supervision
from backend.cases.supplying import Supply, Supplying
from backend.cases.trouble import Contradiction, DeadLetter, Trouble
from backend.cases.versions import Versions
from backend.cases.views import CaseCard, CasePage, CaseView, Step, Views
from backend.cases.waiting import WaitingCase, WaitingCases, Waits
from backend.cases.watching import Warned, Watching
from backend.exchange.service import ProviderSystem
from backend.jobs.service import Queue
from backend.store.keyring import BlindIndex, KeyRing
from backend.upstream.objects import Bucket, Objects
from backend.wallet.service import WalletError

log = structlog.get_logger("cases")

__all__ = [
    "ENDED",
    "EVENT_LABELS",
    "JOINT",
    "KIND_LABELS",
    "LARGEST_BYTES",
    "LIGHT_LABELS",
    "RELATIONS",
    "STATE_LABELS",
    "Acting",
    "Agent",
    "Application",
    "CaseCard",
    "CasePage",
    "CaseView",
    "Cases",
    "CheckedReceipt",
    "Clamd",
    "Content",
    "Contradiction",
    "DeadLetter",
    "Draft",
    "Ended",
    "Event",
    "ForKind",
    "Kept",
    "Light",
    "Mandate",
    "Missing",
    "Outcome",
    "Places",
    "Running",
    "Services",
    "Standing",
    "State",
    "Step",
    "Submitted",
    "SupervisedCard",
    "SupervisedCase",
    "Supply",
    "Taken",
    "Told",
    "WaitingCase",
    "WaitingCases",
    "Wanted",
    "Warned",
    "digest_of",
    "incomplete",
    "is_late",
    "told",
    "wanted_by",
]


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie.

    Attributes:
        folder: of uploaded files, sealed, where there is no bucket for them.
        fonts: of the typeface; origin: of the public pages.
    """

    folder: Path
    fonts: Path
    origin: str
    bucket: Bucket | None = None


class Cases:
    """The use cases, by subject: ``drafts``, ``supplying``, ``submission``, ``acts``, ``views``,
    ``events``, ``outbox``, ``watching``, ``trouble``, ``actors``, ``receipts``, ``ended``,
    ``promises``, ``waits``, ``joint``, ``supervision``.

    Args:
        clock: gives Unix time.
        scanner: looks at every upload; None looks at none.
    """

    def __init__(
        self, services: Services, keyring: KeyRing, index: BlindIndex, places: Places,
        clock: Callable[[], float], scanner: Scanner | None = None,
    ) -> None:  # fmt: skip
        folder = places.folder
        parts = Parts(services, keyring, index, folder, clock, Clocks(services.calendar))
        self._parts = parts
        self._tasks: set[asyncio.Task[None]] = set()
        versions = Versions()
        bucket = places.bucket
        store = Folder(folder) if bucket is None else Objects(bucket, "cases/")
        self.files = Files(parts, store, scanner)
        self.actors = Actors(parts)
        prefill = Prefill(parts)
        self.drafts = Drafts(parts, self.actors, versions, self.files, prefill)
        self.supplying = Supplying(parts, self.drafts, self.files)
        materials = Materials(parts, self.supplying)
        self.outbox = Outbox(parts, Receipts(parts))
        self.promises = Promises(parts)
        entering = Entering(parts, materials, self.files, self.outbox, self.promises)
        self.submission = Submission(parts, self.actors, versions, self.drafts, materials, entering)
        self.acts = Acts(
            parts, self.actors, versions, self.drafts, materials, self.files, self.outbox,
            self.promises,
        )  # fmt: skip
        duties = Duties(parts, self.outbox)
        effects = Effects(parts, versions, self.files, duties)
        self.events = Events(parts, effects, duties)
        self.joint = Joint(
            parts, self.actors, versions, self.drafts, materials, self.files, self.submission,
            entering, prefill, effects,
        )  # fmt: skip
        self.views = Views(parts, self.acts, versions, self.files, duties)
        self.supervision = Supervision(parts, self.views, duties, self.files)
        self.receipts = ReceiptPages(parts, self.views, places.origin, places.fonts)
        self.watching = Watching(parts, effects)
        self.trouble = Trouble(parts)
        self.waits = Waits(parts)
        self.ended = EndedCases()
        self._reconciling = Reconciling(parts, self.events)

    async def hear(self, system: ProviderSystem, case_no: str, what: Told) -> Outcome:
        """Take an event of a department in; a licence that it granted is looked for at once.

        Raises:
            CaseUnknown, StepNotTheirs.
        """
        outcome = await self.events.take(system.code, case_no, what)
        granted = what.event is Event.APPROVED and what.detail["result"]["kind"] == "licence"
        granted = granted and system.offers("licences.query")
        if granted and outcome.taken in (Taken.APPLIED, Taken.LATE):
            task = asyncio.create_task(self._look_for_licence(system, case_no))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return outcome

    async def _look_for_licence(self, system: ProviderSystem, case_no: str) -> None:
        """Its issuer also tells by a notice; whatever comes first puts it into the wallet."""
        case = await Case.get(case_no=case_no)
        content = self.acts.content_of(case)
        try:
            await self._parts.services.wallet.ask_again(
                system, content.subject, content.applicant, tell=[case.person_id]
            )
        except WalletError as error:
            log.info("case.licence_not_found_yet", error=type(error).__name__)

    async def drain(self) -> int | None:
        """Send what waits for departments; the worker calls it every second."""
        await self._parts.services.exchange.reload()
        return await self.outbox.drain()

    async def backlog(self) -> list[Queue]:
        """What has not reached departments yet."""
        return [await self.outbox.backlog()]

    async def reconcile(self, every: timedelta = EVERY) -> int | None:
        """Compare with what departments have on record; says how many cases differed."""
        await self._parts.services.exchange.reload()
        return await self._reconciling.run(every)

    async def watch(self) -> int | None:
        """Warn of clocks that run out; says how many words were said."""
        return await self.watching.run()

    async def purge(self) -> int | None:
        """Forget drafts that nobody touched for long."""
        return await self.drafts.purge()

    async def close(self) -> None:
        """End what runs in the background."""
        await self.outbox.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.files.close()
