"""Pushing: what was told is planned, sent through each channel, tried again, and never doubled.

A message is in the inbox whatever happens here. A push is claimed before it is sent, so that of
many workers one sends it. What went wrong is tried again with growing pauses. Where the outcome is
unknown (a time-out, a worker that died), an SMS is sent again, because its receiver keeps one per
id; a WeChat message is not, because WeChat would show it twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.messages.kinds import TOPICS, Channel, topic_of
from backend.messages.models import Message, MessagePush
from backend.messages.preferences import Preferences, preferences_of_many
from backend.messages.subscriptions import Subscriptions
from backend.upstream.sms import Sms, SmsRefused, SmsUnreachable
from backend.upstream.wechat import WeChat, WeChatRefused, WeChatUnreachable, WeChatUnsure

PLANNED_AT_ONCE = 500
SENT_AT_ONCE = 200
AT_A_TIME = 20
CLAIM = timedelta(minutes=2)
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 8
# What nobody could be told within three days is not pushed any more: it is old by then.
TOO_OLD = timedelta(days=3)
# Records of pushes are kept as network logs are (网络安全法 art. 23).
KEPT = timedelta(days=184)
_USED_UP = 43101
# -1 busy, 45009 and 45011 over a limit: WeChat asks to come again.
_COME_AGAIN = frozenset({-1, 45009, 45011})
_INBOX_PAGE = "messages/inbox?id="

log = structlog.get_logger("messages")


class Reached(Protocol):
    """Where somebody can be pushed to."""

    @property
    def openid_index(self) -> str | None: ...

    @property
    def phone(self) -> str | None: ...


class _Dropped(Exception):
    """Not to be sent, and not to be tried again; the argument says why."""


class _Later(Exception):
    """Not sent; to be tried again. The argument says why."""


class _Quiet(Exception):
    """Not now: the person's quiet hours have begun.

    Attributes:
        until: when they end.
    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__()


class _Unsure(Exception):
    """May have been sent."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways out, and who is where.

    Attributes:
        reach: where a person can be pushed to at this moment.
    """

    wechat: WeChat
    sms: Sms
    reach: Callable[[UUID], Awaitable[Reached]]


class Pushes:
    """The worker's part of the messages."""

    def __init__(
        self, outside: Outside, subscriptions: Subscriptions, clock: Callable[[], datetime]
    ) -> None:
        self._outside, self._subscriptions, self._clock = outside, subscriptions, clock

    async def run(self) -> int | None:
        """Plan what was told and send what is due; the number of pushes that ended."""
        await self._recover()
        await self._plan()
        due = await MessagePush.filter(state="waiting", due_at__lte=self._clock()).order_by(
            "due_at"
        ).limit(SENT_AT_ONCE)  # fmt: skip
        gate = asyncio.Semaphore(AT_A_TIME)

        async def one(push: MessagePush) -> bool:
            async with gate:
                return await self._one(push)

        ended = sum(await asyncio.gather(*(one(push) for push in due)))
        return ended or None

    async def purge(self) -> int:
        """Forget pushes that ended long ago; returns how many."""
        return await MessagePush.filter(ended_at__lt=self._clock() - KEPT).delete()

    async def _plan(self) -> None:
        now = self._clock()
        rows = await Message.filter(push_at__lte=now).order_by("push_at").limit(PLANNED_AT_ONCE)
        if not rows:
            return
        wanted = await preferences_of_many(list({row.person_id for row in rows}))
        pushes = [push for row in rows for push in self._planned(row, wanted[row.person_id], now)]
        async with in_transaction():
            # A second worker at the same moment plans the same: the unique key takes one of each.
            await MessagePush.bulk_create(pushes, ignore_conflicts=True)
            await Message.filter(id__in=[row.id for row in rows]).update(push_at=None)

    def _planned(self, row: Message, wanted: Preferences, now: datetime) -> list[MessagePush]:
        topic = topic_of(row.kind)
        due = now if topic.urgent else wanted.quiet.allowed(now)
        ways = [way for way in Channel if wanted.wants(topic, way) and self._open(way, topic.code)]
        return [
            MessagePush(
                message_id=row.id, person_id=row.person_id, topic=topic.code, channel=way,
                due_at=due,
            )
            for way in ways
        ]  # fmt: skip

    def _open(self, channel: Channel, topic: str) -> bool:
        if channel is Channel.SMS:
            return self._outside.sms.enabled
        return self._outside.wechat.enabled and self._subscriptions.template(topic) is not None

    async def _recover(self) -> None:
        """Pushes whose worker died over them."""
        lost = MessagePush.filter(state="sending", claimed_at__lt=self._clock() - CLAIM)
        await lost.filter(channel=Channel.SMS).update(state="waiting", due_at=self._clock())
        await lost.filter(channel=Channel.WECHAT).update(
            state="unsure", reason="worker_ended", ended_at=self._clock()
        )

    async def _one(self, push: MessagePush) -> bool:
        """Send one push unless another worker does; True when it ended."""
        claimed = await MessagePush.filter(id=push.id, state="waiting", tries=push.tries).update(
            state="sending", tries=F("tries") + 1, claimed_at=self._clock()
        )
        if not claimed:
            return False
        try:
            await self._check(push)
            await self._send(push)
        except _Dropped as dropped:
            return await self._end(push, "dropped", str(dropped))
        except _Unsure as unsure:
            return await self._end(push, "unsure", str(unsure))
        except _Later as later:
            return await self._again(push, str(later))
        except _Quiet as quiet:
            await MessagePush.filter(id=push.id, state="sending").update(
                state="waiting", due_at=quiet.until, tries=push.tries
            )
            return False
        return await self._end(push, "sent", "")

    async def _check(self, push: MessagePush) -> None:
        message = await Message.get_or_none(id=push.message_id)
        if message is None or message.read_at is not None:
            raise _Dropped("read")
        if self._clock() - message.created_at > TOO_OLD:
            raise _Dropped("too_old")
        # What was chosen since it was planned holds.
        wanted = (await preferences_of_many([push.person_id]))[push.person_id]
        topic, now = TOPICS[push.topic], self._clock()
        if not wanted.wants(topic, Channel(push.channel)):
            raise _Dropped("not_wanted")
        if not topic.urgent and wanted.quiet.covers(now):
            raise _Quiet(wanted.quiet.allowed(now))

    async def _send(self, push: MessagePush) -> None:
        reached = await self._outside.reach(push.person_id)
        if push.channel == Channel.SMS:
            await self._sms(push, reached.phone)
        else:
            await self._wechat(push, reached.openid_index)

    async def _sms(self, push: MessagePush, phone: str | None) -> None:
        if phone is None:
            raise _Dropped("no_phone")
        text = f"【省事通】{TOPICS[push.topic].push}。请打开省事通小程序，不要回复本短信。"
        try:
            await self._outside.sms.send(str(push.id), phone, text)
        except SmsUnreachable:
            raise _Later("unreachable") from None
        except SmsRefused:
            raise _Dropped("refused") from None

    async def _wechat(self, push: MessagePush, openid_index: str | None) -> None:
        template = self._subscriptions.template(push.topic)
        if openid_index is None or template is None:
            raise _Dropped("no_wechat")
        openid = await self._subscriptions.take(openid_index, template)
        if openid is None:
            raise _Dropped("no_consent")
        page = f"{_INBOX_PAGE}{push.message_id}"
        data = template.filled(TOPICS[push.topic], self._clock())
        try:
            await self._outside.wechat.send_subscribed(openid, template.template_id, page, data)
        except WeChatUnsure:
            raise _Unsure("no_answer") from None
        except WeChatUnreachable:
            await self._subscriptions.give_back(openid_index, template)
            raise _Later("unreachable") from None
        except WeChatRefused as refused:
            if refused.errcode == _USED_UP:
                await self._subscriptions.refused(openid_index, template)
                raise _Dropped("no_consent") from None
            await self._subscriptions.give_back(openid_index, template)
            if refused.errcode in _COME_AGAIN:
                raise _Later(f"errcode {refused.errcode}") from None
            raise _Dropped(f"errcode {refused.errcode}") from None

    async def _end(self, push: MessagePush, state: str, reason: str) -> bool:
        await MessagePush.filter(id=push.id, state="sending").update(
            state=state, reason=reason, ended_at=self._clock()
        )
        return True

    async def _again(self, push: MessagePush, reason: str) -> bool:
        tries = push.tries + 1
        if tries >= MOST_TRIES:
            log.warning("messages.push_failed", channel=push.channel, reason=reason)
            return await self._end(push, "failed", reason)
        due = self._clock() + pause_after(tries)
        await MessagePush.filter(id=push.id, state="sending").update(
            state="waiting", due_at=due, reason=reason
        )
        return False


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: 30 s, doubled each time, an hour at most."""
    doubled: int = 2 ** min(tries - 1, MOST_TRIES)
    return min(PAUSE * doubled, LONGEST_PAUSE)
