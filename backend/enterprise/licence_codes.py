"""Codes of 电子营业执照: asked of the systems that issued them, each answered once.

The code itself is kept nowhere and is in no log: for a minute it is worth an enterprise.
"""

import re
from uuid import uuid4

import structlog

from backend.enterprise.errors import (
    LicenceCodeExpired,
    LicenceCodeUnknown,
    LicenceCodeUsed,
    LicenceSystemSilent,
)
from backend.enterprise.records import AnswerRefused, ShownLicence, read_licence_code
from backend.exchange.service import Exchange
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

OPERATION = "enterprises.licence_code"
_FORM = re.compile(r"[0-9A-Za-z-]{12,64}")
_REFUSALS = {
    "unknown": LicenceCodeUnknown,
    "used": LicenceCodeUsed,
    "expired": LicenceCodeExpired,
}

log = structlog.get_logger("enterprise")


async def shown_licence(
    exchange: Exchange, code: str, deadline: Deadline, trace: str
) -> ShownLicence:
    """Whose licence a code shows, and in whose hand.

    The request id is of this one call: whoever sends the same code to the gateway again, asks
    again, and hears that it was used.

    Args:
        code: as scanned or typed; blanks in it do not matter.

    Raises:
        LicenceCodeUnknown: no system knows it, or it has not the form of one.
        LicenceCodeUsed, LicenceCodeExpired: one does, and refuses.
        LicenceSystemSilent: a system that could know it does not answer.
    """
    code = "".join(code.split())
    if not _FORM.fullmatch(code):
        raise LicenceCodeUnknown
    payload = {"request_id": str(uuid4()), "code": code}
    silent = not (systems := exchange.with_operation(OPERATION))
    for system in systems:
        try:
            found = read_licence_code(
                await exchange.call(system, OPERATION, payload, deadline, trace)
            )
        except (UpstreamError, AnswerRefused) as error:
            log.warning(
                "enterprise.licence_system_silent", system=system.code,
                error=type(error).__name__, reason=error.reason,
            )  # fmt: skip
            silent = True
            continue
        if isinstance(found, ShownLicence):
            return found
        if found != "unknown":
            raise _REFUSALS[found]
    raise LicenceSystemSilent if silent else LicenceCodeUnknown
