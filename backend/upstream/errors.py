"""What can go wrong when a provincial system is called.

UpstreamError
├── UpstreamTimeout       no answer before the deadline; the call may have been carried out
├── UpstreamUnreachable   no connection: nothing was carried out
├── UpstreamBusy          too many of our own calls are waiting for this system
├── UpstreamFailed        the system answered 5xx
├── UpstreamRefused       the system answered 4xx: the request was wrong
└── UpstreamUntrusted     the answer is truncated, malformed, too large or not signed by the system
"""

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


class UpstreamFailed(UpstreamError):
    """The system answered with a 5xx."""


class UpstreamRefused(UpstreamError):
    """The system answered with a 4xx: ours to mend, so it is logged with its status."""


class UpstreamUntrusted(UpstreamError):
    """The answer cannot be trusted: truncated, malformed, too large, unsigned, wrongly signed."""

    code = "upstream.untrusted"
    title = "The answer of a provincial system cannot be trusted"
