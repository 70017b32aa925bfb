"""Maintenance windows: when a system says ahead that it will not answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from backend.exchange.errors import WindowInvalid, WindowUnknown
from backend.exchange.models import MaintenanceWindow

LONGEST = timedelta(days=7)
FURTHEST = timedelta(days=180)
# Between filling in a form and sending it.
_JUST_NOW = timedelta(minutes=2)


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window.

    Attributes:
        words: what people are told, one Chinese sentence.
    """

    id: UUID
    system: str
    starts_at: datetime
    ends_at: datetime
    words: str

    def covers(self, moment: datetime) -> bool:
        """Whether the system rests at this moment."""
        return self.starts_at <= moment < self.ends_at


class Windows:
    """Keeps the windows of all systems.

    Args:
        clock: the present moment.
    """

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.clock = clock

    async def announce(
        self, actor: str, system: str, starts_at: datetime, ends_at: datetime, words: str
    ) -> Window:
        """Keep a window.

        Raises:
            WindowInvalid: it ends before it begins, is over, too long, too far or without words.
        """
        moment, words = self.clock(), words.strip()
        if not 1 <= len(words) <= 200:
            raise WindowInvalid("请用一句话说明维护内容，不超过 200 字。")
        if not starts_at < ends_at:
            raise WindowInvalid("维护的结束时间应晚于开始时间。")
        if starts_at < moment - _JUST_NOW:
            raise WindowInvalid("维护须提前公告，开始时间不能早于现在。")
        if ends_at - starts_at > LONGEST:
            raise WindowInvalid("一次维护不能超过 7 天。更长时间请申请暂停系统。")
        if starts_at - moment > FURTHEST:
            raise WindowInvalid("维护公告至多提前 180 天。")
        row = await MaintenanceWindow.create(
            system_code=system,
            starts_at=starts_at,
            ends_at=ends_at,
            words=words,
            announced_by=actor,
        )
        return _window(row)

    async def cancel(self, window_id: UUID, system: str) -> None:
        """Take a system's window back; one that rests is called again within seconds.

        Raises:
            WindowUnknown: it has none of that id, or it is over or cancelled.
        """
        found = self._ahead().filter(id=window_id, system_code=system)
        if not await found.update(cancelled_at=self.clock()):
            raise WindowUnknown

    async def list(self, systems: Iterable[str] | None = None) -> list[Window]:
        """The windows that run or are to come, the next first; of these systems or of all."""
        found = self._ahead()
        if systems is not None:
            found = found.filter(system_code__in=list(systems))
        return [_window(row) for row in await found.order_by("starts_at", "id").limit(500)]

    def _ahead(self) -> QuerySet[MaintenanceWindow]:
        return MaintenanceWindow.filter(ends_at__gt=self.clock(), cancelled_at=None)


def _window(row: MaintenanceWindow) -> Window:
    return Window(row.id, row.system_code, row.starts_at, row.ends_at, row.words)
