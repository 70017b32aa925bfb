"""Console accounts: the people who run a registered system or the platform, what each may do.

The only module of the package that others import. Services of other packages take the ``Officer``;
a channel gets one by :meth:`Operators.officer_of`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from backend.audit.service import Audit
from backend.operators import sessions
from backend.operators.notices import Notice, NoticePage, Notices
from backend.operators.roles import ROLE_NAMES, STATE_NAMES, Officer, Role, State
from backend.operators.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, SessionInfo, Sessions
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis

__all__ = [
    "ABSOLUTE_SECONDS",
    "IDLE_SECONDS",
    "ROLE_NAMES",
    "STATE_NAMES",
    "Notice",
    "NoticePage",
    "Officer",
    "Operators",
    "Role",
    "SessionInfo",
    "State",
]


def _now() -> datetime:
    return datetime.now(UTC)


class Operators:
    """Everything around console accounts.

    Args:
        clock: the present moment.
    """

    def __init__(
        self,
        redis: Redis,
        keyring: KeyRing,
        index: BlindIndex,
        audit: Audit,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._sessions = Sessions(redis, keyring, clock)
        self._notices = Notices(keyring)
        self._audit = audit

    async def officer_of(self, token: str) -> Officer:
        """Whose token it is; the session is idle anew from now.

        Raises:
            SessionMissing: not one of our tokens.
            SessionExpired: idle for 15 minutes, older than 8 hours, or ended.
        """
        return await self._sessions.use(sessions.parse(token))

    async def notify(
        self,
        *,
        role: Role | None = None,
        department_uscc: str | None = None,
        account_id: UUID | None = None,
        kind: str,
        title: str,
        text: str,
        link: str = "",
    ) -> None:
        """Leave a notice in the console inbox of everyone whom all given conditions fit.

        Inside a transaction it is kept or lost with the rest.

        Args:
            kind: what it is about (``onboarding.approved``); stable, not shown.
            title: one line; text: one paragraph. Both Chinese.
            link: a path of the console (``/console/systems/gd-gongan``).
        """
        await self._notices.post(
            role=role, department_uscc=department_uscc, account_id=account_id,
            kind=kind, title=title, text=text, link=link,
        )  # fmt: skip
