"""Time-based codes (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app has it."""

import hmac
import io
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
WINDOW = 1
ISSUER = "省事通控制台"


def new_secret() -> str:
    """A fresh secret, 160 bits in base32."""
    return pyotp.random_base32(32)


def step_of(moment: datetime) -> int:
    """The number of the time step."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step that a code belongs to, within one step of now.

    Args:
        after: steps up to this one were used and do not count again.
    """
    given = "".join(code.split()).encode("utf-8", "replace")
    totp, present = pyotp.TOTP(secret), step_of(now)
    for step in range(present - WINDOW, present + WINDOW + 1):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), given)
        if fits and step > after:
            return step
    return None


def usable_code(secret: str, now: datetime, after: int) -> str | None:
    """A code that would be taken now; None when those of this moment are used up."""
    step = max(step_of(now), after + 1)
    return pyotp.TOTP(secret).generate_otp(step) if step <= step_of(now) + WINDOW else None


def uri_of(secret: str, username: str) -> str:
    """What an authenticator app takes in (``otpauth://``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def qr_svg(uri: str) -> str:
    """The same as a QR code: an SVG element without script or style."""
    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, nl=False, border=4, omitsize=True,
        svgclass=None, lineclass=None, dark="#000", light="#fff",
    )  # fmt: skip
    return out.getvalue().decode()
