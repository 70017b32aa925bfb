"""UUID version 7 (RFC 9562, section 5.7): ids that sort by the moment at which they were made."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_COUNTER_BITS = 12
_RANDOM_BITS = 62
_VERSION = 7
_VARIANT = 0b10

_lock = threading.Lock()
_last = 0


def least_uuid7(moment: datetime) -> UUID:
    """The smallest id that could have been made at a moment: bounds a range of ids by time.

    Before 1970 there were none: any such moment gives the smallest of all.
    """
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return UUID(int=milliseconds << 80 | _VERSION << 76 | _VARIANT << _RANDOM_BITS)


def uuid7() -> UUID:
    """A fresh id; within one process each is greater than the one before.

    The 12 bits after the milliseconds start at random in the lower half and count upwards
    (RFC 9562, section 6.2, method 1). When they overflow, the id borrows from the next millisecond.
    """
    global _last
    now = time.time_ns() // 1_000_000
    drawn = int.from_bytes(os.urandom(10), "big")
    fresh = now << _COUNTER_BITS | drawn >> _RANDOM_BITS + 7
    with _lock:
        _last = max(fresh, _last + 1)
        moment = _last
    milliseconds, counter = moment >> _COUNTER_BITS, moment & ((1 << _COUNTER_BITS) - 1)
    random = drawn & ((1 << _RANDOM_BITS) - 1)
    value = milliseconds << 80 | _VERSION << 76 | counter << 64 | _VARIANT << _RANDOM_BITS | random
    return UUID(int=value)
