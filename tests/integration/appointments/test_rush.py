"""1,000 people book the last 10 places at once: exactly 10, on one process and on several."""

import asyncio
import sys

from backend.appointments.errors import TimeFull
from backend.appointments.models import Appointment as Row
from backend.appointments.models import Slot
from tests.appointments_world import TOMORROW, AppointmentsWorld, counter, moment, place
from tests.servers import ROOT

PEOPLE, PLACES = 1000, 10


async def test_a_thousand_people_and_the_last_ten_places(here: AppointmentsWorld) -> None:
    await here.register(place(counters=[counter(capacity=PLACES)]))
    people = [here.person() for _ in range(PEOPLE)]
    found = await asyncio.gather(*(here.book(one) for one in people), return_exceptions=True)
    booked = [one for one in found if not isinstance(one, BaseException)]
    assert len(booked) == PLACES
    assert all(isinstance(one, TimeFull) for one in found if isinstance(one, BaseException))
    assert await Row.filter(state="booked", day=TOMORROW).count() == PLACES
    assert [row.booked for row in await Slot.all()] == [PLACES]
    assert len({one.code for one in booked}) == PLACES
    # One gives up, and one of all who wait for that gets it.
    owner = people[found.index(booked[0])]
    await here.appointments.booking.cancel(owner, booked[0].id)
    again = await asyncio.gather(
        *(here.book(one) for one in people[:100] if one is not owner), return_exceptions=True
    )
    fresh = [one for one in again if not isinstance(one, BaseException)]
    assert len(fresh) <= 1
    assert await here.left() == 1 - len(fresh)


WORKER = """
import asyncio, sys
from datetime import datetime
from backend.store.database import close_database, open_database
from tests.appointments_world import appointments_world

async def work(url, starts_at, people):
    await open_database(url)
    async with appointments_world(fresh=False) as here:
        here.clock.go(datetime.fromisoformat(starts_at))
        print("ready", flush=True)
        sys.stdin.readline()
        found = await asyncio.gather(
            *(here.book(here.person()) for _ in range(people)), return_exceptions=True
        )
        kinds = [type(one).__name__ for one in found]
        print(kinds.count("Appointment"), *sorted(set(kinds)), flush=True)
    await close_database()

asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


async def test_several_workers_together_give_no_more(
    here: AppointmentsWorld, database_url: str
) -> None:
    await here.register(place(counters=[counter(capacity=PLACES)]))
    now = moment(TOMORROW, "08:00").isoformat()
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, database_url, now, "60",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    for one in workers:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(one.communicate(b"go\n") for one in workers))
    lines = [out.decode().split(" ", 1) for out, _ in said]
    assert sum(int(count) for count, _ in lines) == PLACES, lines
    assert {kind for _, kinds in lines for kind in kinds.split()} <= {"Appointment", "TimeFull"}
    assert [row.booked for row in await Slot.filter(day=TOMORROW)] == [PLACES]
