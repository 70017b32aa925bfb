"""Departments of the tiny province, each test on files of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.sandbox_world import Running, running

Start = Callable[[str], Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a department by its code."""
    async with AsyncExitStack() as stack:

        async def _start(code: str) -> Running:
            return await stack.enter_async_context(running(code, tmp_path))

        yield _start


@pytest.fixture
async def gongan(start: Start) -> Running:
    """公安厅, which offers most operations."""
    return await start("gongan")


@pytest.fixture
async def shijian(start: Start) -> Running:
    """市场监管局 with its register of enterprises."""
    return await start("shijian")
