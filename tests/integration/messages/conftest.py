"""Messages on real stores, with the sandbox's WeChat and carrier as the outside."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp import web

from backend.messages.models import MessagePush
from backend.messages.service import Messages, Outside, Pushes, Subscriptions, read_templates
from backend.sandbox.sms import Carrier
from backend.sandbox.wechat.control import create_app
from backend.sandbox.wechat.server import WechatServer, WechatState
from backend.settings import Settings
from backend.store.embedded import free_port
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.sms import Sms
from backend.upstream.wechat import WeChat

LOOPBACK = "127.0.0.1"
# Nine in the morning in China: no default quiet hours.
MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Where:
    """Where somebody is."""

    openid_index: str | None
    phone: str | None


@dataclass
class World:
    """Messages, the worker that pushes them, and what came out at the other side."""

    messages: Messages
    subscriptions: Subscriptions
    index: BlindIndex
    wechat: WechatState
    wechat_server: WechatServer
    carrier: Carrier
    outside: Outside
    shift: timedelta = timedelta()
    people: dict[UUID, Where] = field(default_factory=dict)

    def now(self) -> datetime:
        """The present moment; ``shift`` moves it."""
        return datetime.now(UTC) + self.shift

    def at(self, moment: datetime) -> None:
        """Let it be that moment."""
        self.shift = moment - datetime.now(UTC)

    @property
    def pushes(self) -> Pushes:
        """A worker."""
        return Pushes(self.outside, self.subscriptions, self.now)

    def somebody(self, openid: str | None = None, phone: str | None = None) -> UUID:
        """A person who can be reached there."""
        person_id = uuid7()
        index = None if openid is None else self.index.of("openid", openid)
        self.people[person_id] = Where(index, phone)
        return person_id

    async def accepts(self, openid: str, topic: str, count: int = 1) -> str:
        """The person taps 允许, which WeChat and the platform both learn; the template's id."""
        template = self.subscriptions.template(topic)
        assert template is not None
        key = openid, template.template_id
        self.wechat.quota[key] = self.wechat.quota.get(key, 0) + count
        for _ in range(count):
            await self.subscriptions.accepted(openid, [template.template_id])
        return template.template_id

    async def states(self) -> list[tuple[str, str, str]]:
        """Channel, state and reason of every push, in order."""
        rows = await MessagePush.all().order_by("id")
        return [(row.channel, row.state, row.reason) for row in rows]


@pytest.fixture
async def world(database: str, redis: Redis) -> AsyncIterator[World]:
    """An empty inbox for everybody, WeChat and the carrier at work."""
    assert database
    state, carrier, port = WechatState("wxapp", "secret"), Carrier(), free_port()
    server = WechatServer(state)
    app = create_app(server)
    carrier.register(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    url = f"http://{LOOPBACK}:{port}"
    settings = Settings(
        keyring={"k": bytes(32)}, index_key=bytes(32), signing_key=bytes(32),
        wechat_app_id="wxapp", wechat_secret="secret", wechat_base_url=url,
        sms_url=f"{url}/sms/messages",
    )  # fmt: skip
    keyring, index = KeyRing(settings.keyring), BlindIndex(settings.index_key)
    wechat, sms = WeChat(settings, redis, keyring), Sms(settings)

    async def reach(person_id: UUID) -> Where:
        return made.people[person_id]

    made = World(
        Messages(keyring), Subscriptions(keyring, index, read_templates(None)), index,
        state, server, carrier, Outside(wechat, sms, reach),
    )  # fmt: skip
    made.at(MORNING)
    try:
        yield made
    finally:
        await wechat.close()
        await sms.close()
        await runner.cleanup()
