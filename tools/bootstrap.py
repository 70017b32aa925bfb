"""Where every make target begins: finds a Python that is new enough, then prepares and starts.

This one file stays readable for Python 3.6 and later, so that a machine with an old Python gets a
sentence instead of a syntax error. Everything else is in ``tools/setup``.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def is_new_enough(python: str) -> bool:
    """Whether this interpreter starts (a version manager's stub may not) and is new enough."""
    test = f"import sys; sys.exit(sys.version_info < {OLDEST!r})"
    try:
        code = subprocess.call(
            [python, "-c", test], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return False
    return code == 0


def newer_python() -> str:
    """The path of a Python that is new enough, or an empty string."""
    for minor in (13, 12, 11, 14):
        path = shutil.which(f"python3.{minor}")
        if path and is_new_enough(path):
            return path
    return ""


def main() -> int:
    """Run with a Python that is new enough, or say what is missing."""
    if sys.version_info < OLDEST:
        newer = newer_python()
        if newer:
            os.execv(newer, [newer, os.path.abspath(__file__)] + sys.argv[1:])  # noqa: S606, RUF005
        target = (sys.argv[1:] or ["run"])[0]
        sys.stderr.write(
            f"省事通：需要 Python 3.11 或更新版本，当前 {sys.executable} 是 "
            f"{sys.version.split()[0]}。请安装后重试，或指明路径："
            f"make {target} PYTHON=/path/to/python3.12 (Python >= 3.11 needed)\n"
        )
        return 1
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no Chinese shows escapes rather than a traceback.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.path.insert(0, ROOT)
    from tools.setup.commands import main as prepared_main

    return prepared_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
