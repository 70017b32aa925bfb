"""Pushes that did not reach anybody: how many, why, and sending them once more. Nobody is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import Audit
from backend.jobs.service import Queue, queue_of_rows
from backend.messages.models import MessagePush
from backend.messages.pushing import TOO_OLD
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role

SHOWN = timedelta(days=7)
FAILED, UNSURE, DROPPED, WAITING = "failed", "unsure", "dropped", "waiting"
# Why a push was dropped although somebody wanted it; the rest is the person's own doing.
_ILL = ("refused",)
_ROLES = frozenset({Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class Stuck:
    """Pushes of one channel that ended, or wait, for one reason.

    Attributes:
        state: ``failed``, ``unsure``, ``dropped``, or ``waiting`` for another try.
        can_resend: some of them are young enough to be sent once more.
    """

    channel: str
    state: str
    reason: str
    many: int
    latest: datetime
    can_resend: bool


class PushTrouble:
    """What the console shows of pushes."""

    def __init__(self, audit: Audit, clock: Callable[[], datetime]) -> None:
        self._audit, self._clock = audit, clock

    async def stuck(self, officer: Officer) -> list[Stuck]:
        """Of the last week, the many first.

        Raises:
            RoleMissing: only who runs the platform sees it.
        """
        if officer.role not in _ROLES:
            raise RoleMissing(sorted(_ROLES))
        since = self._clock() - SHOWN
        ended = MessagePush.filter(ended_at__gte=since)
        found = [
            *await self._groups(ended.filter(state__in=(FAILED, UNSURE)), "ended_at"),
            *await self._groups(_ill(ended), "ended_at"),
            *await self._groups(MessagePush.filter(state=WAITING, tries__gt=0), "due_at"),
        ]
        return sorted(found, key=lambda one: -one.many)

    async def backlog(self) -> list[Queue]:
        """Pushes that are due, and those of the last week that failed."""
        now = self._clock()
        failed = await MessagePush.filter(state=FAILED, ended_at__gte=now - SHOWN).count()
        due = MessagePush.filter(state=WAITING, due_at__lte=now)
        return [await queue_of_rows("messages.pushes", due, "due_at", now, failed)]

    async def resend(self, officer: Officer, channel: str, reason: str) -> int:
        """Try once more what failed for a reason and is not too old to be told; says how many.

        What may have arrived (``unsure``) is not sent again: nobody is told twice.

        Raises:
            RoleMissing: only the platform's operators do.
        """
        if officer.role is not Role.OPERATOR:
            raise RoleMissing((Role.OPERATOR,))
        now = self._clock()
        async with in_transaction():
            failed = MessagePush.filter(
                state=FAILED, channel=channel, reason=reason, ended_at__gte=now - TOO_OLD
            )
            many: int = await failed.update(state=WAITING, tries=0, due_at=now, ended_at=None)
            if many:
                detail: dict[str, str | int | bool | None] = {
                    "channel": channel, "reason": reason, "pushes": many,
                }  # fmt: skip
                await self._audit.record(
                    officer.actor, "messages.resent", f"pushes:{channel}", detail
                )
        return many

    async def _groups(self, pushes: QuerySet[MessagePush], moment: str) -> Sequence[Stuck]:
        rows = (
            await pushes.annotate(many=Count("id"))
            .group_by("channel", "state", "reason")
            .values_list("channel", "state", "reason", "many")
        )
        young, found = self._clock() - TOO_OLD, []
        for channel, state, reason, many in rows:
            same = pushes.filter(channel=channel, state=state, reason=reason)
            last = await same.order_by(f"-{moment}").first()
            if last is not None:
                latest: datetime = getattr(last, moment)
                again = state == FAILED and latest >= young
                found.append(Stuck(str(channel), str(state), str(reason), int(many), latest, again))
        return found


def _ill(ended: QuerySet[MessagePush]) -> QuerySet[MessagePush]:
    return ended.filter(Q(reason__in=_ILL) | Q(reason__startswith="errcode"), state=DROPPED)
