"""Licences as the provider interface gives them (field names of GB/T 36903)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from backend.exchange.manifest import Manifest
from backend.exchange.manifest_licences import LicenceTypeSpec
from backend.numbers.holder import Holder
from backend.numbers.licence_identifier import LicenceIdentifier, check_character
from backend.sandbox.departments.store import StoredLicence


class LicencePrinter:
    """Turns stored licences of one department into LicenceRecords."""

    def __init__(self, manifest: Manifest) -> None:
        self._types: Mapping[str, LicenceTypeSpec] = {
            kind.code: kind for kind in manifest.licence_types
        }
        self._issuer = manifest.system.department

    def records(
        self,
        holder: Holder,
        stored: Iterable[StoredLicence],
        today: date,
        types: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """LicenceRecords of a holder; ``types`` None means all types."""
        return [
            self._record(holder, licence, today)
            for licence in stored
            if types is None or licence.type_code in types
        ]

    def _record(self, holder: Holder, licence: StoredLicence, today: date) -> dict[str, Any]:
        holders = licence.holders or [[holder.code_type, holder.code, holder.name]]
        code_types, codes, names = ("^".join(column) for column in zip(*holders, strict=True))
        issuer = self._issuer.uscc
        return {
            "licence_identifier": str(_identifier(licence, issuer)),
            "licence_type_code": licence.type_code,
            "licence_name": self._types[licence.type_code].name,
            "licence_number": licence.number,
            "licence_version": f"{licence.version:03d}",
            "issuer_name": self._issuer.name,
            "issuer_code": issuer,
            "issue_date": licence.issued,
            "valid_from": licence.valid_from,
            "valid_to": licence.valid_to,
            "region_code": licence.region_code,
            "holder_name": names,
            "holder_code": codes,
            "holder_code_type": code_types,
            "status": status_on(licence, today),
            "extend_info": licence.extra,
        }


def _identifier(licence: StoredLicence, issuer: str) -> LicenceIdentifier:
    # The manifest has been checked, so the codes need not be checked again for every licence.
    parts = (licence.type_code, issuer, licence.serial, licence.version)
    return LicenceIdentifier(*parts, check_character(*parts))


def status_on(licence: StoredLicence, today: date) -> str:
    """The status on a day: a valid licence expires by its date, not by a nightly job."""
    over = licence.valid_to is not None and licence.valid_to < today.isoformat()
    return "EXPIRED" if over and licence.status == "VALID" else licence.status
