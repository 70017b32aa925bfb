"""Sections of the home page: each from one system, with its own deadline, cache and state.

A hung or broken system costs its own section only. What the systems said last is kept sealed under
``h:{subject}`` in Redis, so that it can be shown with its age; the edge fetches it in the round
trip that checks the session.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson
import structlog

from backend.exchange.service import Exchange, ProviderSystem, SectionSpec
from backend.home.formats import readable
from backend.numbers.service import Holder
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import HotLink
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

log = structlog.get_logger("home")

CHINA = ZoneInfo("Asia/Shanghai")
_SILENT = UpstreamError.state
KEPT_SECONDS = 7 * 24 * 3600
Status = Literal["fresh", "stale", "unavailable", "locked", "none"]
Asked = tuple[ProviderSystem, SectionSpec]


@dataclass(slots=True)
class Section:
    """One section as the phone shows it; see the interface's description for the fields."""

    code: str
    kind: Literal["account", "licences", "messages"]
    title: str
    status: Status
    as_of: str | None = None
    source: dict[str, str] | None = None
    reason: str | None = None
    note: str | None = None
    required_level: int | None = None
    headline: dict[str, str] | None = None
    lines: list[dict[str, str]] = field(default_factory=list)
    count: int | None = None
    items: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a system said last: when we asked, its own ``as_of``, and the data (None: no record)."""

    fetched_at: float
    as_of: str
    data: dict[str, Any] | None


class Sections:
    """Puts account sections together; licences and messages have packages of their own."""

    def __init__(self, exchange: Exchange, hot: HotLink, keyring: KeyRing) -> None:
        self._exchange, self._hot, self._keyring = exchange, hot, keyring

    async def read(
        self,
        asked: Sequence[Asked],
        subject: str,
        holder: Holder,
        stored: bytes | None,
        deadline: Deadline,
        trace: str,
    ) -> list[Section]:
        """The sections of a person, in the order asked.

        Args:
            subject: tag of the person's keys; stored: the value of ``home_key(subject)``;
            deadline: for the whole.
        """
        known = self._open(subject, stored)
        found = await asyncio.gather(
            *(
                self._section(system, spec, known.get(spec.code), holder, deadline, trace)
                for system, spec in asked
            )
        )
        new = {section.code: answer for section, answer in found if answer}
        if new:
            sealed = self._seal(subject, known | new)
            await self._hot.set(home_key(subject), sealed, KEPT_SECONDS)
        return [section for section, _ in found]

    async def _section(
        self, system: ProviderSystem, spec: SectionSpec, known: _Known | None,
        holder: Holder, deadline: Deadline, trace: str,
    ) -> tuple[Section, _Known | None]:  # fmt: skip
        if known is not None and time.time() - known.fetched_at < spec.fresh_s:
            return _shown(system, spec, known, "fresh"), None
        payload = {"section": spec.code, "holder": holder.as_payload()}
        within = deadline.within(spec.timeout_ms / 1000)
        try:
            answer = await self._exchange.call(system, "sections.query", payload, within, trace)
            new = _read_answer(answer)
        except (UpstreamError, ValueError) as error:
            log.warning(
                "section.unavailable", system=system.code, section=spec.code,
                error=type(error).__name__, reason=getattr(error, "reason", ""),
            )  # fmt: skip
            return _last_known(system, spec, known, getattr(error, "state", _SILENT)), None
        return _shown(system, spec, new, "fresh"), new

    def _open(self, subject: str, stored: bytes | None) -> dict[str, _Known]:
        if stored is None:
            return {}
        try:
            opened = orjson.loads(self._keyring.open(stored, _context(subject)))
        except SealBroken:
            return {}
        return {code: _Known(*known) for code, known in opened.items()}

    def _seal(self, subject: str, known: dict[str, _Known]) -> bytes:
        plain = {code: (each.fetched_at, each.as_of, each.data) for code, each in known.items()}
        return self._keyring.seal(orjson.dumps(plain), _context(subject))


def locked(system: ProviderSystem, spec: SectionSpec) -> Section:
    """The section for someone whose level is too low; says which one it takes."""
    return Section(
        spec.code, "account", spec.title, "locked", source=_source(system),
        required_level=spec.min_level,
    )  # fmt: skip


def _read_answer(answer: dict[str, Any]) -> _Known:
    as_of, data = answer.get("as_of"), answer.get("data")
    if not isinstance(as_of, str) or not (data is None or isinstance(data, dict)):
        raise ValueError("not the shape of sections.query")
    datetime.fromisoformat(as_of)
    return _Known(time.time(), as_of, data)


def _last_known(
    system: ProviderSystem, spec: SectionSpec, known: _Known | None, state: str
) -> Section:
    """What was known before, with a note that says what is the matter and how old it is.

    Args:
        state: what is the matter, “维护中，预计 18:00 恢复”.
    """
    name = f"{system.short_name}系统{state}"
    if known is not None:
        section = _shown(system, spec, known, "stale")
        section.reason = f"{name}，先显示之前的数据"
        section.note = f"{name}，显示{_when(known.as_of)}的数据"
        return section
    return Section(
        spec.code, "account", spec.title, "unavailable", source=_source(system),
        reason=f"{name}，请稍后再试", note=f"{name}，请稍后再试",
    )  # fmt: skip


def _when(as_of: str) -> str:
    """How people say a moment of the past: 今天 18:20, 昨天 18:20, 11月3日."""
    moment, now = datetime.fromisoformat(as_of).astimezone(CHINA), datetime.now(CHINA)
    days = (now.date() - moment.date()).days
    if days <= 1:
        return f"{'昨天' if days == 1 else '今天'} {moment:%H:%M}"
    return f"{moment.month}月{moment.day}日"


def _shown(system: ProviderSystem, spec: SectionSpec, known: _Known, status: Status) -> Section:
    section = Section(
        spec.code, "account", spec.title, status, as_of=known.as_of, source=_source(system)
    )
    if known.data is None:
        section.status, section.reason = "none", f"{system.short_name}没有您的记录"
        return section
    if spec.headline is not None:
        section.headline = {
            "label": spec.headline.label,
            "value": readable(known.data.get(spec.headline.field), spec.headline.format),
            "unit": spec.headline.unit,
        }
    section.lines = [
        {"label": line.label, "value": readable(known.data.get(line.field), line.format)}
        for line in spec.lines
    ]
    return section


def _source(system: ProviderSystem) -> dict[str, str]:
    return {"code": system.code, "name": system.short_name}


def home_key(subject: str) -> str:
    """The Redis key under which a person's sections are kept."""
    return f"h:{{{subject}}}"


def _context(subject: str) -> bytes:
    return f"home:{subject}".encode()
