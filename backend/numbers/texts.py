"""What people type instead of plain ASCII."""

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Blanks of every sort, and the invisible characters that come along when text is copied.
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")


def to_ascii(text: str) -> str:
    """Full-width letters and digits become ASCII; blanks and invisible characters go."""
    return _INVISIBLE.sub("", text.translate(_FULL_WIDTH))
