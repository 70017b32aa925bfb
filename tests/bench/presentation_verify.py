"""``presentation_verify``: CPU of verifying a presentation off line, in ms.

Of each kind of signature the platform issues with and phones bind with, the dearest counts. What is
measured is everything from the text of the presentation to the facts, with keys and status list at
hand; reading a fresh status list is measured beside it.
"""

import time
from collections.abc import Callable

from backend.presentation import packing, statuslist
from backend.presentation.keys import Algorithm
from tests.bench.report import Report
from tests.presentation_world import FACTS, World
from tests.presentation_world import Phone as PhoneKey

ROUNDS, TIMES = 15, 40
TARGET_MS = 2.0
ALGORITHMS: tuple[Algorithm, ...] = ("ed25519", "sm2")


def run() -> Report:
    """Measure."""
    found = {
        f"{alg}_{kind}": _verified(World(alg, PhoneKey(kind)))
        for alg in ALGORITHMS
        for kind in ("EdDSA", "ES256", "SM2")
    }
    worst = max(found.values())
    world = World()
    token = world.status_list(dict.fromkeys(range(0, 60000, 97), 1))
    presentation = world.present(*FACTS)
    codes = packing.pieces(presentation)
    details = {name.lower() + "_ms": round(ms, 3) for name, ms in found.items()}
    details["read_status_list_ms"] = round(
        _cpu_ms(lambda: statuslist.read(token, world.keys.key_set)), 3
    )
    details["join_codes_ms"] = round(_cpu_ms(lambda: packing.joined(codes)), 3)
    return Report(
        value=worst,
        unit="ms of CPU",
        met=worst <= TARGET_MS,
        details={**details, "bytes": len(presentation), "codes": len(codes)},
    )


def _verified(world: World) -> float:
    lists, presentation = world.lists(), world.present("age_over_18", "holder_name")
    return _cpu_ms(lambda: world.verify(presentation, lists=lists))


def _cpu_ms(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        before = time.process_time()
        for _ in range(TIMES):
            work()
        rounds.append((time.process_time() - before) / TIMES * 1000)
    # Neighbours on the same silicon slow a round down; nothing makes one faster than it is.
    return min(rounds)
