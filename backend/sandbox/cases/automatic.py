"""A clerk that decides by itself, for fault runs and demonstrations without hands.

What becomes of a case follows from its number alone, so that a run can be repeated: so many in a
hundred are asked for a correction first, so many refused, so many not accepted, the others granted.
The setting survives a restart, as the cases do.
"""

import asyncio
import contextlib
import hashlib
import logging
from typing import Annotated, Literal

from pydantic import Field

from backend.sandbox.cases.book import CaseBook, CaseRow
from backend.sandbox.cases.clerk import Asked, Clerk
from backend.sandbox.cases.states import WORKING
from backend.sandbox.control import Order
from backend.sandbox.departments.operations import now

OFFICER = "自动审批"
SETTING = "clerk"
BATCH = 50
_ACTED_ON = WORKING | {"submitted"}
log = logging.getLogger(__name__)
Percent = Annotated[int, Field(ge=0, le=100)]


class ClerkOrder(Order):
    """``PUT /_control/clerk``: who decides, and how often in a hundred how."""

    mode: Literal["manual", "auto"]
    corrections: Percent = 0
    refusals: Percent = 0
    not_accepted: Percent = 0


class AutomaticClerk:
    """Acts on every case that waits, while it is switched on."""

    def __init__(self, book: CaseBook, clerk: Clerk) -> None:
        self._book, self._clerk = book, clerk
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failed: set[str] = set()

    @property
    def order(self) -> ClerkOrder:
        """How it is set."""
        stored = self._book.setting(SETTING)
        return ClerkOrder.model_validate_json(stored) if stored else ClerkOrder(mode="manual")

    def set(self, order: ClerkOrder) -> None:
        """Set it, for restarts too."""
        self._book.set_setting(SETTING, order.model_dump_json())
        self.wake()

    def wake(self) -> None:
        """Something came in."""
        self._wake.set()

    def start(self) -> None:
        """Begin to act."""
        self._wake.set()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; cases wait where they are."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            order = self.order
            while order.mode == "auto" and (waiting := self._waiting()):
                for case in waiting:
                    self._act(case, order)
                # Calls that come in meanwhile are answered between two batches.
                await asyncio.sleep(0)

    def _waiting(self) -> list[CaseRow]:
        found = self._book.cases(_ACTED_ON, BATCH + len(self._failed))
        return [case for case in found if case.case_no not in self._failed]

    def _act(self, case: CaseRow, order: ClerkOrder) -> None:
        lot = int.from_bytes(hashlib.sha256(case.case_no.encode()).digest()[:4]) % 10_000
        corrected = any(
            event.seq and b'"correction_requested"' in event.body
            for event in self._book.events(case.case_no)
        )
        try:
            if case.state == "submitted" and not corrected and lot % 100 < order.corrections:
                asked = [Asked("请核对所填内容后重新提交")]
                self._clerk.ask_corrections(case.case_no, OFFICER, "材料不齐", asked, now().date())
            elif case.state == "submitted" and lot // 100 < order.not_accepted:
                self._clerk.not_accept(case.case_no, OFFICER, "不属于本机关职权范围")
            elif lot // 100 < order.not_accepted + order.refusals:
                self._clerk.deny(case.case_no, OFFICER, "经核查不符合法定条件")
            else:
                self._clerk.approve(case.case_no, OFFICER)
        except Exception:
            # Whatever it was: one case that the machine cannot decide is left to people and keeps
            # up no other, for a clerk that stopped here would stop for the whole department.
            log.exception("clerk.failed")
            self._failed.add(case.case_no)
