"""The operations of provider interface 1, answered from a department's file."""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from backend.exchange.manifest import Manifest, OperationName
from backend.numbers.holder import Holder
from backend.numbers.licence_identifier import parse_identifier
from backend.sandbox.cases import inputs as case_inputs
from backend.sandbox.departments import inputs
from backend.sandbox.departments.faces import FaceDesk
from backend.sandbox.departments.licences import LicencePrinter
from backend.sandbox.departments.resources import ResourceDesk
from backend.sandbox.departments.store import Store, StoredHolder
from backend.sandbox.problems import Refusal

CHINA = timezone(timedelta(hours=8))
IDENTITY = "identity"
ENTERPRISE = "enterprise"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """How an operation reads its input: model, and the largest body in bytes."""

    model: type[inputs.Input]
    max_body: int = 64 * 1024


# A form and 100 materials with the facts of their licences.
_LARGEST_CASE = 1024 * 1024
SPECS: dict[OperationName, OperationSpec] = {
    "identity.match": OperationSpec(inputs.MatchInput),
    "identity.face": OperationSpec(inputs.FaceInput, 4 * 1024 * 1024),
    "licences.query": OperationSpec(inputs.LicencesInput),
    "licences.get": OperationSpec(inputs.IdentifiedInput),
    "sections.query": OperationSpec(inputs.SectionInput),
    "enterprises.represented": OperationSpec(inputs.RepresentedInput),
    "enterprises.get": OperationSpec(inputs.EnterpriseInput),
    "enterprises.licence_code": OperationSpec(inputs.LicenceCodeInput),
    "resources.query": OperationSpec(inputs.ResourceInput, 128 * 1024),
    "cases.submit": OperationSpec(case_inputs.SubmitInput, _LARGEST_CASE),
    "cases.supplement": OperationSpec(case_inputs.SupplementInput, _LARGEST_CASE),
    "cases.withdraw": OperationSpec(case_inputs.WordInput),
    "cases.urge": OperationSpec(case_inputs.WordInput),
    "cases.query": OperationSpec(case_inputs.QueryInput),
    "supervision.notice": OperationSpec(case_inputs.NoticeInput),
    "payments.submit": OperationSpec(inputs.PaymentInput),
}


def now() -> datetime:
    """The time in China."""
    return datetime.now(CHINA)


def as_of() -> str:
    """The time of an answer, RFC 3339 with offset."""
    return now().isoformat(timespec="milliseconds")


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name: width, spaces and the dot of 阿·不 do not matter."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name)
    return "".join(folded.replace("•", "·").replace("・", "·").split()).upper()


class Desk:
    """Answers for one department."""

    def __init__(self, store: Store, manifest: Manifest, faces: FaceDesk) -> None:
        self.store, self.manifest, self.faces = store, manifest, faces
        self.printer = LicencePrinter(manifest)
        self._resources = ResourceDesk(store, manifest)
        self._sections = {section.code: section.audience for section in manifest.sections}
        self._answers: dict[str, Callable[[Any], Awaitable[Answer]]] = {
            "identity.match": self._match,
            "identity.face": self._face,
            "licences.query": self._licences,
            "licences.get": self._identified,
            "sections.query": self._section,
            "enterprises.represented": self._represented,
            "enterprises.get": self._enterprise,
            "resources.query": self._resource,
        }

    def also_answers(self, answers: Mapping[str, Callable[[Any], Awaitable[Answer]]]) -> None:
        """Let other registers of the department answer further operations (its cases)."""
        self._answers.update(answers)

    async def answer(self, operation: OperationName, query: Any) -> Answer:
        """Answer a call whose input was checked.

        Raises:
            Refusal: the input names something that this department does not have.
        """
        return await self._answers[operation](query)

    def holder(self, asked: inputs.HolderInput) -> StoredHolder | None:
        """The file of exactly this holder: kind of number, number and name all fit."""
        stored = self.store.holder(asked.code)
        if stored is None or stored.holder.code_type != asked.code_type:
            return None
        return stored if same_name(stored.holder.name, asked.name) else None

    def licence_answer(self, holder: Holder) -> Answer:
        """All licences of a holder with the revision of the file, as answers and notices say it."""
        stored = self.store.holder(holder.code)
        return self._licences_of(stored, None)

    async def _match(self, query: inputs.MatchInput) -> Answer:
        stored = self.store.holder(query.id_number)
        fits = stored is not None and same_name(stored.holder.name, query.name)
        # Looked up whether the name fits or not, so that time does not tell a known number.
        entry = self.store.fact(stored.id if stored else 0, IDENTITY) or {}
        answer: Answer = {"result": "mismatch", "as_of": as_of(), "previous_numbers": []}
        if fits:
            answer["result"] = entry.get("status", "match")
            answer["previous_numbers"] = entry.get("previous_numbers", [])
        return answer

    async def _face(self, query: inputs.FaceInput) -> Answer:
        stored = self.store.holder(query.id_number)
        fits = stored is not None and same_name(stored.holder.name, query.name)
        entry = self.store.fact(stored.id if stored else 0, IDENTITY) or {}
        known = fits and entry.get("status") is None
        result = await self.faces.compare(query.image, known, bool(entry.get("face_ok", True)))
        return {**result, "as_of": as_of()}

    async def _licences(self, query: inputs.LicencesInput) -> Answer:
        return self._licences_of(self.holder(query.holder), query.types)

    async def _identified(self, query: inputs.IdentifiedInput) -> Answer:
        text = query.licence_identifier
        parsed = parse_identifier(text, legacy=True)
        revision, licence = self.store.base_revision, None
        for code in self.store.bearers(parsed.type_code, parsed.serial, parsed.version):
            records = self._licences_of(self.store.holder(code), [parsed.type_code])["licences"]
            licence = next((r for r in records if r["licence_identifier"] == text), None)
            if licence is not None:
                # Of a joint licence the revision is that of the holder whom it names first.
                first = self.store.holder(licence["holder_code"].split("^")[0])
                revision += first.changes if first else 0
                break
        return {"revision": revision, "as_of": as_of(), "licence": licence}

    def _licences_of(self, stored: StoredHolder | None, types: list[str] | None) -> Answer:
        if stored is None:
            return {"revision": self.store.base_revision, "as_of": as_of(), "licences": []}
        return {
            "revision": self.store.base_revision + stored.changes,
            "as_of": as_of(),
            "licences": self.printer.records(
                stored.holder, self.store.licences(stored.id), now().date(), types
            ),
        }

    async def _section(self, query: inputs.SectionInput) -> Answer:
        if query.section not in self._sections:
            raise Refusal(
                400,
                "provider.section_unknown",
                "No such section here",
                errors=[{"pointer": "/section", "message": "not one of this system's sections"}],
            )
        stored = self.holder(query.holder)
        data = self.store.fact(stored.id, query.section) if stored else None
        return {"as_of": as_of(), "data": data}

    async def _represented(self, query: inputs.RepresentedInput) -> Answer:
        found = self.store.linked(query.id_number, ENTERPRISE)
        mine = [e for e in found if same_name(e["legal_representative"]["name"], query.name)]
        return {"as_of": as_of(), "enterprises": mine}

    async def _enterprise(self, query: inputs.EnterpriseInput) -> Answer:
        stored = self.store.holder(query.uscc)
        data = self.store.fact(stored.id, ENTERPRISE) if stored else None
        return {"as_of": as_of(), "enterprise": data}

    async def _resource(self, query: inputs.ResourceInput) -> Answer:
        page = self._resources.page(query, self.holder, now().date())
        return {"as_of": as_of(), **page}
