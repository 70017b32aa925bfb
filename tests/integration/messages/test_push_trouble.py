"""What the console shows of pushes that reached nobody, and sending them once more."""

from datetime import timedelta

import pytest

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.messages.models import MessagePush
from backend.messages.pushing import MOST_TRIES
from backend.messages.service import PushTrouble, Stuck
from backend.operators.errors import RoleMissing
from backend.operators.service import Role
from backend.sandbox.sms import Trouble
from tests.integration.messages.conftest import World
from tests.integration.messages.test_pushing import told
from tests.sharing_world import officer

OPERATOR = officer(Role.OPERATOR)


def console(world: World) -> PushTrouble:
    return PushTrouble(Audit(), world.now)


async def given_up(world: World) -> None:
    """An SMS that could not be sent however often it was tried."""
    world.carrier.trouble = Trouble(status=503)
    await told(world, world.somebody(phone="+8613800138000"))
    for _ in range(MOST_TRIES):
        await world.pushes.run()
        world.shift += timedelta(hours=1, seconds=1)


def sms_of(found: list[Stuck]) -> list[tuple[str, str, int, bool]]:
    return [(o.state, o.reason, o.many, o.can_resend) for o in found if o.channel == "sms"]


async def test_what_failed_is_seen_and_sent_once_more(world: World) -> None:
    await given_up(world)
    trouble = console(world)
    assert sms_of(await trouble.stuck(OPERATOR)) == [("failed", "unreachable", 1, True)]
    assert await trouble.resend(OPERATOR, "sms", "refused") == 0
    world.carrier.trouble = Trouble(status=0)
    assert await trouble.resend(OPERATOR, "sms", "unreachable") == 1
    assert await trouble.resend(OPERATOR, "sms", "unreachable") == 0
    await world.pushes.run()
    assert len(world.carrier.sent) == 1
    assert sms_of(await trouble.stuck(OPERATOR)) == []
    (entry,) = await AuditEntry.filter(action="messages.resent")
    assert entry.detail == {"channel": "sms", "reason": "unreachable", "pushes": 1}


async def test_what_is_waited_for_and_what_was_refused_is_seen(world: World) -> None:
    world.carrier.trouble = Trouble(status=503)
    await told(world, world.somebody(phone="+8613800138000"))
    await world.pushes.run()
    assert sms_of(await console(world).stuck(OPERATOR)) == [("waiting", "unreachable", 1, False)]
    world.carrier.trouble = Trouble(status=422)
    world.shift += timedelta(minutes=2)
    await world.pushes.run()
    assert sms_of(await console(world).stuck(OPERATOR)) == [("dropped", "refused", 1, False)]


async def test_what_is_too_old_is_not_sent_again_and_then_not_shown(world: World) -> None:
    await given_up(world)
    world.shift += timedelta(days=4)
    trouble = console(world)
    assert sms_of(await trouble.stuck(OPERATOR)) == [("failed", "unreachable", 1, False)]
    assert await trouble.resend(OPERATOR, "sms", "unreachable") == 0
    world.shift += timedelta(days=4)
    assert await trouble.stuck(OPERATOR) == []


async def test_what_may_have_arrived_is_not_sent_again(world: World) -> None:
    await told(world, world.somebody(phone="+8613800138000"))
    await world.pushes.run()
    await MessagePush.all().update(state="unsure", reason="no_answer", ended_at=world.now())
    trouble = console(world)
    assert {one.can_resend for one in await trouble.stuck(OPERATOR)} == {False}
    assert await trouble.resend(OPERATOR, "sms", "no_answer") == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
async def test_only_operators_see_it_and_send_again(world: World, role: Role) -> None:
    with pytest.raises(RoleMissing):
        await console(world).stuck(officer(role))
    with pytest.raises(RoleMissing):
        await console(world).resend(officer(role), "sms", "unreachable")
