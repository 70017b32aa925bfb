"""State machines of Hypothesis whose world lives in an event loop.

Hypothesis knows nothing of asyncio: the machine runs in a thread, and what its rules do to the
world is done in the loop of the test, whose connections it uses.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

T = TypeVar("T")
_LONGEST_S = 60


class Machine(RuleBasedStateMachine):
    """Rules that do things in the loop of the test."""

    loop: asyncio.AbstractEventLoop

    def _run(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            # A query set can be awaited, but is no coroutine.
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(_LONGEST_S)


async def every_order(machine: type[Machine], examples: int, steps: int, **world: Any) -> None:
    """Let a machine do its rules in many orders.

    Args:
        examples: how many orders; steps: how long each is at most.
        world: attributes of the machine.
    """
    bound = type("Bound", (machine,), {"loop": asyncio.get_running_loop(), **world})
    bound.TestCase.settings = settings(  # type: ignore[attr-defined]
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(bound.TestCase("runTest").debug)  # type: ignore[attr-defined]
