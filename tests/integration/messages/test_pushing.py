"""Pushes: by preference, in their hours, without anything personal, tried again, never doubled."""

import asyncio
from datetime import datetime, timedelta

import pytest

from backend.messages.errors import (
    QuietHoursEmpty,
    TemplateUnknown,
    TooManyTemplates,
    TopicUnknown,
)
from backend.messages.models import Message, MessagePush
from backend.messages.pushing import CLAIM, MOST_TRIES, TOO_OLD
from backend.messages.service import (
    Channel,
    Choice,
    QuietHours,
    Sought,
    choose,
    keep_quiet,
    preferences_of,
)
from backend.sandbox.faults import FaultSpec
from backend.sandbox.sms import Trouble
from backend.store.ids import uuid7
from tests.integration.messages.conftest import MORNING, World

SEND = "/cgi-bin/message/subscribe/send"
PERSONAL = ("张三", "新生儿入户已受理", "440106199001010012", "粤A12345")


async def told(world: World, person: object, kind: str = "case.accepted", key: str = "k") -> None:
    """Tell somebody something full of personal data, at the world's present moment."""
    name, title, number, plate = PERSONAL
    text = f"{name}（{number}）的车 {plate}"
    await world.messages.tell(person, kind, title, text, "/apply/case", dedupe_key=key)  # type: ignore[arg-type]
    await Message.filter(push_at__isnull=False).update(push_at=world.now(), created_at=world.now())


async def test_a_message_goes_out_once_through_each_channel_that_is_wanted(world: World) -> None:
    person = world.somebody("o1", "+8613800138000")
    await world.accepts("o1", "case")
    await told(world, person)
    for _ in range(3):
        await world.pushes.run()
    assert await world.states() == [("wechat", "sent", ""), ("sms", "sent", "")]
    assert [each["touser"] for each in world.wechat.sent] == ["o1"]
    assert [each.phone for each in world.carrier.sent.values()] == ["+8613800138000"]


async def test_nothing_personal_is_in_a_push(world: World) -> None:
    person = world.somebody("o1", "+8613800138000")
    await world.accepts("o1", "case")
    await told(world, person)
    await world.pushes.run()
    (sent,) = world.wechat.sent
    (sms,) = world.carrier.sent.values()
    for word in PERSONAL:
        assert word not in str(sent)
        assert word not in sms.text
    message = (await world.messages.list(person)).notes[0]
    assert sent["page"] == f"messages/inbox?id={message.id}"


async def test_the_same_told_twice_is_pushed_once(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    await told(world, person)
    await world.pushes.run()
    await told(world, person)
    await world.pushes.run()
    assert len(world.carrier.sent) == 1


async def test_many_workers_at_once_push_once(world: World) -> None:
    people = [world.somebody(f"o{number}", f"+861380013{number:04}") for number in range(5)]
    for number, person in enumerate(people):
        await world.accepts(f"o{number}", "case")
        await told(world, person)
    for _ in range(2):
        await asyncio.gather(*(world.pushes.run() for _ in range(4)))
    await world.pushes.run()
    assert sorted(each["touser"] for each in world.wechat.sent) == ["o0", "o1", "o2", "o3", "o4"]
    assert len(world.carrier.sent) == 5


async def test_one_consent_is_one_push(world: World) -> None:
    person = world.somebody("o1")
    await world.accepts("o1", "case")
    await told(world, person, key="one")
    await world.pushes.run()
    await told(world, person, key="two")
    await world.pushes.run()
    assert len(world.wechat.sent) == 1
    assert ("wechat", "dropped", "no_consent") in await world.states()


async def test_wechats_word_that_nothing_is_left_is_believed(world: World) -> None:
    person = world.somebody("o1")
    template = await world.accepts("o1", "case", count=3)
    world.wechat.quota["o1", template] = 0
    await told(world, person)
    await world.pushes.run()
    assert await world.states() == [
        ("wechat", "dropped", "no_consent"), ("sms", "dropped", "no_phone"),
    ]  # fmt: skip
    offers = await world.subscriptions.offers("o1")
    assert [each.remaining for each in offers if each.template.topic == "case"] == [0]


async def test_a_wechat_that_is_busy_is_asked_again_and_the_consent_is_not_lost(
    world: World,
) -> None:
    person = world.somebody("o1")
    await world.accepts("o1", "case")
    world.wechat_server.board.add(
        FaultSpec.model_validate({"kind": "busy", "operation": SEND, "calls": 1})
    )
    await told(world, person)
    await world.pushes.run()
    assert ("wechat", "waiting", "errcode -1") in await world.states()
    await world.pushes.run()
    assert world.wechat.sent == []
    world.shift += timedelta(minutes=1)
    await world.pushes.run()
    assert len(world.wechat.sent) == 1


async def test_a_wechat_whose_answer_is_lost_is_not_asked_again(world: World) -> None:
    """It may have shown the message, and has no key by which a second one would be known."""
    person = world.somebody("o1")
    await world.accepts("o1", "case", count=2)
    world.wechat_server.board.add(
        FaultSpec.model_validate({"kind": "malformed", "operation": SEND, "calls": 1})
    )
    await told(world, person)
    await world.pushes.run()
    world.shift += timedelta(hours=2)
    await world.pushes.run()
    assert len(world.wechat.sent) == 1
    assert ("wechat", "unsure", "no_answer") in await world.states()


async def test_an_sms_whose_answer_is_lost_is_sent_again_and_arrives_once(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.carrier.trouble = Trouble(status=503, after_taking=True)
    await told(world, person)
    await world.pushes.run()
    world.carrier.trouble = Trouble(status=0)
    world.shift += timedelta(minutes=1)
    await world.pushes.run()
    assert len(world.carrier.sent) == 1
    assert ("sms", "sent", "") in await world.states()


async def test_after_so_many_tries_it_is_given_up_and_can_be_seen(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.carrier.trouble = Trouble(status=503)
    await keep_quiet(person, QuietHours(on=False))
    await told(world, person)
    for _ in range(MOST_TRIES + 2):
        await world.pushes.run()
        world.shift += timedelta(hours=1)
    assert ("sms", "failed", "unreachable") in await world.states()
    assert (await MessagePush.get(channel="sms")).tries == MOST_TRIES


async def test_a_refusal_for_good_is_not_repeated(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.carrier.trouble = Trouble(status=422)
    await told(world, person)
    await world.pushes.run()
    assert ("sms", "dropped", "refused") in await world.states()


async def test_a_worker_that_died_over_a_push_doubles_nothing(world: World) -> None:
    person = world.somebody("o1", "+8613800138000")
    await world.accepts("o1", "case")
    await told(world, person)
    await world.pushes.run()
    await MessagePush.all().update(state="sending", claimed_at=world.now(), ended_at=None)
    world.shift += CLAIM + timedelta(seconds=1)
    await world.pushes.run()
    assert len(world.wechat.sent) == len(world.carrier.sent) == 1
    assert await world.states() == [("wechat", "unsure", "worker_ended"), ("sms", "sent", "")]


async def test_at_night_it_waits_for_the_morning(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.at(MORNING + timedelta(hours=14))
    await told(world, person)
    await world.pushes.run()
    assert len(world.carrier.sent) == 0
    world.at(MORNING + timedelta(hours=23, minutes=1))
    await world.pushes.run()
    assert len(world.carrier.sent) == 1


async def test_what_was_planned_by_day_waits_when_the_night_has_begun(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.carrier.trouble = Trouble(status=503)
    world.at(MORNING + timedelta(hours=12, minutes=59, seconds=40))
    await told(world, person)
    await world.pushes.run()
    world.carrier.trouble = Trouble(status=0)
    world.at(MORNING + timedelta(hours=14))
    await world.pushes.run()
    assert len(world.carrier.sent) == 0
    world.at(MORNING + timedelta(hours=23, minutes=1))
    await world.pushes.run()
    assert len(world.carrier.sent) == 1


async def test_what_is_urgent_goes_out_at_night(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    world.at(MORNING + timedelta(hours=14))
    await told(world, person, kind="new_device")
    await world.pushes.run()
    assert len(world.carrier.sent) == 1


async def test_what_is_switched_off_is_not_pushed_even_when_it_was_planned(world: World) -> None:
    person = world.somebody("o1", "+8613800138000")
    await world.accepts("o1", "case")
    await choose(person, [Choice("case", Channel.WECHAT, wanted=False)])
    world.at(MORNING + timedelta(hours=14))
    await told(world, person)
    await world.pushes.run()
    await choose(person, [Choice("case", Channel.SMS, wanted=False)])
    world.at(MORNING + timedelta(hours=24))
    await world.pushes.run()
    assert (len(world.wechat.sent), len(world.carrier.sent)) == (0, 0)
    assert await world.states() == [("sms", "dropped", "not_wanted")]


async def test_what_was_read_is_not_pushed(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    await told(world, person)
    message = (await world.messages.list(person)).notes[0]
    await world.messages.mark_read(person, str(message.id))
    await world.pushes.run()
    assert ("sms", "dropped", "read") in await world.states()


async def test_what_no_worker_sent_in_time_is_not_pushed_days_later(world: World) -> None:
    person = world.somebody(phone="+8613800138000")
    await told(world, person)
    world.carrier.trouble = Trouble(status=503)
    await world.pushes.run()
    world.carrier.trouble = Trouble(status=0)
    world.shift += TOO_OLD + timedelta(minutes=1)
    await world.pushes.run()
    assert world.carrier.sent == {}
    assert ("sms", "dropped", "too_old") in await world.states()


async def test_preferences_are_the_topics_own_until_they_are_chosen(world: World) -> None:
    person = world.somebody()
    chosen = await preferences_of(person)
    assert chosen.channels["case"] == {Channel.WECHAT, Channel.SMS}
    assert chosen.channels["notice"] == set()
    assert chosen.quiet == QuietHours(on=True, start=22 * 60, end=8 * 60)
    await choose(person, [Choice("notice", Channel.SMS, wanted=True)])
    await keep_quiet(person, QuietHours(on=True, start=0, end=60))
    chosen = await preferences_of(person)
    assert chosen.channels["notice"] == {Channel.SMS}
    assert chosen.quiet == QuietHours(on=True, start=0, end=60)


async def test_a_topic_that_is_none_is_refused(world: World) -> None:
    person = world.somebody()
    with pytest.raises(TopicUnknown):
        await choose(person, [Choice("weather", Channel.SMS, wanted=True)])
    with pytest.raises(TopicUnknown):
        await world.messages.list(person, sought=Sought(topic="weather"))


@pytest.mark.parametrize("hours", [(60, 60), (-1, 60), (0, 1440)])
async def test_quiet_hours_without_length_are_refused(world: World, hours: tuple[int, int]) -> None:
    with pytest.raises(QuietHoursEmpty):
        await keep_quiet(world.somebody(), QuietHours(True, *hours))


async def test_consents_are_counted_only_for_our_templates_and_as_wechat_asks(
    world: World,
) -> None:
    known = [each.template.template_id for each in await world.subscriptions.offers(None)]
    with pytest.raises(TemplateUnknown):
        await world.subscriptions.accepted("o1", [known[0], "another"])
    for many in ([known[0], known[0]], [*known, "one more"]):
        with pytest.raises(TooManyTemplates):
            await world.subscriptions.accepted("o1", many)
    assert {each.remaining for each in await world.subscriptions.offers("o1")} == {0}


async def test_the_inbox_is_counted_and_narrowed_by_topic(world: World) -> None:
    person = world.somebody()
    for number, kind in enumerate(("case.accepted", "case", "new_device", "welcome")):
        await world.messages.tell(person, kind, kind, "", dedupe_key=str(number))
    assert await world.messages.unread_by_topic(person) == {"case": 2, "security": 1, "notice": 1}

    async def titles(topic: str | None, unread: bool = False) -> list[str]:
        page = await world.messages.list(person, sought=Sought(topic, unread))
        return [note.title for note in page.notes]

    assert await titles("case") == ["case", "case.accepted"]
    assert await titles("notice") == ["welcome"]
    assert await world.messages.mark_all_read(person, sought=Sought("case")) == 2
    assert await titles("case", unread=True) == []
    assert await titles(None, unread=True) == ["welcome", "new_device"]
    assert await world.messages.mark_all_read(person) == 2
    assert await world.messages.mark_all_read(uuid7()) == 0


async def test_pushes_are_forgotten_after_half_a_year(world: World) -> None:
    await told(world, world.somebody(phone="+8613800138000"))
    await world.pushes.run()
    assert await world.pushes.purge() == 0
    world.at(datetime.now(MORNING.tzinfo) + timedelta(days=200))
    assert await world.pushes.purge() == 2
