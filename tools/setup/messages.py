"""What the person at the terminal sees: one line for each step, one line for each failure."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "省事通"


class Stop(Exception):
    """Preparation cannot go on; the message says what is wrong and how to mend it."""


def say(line: str) -> None:
    """Print one line at once, whatever buffering the terminal or log has."""
    print(f"{NAME}：{line}", flush=True)


def complain(line: str) -> None:
    """Print the one line that tells why nothing more happens."""
    print(f"{NAME}：{line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator["Progress"]:
    """Announce a long step, show that it goes on, and say how long it took.

    Args:
        title: Chinese with a short English gloss, without a full stop.
    """
    progress = Progress(title)
    progress.start()
    try:
        yield progress
    except BaseException:
        progress.stop("未完成 · not finished")
        raise
    progress.stop("完成 · done")


class Progress:
    """A line that grows: rewritten in place on a terminal, a new line now and then in a log."""

    TERMINAL_EVERY_S = 0.5
    LOG_EVERY_S = 20.0

    def __init__(self, title: str) -> None:
        self._title = title
        self._note = ""
        self._began = time.monotonic()
        self._over = threading.Event()
        self._terminal = sys.stdout.isatty()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        """Show the title and go on showing the time spent."""
        say(f"{self._title} …")
        self._thread.start()

    def note(self, text: str) -> None:
        """What is being done at this moment; shown at the next tick."""
        self._note = text

    def stop(self, ending: str) -> None:
        """Finish the line."""
        self._over.set()
        self._thread.join()
        if self._terminal:
            sys.stdout.write("\r\x1b[K")
        say(f"{self._title} {ending} ({self._seconds():.1f} s)")

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _tick(self) -> None:
        every = self.TERMINAL_EVERY_S if self._terminal else self.LOG_EVERY_S
        while not self._over.wait(every):
            line = f"  {self._seconds():4.0f} s {self._note}".rstrip()
            if self._terminal:
                sys.stdout.write(f"\r\x1b[K{line[:78]}")
                sys.stdout.flush()
            else:
                print(line, flush=True)
