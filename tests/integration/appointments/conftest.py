"""A world of its own for every test of appointments."""

from collections.abc import AsyncIterator

import pytest

from tests.appointments_world import AppointmentsWorld, appointments_world


@pytest.fixture
async def here(database: str) -> AsyncIterator[AppointmentsWorld]:
    """The world; every test that asks for it runs on both backings."""
    async with appointments_world() as made:
        yield made
