"""The inbox of the console: what an officer is told without asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from backend.operators.errors import CursorInvalid, NoticeNotFound
from backend.operators.models import OperatorAccount, OperatorNotice, notice_context
from backend.operators.roles import Role, State
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing

PAGE = 20
# What was read is kept for half a year, as logs are (网络安全法 art. 23).
KEPT = timedelta(days=184)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, opened.

    Attributes:
        link: a path of the console, or empty.
    """

    id: UUID
    kind: str
    title: str
    text: str
    link: str
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class NoticePage:
    """One page of an inbox, newest first."""

    notices: Sequence[Notice]
    next_cursor: str | None
    unread: int


class Notices:
    """Leaves notices and shows them to the account they are for."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def post(
        self,
        *,
        role: Role | None,
        department_uscc: str | None,
        account_id: UUID | None,
        kind: str,
        title: str,
        text: str,
        link: str,
    ) -> None:
        """Leave one notice with every account that all given conditions fit."""
        wanted = {"role": role, "department_uscc": department_uscc, "id": account_id}
        given = {name: value for name, value in wanted.items() if value is not None}
        if not given:
            raise ValueError("a notice is for somebody: give a role, a department or an account")
        found = OperatorAccount.filter(**given).exclude(state=State.DISABLED)
        notices = []
        for whose in await found.values_list("id", flat=True):
            made = uuid7()
            sealed = [
                self._keyring.seal_text(words, notice_context(made, part))
                for part, words in (("title", title), ("text", text))
            ]
            notices.append(
                OperatorNotice(
                    id=made,
                    account_id=whose,
                    kind=kind,
                    title=sealed[0],
                    text=sealed[1],
                    link=link,
                )
            )
        await OperatorNotice.bulk_create(notices)

    async def list(self, account_id: UUID, cursor: str | None) -> NoticePage:
        """A page of an inbox.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        found = OperatorNotice.filter(account_id=account_id)
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor, CursorInvalid))
        rows = await found.order_by("-id").limit(PAGE + 1)
        notices = [self._opened(row) for row in rows[:PAGE]]
        next_cursor = str(notices[-1].id) if len(rows) > PAGE else None
        return NoticePage(notices, next_cursor, await self.unread(account_id))

    async def unread(self, account_id: UUID) -> int:
        """How many the account has not read."""
        return await OperatorNotice.filter(account_id=account_id, read_at__isnull=True).count()

    async def mark_read(self, account_id: UUID, notice_id: str | None) -> None:
        """Note that one notice, or every one, was read; again does nothing.

        Raises:
            NoticeNotFound: it does not exist or is somebody else's.
        """
        mine = OperatorNotice.filter(account_id=account_id)
        if notice_id is not None:
            mine = mine.filter(id=_uuid(notice_id, NoticeNotFound))
            if not await mine.exists():
                raise NoticeNotFound
        await mine.filter(read_at__isnull=True).update(read_at=datetime.now(UTC))

    async def seen(self, account_id: UUID, link: str) -> int:
        """Note that the account was where notices lead; says how many it had not read."""
        led = OperatorNotice.filter(account_id=account_id, read_at__isnull=True, link=link)
        return await led.update(read_at=datetime.now(UTC))

    async def purge(self, now: datetime) -> int:
        """Forget what was read long ago; returns how many."""
        old = OperatorNotice.filter(read_at__isnull=False, created_at__lt=now - KEPT)
        return await old.delete()

    def _opened(self, row: OperatorNotice) -> Notice:
        return Notice(
            row.id,
            row.kind,
            self._keyring.open_text(row.title, notice_context(row.id, "title")),
            self._keyring.open_text(row.text, notice_context(row.id, "text")),
            row.link,
            row.created_at,
            row.read_at is not None,
        )


def _uuid(text: str, refusal: type[CursorInvalid] | type[NoticeNotFound]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None
