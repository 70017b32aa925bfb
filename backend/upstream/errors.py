"""What can go wrong when a provincial system is called.

UpstreamError
├── UpstreamTimeout       no answer before the deadline; the call may have been carried out
├── UpstreamUnreachable   no connection: nothing was carried out
├── UpstreamBusy          too many of our own calls are waiting for this system
├── UpstreamMaintenance   the system rests, as announced; nothing was sent
├── UpstreamSuspended     the platform does not call the system at present; nothing was sent
├── UpstreamFailed        the system answered 5xx
├── UpstreamRefused       the system answered 4xx: the request was wrong
└── UpstreamUntrusted     the answer is truncated, malformed, too large or not signed by the system
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from backend.errors import DomainError


class UpstreamError(DomainError):
    """A call to a provincial system did not bring an answer that can be used.

    Attributes:
        system: code of the system that was called.
    """

    code = "upstream.unavailable"
    title = "A provincial system is unavailable"
    detail = "该系统暂时不可用，请稍后再试；急办请拨打 12345。"
    kind = "unavailable"

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
    """No connection could be made."""


class UpstreamBusy(UpstreamError):
    """The bulkhead of this system is full."""


class UpstreamMaintenance(UpstreamError):
    """The system rests, as it announced.

    Attributes:
        until: when it is to be back.
        words: what it said about it.
    """

    code = "upstream.maintenance"
    title = "A provincial system is under maintenance"

    def __init__(self, system: str, until: datetime, words: str) -> None:
        super().__init__(system, "maintenance")
        self.until, self.words = until, words
        self.detail = f"{words}，预计 {_in_words(until)} 恢复。"

    def context(self) -> dict[str, Any]:
        return {"source": self.system, "until": self.until.isoformat(timespec="seconds")}


def _in_words(moment: datetime) -> str:
    """A moment by Beijing time, the day only where it is not today."""
    there = timezone(timedelta(hours=8))
    local = moment.astimezone(there)
    today = local.date() == datetime.now(there).date()
    return f"{local:%H:%M}" if today else f"{local.month}月{local.day}日 {local:%H:%M}"


class UpstreamSuspended(UpstreamError):
    """The platform does not call the system at present, by a decision.

    Attributes:
        words: what people are told.
    """

    code = "upstream.suspended"
    title = "A provincial system is suspended"

    def __init__(self, system: str, words: str) -> None:
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
