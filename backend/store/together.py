"""Writes of the same kind that come at the same moment, in one transaction (group commit).

A transaction costs nearly the same with thirty rows as with one: the steps between event loop and
database are the most of it. So whoever comes while one is under way waits for the next, together
with all who came since. Whoever comes alone waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

MOST = 64

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Hands what waits to one writer, so many at a time and one lot after the other.

    Args:
        write: writes a lot in a transaction of its own and gives a result for each, in order.
        refusals: what it raises when one of a lot cannot be written, which is nobody else's fault:
            each is written anew by itself then.
        most: of a lot.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        refusals: tuple[type[Exception], ...],
        most: int = MOST,
    ) -> None:
        self._write, self._refusals, self._most = write, refusals, most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def add(self, one: T) -> R:
        """Have it written; whatever the writer raises for it is raised here.

        It is written even if nobody waits for it any more.
        """
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, result))
        if self._writer is None:
            self._writer = asyncio.create_task(self._work())
        return await result

    async def _work(self) -> None:
        try:
            while self._waiting:
                lot = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                try:
                    await self._write_lot(lot)
                finally:
                    for _, result in lot:
                        result.cancel()  # of those that were told nothing: the process ends
        finally:
            self._writer = None

    async def _write_lot(self, lot: Sequence[tuple[T, "asyncio.Future[R]"]]) -> None:
        try:
            results = await self._write([one for one, _ in lot])
        except self._refusals as error:
            if len(lot) == 1:
                _tell(lot[0][1], error)
                return
            for each in lot:
                await self._write_lot([each])
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised where they wait
            for _, result in lot:
                _tell(result, error)
        else:
            for (_, waiting), written in zip(lot, results, strict=True):
                if not waiting.done():
                    waiting.set_result(written)


def _tell(waiting: "asyncio.Future[R]", error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)
