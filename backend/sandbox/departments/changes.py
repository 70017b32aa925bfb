"""Changes to a department's files, as its officials would make them; used by the control interface.

Each change raises the revision of every holder whose file it touches and queues a change notice
for each, in one transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.exchange.manifest_licences import LicenceTypeSpec
from backend.numbers.holder import Holder
from backend.sandbox.departments.notices import NoticeSender
from backend.sandbox.departments.operations import ENTERPRISE, IDENTITY, Desk, now
from backend.sandbox.departments.store import StoredHolder, StoredLicence
from backend.sandbox.problems import Refusal


@dataclass(frozen=True, slots=True)
class Touched:
    """A licence on the file of one of its holders."""

    holder: StoredHolder
    licence: StoredLicence


class Registrar:
    """Changes files and tells the platform."""

    def __init__(self, desk: Desk, notices: NoticeSender) -> None:
        self._desk, self._store, self._notices = desk, desk.store, notices

    def set_status(self, code: str, kind: str, number: str | None, status: str, tell: bool) -> None:
        """Give a licence another status, on the files of all its holders."""
        with self._store.changing():
            for touched in self._everywhere(code, kind, number):
                touched.licence.status = status
                self._put(touched)
                self._changed(touched.holder, tell)
        self._notices.wake()

    def reissue(
        self,
        code: str,
        kind: str,
        number: str | None,
        valid_to: date | None,
        extra: Mapping[str, Any],
        tell: bool,
    ) -> None:
        """Issue the next version of a licence under the same serial (GB/T 36904)."""
        with self._store.changing():
            for touched in self._everywhere(code, kind, number):
                licence = touched.licence
                licence.version += 1
                licence.status = "VALID"
                licence.issued = licence.valid_from = now().date().isoformat()
                licence.valid_to = valid_to.isoformat() if valid_to else licence.valid_to
                licence.extra = {**licence.extra, **extra}
                self._put(touched)
                self._changed(touched.holder, tell)
        self._notices.wake()

    def withdraw(self, code: str, kind: str, number: str | None, tell: bool) -> None:
        """Take a licence off the files of all its holders."""
        with self._store.changing():
            for touched in self._everywhere(code, kind, number):
                self._store.remove_licence(touched.holder.id, touched.licence.slot)
                self._changed(touched.holder, tell)
        self._notices.wake()

    def issue(
        self,
        holder: Holder,
        kind: str,
        number: str,
        valid_to: date | None,
        region_code: str,
        extra: Mapping[str, Any],
        tell: bool,
    ) -> None:
        """Issue a new licence; a holder without a file gets one."""
        type_code = self._type_code(kind)
        with self._store.changing():
            stored = self._store.holder(holder.code) or self._store.add_holder(holder)
            licence = self._new_licence(stored, type_code, number, valid_to, region_code, extra)
            self._put(Touched(stored, licence))
            self._changed(stored, tell)
        self._notices.wake()

    def grant(
        self,
        holder: Holder,
        type_code: str,
        *,
        number: str,
        valid_to: date | None,
        region_code: str,
        extra: Mapping[str, Any],
        anew: bool = False,
    ) -> str:
        """Issue the licence that a decision grants; inside the transaction of the decision.

        Whoever holds one of that type gets its next version (换发, GB/T 36904), others a new one.

        Args:
            anew: a new one in any case: two children have two certificates.

        Returns:
            its identifier; the notice goes out after :meth:`tell`.
        """
        stored = self._store.holder(holder.code) or self._store.add_holder(holder)
        mine = [one for one in self._store.licences(stored.id) if one.type_code == type_code]
        if mine and mine[-1].holders is None and not anew:
            licence = mine[-1]
            licence.version += 1
            licence.status = "VALID"
            licence.issued = licence.valid_from = now().date().isoformat()
            licence.valid_to = valid_to.isoformat() if valid_to else None
            licence.extra = {**licence.extra, **extra}
        else:
            licence = self._new_licence(stored, type_code, number, valid_to, region_code, extra)
        self._put(Touched(stored, licence))
        self._changed(stored, tell=True)
        printed = self._desk.printer.records(stored.holder, [licence], now().date())
        return str(printed[0]["licence_identifier"])

    def register_person(self, holder: Holder) -> None:
        """Enter a person in the register, to be matched by name and number from now on."""
        if self._store.holder(holder.code) is None:
            self._store.add_holder(holder)

    def register_enterprise(self, holder: Holder, entry: Mapping[str, Any]) -> None:
        """Enter a new enterprise in the register, to be found by its representative's number."""
        stored = self._store.holder(holder.code) or self._store.add_holder(holder)
        self._store.put_fact(stored.id, ENTERPRISE, entry)
        self._store.relink(stored.id, entry["legal_representative"]["id_number"])

    @property
    def types(self) -> list[LicenceTypeSpec]:
        """The licence types that this department issues."""
        return self._desk.manifest.licence_types

    def tell(self) -> None:
        """Send the notices that wait."""
        self._notices.wake()

    def _new_licence(
        self,
        stored: StoredHolder,
        type_code: str,
        number: str,
        valid_to: date | None,
        region_code: str,
        extra: Mapping[str, Any],
    ) -> StoredLicence:
        slots = [licence.slot for licence in self._store.licences(stored.id)]
        today = now().date().isoformat()
        slot = max(slots, default=-1) + 1
        return StoredLicence(
            slot=slot,
            type_code=type_code,
            serial=f"N{today.replace('-', '')}{stored.id:010d}{slot:02d}{stored.changes:03d}",
            version=1,
            number=number,
            status="VALID",
            issued=today,
            valid_from=today,
            valid_to=valid_to.isoformat() if valid_to else None,
            region_code=region_code,
            holders=None,
            extra=dict(extra),
        )

    def person_died(self, code: str, tell: bool) -> None:
        """Enter a death: the identity is no longer matched, every licence is cancelled."""
        with self._store.changing():
            stored = self._known(code)
            self._identity(stored, {"status": "deceased"})
            for licence in self._store.licences(stored.id):
                licence.status = "CANCELLED"
                self._put(Touched(stored, licence))
            self._changed(stored, tell)
        self._notices.wake()

    def set_face(self, code: str, recognisable: bool) -> None:
        """Let the machine recognise a person, or never."""
        with self._store.changing():
            self._identity(self._known(code), {"face_ok": recognisable})

    def replace_number(self, code: str, new_code: str, tell: bool) -> None:
        """Give a person another number; whoever asks for the old one hears “replaced”."""
        with self._store.changing():
            stored = self._known(code)
            if self._store.holder(new_code) is not None:
                raise Refusal(409, "control.number_taken", "That number has a file already")
            older = self._identity_of(stored).get("previous_numbers", [])
            self._store.renumber(stored.id, new_code)
            self._store.renumber_links(code, new_code)
            self._identity(stored, {"previous_numbers": [*older, code]})
            for licence in self._store.licences(stored.id):
                self._renumber_licence(stored.id, licence, code, new_code)
            former = self._store.add_holder(stored.holder)
            self._identity(former, {"status": "replaced"})
            # What is known of the old number is empty from now on, and newer than what was.
            while former.changes <= stored.changes:
                self._store.touch(former)
            renamed = StoredHolder(
                stored.id,
                Holder(stored.holder.code_type, new_code, stored.holder.name),
                stored.changes,
            )
            self._changed(renamed, tell)
            if tell:
                self._notices.queue(former.holder)
        self._notices.wake()

    def set_fact(self, code: str, section: str, data: Mapping[str, Any] | None) -> None:
        """Replace what a section answers for a holder; None: no record."""
        with self._store.changing():
            self._store.put_fact(self._known(code).id, section, data)

    def change_enterprise(
        self, uscc: str, representative: Mapping[str, str] | None, status: str | None, tell: bool
    ) -> None:
        """Enter a new legal representative or status; the business licence follows."""
        with self._store.changing():
            stored = self._known(uscc)
            entry = self._store.fact(stored.id, ENTERPRISE)
            if entry is None:
                raise Refusal(404, "control.not_an_enterprise", "No enterprise of that number here")
            if representative is not None:
                entry["legal_representative"] = dict(representative)
                self._store.relink(stored.id, representative["id_number"])
            if status is not None:
                entry["status"] = status
            self._store.put_fact(stored.id, ENTERPRISE, entry)
            for licence in self._store.licences(stored.id):
                self._follow(stored, licence, representative, status)
            self._changed(stored, tell)
        self._notices.wake()

    def _follow(
        self,
        stored: StoredHolder,
        licence: StoredLicence,
        representative: Mapping[str, str] | None,
        status: str | None,
    ) -> None:
        if representative is not None and "legal_representative" in licence.extra:
            licence.extra["legal_representative"] = representative["name"]
            licence.version += 1
        if status in ("注销", "吊销"):
            licence.status = "CANCELLED" if status == "注销" else "FORFEITED"
        self._put(Touched(stored, licence))

    def _renumber_licence(self, holder_id: int, licence: StoredLicence, old: str, new: str) -> None:
        """Put the new number where a licence has the old one, for those who hold it too as well."""
        if licence.number == old:
            licence.number, licence.version = new, licence.version + 1
        files = [(holder_id, licence)]
        for _, other, _ in licence.holders or []:
            stored = self._store.holder(other)
            if stored is not None and stored.id != holder_id:
                files += [
                    (stored.id, same)
                    for same in self._store.licences(stored.id)
                    if (same.type_code, same.serial) == (licence.type_code, licence.serial)
                ]
        for file_id, same in files:
            for entry in same.holders or []:
                entry[1] = new if entry[1] == old else entry[1]
            self._store.put_licence(file_id, same)

    def _everywhere(self, code: str, kind: str, number: str | None) -> Iterable[Touched]:
        """A holder's licence and the same one on the files of those who hold it too."""
        type_code = self._type_code(kind)
        mine = self._known(code)
        found = [
            licence
            for licence in self._store.licences(mine.id)
            if licence.type_code == type_code and number in (None, licence.number)
        ]
        if len(found) != 1:
            raise Refusal(
                404 if not found else 409,
                "control.licence_not_found" if not found else "control.licence_ambiguous",
                f"{len(found)} licences fit; give its number",
            )
        licence = found[0]
        others = [code for _, code, _ in licence.holders or []]
        return [
            Touched(holder, same)
            for holder in [mine, *(self._known(other) for other in others if other != code)]
            for same in self._store.licences(holder.id)
            if (same.type_code, same.serial) == (licence.type_code, licence.serial)
        ]

    def _type_code(self, kind: str) -> str:
        for spec in self._desk.manifest.licence_types:
            if kind in (spec.code, spec.name):
                return spec.code
        raise Refusal(404, "control.type_unknown", "This department issues no such licence")

    def _known(self, code: str) -> StoredHolder:
        stored = self._store.holder(code)
        if stored is None:
            raise Refusal(404, "control.holder_unknown", "There is no file of that number")
        return stored

    def _put(self, touched: Touched) -> None:
        self._store.put_licence(touched.holder.id, touched.licence)

    def _identity_of(self, stored: StoredHolder) -> dict[str, Any]:
        return self._store.fact(stored.id, IDENTITY) or {}

    def _identity(self, stored: StoredHolder, entry: Mapping[str, Any]) -> None:
        self._store.put_fact(stored.id, IDENTITY, {**self._identity_of(stored), **entry})

    def _changed(self, stored: StoredHolder, tell: bool) -> None:
        self._store.touch(stored)
        if tell:
            self._notices.queue(stored.holder)
