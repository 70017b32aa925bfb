"""What can go wrong when a provincial system is called.

UpstreamError
├── UpstreamTimeout       no answer before the deadline; the call may have been carried out
├── UpstreamUnreachable   no connection: nothing was carried out
├── UpstreamBusy          too many of our own calls are waiting for this system
├── UpstreamResting       it is left alone for a time that is known; nothing was sent
│   ├── UpstreamOpen        since it failed so often
│   └── UpstreamThrottled   since it asked for that
├── UpstreamMaintenance   the system rests, as announced; nothing was sent
├── UpstreamSuspended     the platform does not call the system at present; nothing was sent
├── UpstreamFailed        the system answered 5xx
├── UpstreamRefused       the system answered 4xx: the request was wrong
└── UpstreamUntrusted     the answer is truncated, malformed, too large or not signed by the system
"""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from backend.errors import DomainError

CHINA = ZoneInfo("Asia/Shanghai")


class UpstreamError(DomainError):
    """A call to a provincial system did not bring an answer that can be used.

    Attributes:
        system: code of the system that was called.
        reason: a stable word for logs and metrics.
        state: what is the matter, to be put behind the system's name (“医保系统” + state).
    """

    code = "upstream.unavailable"
    title = "A provincial system is unavailable"
    detail = "该系统暂时不可用，请稍后再试；急办请拨打 12345。"
    kind = "unavailable"
    state = "暂时不可用"

    def __init__(self, system: str, reason: str = "") -> None:
        self.system, self.reason = system, reason
        super().__init__()

    def context(self) -> dict[str, Any]:
        return {"source": self.system}


class UpstreamTimeout(UpstreamError):
    """No answer before the deadline."""

    code = "upstream.timeout"
    title = "A provincial system did not answer in time"


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, or none may be made to that address."""


class UpstreamBusy(UpstreamError):
    """The bulkhead of this system is full."""

    code = "upstream.busy"
    title = "Too many calls wait for a provincial system"
    detail = "该系统正在处理的请求太多，请稍后再试；急办请拨打 12345。"


class UpstreamResting(UpstreamError):
    """The system is not called for some time.

    Attributes:
        retry_after: seconds that are left of it, at least 1.
    """

    _reason: ClassVar[str]

    def __init__(self, system: str, retry_after: float) -> None:
        self.retry_after = max(1, round(retry_after))
        super().__init__(system, self._reason)

    def context(self) -> dict[str, Any]:
        return {**super().context(), "retry_after": self.retry_after}


class UpstreamOpen(UpstreamResting):
    """The breaker is open: it failed so often of late that it is not called for a while."""

    code = "upstream.open"
    title = "A provincial system keeps failing and is left alone for a while"
    _reason = "breaker"


class UpstreamThrottled(UpstreamResting):
    """The system asked not to be called for some time."""

    code = "upstream.throttled"
    title = "A provincial system asked us to wait"
    _reason = "retry_after"


class UpstreamMaintenance(UpstreamError):
    """The system is in a maintenance window that was announced.

    Attributes:
        until: when it is expected back; words: what its people said of it.
    """

    code = "upstream.maintenance"
    title = "A provincial system is under maintenance"

    def __init__(self, system: str, until: datetime, words: str = "") -> None:
        self.until, self.words = until, words
        super().__init__(system, "maintenance")
        self.state = f"维护中，预计 {_clock(until)} 恢复"
        self.detail = f"该系统{self.state}，请届时再试；急办请拨打 12345。"

    def context(self) -> dict[str, Any]:
        return {**super().context(), "until": self.until.isoformat(), "words": self.words}


class UpstreamSuspended(UpstreamError):
    """An operator took the system out of service; ``words`` says so to people."""

    code = "upstream.suspended"
    title = "A provincial system is suspended"
    detail = "该系统已暂停服务，恢复时间请留意通知；急办请拨打 12345。"
    state = "已暂停服务"

    def __init__(self, system: str, words: str = "") -> None:
        super().__init__(system, "suspended")
        self.words = words
        if words:
            self.detail = words


class UpstreamFailed(UpstreamError):
    """The system answered with a 5xx."""


class UpstreamRefused(UpstreamError):
    """The system answered with a 4xx: ours to mend, so it is logged with its status."""


class UpstreamUntrusted(UpstreamError):
    """The answer cannot be trusted: truncated, malformed, too large, unsigned, wrongly signed."""

    code = "upstream.untrusted"
    title = "The answer of a provincial system cannot be trusted"


def _clock(moment: datetime) -> str:
    """The moment as people say it: the hour today, the day too if it is another one."""
    here = moment.astimezone(CHINA)
    today = datetime.now(CHINA).date()
    day = "" if here.date() == today else f"{here.month}月{here.day}日 "
    return f"{day}{here:%H:%M}"
