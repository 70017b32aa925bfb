"""The home page: what is mine, put together from many systems at once, never held up by one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from backend.exchange.service import Audience, Exchange
from backend.home.errors import SectionNotFound
from backend.home.sections import Section, Sections, home_key, locked
from backend.identity.service import Session
from backend.messages.service import Messages
from backend.numbers.service import Holder, mask_name
from backend.store.keyring import KeyRing
from backend.store.outages import is_outage
from backend.store.redis import HotLink
from backend.upstream.deadline import Deadline
from backend.wallet.service import Card, LicenceStatus, Wallet, WalletView

__all__ = ["WHOLE_S", "Home", "HomePage", "Section", "Visitor", "home_key"]

log = structlog.get_logger("home")

CHINA = ZoneInfo("Asia/Shanghai")
WHOLE_S = 1.5
SOON_DAYS = 60
REAL_NAME = 3
_TOP, _NEWEST = 4, 3
# How long the page waits for the inbox before it asks the systems.
_INBOX_S = 0.5
_GREETINGS = ((6, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


@dataclass(frozen=True, slots=True)
class HomePage:
    """The page as the phone shows it."""

    as_of: str
    greeting: str
    todo: list[dict[str, Any]]
    sections: list[Section] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens the page, and what of theirs was fetched with the session.

    Attributes:
        holder: the person, or None below level 3.
        since: leave messages older than this out; see ``Identity.own_since``.
        sections: value of ``home_key(subject)``; wallet: value of ``wallet_key(subject)``.
        trace: W3C ``traceparent`` to hand on.
        deadline: until when they wait; at most ``WHOLE_S`` seconds from now.
    """

    session: Session
    holder: Holder | None
    since: datetime | None
    sections: bytes | None
    wallet: bytes | None
    trace: str
    deadline: Deadline


class Home:
    """Puts the home page together."""

    def __init__(
        self,
        exchange: Exchange,
        hot: HotLink,
        keyring: KeyRing,
        wallet: Wallet,
        messages: Messages,
    ) -> None:
        self._exchange, self._wallet, self._messages = exchange, wallet, messages
        self._sections = Sections(exchange, hot, keyring)

    async def open(self, visitor: Visitor) -> HomePage:
        """The whole page, by the visitor's deadline whatever the systems do."""
        # First, not beside the calls: SQLite answers from a thread, and signing six requests while
        # that thread wants the interpreter costs both of them several times as much.
        messages = await self._inbox(visitor)
        accounts, (licences, todo) = await asyncio.gather(
            self.accounts(visitor), self._licences(visitor)
        )
        now = datetime.now(CHINA)
        return HomePage(
            as_of=now.isoformat(timespec="seconds"),
            greeting=_greeting(visitor.holder, now.hour),
            todo=todo,
            sections=[*accounts, licences, messages],
        )

    async def section(self, code: str, visitor: Visitor) -> Section:
        """One section alone: what “再试一次” asks for.

        Raises:
            SectionNotFound: no system answers for a section of that code.
        """
        if code == "licences":
            return (await self._licences(visitor))[0]
        if code == "messages":
            return await self._inbox(visitor)
        found = await self.accounts(visitor, only=code)
        if not found:
            raise SectionNotFound
        return found[0]

    async def accounts(
        self, visitor: Visitor, audience: Audience = "citizen", only: str | None = None
    ) -> list[Section]:
        """The account sections of an audience, those that the level does not reach locked."""
        wanted = [
            (system, spec)
            for system, spec in self._exchange.sections(audience)
            if only in (None, spec.code)
        ]
        level, holder = visitor.session.level, visitor.holder
        if holder is None:
            return [locked(system, spec) for system, spec in wanted]
        read = await self._sections.read(
            [pair for pair in wanted if level >= pair[1].min_level],
            visitor.session.subject,
            holder,
            visitor.sections,
            visitor.deadline,
            visitor.trace,
        )
        by_code = {section.code: section for section in read}
        return [by_code.get(spec.code) or locked(system, spec) for system, spec in wanted]

    async def _licences(self, visitor: Visitor) -> tuple[Section, list[dict[str, Any]]]:
        if visitor.holder is None:
            section = Section("licences", "licences", "我的证照", "locked")
            section.required_level = REAL_NAME
            return section, []
        view = await self._wallet.open(
            visitor.session.subject,
            visitor.holder,
            deadline=visitor.deadline,
            trace=visitor.trace,
            blob=visitor.wallet,
        )
        return _licence_section(view), _expiring(view, datetime.now(CHINA).date())

    async def _inbox(self, visitor: Visitor) -> Section:
        """The newest messages; a database that is away or hangs costs the page these alone."""
        person = visitor.session.person_id
        asked = asyncio.create_task(self._messages.newest(person, _NEWEST, visitor.since))
        # Not cancelled when it is late: the driver would wait until the server has heard of it.
        await asyncio.wait({asked}, timeout=_INBOX_S)
        if not asked.done():
            asked.add_done_callback(_heard)
            return _silent_inbox()
        try:
            found, unread = asked.result()
        except Exception as error:
            if is_outage(error):
                return _silent_inbox()
            raise
        section = Section("messages", "messages", "消息", "fresh" if found else "none")
        section.count = unread
        section.items = [
            {
                "id": str(note.id),
                "title": note.title,
                "created_at": note.created_at.astimezone(CHINA).isoformat(timespec="seconds"),
                "read": note.read,
            }
            for note in found
        ]
        return section


def _heard(asked: "asyncio.Task[Any]") -> None:
    """Take what a late answer was, since nobody waits for it any more."""
    if not asked.cancelled() and (error := asked.exception()) is not None:
        log.info("home.inbox_late", error=type(error).__name__)


def _silent_inbox() -> Section:
    section = Section("messages", "messages", "消息", "unavailable")
    section.reason = "消息暂时打不开，请稍后再试"
    return section


def _licence_section(view: WalletView) -> Section:
    section = Section("licences", "licences", "我的证照", _status(view))
    section.count = len(view.cards)
    section.items = [
        {key: card[key] for key in ("id", "name", "hue", "status_label")}
        for card in (each.as_dict() for each in view.cards[:_TOP])
    ]
    if view.silent:
        section.reason = f"{'、'.join(view.silent)}系统暂时不可用，可能没有显示全部证照"
    return section


def _status(view: WalletView) -> Any:
    statuses = {source.status for source in view.sources}
    if not view.cards:
        return "unavailable" if "unavailable" in statuses else "none"
    return "stale" if statuses & {"stale", "unavailable"} else "fresh"


def _expiring(view: WalletView, today: date) -> list[dict[str, Any]]:
    """What has to be renewed within 60 days, soonest first."""
    due = [(card, day) for card, day in _due(view.cards) if 0 <= (day - today).days <= SOON_DAYS]
    due.sort(key=lambda pair: pair[1])
    return [_todo(card, day, (day - today).days) for card, day in due]


def _due(cards: Sequence[Card]) -> list[tuple[Card, date]]:
    return [
        (card, date.fromisoformat(card.licence.valid_to))
        for card in cards
        if card.status is LicenceStatus.VALID and card.licence.valid_to
    ]


def renewal_text(day: date, left: int) -> str:
    """That a licence ends on a day, ``left`` days from now."""
    if left == 0:
        return "今天到期，请尽快换证"
    return f"{day.month}月{day.day}日到期，还有 {left} 天，请提前换证"


def _todo(card: Card, day: date, left: int) -> dict[str, Any]:
    return {
        "kind": "licence_expiring",
        "title": f"{card.licence.name}快到期了",
        "text": renewal_text(day, left),
        "due": day.isoformat(),
        "link": {"page": "licence", "id": card.licence.id},
    }


def _greeting(holder: Holder | None, hour: int) -> str:
    words = next(words for until, words in _GREETINGS if hour < until)
    return f"{mask_name(holder.name)}，{words}" if holder else f"您好，{words}"
