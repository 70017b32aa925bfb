"""Addresses of systems: the platform calls none that was not approved for this system."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from tortoise.transactions import in_transaction

from backend.exchange.service import AddressKind, Exchange, Manifest
from backend.onboarding.errors import AddressInUse, AddressUnapproved, AddressUnknown, SameHand
from backend.onboarding.models import ApprovedAddress, JoiningSystem
from backend.onboarding.records import (
    Ledger,
    allow,
    link_to,
    manifest_of,
    reasoned,
    served,
    system_for,
)
from backend.onboarding.states import State
from backend.operators.service import Officer, Operators, Role

PENDING, APPROVED, REFUSED, REVOKED = "pending", "approved", "refused", "revoked"
ADDRESS_STATE_NAMES = {
    PENDING: "待批准",
    APPROVED: "已批准",
    REFUSED: "未批准",
    REVOKED: "已取消批准",
}
_SECURITY = frozenset({Role.SECURITY_ADMIN})


def origin_of(base_url: str) -> str:
    """What is approved: scheme, host and port, the port written out, the host in lower case."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def origins_of(manifest: Manifest, *kinds: AddressKind) -> list[str]:
    """The origins of a manifest's addresses, without repetition."""
    found = [origin_of(manifest.endpoints.of(kind)) for kind in kinds or ("sandbox", "production")]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address of a system and what was decided on it."""

    origin: str
    state: str
    state_name: str
    reason: str
    created_at: datetime
    changed_at: datetime


class Addresses:
    """Asks for approval of addresses, grants it and takes it back."""

    def __init__(self, exchange: Exchange, operators: Operators, ledger: Ledger) -> None:
        self._exchange, self._operators, self._ledger = exchange, operators, ledger

    async def list(self, officer: Officer, code: str) -> list[AddressView]:
        """Every address that the system ever asked for.

        Raises:
            RoleMissing, SystemUnknown: see ``records.system_for``.
        """
        await system_for(officer, code)
        rows = await ApprovedAddress.filter(system_code=code).order_by("origin")
        return [_view(row) for row in rows]

    async def ask(self, officer: Officer, system: JoiningSystem, manifest: Manifest) -> None:
        """Ask for the addresses of a revision that is submitted, where they are not approved.

        Raises:
            AddressRefused: one is of a private range, and this is no sandbox.
        """
        for kind in ("sandbox", "production"):
            self._exchange.check_address(manifest.endpoints.of(kind))
        asked = False
        for origin in origins_of(manifest):
            row, made = await ApprovedAddress.get_or_create(
                system_code=system.code, origin=origin,
                defaults={"asked_by": officer.account_id},
            )  # fmt: skip
            if not made and row.state in (REFUSED, REVOKED):
                row.state, row.asked_by, made = PENDING, officer.account_id, True
                await row.save(update_fields=["state", "asked_by", "changed_at"])
            asked = asked or made
        if asked:
            await self._operators.notify(
                role=Role.SECURITY_ADMIN, kind="onboarding.address_asked",
                title="有新的接入地址待批准", text=f"{system.name}申请使用新的接入地址。",
                link=f"{link_to(system.code)}/addresses",
            )  # fmt: skip

    async def need(self, code: str, origins: Iterable[str]) -> None:
        """See that these addresses are approved.

        Raises:
            AddressUnapproved: with those that are not.
        """
        wanted = list(origins)
        rows = ApprovedAddress.filter(system_code=code, state=APPROVED, origin__in=wanted)
        approved = {str(origin) for origin in await rows.values_list("origin", flat=True)}
        if missing := [origin for origin in wanted if origin not in approved]:
            raise AddressUnapproved(missing)

    async def approve(self, officer: Officer, code: str, origin: str, reason: str = "") -> None:
        """Let the platform call the system there.

        Raises:
            RoleMissing, SystemUnknown, AddressUnknown: not by this officer, or never asked for.
            AddressRefused: a private range, and this is no sandbox.
            SameHand: the account that asked approves.
        """
        allow(officer, _SECURITY)
        system, row = await system_for(officer, code), await _row(code, origin)
        self._exchange.check_address(row.origin)
        if row.asked_by == officer.account_id:
            raise SameHand
        await self._decide(officer, system, row, APPROVED, "address_approved", reason.strip())

    async def refuse(self, officer: Officer, code: str, origin: str, reason: str) -> None:
        """Do not let the platform call the system there, with a reason; also takes approval back.

        Raises:
            RoleMissing, SystemUnknown, AddressUnknown: not by this officer, or never asked for.
            ReasonMissing: no reason. AddressInUse: the system is served there.
        """
        allow(officer, _SECURITY)
        system, row = await system_for(officer, code), await _row(code, origin)
        words = reasoned(reason)
        if row.state == APPROVED and await self._is_used(system, origin):
            raise AddressInUse
        state, act = (
            (REVOKED, "address_revoked") if row.state == APPROVED else (REFUSED, "address_refused")
        )
        await self._decide(officer, system, row, state, act, words)

    async def _is_used(self, system: JoiningSystem, origin: str) -> bool:
        revision = await served(system)
        if revision is None or revision.state is not State.PUBLISHED:
            return False
        return origin in origins_of(manifest_of(revision), "production")

    async def _decide(
        self, officer: Officer, system: JoiningSystem, row: ApprovedAddress,
        state: str, act: str, words: str,
    ) -> None:  # fmt: skip
        async with in_transaction():
            row.state, row.decided_by, row.reason = state, officer.account_id, words
            await row.save(update_fields=["state", "decided_by", "reason", "changed_at"])
            line = f"{row.origin}：{words}" if words else row.origin
            await self._ledger.note(system.code, act, officer, reason=line)
            await self._operators.notify(
                department_uscc=system.department_uscc, kind=f"onboarding.{act}",
                title=f"接入地址{ADDRESS_STATE_NAMES[state]}", text=line,
                link=f"{link_to(system.code)}/addresses",
            )  # fmt: skip


async def _row(code: str, origin: str) -> ApprovedAddress:
    row = await ApprovedAddress.get_or_none(system_code=code, origin=origin)
    if row is None:
        raise AddressUnknown
    return row


def _view(row: ApprovedAddress) -> AddressView:
    return AddressView(
        row.origin, row.state, ADDRESS_STATE_NAMES[row.state], row.reason,
        row.created_at, row.changed_at,
    )  # fmt: skip
