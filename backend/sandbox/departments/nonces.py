"""Nonces that have been seen, so that a recorded request cannot be sent again (RFC 9421 §7.2.2)."""

import time

from backend.upstream.signing import MAX_SKEW_S

_SLICE_S = 60


class NonceLedger:
    """Remembers each nonce until the signature that carried it expires.

    They are kept in slices of a minute, so that forgetting costs nothing per nonce.
    """

    def __init__(self) -> None:
        self._slices: dict[int, set[str]] = {}

    def first_use(self, key_id: str, nonce: str, expires: int) -> bool:
        """Note a nonce; False when it was used before.

        Args:
            expires: Unix time in seconds at which its signature ends.
        """
        self._forget()
        slot = self._slices.setdefault(expires // _SLICE_S, set())
        entry = f"{key_id}:{nonce}"
        if entry in slot:
            return False
        slot.add(entry)
        return True

    def __len__(self) -> int:
        return sum(len(slot) for slot in self._slices.values())

    def _forget(self) -> None:
        oldest = (int(time.time()) - MAX_SKEW_S) // _SLICE_S
        for slot in [slot for slot in self._slices if slot < oldest]:
            del self._slices[slot]
