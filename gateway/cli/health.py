"""``health.py URL…`` or ``health.py --fresh FILE``: exit 0 when well. For container health checks.

Needs the standard library alone, because it is run every few seconds.
"""

import sys
import time
import urllib.request
from pathlib import Path

FRESH_S = 60.0


def main(arguments: list[str]) -> int:
    """Ask each address once, or look at the age of a file that a live process touches."""
    try:
        if arguments[:1] == ["--fresh"]:
            return _is_fresh(Path(arguments[1]))
        for url in arguments:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (addresses of our own)
                pass
    except OSError as error:
        print(f"unhealthy: {error}", file=sys.stderr)
        return 1
    return 0


def _is_fresh(file: Path) -> int:
    age = time.time() - file.stat().st_mtime
    if age > FRESH_S:
        print(f"unhealthy: {file} was last touched {age:.0f} s ago", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
