"""Who has what: the departments' own records against the platform's, when all has come to rest."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from backend.cases.models import Case, CaseOutbox
from backend.cases.service import ENDED
from backend.province import Province
from tests.chaos.citizens import Tally
from tests.chaos.faults import DEPARTMENTS
from tests.chaos.place import Place

_QUICK_S = 2.0


@dataclass
class Records:
    """The departments' side.

    Attributes:
        states: number → state and number of the last event.
        of_marker: marker of an application → how many cases it became.
    """

    states: dict[str, tuple[str, int]] = field(default_factory=dict)
    of_marker: Counter[str] = field(default_factory=Counter)
    waiting: int = 0


@dataclass
class Verdict:
    """What the last line says."""

    submitted: int
    acknowledged: int
    lost: list[str]
    doubled: list[str]
    disagree: list[str]

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or seen in two ways."""
        return not (self.lost or self.doubled or self.disagree)

    def line(self) -> dict[str, int]:
        """The last line."""
        return {
            "submitted": self.submitted, "acknowledged": self.acknowledged,
            "lost": len(self.lost), "doubled": len(self.doubled),
            "disagree": len(self.disagree),
        }  # fmt: skip


async def records(
    place: Place, http: httpx.AsyncClient, marked: bool, before: Container[str] = ()
) -> Records:
    """What the departments have on file.

    Args:
        marked: look into each case for the application that it came from.
        before: numbers that are none of the run's, such as those of the conformance kit.
    """
    found = Records()
    for code in DEPARTMENTS:
        base = f"{place.systems[code]}/_control/cases"
        listed = (await http.get(base)).json()
        found.waiting += listed["events_waiting"]
        ours = [case for case in listed["cases"] if case["case_no"] not in before]
        for case in ours:
            found.states[case["case_no"]] = (case["state"], case["last_seq"])
        if marked:
            await _marks(http, base, [case["case_no"] for case in ours], found)
    return found


async def _marks(http: httpx.AsyncClient, base: str, numbers: list[str], found: Records) -> None:
    for start in range(0, len(numbers), 50):
        some = numbers[start : start + 50]
        for answer in await asyncio.gather(*(http.get(f"{base}/{one}") for one in some)):
            case: dict[str, Any] = answer.json()
            found.of_marker[case["submission"]["contact_phone"]] += 1


async def settled(
    place: Place, province: Province, http: httpx.AsyncClient, within_s: float
) -> None:
    """Wait until nothing is on its way any more, or so long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while loop.time() < until:
        await asyncio.sleep(_QUICK_S)
        with contextlib.suppress(httpx.TransportError):
            here = await records(place, http, marked=False)
            queued = await CaseOutbox.filter(state="queued").count()
            open_ = await Case.filter(ended_at=None).count()
            if not (here.waiting or queued or open_):
                return
            if not (here.waiting or queued):
                # Nobody has anything to tell, and still something is open: the two sides compare.
                await province.cases.reconcile(timedelta(0))


async def verdict(
    place: Place, http: httpx.AsyncClient, tally: Tally, before: Container[str]
) -> Verdict:
    """Compare both sides; ``before``: what the departments had on file before the run."""
    there = await records(place, http, marked=True, before=before)
    here = {case.case_no: case for case in await Case.all()}
    lost = {
        marker
        for marker, number in tally.acknowledged.items()
        if number not in here or number not in there.states
    }
    # What was kept without anybody hearing of it must have got through all the same.
    lost |= {number for number in here if number not in there.states}
    doubled = {marker for marker, count in there.of_marker.items() if count > 1}
    disagree = {
        number
        for number, (state, seq) in there.states.items()
        if number not in here
        or (here[number].state, here[number].seq) != (state, seq)
        or here[number].state not in ENDED
    }
    return Verdict(
        tally.submitted, len(tally.acknowledged), sorted(lost),
        sorted(doubled | tally.contradicted), sorted(disagree),
    )  # fmt: skip
