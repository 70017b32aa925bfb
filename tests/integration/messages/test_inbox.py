"""The inbox inside the app, on both databases."""

import asyncio
import base64
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from backend.messages.errors import CursorInvalid, MessageNotFound
from backend.messages.models import Message
from backend.messages.service import PAGE, Messages
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing


@pytest.fixture
def messages(database: str) -> Messages:
    """An inbox on an empty database."""
    assert database
    return Messages(KeyRing({"k": bytes(32)}))


async def test_a_message_is_read_as_it_was_written(messages: Messages) -> None:
    person = uuid7()
    await messages.post(person, "new_device", "新设备登录", "您的账号在“𬭚的手机”上登录。😀")
    page = await messages.list(person)
    (note,) = page.notes
    assert (note.kind, note.title) == ("new_device", "新设备登录")
    assert note.text == "您的账号在“𬭚的手机”上登录。😀"
    assert not note.read
    assert page.unread == 1
    assert page.next_cursor is None
    assert abs(datetime.now(UTC) - note.created_at) < timedelta(minutes=1)


async def test_what_is_told_is_told_once(messages: Messages) -> None:
    person = uuid7()
    subject = base64.urlsafe_b64encode(person.bytes).decode().rstrip("=")
    for who in (person, subject):
        await messages.tell(
            who, "case.accepted", "已受理", "请留意。", "/apply/case", dedupe_key="case:1:accepted"
        )
    assert [note.title for note in (await messages.list(person)).notes] == ["已受理"]


async def test_the_same_told_by_many_at_once_is_told_once(messages: Messages) -> None:
    person = uuid7()
    await asyncio.gather(
        *(messages.tell(person, "case", "已受理", "", dedupe_key="c") for _ in range(8))
    )
    assert len((await messages.list(person)).notes) == 1


async def test_two_people_are_each_told(messages: Messages) -> None:
    both = uuid7(), uuid7()
    for person in both:
        await messages.tell(person, "case", "已受理", "", dedupe_key="c")
    assert [len((await messages.list(person)).notes) for person in both] == [1, 1]


async def test_telling_again_leaves_the_transaction_usable_and_is_lost_with_it(
    messages: Messages,
) -> None:
    person = uuid7()
    await messages.tell(person, "case", "一", "", dedupe_key="one")

    async def failing() -> None:
        async with in_transaction():
            await messages.tell(person, "case", "一", "", dedupe_key="one")
            await messages.tell(person, "case", "二", "", dedupe_key="two")
            assert await messages.unread(person) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert await messages.unread(person) == 1


async def test_title_and_text_are_sealed(messages: Messages) -> None:
    await messages.post(uuid7(), "x", "新设备登录", "只有本人能看")
    row = await Message.all().first()
    assert row is not None
    assert "新设备登录".encode() not in row.title
    assert "只有本人能看".encode() not in row.text


async def test_pages_go_from_new_to_old_without_gap_or_repeat(messages: Messages) -> None:
    person = uuid7()
    for number in range(2 * PAGE + 3):
        await messages.post(person, "x", str(number), "")
    seen: list[str] = []
    cursor: str | None = None
    sizes = []
    while True:
        page = await messages.list(person, cursor)
        seen += [note.title for note in page.notes]
        sizes.append(len(page.notes))
        # What arrives while somebody reads does not shift the pages.
        if cursor is None:
            await messages.post(person, "x", "late", "")
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sizes == [PAGE, PAGE, 3]
    assert seen == [str(number) for number in reversed(range(2 * PAGE + 3))]


async def test_reading_counts_down_and_again_does_nothing(messages: Messages) -> None:
    person = uuid7()
    await messages.post(person, "x", "one", "")
    await messages.post(person, "x", "two", "")
    newest = (await messages.list(person)).notes[0]
    for _ in range(2):
        await messages.mark_read(person, str(newest.id))
    page = await messages.list(person)
    assert [note.read for note in page.notes] == [True, False]
    assert page.unread == await messages.unread(person) == 1


async def test_a_message_of_somebody_else_is_not_there(messages: Messages) -> None:
    owner = uuid7()
    await messages.post(owner, "x", "mine", "")
    message_id = str((await messages.list(owner)).notes[0].id)
    stranger = uuid7()
    assert (await messages.list(stranger)).notes == []
    with pytest.raises(MessageNotFound):
        await messages.mark_read(stranger, message_id)
    assert await messages.unread(owner) == 1


@pytest.mark.parametrize("message_id", ["", "x", "😀", str(uuid.UUID(int=0)), "A" * 500])
async def test_a_message_that_is_not_there_cannot_be_read(
    messages: Messages, message_id: str
) -> None:
    with pytest.raises(MessageNotFound):
        await messages.mark_read(uuid7(), message_id)


@pytest.mark.one_store
@pytest.mark.parametrize("cursor", ["", "x", "😀", "1' OR '1'='1"])
async def test_an_invented_cursor_is_refused(messages: Messages, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        await messages.list(uuid7(), cursor)


async def test_older_messages_can_be_left_out(messages: Messages) -> None:
    person = uuid7()
    await messages.post(person, "x", "old", "")
    since = datetime.now(UTC)
    await messages.post(person, "x", "new", "")
    page = await messages.list(person, since=since)
    assert [note.title for note in page.notes] == ["new"]
    assert page.unread == 1
    old = (await messages.list(person)).notes[1]
    with pytest.raises(MessageNotFound):
        await messages.mark_read(person, str(old.id), since)
