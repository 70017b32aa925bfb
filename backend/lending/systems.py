"""证照共享 (GB/T 36906): what systems ask for under grants, and what of it they get.

A grant is one of data sharing, for a licence type as the resource: applied for, approved, bound to
purpose, case, fields, addresses and a quota in the same way. Each licence that is handed out is in
its holder's usage log, and in the call log of sharing, before it leaves.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.exchange.service import Audience, LicenceTypeSpec, ProviderSystem
from backend.lending.copies import Copies
from backend.lending.errors import (
    HolderHasNone,
    IdentifierInvalid,
    IdentifierUnknown,
    LendingError,
    LicenceTypeUnknown,
    SourceSilent,
)
from backend.lending.family import Family
from backend.lending.parts import Parts
from backend.numbers.service import Holder, IdentifierRefused, parse_identifier
from backend.presentation.service import Fact, Look, facts_of
from backend.sharing.errors import ResourceUnknown, SubjectKindWrong
from backend.sharing.service import Asked, Query, Sharing
from backend.store.ids import uuid7
from backend.wallet.service import Card, IdentifierNotOffered, IssuersSilent, LicenceStatus

_OK = "ok"
_LEGAL_ENTITY = "001"
_PERSON_CHARS = 22
_COPY_DAYS = 30


@dataclass(frozen=True, slots=True)
class Ask:
    """What a system asks for: 用途, the 五要素, whose licences of which type.

    Attributes:
        holder: whose; None where ``identifier`` alone says it.
        type_code: 证照类型代码; an identifier alone says it, too.
        identifier: 电子证照标识, number: 证照编号; each narrows to one licence.
        fields: fewer than were granted; None for all.
    """

    request_id: str
    use_for: str
    org_name: str
    username: str
    item_name: str
    item_code: str
    business_code: str
    holder: Holder | None
    type_code: str | None
    identifier: str | None = None
    number: str | None = None
    fields: Sequence[str] | None = None

    @property
    def kind(self) -> str:
        """The 证照类型代码 that a grant is needed for.

        Raises:
            IdentifierInvalid: there is no holder, and the identifier does not say it.
        """
        if self.holder is not None and self.type_code is not None:
            return self.type_code
        try:
            named = parse_identifier(self.identifier or "", legacy=True).type_code
        except IdentifierRefused:
            raise IdentifierInvalid from None
        if self.type_code not in (None, named):
            raise IdentifierInvalid
        return named

    @property
    def words(self) -> str:
        """The purpose as the holder reads it."""
        case = f"{self.item_name} {self.business_code}"
        return f"{self.use_for}（{case}，用证人：{self.username}）"


@dataclass(frozen=True, slots=True)
class Given:
    """One licence of ``holder`` as a system gets it; ``receipt_id``: its number in their log."""

    receipt_id: str
    at: datetime
    card: Card
    facts: Sequence[Fact]
    holder: Holder


class Systems:
    """The use cases of systems."""

    def __init__(self, parts: Parts, sharing: Sharing, family: Family, copies: Copies) -> None:
        self._parts, self._sharing, self._family, self._copies = parts, sharing, family, copies

    def types(self) -> list[tuple[LicenceTypeSpec, ProviderSystem, str]]:
        """证照类型清单: each type, an issuer, and the resource to apply for."""
        found: dict[str, tuple[LicenceTypeSpec, ProviderSystem, str]] = {}
        for system in self._parts.exchange.systems():
            for kind in system.manifest.licence_types:
                code = self._sharing.catalogue.of_licence_type(kind.code).spec.code
                found.setdefault(kind.code, (kind, system, code))
        return [found[code] for code in sorted(found)]

    async def search(
        self, system: ProviderSystem, ask: Ask, address: str, trace: str
    ) -> list[Given]:
        """证照检索: which licences of a type a holder has; none of their facts.

        Raises:
            SharingError, LicenceTypeUnknown, HolderHasNone, SourceSilent; by an identifier alone
            IdentifierInvalid, IdentifierUnknown, IdentifierNotOffered.
        """
        return await self._given(system, ask, [], address, trace)

    async def data(self, system: ProviderSystem, ask: Ask, address: str, trace: str) -> list[Given]:
        """获取证照信息: the granted facts of licences. Raises as ``search`` does."""
        return await self._given(system, ask, ask.fields, address, trace)

    async def verify(
        self, system: ProviderSystem, ask: Ask, claims: Mapping[str, str], address: str, trace: str
    ) -> tuple[Given, dict[str, bool]]:
        """核验证照信息: which of some facts are as the system says; none is handed out.

        Raises as ``search`` does.
        """
        (given, *_) = await self._given(system, ask, sorted(claims), address, trace)
        said = {fact.name: fact.value for fact in given.facts}
        return given, {name: said.get(name) == value for name, value in claims.items()}

    async def file(
        self, system: ProviderSystem, ask: Ask, address: str, trace: str
    ) -> tuple[Given, bytes]:
        """获取证照文件: a 加注件 for this case as PDF; needs every field of the type.

        Raises:
            LicenceNotValid, FaceUnavailable; else as ``search`` does.
        """
        every = self._every_field(ask.kind)
        found = await self._given(system, ask, every, address, trace)
        valid = (each for each in found if each.card.status is LicenceStatus.VALID)
        given = next(valid, found[0])
        subject = await self._subject(given.holder)
        drawn = await self._copies.make_for_system(
            system.code, subject, given.holder, given.card, ask.use_for, ask.org_name, _COPY_DAYS
        )
        return given, drawn

    async def thumbnail(
        self, system: ProviderSystem, ask: Ask, address: str, trace: str
    ) -> tuple[Given, bytes]:
        """缩略图 (getThumbnail): the face as a small PNG, sensitive values masked, watermarked.

        Needs every field of the type, as the file does: what is not sensitive can be read on it.

        Raises:
            FaceUnavailable; else as ``search`` does.
        """
        found = await self._given(system, ask, self._every_field(ask.kind), address, trace)
        valid = (each for each in found if each.card.status is LicenceStatus.VALID)
        given = next(valid, found[0])
        drawn = await self._parts.wallet.face(
            given.card, f"system:{system.code}", given.card.licence.id,
            purpose=ask.use_for, viewer=ask.org_name, thumbnail=True,
        )  # fmt: skip
        return given, drawn

    def _every_field(self, type_code: str) -> list[str]:
        try:
            spec = self._sharing.catalogue.of_licence_type(type_code).spec
            return [item.name for item in spec.items]
        except ResourceUnknown:
            raise LicenceTypeUnknown from None

    async def _given(
        self, system: ProviderSystem, ask: Ask, fields: Sequence[str] | None,
        address: str, trace: str,
    ) -> list[Given]:  # fmt: skip
        started = time.perf_counter()
        subjects = [ask.holder.as_payload()] if ask.holder else []
        query = Query(
            ask.request_id, ask.use_for, ask.business_code, fields, subjects,
            identifier=ask.identifier,
        )  # fmt: skip
        try:
            asked = await self._sharing.admit_licence(system, ask.kind, query, address, trace)
        except ResourceUnknown:
            raise LicenceTypeUnknown from None
        named = [ask.holder] if ask.holder else []
        try:
            cards, holders = await self._found(ask, asked, trace)
        except (LendingError, SubjectKindWrong, IdentifierNotOffered) as error:
            await self._sharing.note_licence(asked, error.code, started, named, found=False)
            raise
        # Both logs before anything leaves.
        await self._sharing.note_licence(asked, _OK, started, holders, found=True)
        return [await self._looks(system, ask, asked, card, holders) for card in cards]

    async def _found(
        self, ask: Ask, asked: Asked, trace: str
    ) -> tuple[Sequence[Card], Sequence[Holder]]:
        """The licences that are asked for, and everybody whose they are."""
        if ask.holder is not None:
            return await self._cards(ask, ask.holder, trace), [ask.holder]
        identifier = parse_identifier(ask.identifier or "", legacy=True)
        try:
            found = await self._parts.wallet.identified(identifier, self._subject, trace=trace)
        except IssuersSilent:
            raise SourceSilent from None
        if found is None or ask.number not in (None, found.card.licence.number):
            raise IdentifierUnknown
        # The grant says about whom; here the issuer does, so it is looked at only now.
        kinds = asked.resource.spec.subject_code_types
        if any(holder.code_type not in kinds for holder in found.holders):
            raise SubjectKindWrong(kinds)
        return [found.card], found.holders

    async def _cards(self, ask: Ask, holder: Holder, trace: str) -> list[Card]:
        subject = await self._subject(holder)
        audience: Audience = "enterprise" if holder.code_type == _LEGAL_ENTITY else "citizen"
        cards, silent = await self._parts.wallet.of_type(
            subject, holder, ask.kind, audience, trace=trace
        )
        found = [
            card
            for card in cards
            if ask.identifier in (None, card.licence.identifier)
            and ask.number in (None, card.licence.number)
        ]
        if found:
            return found
        raise SourceSilent if silent else HolderHasNone

    async def _looks(
        self, system: ProviderSystem, ask: Ask, asked: Asked, card: Card, holders: Sequence[Holder]
    ) -> Given:
        """Write a look at a licence into the log of each of its holders."""
        seen = [await self._look(system, ask, asked, card, holder) for holder in holders]
        return seen[0]

    async def _look(
        self, system: ProviderSystem, ask: Ask, asked: Asked, card: Card, holder: Holder
    ) -> Given:
        parts, subject = self._parts, await self._subject(holder)
        facts = [fact for fact in facts_of(card, parts.today()) if fact.name in asked.fields]
        department = system.manifest.system.department.name
        of = "" if ask.org_name == department else f"（{ask.org_name}）"
        look = Look(
            id=str(uuid7()), subject=subject,
            # An enterprise, or somebody without an account, has no inbox here.
            shower=subject if len(subject) == _PERSON_CHARS else "",
            licence_id=card.licence.id, type_code=card.licence.type_code,
            type_name=card.kind.name, at=int(parts.clock() * 1000), how="grant",
            verifier_kind="system", verifier_id=system.code, verifier=f"{department}{of}",
            purpose=ask.words, fields=[(fact.name, fact.label) for fact in facts],
            grant=str(UUID(asked.grant.id)),
        )  # fmt: skip
        await parts.presentations.looks.write(look)
        return Given(look.id, look.moment, card, facts, holder)

    async def _subject(self, holder: Holder) -> str:
        if holder.code_type == _LEGAL_ENTITY:
            return self._parts.wallet.enterprise_subject(holder.code)
        return await self._family.subject_of_number(holder.code)
