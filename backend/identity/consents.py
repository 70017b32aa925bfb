"""Consents: given to one version, recorded, and as easily taken back (PIPL arts. 14-16, 29)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from backend.audit.service import Audit, person
from backend.identity import agreements
from backend.identity.errors import AgreementOutdated, ConsentRequired
from backend.identity.models import Consent


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent that stands."""

    kind: str
    version: str
    given_at: datetime


class Consents:
    """Records consents and asks for them."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def check_version(self, kind: str, version: str) -> None:
        """Refuse a consent to a text that is not the current one.

        Raises:
            ConsentRequired: carries the version that has to be agreed to.
        """
        wanted = agreements.current(kind).version
        if version != wanted:
            raise ConsentRequired(kind, wanted)

    async def give(
        self, person_id: UUID, kind: str, version: str, since: datetime | None = None
    ) -> ConsentGiven:
        """Record a consent; a second one to the same version changes nothing.

        Args:
            since: an older consent does not count: it may be that of a former owner of the phone.

        Raises:
            AgreementOutdated: the text has a newer version.
            AgreementNotFound: no such kind.
        """
        wanted = agreements.current(kind).version
        if version != wanted:
            raise AgreementOutdated(wanted)
        standing = await self._standing(person_id, kind, wanted, since)
        if standing is None:
            standing = await Consent.create(
                person_id=person_id, kind=kind, version=wanted, given_at=datetime.now(UTC)
            )
            who = person(person_id)
            await self._audit.record(who, "identity.consent_given", who, _detail(kind, wanted))
        return ConsentGiven(kind, wanted, standing.given_at)

    async def withdraw(self, person_id: UUID, kind: str) -> bool:
        """Take back every consent of a kind; False when there was none."""
        standing = Consent.filter(person_id=person_id, kind=kind, withdrawn_at__isnull=True)
        if not await standing.update(withdrawn_at=datetime.now(UTC)):
            return False
        who = person(person_id)
        await self._audit.record(who, "identity.consent_withdrawn", who, _detail(kind, None))
        return True

    async def require(self, person_id: UUID, kind: str, since: datetime | None = None) -> None:
        """Refuse what needs a consent that does not stand.

        Args:
            since: as in ``give``.

        Raises:
            ConsentRequired: with kind and current version.
        """
        wanted = agreements.current(kind).version
        if await self._standing(person_id, kind, wanted, since) is None:
            raise ConsentRequired(kind, wanted)

    async def all(self, person_id: UUID) -> Sequence[ConsentGiven]:
        """What a person has agreed to and not taken back, newest of each kind."""
        rows = await Consent.filter(person_id=person_id, withdrawn_at__isnull=True).order_by("id")
        newest = {row.kind: ConsentGiven(row.kind, row.version, row.given_at) for row in rows}
        return list(newest.values())

    async def hand_over(self, source: UUID, target: UUID, since: datetime | None) -> None:
        """Let what a person agreed to in one account stand in another one, which is theirs.

        Args:
            since: when their session began; what was agreed to before is somebody else's.
        """
        given = Consent.filter(person_id=source)
        if since is not None:
            given = given.filter(given_at__gte=since)
        await given.update(person_id=target)
        # No session begins without it, but the record may be older than the session.
        await self.give(target, agreements.PRIVACY, agreements.current(agreements.PRIVACY).version)

    async def _standing(
        self, person_id: UUID, kind: str, version: str, since: datetime | None
    ) -> Consent | None:
        found = Consent.filter(
            person_id=person_id, kind=kind, version=version, withdrawn_at__isnull=True
        )
        return await (found if since is None else found.filter(given_at__gte=since)).first()


def _detail(kind: str, version: str | None) -> dict[str, str | int | bool | None]:
    return {"kind": kind, "version": version}
