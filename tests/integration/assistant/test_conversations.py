"""Conversations belong to one account at one door, are sealed, and do not last."""

from secrets import token_bytes

from backend.assistant.conversations import LIFE_S, Conversations
from backend.store.keyring import KeyRing
from backend.store.redis import Redis

SUBJECT, OTHER = "AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"
USCC = "91440101MA5ABCDE1X"


async def test_a_conversation_is_kept_for_its_account_and_door(redis: Redis) -> None:
    kept = Conversations(redis, KeyRing({"k": token_bytes(32)}))
    talk = kept.begin()
    talk.say("me", "我的身份证丢了")
    talk.asked, talk.offered, talk.source = "我的身份证丢了", ["guide:1"], "guide:2"
    await kept.keep(SUBJECT, "", talk)
    assert await kept.get(SUBJECT, "", talk.id) == talk
    assert await kept.get(OTHER, "", talk.id) is None
    assert await kept.get(SUBJECT, USCC, talk.id) is None
    assert await kept.get(SUBJECT, "", "x" * 16) is None
    assert await kept.get(SUBJECT, "", "../../etc") is None


async def test_it_is_sealed_and_gone_after_half_an_hour(redis: Redis) -> None:
    kept = Conversations(redis, KeyRing({"k": token_bytes(32)}))
    talk = kept.begin()
    talk.say("me", "机密")
    await kept.keep(SUBJECT, "", talk)
    key = f"assistant:{{{SUBJECT}}}:{talk.id}"
    stored = await redis.get(key)
    assert stored is not None
    assert "机密".encode() not in stored
    assert 0 < await redis.ttl(key) <= LIFE_S
    assert await kept.end(SUBJECT, talk.id)
    assert not await kept.end(SUBJECT, talk.id)
    assert await kept.get(SUBJECT, "", talk.id) is None


async def test_another_key_opens_nothing(redis: Redis) -> None:
    talk = Conversations.begin()
    await Conversations(redis, KeyRing({"k": token_bytes(32)})).keep(SUBJECT, "", talk)
    assert await Conversations(redis, KeyRing({"k": token_bytes(32)})).get(
        SUBJECT, "", talk.id
    ) is None  # fmt: skip


def test_of_a_long_conversation_the_newest_is_kept() -> None:
    talk = Conversations.begin()
    for number in range(50):
        talk.say("me", str(number))
    assert [text for _, text in talk.turns] == [str(number) for number in range(30, 50)]
